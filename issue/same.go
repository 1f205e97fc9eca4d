package issue

import (
	"slices"
	"sort"
	"strings"

	"myca/dn"
)

// sameName says whether OpenSSL takes two names for one (X509_NAME_cmp): it
// compares them after conversion to UTF-8, without regard to the case of ASCII
// letters, with blanks at the ends removed and runs of them made one.
func sameName(a, b dn.Name) bool {
	if len(a) != len(b) {
		return false
	}
	for i := len(a) - 1; i >= 0; i-- { // names differ at their end mostly
		if len(a[i]) != len(b[i]) || canonical(a[i]) != canonical(b[i]) {
			return false
		}
	}
	return true
}

// canonical is a text that is equal for RDNs that are the same.
func canonical(rdn dn.RDN) string {
	if len(rdn) == 1 {
		return rdn[0].OID + "=" + folded(text(rdn[0]))
	}
	var parts []string
	for _, attr := range rdn {
		parts = append(parts, attr.OID+"="+folded(text(attr)))
	}
	sort.Strings(parts)
	return strings.Join(parts, "\x00")
}

// The string types whose octets are UTF-8 as they are.
const (
	tagUTF8      = 12
	tagPrintable = 19
	tagIA5       = 22
)

// text is a value in UTF-8.
func text(attr dn.Attribute) string {
	switch attr.Tag {
	case tagUTF8, tagPrintable, tagIA5:
		return string(attr.Value)
	}
	return strings.Join((dn.Name{{attr}}).Values(attr.OID), "")
}

// shareCommonName says whether the two names have a CN in common.
func shareCommonName(a, b dn.Name) bool {
	ours, theirs := a.Values("CN"), b.Values("CN")
	return slices.ContainsFunc(ours, func(our string) bool {
		return slices.ContainsFunc(theirs, func(their string) bool { return our == their || folded(our) == folded(their) })
	})
}

// folded is a value in the form that is compared.
func folded(value string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.Join(strings.FieldsFunc(value, asciiSpace), " "))
}

func asciiSpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }
