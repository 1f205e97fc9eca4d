package issue

import (
	"sort"
	"strings"

	"myca/dn"
)

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
			for _, value := range (dn.Name{{attr}}).Values(attr.OID) {
				parts = append(parts, attr.OID+"="+folded(value))
			}
		}
		sort.Strings(parts)
		rdns = append(rdns, strings.Join(parts, "\x01"))
	}
	return strings.Join(rdns, "\x00")
}

// commonNames is the set of a name's CNs, folded.
func commonNames(n dn.Name) map[string]bool {
	names := map[string]bool{}
	for _, cn := range n.Values("CN") {
		names[folded(cn)] = true
	}
	return names
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
