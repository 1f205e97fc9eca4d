package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func TestPublished(t *testing.T) {
	p, err := Published()
	must(t, err)
	rows := bytes.Count(publicKeys, []byte("\n")) - 1
	if len(p.source) != rows || rows < 349 {
		t.Errorf("%d keys of %d rows", len(p.source), rows)
	}
	if _, found := p.Find(nil); found {
		t.Error("no key at all is published")
	}
}

func TestPublicKeysWith(t *testing.T) {
	spki := []byte("a key")
	sum := sha256.Sum256(spki)
	digits := hex.EncodeToString(sum[:])
	colons := strings.ToUpper(digits[:2]) + ":" + digits[2:]
	tests := []struct{ text, source, err string }{
		{digits, "a list that was given", ""},
		{"# a remark\r\n\r\n" + colons + "\r\n", "a list that was given", ""},
		{"spki_sha256\tkey\tsubject\tsource\n" + digits + "\tRSA 2048\t/CN=x\texample/demo:key.pem\n", "example/demo:key.pem", ""},
		{digits + "\tRSA 2048\t\texample/demo:key.pem", "example/demo:key.pem", ""},
		{digits + "\n" + digits + "\ta\tb\tlater", "a list that was given", ""},
		{"", "", ""},
		{"\n" + digits[1:], "", `line 2: "` + digits[1:] + `" is not a SHA-256 in hexadecimal`},
		{digits + "00", "", `line 1: "` + digits + `00" is not a SHA-256 in hexadecimal`},
		{digits + "\tdemo:key.pem", "demo:key.pem", ""},
		{digits + "  -\n", "a list that was given", ""},
		{digits + " *old key.pem\n", "old key.pem", ""},
		{digits + "\ta\tb\t", "a list that was given", ""},
		{digits[:40] + " " + digits[40:], "", `line 1: "` + digits[:40] + `" is not a SHA-256 in hexadecimal`},
		{digits + "\n" + strings.Repeat("a", maxLine+1), "", "line 2 is longer than 65536 bytes"},
	}
	for _, test := range tests {
		p, err := PublicKeys{}.With(strings.NewReader(test.text))
		if err == nil && test.err != "" || err != nil && err.Error() != test.err {
			t.Errorf("%.90q: error %v, want %q", test.text, err, test.err)
		}
		if source, found := p.Find(spki); source != test.source || found != (test.source != "") {
			t.Errorf("%.90q: source %q, %t; want %q", test.text, source, found, test.source)
		}
	}
}

func TestPublicKeysWithDoesNotChange(t *testing.T) {
	sum := sha256.Sum256([]byte("a key"))
	var p PublicKeys
	_, err := p.With(strings.NewReader(hex.EncodeToString(sum[:])))
	must(t, err)
	if _, found := p.Find([]byte("a key")); found {
		t.Error("With changed its receiver")
	}
}

// A list that is read names its keys, or is refused with a line's number.
func FuzzPublicKeys(f *testing.F) {
	sum := sha256.Sum256([]byte("a key"))
	digits := hex.EncodeToString(sum[:])
	for _, seed := range []string{digits, "# x\n" + digits, digits + "\ta\tb\tc", strings.ToUpper(digits) + "\r", "x", "spki_sha256", digits + "\n\n" + digits[2:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := PublicKeys{}.With(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") || len(p.source) > 0 {
				t.Fatalf("%v, with %d keys", err, len(p.source))
			}
			return
		}
		if len(p.source) > strings.Count(text, "\n")+1 {
			t.Fatalf("%d keys of %q", len(p.source), text)
		}
		var again strings.Builder
		for sum, source := range p.source {
			if source == "" || strings.ContainsAny(source, "\t\n") {
				t.Fatalf("source %q of %q", source, text)
			}
			again.WriteString(hex.EncodeToString(sum[:]) + "\n")
		}
		q, err := PublicKeys{}.With(strings.NewReader(again.String()))
		if err != nil || len(q.source) != len(p.source) {
			t.Fatalf("read again: %d keys of %d, %v", len(q.source), len(p.source), err)
		}
	})
}
