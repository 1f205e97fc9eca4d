package dialect

import "testing"

// Whole files are compared with the real programs in package optionfile.
func TestReadOption(t *testing.T) {
	for _, c := range []struct {
		line, name, value string
		hasValue          bool
	}{
		{"ssl-ca = /a#b # c\n", "ssl-ca", "/a", true},
		{"ssl-ca='/a#b' # c\r\n", "ssl-ca", "/a#b", true},
		{"skip-ssl # c\n", "skip-ssl", "", false},
		{"k=", "k", "", true},
		{"k==v=w", "k", "=v=w", true},
		{`k"=a#b"`, `k"`, `a#b"`, true}, // a quote in the name counts
		{"=v", "", "v", true},
		{"a b\t=\xa0\\s\xa0", "a b", " ", true},
	} {
		if name, value, hasValue := ReadOption(c.line); name != c.name || value != c.value || hasValue != c.hasValue {
			t.Errorf("%q: %q, %q, %t", c.line, name, value, hasValue)
		}
	}
}
