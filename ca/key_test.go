package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.step.sm/crypto/keyutil"
)

func TestParseKeyType(t *testing.T) {
	for _, want := range KeyTypes() {
		if got, err := ParseKeyType(string(want)); err != nil || got != want {
			t.Errorf("ParseKeyType(%q) = %q, %v", want, got, err)
		}
	}
	for _, bad := range []string{"", "rsa", "RSA-2048", "rsa-1024", "rsa-2049", "ec-p521", "ed448", " rsa-2048", "rsa-2048\n"} {
		_, err := ParseKeyType(bad)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("ParseKeyType(%q): %v, want an *Error", bad, err)
			continue
		}
		if want := "one of rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519"; e.Hint() != want {
			t.Errorf("hint for %q is %q, want %q", bad, e.Hint(), want)
		}
	}
}

func TestParseKeyFormat(t *testing.T) {
	for _, good := range []string{"pkcs8", "pkcs1"} {
		if f, err := ParseKeyFormat(good); err != nil || string(f) != good {
			t.Errorf("ParseKeyFormat(%q) = %q, %v", good, f, err)
		}
	}
	for _, bad := range []string{"", "PKCS8", "der", "sec1"} {
		if f, err := ParseKeyFormat(bad); err == nil {
			t.Errorf("ParseKeyFormat(%q) = %q, want an error", bad, f)
		}
	}
}

// testKey makes a key, one of each type for a whole test run.
func testKey(t *testing.T, kt KeyType) crypto.Signer {
	t.Helper()
	key, err := NewKey(kt)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeysRoundTrip(t *testing.T) {
	for _, kt := range KeyTypes() {
		t.Run(string(kt), func(t *testing.T) {
			key := testKey(t, kt)
			if got := KeyTypeOf(key.Public()); got != kt {
				t.Errorf("the type of a new key is %q", got)
			}
			for format, begin := range map[KeyFormat]string{
				PKCS8: "-----BEGIN PRIVATE KEY-----\n", PKCS1: "-----BEGIN RSA PRIVATE KEY-----\n",
			} {
				text, err := EncodeKey(key, format)
				if format == PKCS1 && !kt.RSA() {
					if err == nil {
						t.Errorf("%s was encoded as pkcs1", kt)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(string(text), begin) || !strings.HasSuffix(string(text), "-----\n") {
					t.Errorf("%s begins %q", format, text[:30])
				}
				back, err := DecodeKey(text)
				if err != nil {
					t.Fatal(err)
				}
				if !keyutil.Equal(back, key) {
					t.Errorf("%s: another key came back", format)
				}
			}
		})
	}
}

func TestKeysReadByOpenSSL(t *testing.T) {
	needs(t, "openssl")
	dir := t.TempDir()
	for _, kt := range []KeyType{RSA2048, ECP256, ECP384, Ed25519} {
		for _, format := range []KeyFormat{PKCS8, PKCS1} {
			if format == PKCS1 && !kt.RSA() {
				continue
			}
			text, err := EncodeKey(testKey(t, kt), format)
			if err != nil {
				t.Fatal(err)
			}
			path := writeFile(t, dir, string(kt)+string(format), text, 0o600)
			if out := run(t, "openssl", "pkey", "-check", "-noout", "-in", path); !strings.Contains(out, "Key is valid") {
				t.Errorf("%s %s: %s", kt, format, out)
			}
		}
	}
}

func TestEncodeKeyRefuses(t *testing.T) {
	key := testKey(t, ECP256)
	for _, f := range []KeyFormat{PKCS1, "", "der"} {
		text, err := EncodeKey(key, f)
		var e *Error
		if !errors.As(err, &e) || e.Hint() == "" || text != nil {
			t.Errorf("EncodeKey(%q) = %q, %v", f, text, err)
		}
	}
	if text, err := EncodeKey(liar{key}, PKCS8); err == nil {
		t.Errorf("a signer without a key to write gave %q", text)
	}
}

func TestNewKeyRefuses(t *testing.T) {
	if _, err := NewKey("rsa-512"); err == nil {
		t.Error("rsa-512 was made")
	}
}

func TestKeyTypeOf(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	got := []KeyType{KeyTypeOf(p224.Public()), KeyTypeOf("x"), KeyTypeOf(nil)}
	if diff := cmp.Diff([]KeyType{"ec-p224", "unknown", "unknown"}, got); diff != "" {
		t.Error(diff)
	}
}
