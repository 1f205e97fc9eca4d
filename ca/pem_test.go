package ca

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.step.sm/crypto/keyutil"
	"go.step.sm/crypto/pemutil"
)

// encrypted is a key as pemutil encrypts it: PBES2, or with the old header.
func encrypted(t testing.TB, key crypto.Signer, pkcs8 bool) []byte {
	t.Helper()
	block, err := pemutil.Serialize(key, pemutil.WithPKCS8(pkcs8), pemutil.WithPassword([]byte("secret")))
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

func TestDecodeKeyRefuses(t *testing.T) {
	key := testKey(t, ECP256)
	good, err := EncodeKey(key, PKCS8)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519DER, err := x509.MarshalPKCS8PrivateKey(x25519)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(good)
	asBlock := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	pbes2 := string(encrypted(t, key, true))
	for name, tt := range map[string]struct{ text, want, hint string }{
		"empty":             {"", "the file is empty", ""},
		"blank":             {" \n\n", "the file is empty", ""},
		"no PEM":            {"hello", "not PEM", ""},
		"DER":               {string(block.Bytes), "not PEM", "openssl pkey -inform DER"},
		"UTF-16":            {"\xff\xfe-\x00-\x00", "not PEM", ""},
		"cut":               {string(good[:len(good)-20]), "cut off or damaged: 1 BEGIN lines, but 0", ""},
		"cut in the middle": {string(good[:60]), "cut off or damaged", ""},
		"damaged":           {strings.Replace(string(good), "M", "*", 1), "cut off or damaged", ""},
		"damaged second":    {string(good) + string(good[:50]), "cut off or damaged: 2 BEGIN lines, but 1", ""},
		"two keys":          {string(good) + string(good), "more than one private key", ""},
		"truncated DER":     {asBlock("PRIVATE KEY", block.Bytes[:30]), "not a readable private key", ""},
		"no DER":            {asBlock("PRIVATE KEY", nil), "not a readable private key", ""},
		"wrong label":       {asBlock("RSA PRIVATE KEY", block.Bytes), "not a readable private key", ""},
		"a certificate":     {asBlock("CERTIFICATE", []byte{1}), `no private key, but ["CERTIFICATE"]`, ""},
		"a public key":      {asBlock("PUBLIC KEY", []byte{1}), `no private key, but ["PUBLIC KEY"]`, ""},
		"parameters only":   {asBlock("EC PARAMETERS", []byte{1}), "no private key", ""},
		"OpenSSH":           {asBlock("OPENSSH PRIVATE KEY", []byte{1}), "no private key", "ssh-keygen -p -m PKCS8"},
		"encrypted":         {pbes2, "encrypted, which is not supported yet", "(umask 077; openssl pkey -in 'KEY.pem' -out "},
		"encrypted, old":    {string(encrypted(t, key, false)), "encrypted", "umask 077"},
		"encrypted, cut":    {asBlock("ENCRYPTED PRIVATE KEY", []byte{1, 2, 3}), "encrypted", "umask 077"},
		"encrypted, no end": {pbes2[:100], "cut off or damaged", ""},
		"cannot sign":       {asBlock("PRIVATE KEY", x25519DER), "cannot sign", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeKey([]byte(tt.text))
			var e *Error
			if !errors.As(err, &e) || got != nil {
				t.Fatalf("got %v, %v, want an *Error", got, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
			if !strings.Contains(e.Hint(), tt.hint) || tt.hint == "" && e.Hint() != "" {
				t.Errorf("hint %q, want %q in it", e.Hint(), tt.hint)
			}
		})
	}
}

func TestDecodeKeyAmongOtherBlocks(t *testing.T) {
	key := testKey(t, RSA2048)
	text, err := EncodeKey(key, PKCS1)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})
	crlf := bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	for name, data := range map[string][]byte{
		"text before": append([]byte("Bag Attributes\n    friendlyName: ca\n"), text...),
		"certificate": append(certificate, text...),
		"after it":    append(bytes.Clone(text), certificate...),
		"CRLF":        crlf,
	} {
		if got, err := DecodeKey(data); err != nil || !keyutil.Equal(got, key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDecodeKeyOfOpenSSL reads keys as openssl writes them, also those that
// pemutil alone does not read.
func TestDecodeKeyOfOpenSSL(t *testing.T) {
	needs(t, "openssl")
	path := filepath.Join(t.TempDir(), "key.pem")
	for name, tt := range map[string]struct {
		args []string
		want KeyType // "": refused
	}{
		"pkcs8 rsa":       {[]string{"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, RSA2048},
		"pkcs1 rsa":       {[]string{"genrsa", "-traditional"}, RSA2048},
		"ec parameters":   {[]string{"ecparam", "-genkey", "-name", "prime256v1"}, ECP256},
		"sec1":            {[]string{"ecparam", "-genkey", "-noout", "-name", "secp384r1"}, ECP384},
		"ed25519":         {[]string{"genpkey", "-algorithm", "ED25519"}, Ed25519},
		"secp256k1":       {[]string{"ecparam", "-genkey", "-noout", "-name", "secp256k1"}, ""},
		"ed448":           {[]string{"genpkey", "-algorithm", "ED448"}, ""},
		"encrypted pkcs8": {[]string{"genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:x"}, ""},
		"encrypted pkcs1": {[]string{"genrsa", "-traditional", "-aes256", "-passout", "pass:x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, "openssl", append(tt.args, "-out", path)...)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			key, err := DecodeKey(data)
			if tt.want == "" {
				if err == nil {
					t.Errorf("read as %s", KeyTypeOf(key.Public()))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := KeyTypeOf(key.Public()); got != tt.want {
				t.Errorf("type %s, want %s", got, tt.want)
			}
		})
	}
}

func TestDecodeCertificates(t *testing.T) {
	one, keyPEM := mustCreate(t, testSpec(t, "/CN=one", ECP256))
	two, _ := mustCreate(t, testSpec(t, "/CN=two", ECP256))
	a, b := string(EncodeCertificate(one.Certificate)), string(EncodeCertificate(two.Certificate))
	for name, tt := range map[string]struct {
		text  string
		count int // 0: refused
		want  string
	}{
		"one":             {a, 1, ""},
		"two":             {a + "text between\n" + b, 2, ""},
		"CRLF":            {strings.ReplaceAll(a+b, "\n", "\r\n"), 2, ""},
		"with a key":      {string(keyPEM) + a, 1, ""},
		"old label":       {strings.ReplaceAll(a, "CERTIFICATE", "X509 CERTIFICATE"), 1, ""},
		"DER":             {string(one.Certificate.Raw), 1, ""},
		"empty":           {"", 0, "the file is empty"},
		"BEGIN in a name": {"x -----BEGIN CERTIFICATE-----", 0, "neither PEM nor"},
		"DER and more":    {string(one.Certificate.Raw) + "\n", 0, "trailing data"},
		"text":            {"x", 0, "neither PEM nor a DER certificate"},
		"key only":        {string(keyPEM), 0, `no certificate, but ["PRIVATE KEY"]`},
		"second cut":      {a + b[:len(b)-10], 0, "2 BEGIN lines, but 1"},
		"first damaged":   {strings.Replace(a, "M", "!", 1) + b, 0, "2 BEGIN lines, but 1"},
		"not a real one":  {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})), 0, "certificate 1 of the file"},
		"second not real": {a + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})), 0, "certificate 2 of the file"},
	} {
		t.Run(name, func(t *testing.T) {
			certs, err := DecodeCertificates([]byte(tt.text))
			if len(certs) != tt.count || (err == nil) != (tt.count > 0) {
				t.Fatalf("%d certificates, %v", len(certs), err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
			for i, want := range []*Authority{one, two}[:tt.count] {
				if !certs[i].Equal(want.Certificate) {
					t.Errorf("certificate %d is another one", i)
				}
			}
		})
	}
}

// TestDecodeFixtures reads the test certificates of servers and connectors:
// each is read, or refused with an *Error.
func TestDecodeFixtures(t *testing.T) {
	files, err := filepath.Glob("../../shared/fixtures/certs/*")
	if err != nil || len(files) == 0 {
		t.Skip("the folder of fixtures is not there: ../shared/fixtures beside the project")
	}
	read := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		certs, err := DecodeCertificates(data)
		var e *Error
		switch {
		case err == nil && len(certs) > 0:
			read++
		case !errors.As(err, &e):
			t.Errorf("%s: %d certificates, %v", file, len(certs), err)
		}
	}
	if read < len(files)*9/10 {
		t.Errorf("only %d of %d files were read", read, len(files))
	}
}

// FuzzDecodeKey reads data as it is (kind 0) and as the content of each type
// of block, encrypted ones too.
func FuzzDecodeKey(f *testing.F) {
	types := []string{"", blockPKCS8, blockPKCS1, blockSEC1, "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PARAMETERS"}
	for _, kt := range []KeyType{RSA2048, ECP256, Ed25519} {
		key, err := NewKey(kt)
		if err != nil {
			f.Fatal(err)
		}
		plain, err := pemutil.Serialize(key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(slices.Index(types, plain.Type), plain.Bytes)
		f.Add(0, pem.EncodeToMemory(plain))
		if kt == RSA2048 {
			continue
		}
		for _, pkcs8 := range []bool{true, kt == Ed25519} {
			whole := encrypted(f, key, pkcs8)
			f.Add(0, whole)
			block, _ := pem.Decode(whole)
			f.Add(4, block.Bytes[:len(block.Bytes)-7])
			block.Bytes = block.Bytes[:len(block.Bytes)-7]
			f.Add(0, pem.EncodeToMemory(block))
		}
	}
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		if kind > 0 && kind < len(types) {
			data = pem.EncodeToMemory(&pem.Block{Type: types[kind], Bytes: data})
		}
		key, err := DecodeKey(data)
		if err != nil {
			if key != nil {
				t.Errorf("a key beside the error %v", err)
			}
			return
		}
		text, err := EncodeKey(key, PKCS8)
		if err != nil {
			t.Fatalf("a key that was read cannot be written: %v", err)
		}
		back, err := DecodeKey(text)
		if err != nil || !keyutil.Equal(back, key) {
			t.Errorf("another key came back: %v", err)
		}
	})
}

func FuzzDecodeCertificates(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, err := DecodeCertificates(data)
		if (err == nil) != (len(certs) > 0) {
			t.Errorf("%d certificates, %v", len(certs), err)
		}
		for _, c := range certs {
			if back, err := DecodeCertificates(EncodeCertificate(c)); err != nil || !back[0].Equal(c) {
				t.Errorf("another certificate came back: %v", err)
			}
		}
	})
}
