package check

import (
	"encoding/hex"
	"errors"
	"math/bits"
	"slices"
	"strings"

	"myca/dn"
)

// change is a set of ways in which two one-line names can differ though the
// same name is meant. The servers see different names all the same: they compare
// with strcmp (acl_check_ssl).
type change uint8

const (
	order     change = 1 << iota // the attributes stand in another order
	letters                      // upper for lower case
	escape                       // a backslash too many or too few, or \xHH for the octet
	blank                        // spaces
	kind                         // another name of an attribute type
	anyChange = order | letters | escape | blank | kind
)

// String joins the names of the ways by "and".
func (c change) String() string {
	var names []string
	for i, name := range []string{"order", "case", "escape", "blank", "type"} {
		if c&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// difference is the smallest set of changes that makes b of a, and whether there
// is one.
func difference(a, b string) (change, bool) {
	if !anyChange.equal(a, b) {
		return 0, false
	}
	for size := 1; size <= bits.OnesCount8(uint8(anyChange)); size++ {
		for c := change(1); c <= anyChange; c++ {
			if bits.OnesCount8(uint8(c)) == size && c.equal(a, b) {
				return c, true
			}
		}
	}
	return 0, false
}

// equal reports whether a and b are the same but for these changes.
func (c change) equal(a, b string) bool {
	x, y := c.forms(a), c.forms(b)
	return x[0] == y[0] || x[1] == y[1]
}

// forms are what names that differ in nothing but these changes have in common:
// one of two forms. In the first every backslash is left out, because a statement
// loses them ('\xC3' is stored as xC3 unless sql_mode has NO_BACKSLASH_ESCAPES)
// or doubles them; in the second \xHH is the octet, as in libraries that do not
// escape. Without escape among the changes the two are the same.
func (c change) forms(s string) [2]string {
	if c&escape == 0 || !strings.Contains(s, `\`) {
		form := c.form(s)
		return [2]string{form, form}
	}
	return [2]string{c.form(strings.ReplaceAll(s, `\`, "")), c.form(decoded(s))}
}

func (c change) form(s string) string {
	attributes := split(s, c&escape != 0)
	if c&^(order|escape) != 0 {
		for i, a := range attributes {
			attributes[i] = c.attribute(a)
		}
	}
	if c&order != 0 {
		slices.Sort(attributes)
	}
	return strings.Join(attributes, "\n")
}

// split cuts a name into its attributes: at slashes without a backslash before
// them, or, once backslashes are gone, at every slash and plus, which are the
// same then on both sides.
func split(s string, unescaped bool) []string {
	var attributes []string
	start := 0
	for i := range len(s) {
		cut := s[i] == '/' && (unescaped || i == 0 || s[i-1] != '\\') || unescaped && s[i] == '+'
		if cut && i > 0 {
			attributes = append(attributes, s[start:i])
		}
		if cut {
			start = i + 1
		}
	}
	return append(attributes, s[start:])
}

func (c change) attribute(a string) string {
	label, value, found := strings.Cut(a, "=")
	if found && c&kind != 0 {
		a = attributeType(label) + "=" + value
	}
	if c&letters != 0 {
		a = lower(a)
	}
	if c&blank != 0 {
		a = strings.ReplaceAll(a, " ", "")
	}
	return a
}

// lower is s with the capital letters of ASCII made small; other bytes, which
// need not be UTF-8, stay.
func lower(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// decoded is s with \xHH as the octet it stands for, and without the
// backslashes that are left.
func decoded(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i+4 <= len(s) && (s[i+1] == 'x' || s[i+1] == 'X') {
			if octet, err := hex.DecodeString(s[i+2 : i+4]); err == nil {
				b.Write(octet)
				i += 3
			}
		}
	}
	return b.String()
}

// attributeType is one of several names of an attribute type for all of them:
// OpenSSL's short and long one, those of before 0.9.7 and of other programs
// (Email, S).
func attributeType(label string) string {
	label = strings.Trim(label, " ")
	switch lower(label) {
	case "c", "country", "countryname", "2.5.4.6":
		return "C"
	case "s", "st", "sp", "state", "stateorprovincename", "2.5.4.8":
		return "ST"
	case "l", "locality", "localityname", "2.5.4.7":
		return "L"
	case "o", "organization", "organizationname", "2.5.4.10":
		return "O"
	case "ou", "organizationalunit", "organizationalunitname", "2.5.4.11":
		return "OU"
	case "cn", "commonname", "2.5.4.3":
		return "CN"
	case "e", "email", "mail", "emailaddress", "1.2.840.113549.1.9.1":
		return "emailAddress"
	case "dc", "domaincomponent", "0.9.2342.19200300.100.1.25":
		return "DC"
	case "uid", "userid", "0.9.2342.19200300.100.1.1":
		return "UID"
	case "sn", "surname", "2.5.4.4":
		return "SN"
	case "gn", "g", "givenname", "2.5.4.42":
		return "GN"
	case "serialnumber", "2.5.4.5":
		return "serialNumber"
	}
	return label
}

// slashed is a name that was written with commas, as RFC 4514 and `openssl x509
// -subject` have it, as the library renders it; "" when the name is in slash form
// already, or no name at all.
func slashed(s string, lib dn.Library) string {
	if strings.HasPrefix(s, "/") {
		return ""
	}
	var broken *dn.SyntaxError
	if _, err := dn.Parse(s); !errors.As(err, &broken) || broken.Fix == "" {
		return ""
	}
	name, err := dn.Parse(broken.Fix)
	if err != nil {
		return ""
	}
	return name.OneLine(lib)
}
