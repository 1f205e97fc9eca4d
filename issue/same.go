package issue

import (
	"sort"
	"strings"
	"unicode/utf16"

	"myca/dn"
)

// oidCommonName is id-at-commonName.
const oidCommonName = "2.5.4.3"

// sameName says whether OpenSSL takes two names for one (X509_NAME_cmp): it
// compares them after conversion to UTF-8, without regard to the case of ASCII
// letters, with blanks at the ends removed and runs of them made one.
func sameName(a, b dn.Name) bool { return canonical(a) == canonical(b) }

// canonical is a text that is equal for names that are the same.
func canonical(n dn.Name) string {
	var rdns []string
	for _, rdn := range n {
		var parts []string
		for _, attr := range rdn {
			parts = append(parts, attr.OID+"="+folded(attr))
		}
		sort.Strings(parts)
		rdns = append(rdns, strings.Join(parts, "\x01"))
	}
	return strings.Join(rdns, "\x00")
}

// commonNames is the set of a name's CNs, folded.
func commonNames(n dn.Name) map[string]bool {
	names := map[string]bool{}
	for _, rdn := range n {
		for _, attr := range rdn {
			if attr.OID == oidCommonName {
				names[folded(attr)] = true
			}
		}
	}
	return names
}

// folded is the text of a value in the form that is compared.
func folded(attr dn.Attribute) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.Join(strings.FieldsFunc(text(attr), asciiSpace), " "))
}

func asciiSpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }

// The ASN.1 tags of strings that are not UTF-8 already.
const (
	tagT61       = 20
	tagUniversal = 28
	tagBMP       = 30
)

// text is a value in UTF-8: T61String as Latin-1, which is how it is used.
func text(attr dn.Attribute) string {
	v := attr.Value
	var out []rune
	switch attr.Tag {
	case tagT61:
		for _, octet := range v {
			out = append(out, rune(octet))
		}
	case tagBMP:
		var units []uint16
		for i := 0; i+1 < len(v); i += 2 {
			units = append(units, uint16(v[i])<<8|uint16(v[i+1]))
		}
		out = utf16.Decode(units)
	case tagUniversal:
		for i := 0; i+3 < len(v); i += 4 {
			out = append(out, rune(v[i])<<24|rune(v[i+1])<<16|rune(v[i+2])<<8|rune(v[i+3]))
		}
	default:
		return string(v)
	}
	return string(out)
}
