package dn_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"myca/dn"
)

// FuzzParse checks that a text is either a name, which survives encoding and
// printing, or is refused with an offset within it and a fix that is a name.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb", `/O=a\/b\+c\\d/emailAddress=a@b`, "/1.2.3=x/2.999.18446744073709551616=y",
		"C = US, O = \"a, b\", CN = c", `CN=a\, b\C3\BC,O=x+L=y,DC=com`, "/c=us/o=a/b/cn=", `//C=US\ST=WI`, "subject=CN=x", "'/CN=x'",
		"/OU=a+L=b", `/CN=\x41`, "/CN=\xfc", "C:/x/CN=y", "/O=Zürich\u202e", "/OID.2.5.4.3=x", "/DC=x/serialNumber=5/dnQualifier=*", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := dn.Parse(text)
		if err != nil {
			checkRefusal(t, text, err)
			return
		}
		der, err := name.DER()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		read, err := dn.FromDER(der)
		if err != nil {
			t.Fatalf("%q: %x: %v", text, der, err)
		}
		if diff := cmp.Diff(name, read); diff != "" {
			t.Fatalf("%q: from DER (-parsed +read):\n%s", text, diff)
		}
		printed, err := dn.Parse(name.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, name.String(), err)
		}
		if diff := cmp.Diff(name, printed); diff != "" {
			t.Fatalf("%q prints as %q (-parsed +printed):\n%s", text, name.String(), diff)
		}
		checkRenderings(t, name)
		for _, rdn := range name {
			label, value, _ := strings.Cut(dn.Name{rdn}.String()[1:], "=")
			with, err := dn.Name{}.With(label, dn.Name{rdn}.Values(label)[0])
			if err != nil || !cmp.Equal(with, dn.Name{rdn}) {
				t.Fatalf("%q: With(%q, value of %q): %v, %v", text, label, value, with, err)
			}
		}
	})
}

// checkRefusal checks the error for a text.
func checkRefusal(t *testing.T, text string, err error) {
	t.Helper()
	var syntax *dn.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("%q: %v is no SyntaxError", text, err)
	}
	if syntax.Text != text || syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Problem == "" {
		t.Fatalf("%q: %+v", text, *syntax)
	}
	for _, message := range []string{err.Error(), syntax.Hint(), syntax.Fix} {
		if !utf8.ValidString(message) || strings.ContainsFunc(message, func(r rune) bool { return r < ' ' || r == 0x7F }) {
			t.Fatalf("%q: message %q", text, message)
		}
	}
	if syntax.Fix == "" {
		return
	}
	if _, err := dn.Parse(syntax.Fix); err != nil {
		t.Fatalf("%q: fix: %v", text, err)
	}
	if !strings.Contains(syntax.Hint(), strings.ReplaceAll(syntax.Fix, "'", `'\''`)) {
		t.Fatalf("%q: hint %q without fix %q", text, syntax.Hint(), syntax.Fix)
	}
}

// checkRenderings checks that OpenSSL's forms are printable ASCII and that a
// portable name is alike for all libraries.
func checkRenderings(t *testing.T, name dn.Name) {
	t.Helper()
	line := name.OneLine(dn.OpenSSL3)
	for _, lib := range []dn.Library{dn.OpenSSL3, dn.OpenSSL1} {
		if strings.ContainsFunc(name.OneLine(lib), func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%s for %s: %q", name, lib, name.OneLine(lib))
		}
	}
	wolf, yassl := name.OneLine(dn.WolfSSL), name.OneLine(dn.YaSSL)
	if len(dn.Portable(name)) > 0 {
		return
	}
	if name.String() != line || name.OneLine(dn.OpenSSL1) != line || wolf != line {
		t.Fatalf("portable name %s: %q, %q, %q", name, line, name.OneLine(dn.OpenSSL1), wolf)
	}
	if len(dn.Notes(name)) == 0 && yassl != line {
		t.Fatalf("portable name %s: %q for yassl", name, yassl)
	}
}

// FuzzFromDER checks that what is decoded encodes as the same bytes, and that
// nothing else happens to any bytes than an error.
func FuzzFromDER(f *testing.F) {
	for _, text := range []string{"/C=US/CN=x", "/1.2.3=x/DC=com/O=ü", `/O=a\/b/serialNumber=1`} {
		name, err := dn.Parse(text)
		if err != nil {
			f.Fatal(err)
		}
		der, err := name.DER()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	der, err := odd().DER()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Add([]byte("\x30\x16\x31\x14\x30\x12\x06\x03\x55\x04\x2d\x08\x0b\x30\x03\x13\x01A\x31\x02\x31\x00\x05\x00"))
	f.Fuzz(func(t *testing.T, der []byte) {
		dn.FromCertificate(der)
		name, err := dn.FromDER(der)
		if err != nil {
			return
		}
		again, err := name.DER()
		if err != nil || !bytes.Equal(again, der) {
			t.Fatalf("%x encodes as %x, %v", der, again, err)
		}
		checkRenderings(t, name)
		printed := name.String()
		if !utf8.ValidString(printed) || strings.ContainsFunc(printed, func(r rune) bool { return r < ' ' || r == 0x7F }) {
			t.Fatalf("%x prints as %q", der, printed)
		}
		if read, err := dn.Parse(printed); err == nil && read.String() != printed {
			t.Fatalf("%q prints as %q", printed, read.String())
		}
		for _, rdn := range name {
			for _, a := range rdn {
				if len(name.Values(a.OID)) == 0 {
					t.Fatalf("no value of %s in %x", a.OID, der)
				}
			}
		}
		name.Select("C", "O", "CN")
	})
}
