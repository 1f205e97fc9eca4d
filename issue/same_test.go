package issue

import (
	"testing"

	"myca/dn"
)

// TestSameName compares names as OpenSSL's X509_NAME_cmp does, over the string
// types that certificates of others have.
func TestSameName(t *testing.T) {
	cn := func(tag int, value string) dn.Attribute {
		return dn.Attribute{OID: "2.5.4.3", Tag: tag, Value: []byte(value)}
	}
	o := dn.Attribute{OID: "2.5.4.10", Tag: 12, Value: []byte("acme")}
	one := func(attrs ...dn.Attribute) dn.Name { return dn.Name{attrs} }
	for name, tt := range map[string]struct {
		a, b dn.Name
		same bool
	}{
		"same":          {one(cn(12, "ab")), one(cn(12, "ab")), true},
		"string type":   {one(cn(12, "ab")), one(cn(19, "ab")), true},
		"case":          {one(cn(12, "aB")), one(cn(19, "Ab")), true},
		"blanks":        {one(cn(12, " a \t b ")), one(cn(19, "a b")), true},
		"BMPString":     {one(cn(30, "\x00A\x00\xfc")), one(cn(12, "aü")), true},
		"Universal":     {one(cn(28, "\x00\x00\x00A\x00\x00\x00\xfc")), one(cn(12, "Aü")), true},
		"T61String":     {one(cn(20, "A\xfc")), one(cn(12, "Aü")), true},
		"case of ü":     {one(cn(12, "Ü")), one(cn(12, "ü")), false},
		"value":         {one(cn(12, "ab")), one(cn(12, "abc")), false},
		"no blank":      {one(cn(12, "a b")), one(cn(12, "ab")), false},
		"type":          {one(cn(12, "acme")), one(o), false},
		"order":         {dn.Name{{cn(12, "a")}, {o}}, dn.Name{{o}, {cn(12, "a")}}, false},
		"multi-valued":  {one(cn(12, "a"), o), one(o, cn(12, "a")), true},
		"one or two":    {one(cn(12, "a"), o), dn.Name{{cn(12, "a")}, {o}}, false},
		"prefix":        {dn.Name{{o}, {cn(12, "a")}}, dn.Name{{o}}, false},
		"empty and not": {nil, one(o), false},
	} {
		if got := sameName(tt.a, tt.b); got != tt.same {
			t.Errorf("%s: %t", name, got)
		}
		if got := sameName(tt.b, tt.a); got != tt.same {
			t.Errorf("%s, the other way: %t", name, got)
		}
	}
	two := dn.Name{{cn(30, "\x00A\x00B")}, {o}, {cn(12, "c  D")}}
	for name, want := range map[string]bool{"ab": true, " C d ": true, "abc": false, "": false, "acme": false} {
		if other := (dn.Name{{o}, {cn(12, name)}}); shareCommonName(two, other) != want || shareCommonName(other, two) != want {
			t.Errorf("shares a CN with %q: not %t", name, want)
		}
	}
	if shareCommonName(two, dn.Name{{o}}) {
		t.Error("shares a CN with a name that has none")
	}
}
