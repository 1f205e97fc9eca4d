package dn_test

import (
	"errors"
	"strings"
	"testing"

	"myca/dn"
)

// TestSyntaxErrors types what administrators type.
func TestSyntaxErrors(t *testing.T) {
	tests := []struct {
		text    string
		offset  int
		problem string // part of it
		fix     string // all of it
	}{
		// Slashes.
		{"", 0, "empty", ""},
		{"/", 0, "no attribute after the slash", ""},
		{"C=US/ST=WI/CN=db1", 0, "does not begin with a slash", "/C=US/ST=WI/CN=db1"},
		{"CN=db1", 0, "does not begin with a slash", "/CN=db1"},
		{"sampdb", 0, "does not begin with a slash", ""},
		{"/sampdb/CN=db1", 1, `no "=" in "sampdb"`, ""},
		{"/C=US/CN=db1/", 12, "after the last slash", "/C=US/CN=db1"},
		{"//C=US/CN=db1", 1, "two slashes", "/C=US/CN=db1"},
		{"/C=US//CN=db1", 6, "two slashes", "/C=US/CN=db1"},
		{"/O=a/b", 4, `no "=" in "b" after the slash: a slash within a value is written \/`, `/O=a\/b`},
		{"/O=a/b/c/CN=x", 4, `no "=" in "b"`, `/O=a\/b\/c/CN=x`},
		{"/O=a/b=c", 5, `unknown attribute "b"`, `/O=a\/b=c`},
		{"/O=see https://x.org/y/CN=z", 14, "two slashes", `/O=see https:\/\/x.org\/y/CN=z`},
		{" /CN=db1", 0, "does not begin with its slash", "/CN=db1"},
		{"\uFEFF/CN=db1", 0, "does not begin with its slash", "/CN=db1"},
		{"'/CN=db1'", 0, "quotation marks", "/CN=db1"},
		{`"/C=US/CN=db1"`, 0, "quotation marks", "/C=US/CN=db1"},
		{"subject= /C=US/CN=db1", 0, "does not begin with its slash", "/C=US/CN=db1"},
		{"C:/Program Files/Git/C=US/CN=db1", 0, "MSYS_NO_PATHCONV=1", "/C=US/CN=db1"},
		{`//C=US\ST=WI\CN=db1`, 1, "two slashes", "/C=US/ST=WI/CN=db1"},
		{`/C=US\ST=WI\CN=db1`, 5, "by a slash, not by a backslash", "/C=US/ST=WI/CN=db1"},

		// Comma forms.
		{"CN=db1,OU=a,O=sampdb,L=Madison,ST=WI,C=US", 0, "from its end (RFC 4514)", "/C=US/ST=WI/L=Madison/O=sampdb/OU=a/CN=db1"},
		{`CN=db1,O=Acme\, Inc.,C=US`, 0, "RFC 4514", "/C=US/O=Acme, Inc./CN=db1"},
		{`cn=J\C3\BCrgen,o=sampdb`, 0, "RFC 4514", "/O=sampdb/CN=Jürgen"},
		{`CN="Doe, Jane",O=a/b,C=US`, 0, "RFC 4514", `/C=US/O=a\/b/CN=Doe, Jane`},
		{"CN=db1,DC=example,DC=com", 0, "RFC 4514", "/DC=com/DC=example/CN=db1"},
		{"E=root@db1, CN=db1, OU=a, C=US", 0, "RFC 4514", "/C=US/OU=a/CN=db1/emailAddress=root@db1"},
		{"CN=db1; O=sampdb; C=US", 0, "RFC 4514", "/C=US/O=sampdb/CN=db1"},
		{"dc=example,dc=com", 0, "RFC 4514", "/DC=com/DC=example"},
		{"OU=a,O=sampdb", 0, "RFC 4514", "/O=sampdb/OU=a"},
		{"C=US,O=sampdb,C=DE", 0, "as openssl prints it", "/C=US/O=sampdb/C=DE"},
		{"C = US, ST = WI, O = sampdb, CN = db1", 0, "as openssl prints it", "/C=US/ST=WI/O=sampdb/CN=db1"},
		{`subject=C = US, O = "Acme, Inc.", CN = db1`, 0, "as openssl prints it", "/C=US/O=Acme, Inc./CN=db1"},
		{"subject=C=US, ST=WI, CN=db1\n", 0, "as openssl prints it", "/C=US/ST=WI/CN=db1"},
		{"C=US,O=sampdb,CN=db1", 0, "as openssl prints it", "/C=US/O=sampdb/CN=db1"},
		{"O=sampdb, OU=a", 0, "as openssl prints it", "/O=sampdb/OU=a"},
		{"O=Acme, Inc., CN=db1", 0, "as openssl prints it", "/O=Acme, Inc./CN=db1"},
		{"DC = com, DC = example, CN = db1", 0, "as openssl prints it", "/DC=com/DC=example/CN=db1"},
		{"uid=laura,ou=people,dc=example,dc=com", 0, "RFC 4514", "/DC=com/DC=example/OU=people/UID=laura"},
		{`OU=a\ ,O=sampdb\, ,CN=x\\ `, 0, "as openssl prints it", `/OU=a /O=sampdb,/CN=x\\`},
		{`CN="say ""hi""",O="a\"b"`, 0, "RFC 4514", `/O=a"b/CN=say ""hi""`},
		{"CN=a+OU=b,C=US", 0, "several attributes in an RDN", ""},
		{"CN=#0C0161,C=US", 0, "a value in hex", ""},
		{"/C=US, ST=WI, CN=db1", 3, "two letters", "/C=US/ST=WI/CN=db1"},
		{"C=US\nO=sampdb\nCN=db1\n", 0, "comma form", "/C=US/O=sampdb/CN=db1"},

		// Labels.
		{"/c=US/cn=db1", 1, `unknown attribute "c", is C meant?`, "/C=US/CN=db1"},
		{"/O=x/Cn=db1", 5, `unknown attribute "Cn", is CN meant?`, "/O=x/CN=db1"},
		{"/commonName=db1/organizationName=x", 1, "is CN meant?", "/CN=db1/O=x"},
		{"/Email=root@db1", 1, "is emailAddress meant?", "/emailAddress=root@db1"},
		{"/emailadress=root@db1", 1, "is emailAddress meant?", "/emailAddress=root@db1"},
		{"/serialnumer=5", 1, "is serialNumber meant?", "/serialNumber=5"},
		{"/S=WI/CN=x", 1, "is ST meant?", "/ST=WI/CN=x"},
		{"/ORG=sampdb", 1, "is O meant?", "/O=sampdb"},
		{"/ CN=db1", 1, "blanks around the label CN", "/CN=db1"},
		{"/CN =db1", 1, "blanks around the label CN", "/CN=db1"},
		{"/OID.2.5.4.3=db1", 1, "is 2.5.4.3 meant?", "/2.5.4.3=db1"},
		{"/foo=bar", 1, `unknown attribute "foo": known are C, ST, L, O, OU, CN, emailAddress`, ""},
		{"/stret=Main St", 1, "is street meant?", "/street=Main St"},
		{"/C\n2.5.4.8 ST=US", 1, `unknown attribute "C\n2.5.4.8 ST"`, ""},
		{"/serverAuth=x", 1, `unknown attribute "serverAuth"`, ""},
		{"/=x", 1, "no attribute before the equals sign", ""},
		{"/3.1=x", 1, "begins with neither 0, 1 nor 2", ""},
		{"/1.40=x", 1, "second arc over 39", ""},
		{"/2=x", 1, "at least two are needed", ""},
		{"/2.05=x", 1, "not numbers joined by dots", ""},
		{"/2..5=x", 1, "not numbers joined by dots", ""},

		// Values.
		{"/CN=", 4, "CN has no value", ""},
		{"/C=US/O=/CN=db1", 8, "O has no value", "/C=US/CN=db1"},
		{"/O=  /CN=db1", 3, "O is blank", "/CN=db1"},
		{"/C=us", 3, "capital letters: US", "/C=US"},
		{"/C=US /CN=x", 3, "two letters", "/C=US/CN=x"},
		{"/C=USA", 3, `two letters of a country (ISO 3166), not "USA"`, ""},
		{"/2.5.4.6=usa", 9, "two letters", ""},
		{"/C=U1", 3, "two letters", ""},
		{"/jurisdictionC=us", 15, "capital letters", "/jurisdictionC=US"},
		{"/CN=" + strings.Repeat("ü", 65), 4, "CN has 65 characters, RFC 5280 allows 64", ""},
		{"/serialNumber=" + strings.Repeat("1", 65), 14, "allows 64", ""},
		{`/O=a\/b/serialNumber=a\+_`, 24, "_ in serialNumber", ""},
		{"/dnQualifier=a*b", 14, "* in dnQualifier", ""},
		{"/emailAddress=jürgen@db1", 15, "ü in emailAddress: it takes ASCII only", ""},
		{"/DC=bücher", 5, "ü in DC", ""},
		{"/CN=a\xFCb", 5, "byte 0xFC in CN is not UTF-8", "/CN=aüb"},
		{"/CN=a\x00b", 5, "U+0000", "/CN=a b"},
		{"/CN=db1\n", 7, "U+000A", "/CN=db1"},
		{"/O=a\\/\x1bb", 6, "U+001B", `/O=a\/ b`},
		{"/CN=a\u0085b", 5, "U+0085", "/CN=a b"},
		{"/CN=a\u202eb", 5, "U+202E", "/CN=ab"},

		// Escapes.
		{`/CN=x\`, 5, `a backslash at the end`, `/CN=x\\`},
		{`/CN=DOMAIN\laura`, 10, `\l is no escape`, `/CN=DOMAIN\\laura`},
		{`/O=Acme\, Inc.`, 7, `\, is no escape`, "/O=Acme, Inc."},
		{`/CN=J\xC3\xBCrgen`, 5, `\xC3 is no escape: write the characters themselves`, "/CN=Jürgen"},
		{`/CN=a+b`, 5, `a plus sign within a value is written \+`, `/CN=a\+b`},
		{"/emailAddress=me+db@x", 16, `\+`, `/emailAddress=me\+db@x`},
		{"/CN=x+", 5, `\+`, `/CN=x\+`},
		{"/OU=a+L=b", 5, "multi-valued RDN", "/OU=a/L=b"},
		{"/CN=x/OU=a+2.5.4.7=b", 10, "multi-valued RDN", "/CN=x/OU=a/2.5.4.7=b"},
		{"/OU=a+x=b", 5, `\+`, `/OU=a\+x=b`},
	}
	for _, test := range tests {
		name, err := dn.Parse(test.text)
		var syntax *dn.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v, %v", test.text, name, err)
			continue
		}
		if syntax.Text != test.text || syntax.Offset != test.offset || syntax.Fix != test.fix ||
			!strings.Contains(syntax.Problem, test.problem) {
			t.Errorf("%q\n got byte %d, fix %q: %s\nwant byte %d, fix %q: %s", test.text,
				syntax.Offset, syntax.Fix, syntax.Problem, test.offset, test.fix, test.problem)
		}
		if test.fix != "" {
			if _, err := dn.Parse(test.fix); err != nil {
				t.Errorf("fix of %q: %v", test.text, err)
			}
		}
	}
}

func TestSyntaxErrorText(t *testing.T) {
	tests := []struct{ text, message, hint string }{
		{`/O=Acme\, Inc.`,
			`name "/O=Acme\, Inc.", byte 7: \, is no escape, only \/ \+ \\ are; a backslash within a value is written \\`,
			"write '/O=Acme, Inc.'"},
		{"/O=it's a/b",
			`name "/O=it's a/b", byte 9: no "=" in "b" after the slash: a slash within a value is written \/`,
			`write '/O=it'\''s a\/b'`},
		{"/CN=a\x1b[31m",
			`name "/CN=a\x1b[31m", byte 5: character U+001B in CN is not printable`,
			"write '/CN=a [31m'"},
		{"/" + strings.Repeat("ä", 200),
			`name "/` + strings.Repeat("ä", 59) + `"..., byte 1: no "=" in "` + strings.Repeat("ä", 60) +
				`"...: every attribute is a label, an equals sign and a value`,
			`write a name like '/C=US/ST=WI/L=Madison/O=sampdb/CN=db1', with \/ \+ \\ for / + \ in a value`},
	}
	for _, test := range tests {
		_, err := dn.Parse(test.text)
		if err == nil || err.Error() != test.message {
			t.Errorf("message %v\n   want %s", err, test.message)
		}
		var hinted interface{ Hint() string }
		if !errors.As(err, &hinted) || hinted.Hint() != test.hint {
			t.Errorf("hint of %q: %v, want %s", test.text, err, test.hint)
		}
	}
}
