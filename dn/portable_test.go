package dn_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"myca/dn"
)

func TestPortable(t *testing.T) {
	long := strings.Repeat("/OU="+strings.Repeat("x", 64), 964)
	tests := []struct {
		title   string
		name    dn.Name
		reasons []string // a part of each
	}{
		{"usual", parse(t, "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/OU=two/CN=sampdb/emailAddress=root@db1"), nil},
		{"with a note", parse(t, "/DC=com/UID=laura/serialNumber=1"), nil},
		{"punctuation", parse(t, `/O="Acme", Inc. <a=b>; #1 'x' & *.y ~!@$%^()_-{}[]|:?`), nil},
		{"blanks", parse(t, "/CN= x "), nil},
		{"64 characters", parse(t, "/CN="+strings.Repeat("x", 64)), nil},
		{"empty", dn.Name{}, []string{"the name is empty"}},
		{"slash", parse(t, `/CN=x\/CN=root`), []string{`CN "x/CN=root" has a slash`}},
		{"plus", parse(t, `/CN=a\+b`), []string{`CN "a+b" has a slash or plus sign`}},
		{"backslash", parse(t, `/CN=a\\b`), []string{`CN "a\b" has a backslash`}},
		{"UTF-8", parse(t, "/O=Zürich"), []string{`O "Zürich" has characters outside printable ASCII`}},
		{"control", dn.Name{attr("2.5.4.3", 12, "a\n")}, []string{`CN "a\n" has characters outside`}},
		{"two reasons in two values", parse(t, `/O=ü\/\\/CN=a\+b/C=US`),
			[]string{`O "ü/\" has characters`, `O "ü/\" has a slash`, `O "ü/\" has a backslash`, `CN "a+b" has a slash`}},
		{"title", parse(t, "/title=Dr"), []string{"title is an attribute that some libraries leave out"}},
		{"uid", parse(t, "/uid=laura"), []string{"the user identifier is UID"}},
		{"SN", parse(t, "/SN=5"), []string{"SN is the surname, not a serial number"}},
		{"unknown OID", parse(t, "/1.2.3=x"), []string{"1.2.3 is an attribute"}},
		{"T61String", dn.Name{attr("2.5.4.3", 20, "x")}, []string{"CN is a T61String"}},
		{"BMPString", dn.Name{attr("2.5.4.3", 30, "\x00x")}, []string{"CN is a BMPString"}},
		{"BIT STRING", dn.Name{attr("2.5.4.3", 3, "\x00x")}, []string{"CN is a BIT STRING"}},
		{"INTEGER", dn.Name{attr("2.5.4.3", 2, "x")}, []string{"CN is a value with tag 2"}},
		{"empty value", dn.Name{attr("2.5.4.3", 12, "")}, []string{"CN is empty"}},
		{"empty RDN", dn.Name{attr("2.5.4.3", 12, "x")[:1], {}}, []string{"RDN 2 is empty"}},
		{"multi-valued RDN", dn.Name{attr("2.5.4.6", 19, "US"), append(attr("2.5.4.3", 12, "x"), attr("2.5.4.10", 12, "y")...)},
			[]string{"RDN 2 has 2 attributes (CN...)"}},
		{"too long for an account", parse(t, long), []string{"longer than the 65535 bytes"}},
		{"too long for OpenSSL", dn.Name{attr("2.5.4.3", 12, strings.Repeat("x", 1<<20))}, []string{"longer than the 65535 bytes"}},
		{"nearly too long", parse(t, long[:len(long)-68]), nil},
	}
	for _, test := range tests {
		checkParts(t, test.title, dn.Portable(test.name), test.reasons)
	}
}

func TestNotes(t *testing.T) {
	tests := []struct {
		title string
		name  dn.Name
		notes []string // a part of each
	}{
		{"usual", parse(t, "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb/emailAddress=root@db1"), nil},
		{"empty", dn.Name{}, nil},
		{"DC, UID", parse(t, "/DC=com/DC=example/UID=laura/CN=x"), []string{"leave out DC, UID, so"}},
		{"serialNumber", parse(t, "/serialNumber=7/CN=x"), []string{"leave out serialNumber, so"}},
		{"blanks", parse(t, "/O=x /CN= x"), []string{`O "x " begins or ends with a blank`, `CN " x" begins`}},
		{"comma form in a value", parse(t, "/CN=db1,O=Acme, C = US"), []string{`CN "db1,O=Acme, C = US" is one value: commas do not separate attributes, a slash before "O=Acme" would`}},
		{"comma in a value", parse(t, "/O=Acme, Inc., x=y/CN=a=b"), nil},
		{"13 attributes", parse(t, strings.Repeat("/OU=x", 13)), nil},
		{"14 attributes", parse(t, strings.Repeat("/OU=x", 14)), []string{"the name has 14 attributes"}},
		{"255 bytes", parse(t, strings.Repeat("/OU="+strings.Repeat("x", 64), 3)+"/CN="+strings.Repeat("y", 19)), nil},
		{"256 bytes", parse(t, strings.Repeat("/OU="+strings.Repeat("x", 64), 3)+"/CN="+strings.Repeat("y", 20)), []string{"take 256 bytes"}},
	}
	for _, test := range tests {
		checkParts(t, test.title, dn.Notes(test.name), test.notes)
	}
}

// checkParts compares texts with a part of each.
func checkParts(t *testing.T, title string, got, parts []string) {
	t.Helper()
	if len(got) != len(parts) {
		t.Errorf("%s: %q, want %d with %q", title, got, len(parts), parts)
		return
	}
	for i, part := range parts {
		if !strings.Contains(got[i], part) {
			t.Errorf("%s: %q, want %q", title, got[i], part)
		}
	}
}

// A portable name without a note is one string for all libraries, which Parse
// reads as the same RDNs.
func TestPortableNamesAreAlike(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	portable := 0
	for range 20000 {
		name := randomName(random, []int{12, 19, 22})
		if len(dn.Portable(name)) > 0 {
			continue
		}
		line := name.OneLine(dn.OpenSSL3)
		libraries := []dn.Library{dn.OpenSSL1, dn.WolfSSL}
		if len(dn.Notes(name)) == 0 {
			libraries = append(libraries, dn.YaSSL)
			portable++
		}
		for _, lib := range libraries {
			if got := name.OneLine(lib); got != line {
				t.Errorf("%s is %q for %s", line, got, lib)
			}
		}
		if name.String() != line {
			t.Errorf("%s prints as %s", line, name)
		}
		if again, err := dn.Parse(line); err == nil && again.OneLine(dn.OpenSSL3) != line {
			t.Errorf("%s is read as %s", line, again)
		}
	}
	if portable < 100 {
		t.Errorf("only %d of the random names are portable", portable)
	}
}
