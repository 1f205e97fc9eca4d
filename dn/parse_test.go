package dn_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dn"
)

// attr is an attribute as Parse makes it.
func attr(oid string, tag int, value string) dn.RDN {
	return dn.RDN{{OID: oid, Tag: tag, Value: []byte(value)}}
}

func TestParse(t *testing.T) {
	const printable, utf8String, ia5 = 19, 12, 22
	tests := map[string]dn.Name{
		"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb": {
			attr("2.5.4.6", printable, "US"), attr("2.5.4.8", printable, "WI"), attr("2.5.4.7", printable, "Madison"),
			attr("2.5.4.10", printable, "sampdb"), attr("2.5.4.11", printable, "CA"), attr("2.5.4.3", printable, "sampdb"),
		},
		"/CN=first/OU=one/OU=two/OU=one/C=US": {
			attr("2.5.4.3", printable, "first"), attr("2.5.4.11", printable, "one"), attr("2.5.4.11", printable, "two"),
			attr("2.5.4.11", printable, "one"), attr("2.5.4.6", printable, "US"),
		},
		"/emailAddress=root@db1/DC=example/DC=com/UID=laura/serialNumber=7": {
			attr("1.2.840.113549.1.9.1", ia5, "root@db1"), attr("0.9.2342.19200300.100.1.25", ia5, "example"),
			attr("0.9.2342.19200300.100.1.25", ia5, "com"), attr("0.9.2342.19200300.100.1.1", printable, "laura"),
			attr("2.5.4.5", printable, "7"),
		},
		`/O=a\/b\+c\\d`:                      {attr("2.5.4.10", utf8String, `a/b+c\d`)},
		`/O=\/\/`:                            {attr("2.5.4.10", printable, "//")},
		`/CN= leading and trailing `:         {attr("2.5.4.3", printable, " leading and trailing ")},
		`/CN="a", <b>; c=d #e`:               {attr("2.5.4.3", utf8String, `"a", <b>; c=d #e`)},
		`/CN=it's (1), a:b=c?`:               {attr("2.5.4.3", printable, "it's (1), a:b=c?")},
		"/CN=*.example.com":                  {attr("2.5.4.3", utf8String, "*.example.com")},
		"/CN=a_b":                            {attr("2.5.4.3", utf8String, "a_b")},
		"/O=Müller & Søn 株式会社":               {attr("2.5.4.10", utf8String, "Müller & Søn 株式会社")},
		"/1.3.6.1.4.1.99999.1=unknown":       {attr("1.3.6.1.4.1.99999.1", printable, "unknown")},
		"/2.999.340282366920938463463374=x":  {attr("2.999.340282366920938463463374", printable, "x")},
		"/2.5.4.3=by OID":                    {attr("2.5.4.3", printable, "by OID")},
		"/2.5.4.6=US":                        {attr("2.5.4.6", printable, "US")},
		"/SN=Doe/GN=Jo/title=Dr/initials=JD": {attr("2.5.4.4", printable, "Doe"), attr("2.5.4.42", printable, "Jo"), attr("2.5.4.12", printable, "Dr"), attr("2.5.4.43", printable, "JD")},
		"/uid=not UID":                       {attr("0.9.2342.19200300.100.1.44", printable, "not UID")},
		"/street=Main St 1/postalCode=53703": {attr("2.5.4.9", printable, "Main St 1"), attr("2.5.4.17", printable, "53703")},
		"/jurisdictionC=US/jurisdictionST=Wisconsin/jurisdictionL=Madison": {
			attr("1.3.6.1.4.1.311.60.2.1.3", printable, "US"), attr("1.3.6.1.4.1.311.60.2.1.2", printable, "Wisconsin"),
			attr("1.3.6.1.4.1.311.60.2.1.1", printable, "Madison"),
		},
		"/CN=" + strings.Repeat("ü", 64): {attr("2.5.4.3", utf8String, strings.Repeat("ü", 64))},
		"/CN=x,O=y":                      {attr("2.5.4.3", printable, "x,O=y")},
	}
	for text, want := range tests {
		got, err := dn.Parse(text)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// Every short name of an attribute type is read, and printed again.
func TestParseEveryShortName(t *testing.T) {
	for _, label := range strings.Fields(`C ST L O OU CN DC UID SN GN title initials serialNumber emailAddress street
		postalCode name description pseudonym dnQualifier generationQualifier businessCategory jurisdictionC
		jurisdictionST jurisdictionL organizationIdentifier x500UniqueIdentifier unstructuredName unstructuredAddress
		telephoneNumber postOfficeBox postalAddress houseIdentifier dmdName role mail favouriteDrink associatedDomain
		host manager member owner seeAlso userPassword dnsName c3 n3 INN OGRN OGRNIP SNILS id-pda-dateOfBirth`) {
		value := "X"
		if label == "C" || label == "jurisdictionC" {
			value = "DE"
		}
		text := "/" + label + "=" + value
		name, err := dn.Parse(text)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := name.String(); got != text {
			t.Errorf("%s prints as %s", text, got)
		}
		if got := name.OneLine(dn.OpenSSL3); got != text {
			t.Errorf("%s renders as %s", text, got)
		}
		if diff := cmp.Diff([]string{value}, name.Values(label)); diff != "" {
			t.Errorf("%s: values (-want +got):\n%s", text, diff)
		}
	}
}

// The upper bounds of RFC 5280 appendix A.1, in characters.
func TestUpperBounds(t *testing.T) {
	for label, most := range map[string]int{
		"CN": 64, "O": 64, "OU": 64, "title": 64, "serialNumber": 64, "L": 128, "ST": 128, "jurisdictionL": 128,
		"jurisdictionST": 128, "pseudonym": 128, "emailAddress": 255, "SN": 32768, "GN": 32768, "name": 32768,
		"initials": 32768, "generationQualifier": 32768, "2.5.4.3": 64,
	} {
		text := "/" + label + "=" + strings.Repeat("x", most)
		if _, err := dn.Parse(text); err != nil {
			t.Error(err)
		}
		_, err := dn.Parse(text + "x")
		var syntax *dn.SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != len(label)+2 || syntax.Fix != "" ||
			!strings.Contains(syntax.Problem, fmt.Sprintf("has %d characters, RFC 5280 allows %d", most+1, most)) {
			t.Errorf("%s with %d characters: %v", label, most+1, err)
		}
	}
}

// Every value that is wrong is named, each with its byte.
func TestParseEveryValue(t *testing.T) {
	text := "/C=usa/O=" + strings.Repeat("o", 65) + "/OU=fine/CN=" + strings.Repeat("c", 66)
	_, err := dn.Parse(text)
	var syntax *dn.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset != 3 {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"; byte 9: ", "has 65 characters", "; byte 86: ", "has 66 characters"} {
		if !strings.Contains(syntax.Problem, want) {
			t.Errorf("no %q in %s", want, syntax.Problem)
		}
	}
	_, err = dn.Parse("/C=usa/O=acme/cn=x")
	if !errors.As(err, &syntax) || syntax.Offset != 3 || !strings.Contains(syntax.Problem, "; byte 14: ") {
		t.Errorf("%v", err)
	}
	if _, err = dn.Parse(strings.Repeat("/C=usa", 100_000)); len(err.Error()) > 3000 {
		t.Errorf("a message of %d bytes", len(err.Error()))
	}
}

// The size of a text is bounded, and so is the work for one that is refused.
func TestParseLong(t *testing.T) {
	long := "/CN=x" + strings.Repeat("/description="+strings.Repeat("y", 1000), 100)
	name, err := dn.Parse(long)
	if err != nil {
		t.Fatal(err)
	}
	if got := name.OneLine(dn.OpenSSL3); got != long {
		t.Errorf("a name of %d bytes renders as %d", len(long), len(got))
	}
	for _, text := range []string{
		strings.Repeat("/description=x", 1<<17), strings.Repeat("/a", 1<<19), strings.Repeat("a=,", 1<<18),
		"/" + strings.Repeat(".1", 1<<18) + "=x", "/CN=" + strings.Repeat("+", 1<<19), strings.Repeat("/CN=x\\", 1<<17),
	} {
		_, err := dn.Parse(text)
		var syntax *dn.SyntaxError
		if !errors.As(err, &syntax) || syntax.Fix != "" {
			t.Errorf("%.20s... of %d bytes: %.200v", text, len(text), err)
		}
	}
	for _, text := range []string{
		"/description=" + strings.Repeat("y", 1<<14) + "/cn=x", strings.Repeat("/description=y", 101) + "/cn=x",
	} {
		_, err := dn.Parse(text)
		var syntax *dn.SyntaxError
		if !errors.As(err, &syntax) || syntax.Fix != "" {
			t.Errorf("%.20s... of %d bytes: %.200v", text, len(text), err)
		}
	}
}
