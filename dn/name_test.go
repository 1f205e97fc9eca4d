package dn_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dn"
)

// parse is Parse for names that are right.
func parse(t *testing.T, text string) dn.Name {
	t.Helper()
	name, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// odd is a name with every string type, as no text gives it.
func odd() dn.Name {
	return dn.Name{
		attr("2.5.4.10", 12, "Zürich/+\\"), attr("2.5.4.10", 12, "bad \xff\x07"),
		attr("2.5.4.11", 30, "\x00Z\x00\xfc\xd8\x3d\xde\x00"), attr("2.5.4.11", 30, "\x00Z\x00"),
		attr("2.5.4.7", 28, "\x00\x00\x00Z\x00\x01\xf6\x00"), attr("2.5.4.7", 28, "\x00\x00\x00Z\x00\x11\x00\x00\xff\x00\x00\x41\x00"),
		attr("2.5.4.8", 20, "Z\xfcrich"), attr("2.5.4.8", 19, "Z\xfcrich"), attr("2.5.4.5", 18, "1 2"),
		attr("2.5.4.13", 27, "\x00\x00\x00Z"), attr("2.5.4.13", 26, "v"), attr("2.5.4.13", 21, "x"), attr("2.5.4.13", 25, "g"),
		attr("2.5.4.45", 3, "\x04\xf0"), attr("2.5.4.46", 16, "\x05\x00"),
		{{OID: "2.5.4.3", Tag: 12, Value: []byte("a")}, {OID: "1.2.3", Tag: 12, Value: []byte("b\u202e")}},
		attr("1.3.6.1.5.5.7.3.1", 12, "not an attribute type"), {},
	}
}

func TestString(t *testing.T) {
	want := `/O=Zürich\/\+\\/O=bad \xFF\x07` + `/OU=Zü😀/OU=Z` + "\uFFFD" + `/L=Z😀/L=Z` + "\uFFFD\uFFFD\uFFFD" +
		`/ST=Zürich/ST=Zürich/serialNumber=1 2/description=\x00\x00\x00Z/description=v/description=x/description=g` +
		`/x500UniqueIdentifier=#030204f0/dnQualifier=#30020500/CN=a+1.2.3=b\xE2\x80\xAE` +
		`/1.3.6.1.5.5.7.3.1=not an attribute type`
	if diff := cmp.Diff(want, odd().String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, text := range []string{
		"/C=US/ST=WI/CN=x", `/O=a\/b\+c\\d`, "/O=Müller 株式会社", "/1.2.3=x/2.5.4.200=y", `/CN="x", y=z '#'`, "/CN= x ",
	} {
		if got := parse(t, text).String(); got != text {
			t.Errorf("%s prints as %s", text, got)
		}
	}
	if got := parse(t, "/2.5.4.3=x/1.2.840.113549.1.9.1=y").String(); got != "/CN=x/emailAddress=y" {
		t.Errorf("OIDs with short names print as %s", got)
	}
}

func TestValues(t *testing.T) {
	tests := []struct {
		label string
		want  []string
	}{
		{"O", []string{`Zürich/+\`, "bad \uFFFD\x07"}},
		{"OU", []string{"Zü😀", "Z\uFFFD"}},
		{"L", []string{"Z😀", "Z\uFFFD\uFFFD\uFFFD"}},
		{"ST", []string{"Zürich", "Zürich"}},
		{"2.5.4.8", []string{"Zürich", "Zürich"}},
		{"description", []string{"\x00\x00\x00Z", "v", "x", "g"}},
		{"x500UniqueIdentifier", []string{"#030204f0"}},
		{"CN", []string{"a"}},
		{"1.2.3", []string{"b\u202e"}},
		{"serverAuth", []string{"not an attribute type"}},
		{"C", nil}, {"", nil}, {"cn", nil}, {" CN", nil}, {"2.5.4.3\n", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, odd().Values(test.label)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.label, diff)
		}
	}
}

func TestWith(t *testing.T) {
	base := slices.Grow(parse(t, "/C=US/O=sampdb"), 4)
	tests := []struct{ label, value, want string }{
		{"CN", "db1", "/C=US/O=sampdb/CN=db1"},
		{"CN", `a/b+c\d`, `/C=US/O=sampdb/CN=a\/b\+c\\d`},
		{"1.2.3", "x", "/C=US/O=sampdb/1.2.3=x"},
		{"C", "CA", "/C=US/O=sampdb/C=CA"},
		{"emailAddress", "root@db1", "/C=US/O=sampdb/emailAddress=root@db1"},
	}
	for _, test := range tests {
		name, err := base.With(test.label, test.value)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if name.String() != test.want {
			t.Errorf("With(%q, %q) is %s", test.label, test.value, name)
		}
		if diff := cmp.Diff(parse(t, test.want), name); diff != "" {
			t.Errorf("With(%q, %q) (-want +got):\n%s", test.label, test.value, diff)
		}
	}
	// Neither call wrote into the room behind the other's name.
	first, _ := base.With("CN", "first")
	if second, _ := base.With("CN", "second"); first.String() != "/C=US/O=sampdb/CN=first" || second.String() != "/C=US/O=sampdb/CN=second" {
		t.Errorf("two names from one: %s and %s", first, second)
	}
	if base.String() != "/C=US/O=sampdb" {
		t.Errorf("the base has become %s", base)
	}
}

func TestWithErrors(t *testing.T) {
	tests := []struct {
		label, value  string
		text, problem string
		offset        int
		fix           string
	}{
		{"CN", "", "/CN=", "no value", 4, ""},
		{"cn", "x", "/cn=x", "is CN meant?", 1, "/CN=x"},
		{"CN=x/O", "y", "/CN=x/O=y", `unknown attribute "CN=x/O"`, 1, ""},
		{"CN", "a/b\n", "/CN=a\\/b\n", "U+000A", 8, `/CN=a\/b`},
		{"C", "us", "/C=us", "capital letters", 3, "/C=US"},
		{"CN", strings.Repeat("x", 65), "/CN=" + strings.Repeat("x", 65), "65 characters", 4, ""},
		{"", "x", "/=x", "no attribute before", 1, ""},
		{"O", "x+CN=y", `/O=x\+CN=y`, "", -1, ""},
	}
	for _, test := range tests {
		name, err := dn.Name{}.With(test.label, test.value)
		if test.offset < 0 {
			if err != nil || name.String() != test.text {
				t.Errorf("With(%q, %q): %s, %v", test.label, test.value, name, err)
			}
			continue
		}
		var syntax *dn.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("With(%q, %q): %v, %v", test.label, test.value, name, err)
			continue
		}
		if syntax.Text != test.text || syntax.Offset != test.offset || syntax.Fix != test.fix ||
			!strings.Contains(syntax.Problem, test.problem) {
			t.Errorf("With(%q, %q): %+v", test.label, test.value, *syntax)
		}
	}
}

func TestSelect(t *testing.T) {
	name := append(parse(t, "/O=sampdb/CN=ca/C=US/OU=one/L=Madison/OU=two/ST=WI/2.5.4.3=again"),
		dn.RDN{{OID: "2.5.4.10", Tag: 19, Value: []byte("in")}, {OID: "2.5.4.3", Tag: 19, Value: []byte("both")}}, dn.RDN{})
	tests := []struct {
		labels []string
		want   string
	}{
		{[]string{"C", "ST", "L", "O"}, "/O=sampdb/C=US/L=Madison/ST=WI"},
		{[]string{"OU"}, "/OU=one/OU=two"},
		{[]string{"2.5.4.3"}, "/CN=ca/CN=again"},
		{[]string{"emailAddress", "cn", ""}, ""},
		{nil, ""},
	}
	for _, test := range tests {
		if got := name.Select(test.labels...).String(); got != test.want {
			t.Errorf("%q: %q, want %q", test.labels, got, test.want)
		}
	}
}
