package dn_test

import (
	"errors"
	"strings"
	"testing"

	"myca/dn"
)

func TestOneLine(t *testing.T) {
	multi := dn.Name{
		{{OID: "2.5.4.7", Tag: 12, Value: []byte("multi")}, {OID: "2.5.4.11", Tag: 12, Value: []byte(" lead")}},
		attr("2.5.4.3", 12, "x"),
	}
	tests := []struct {
		title                          string
		name                           dn.Name
		openssl3, openssl1, wolf, yass string
	}{
		{"portable", parse(t, "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb/emailAddress=root@db1"),
			"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb/emailAddress=root@db1",
			"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb/emailAddress=root@db1",
			"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb/emailAddress=root@db1",
			"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb/emailAddress=root@db1"},
		{"empty", dn.Name{}, "", "", "", ""},
		{"slash and plus", parse(t, `/O=a\/b\+c\\d/CN=x`),
			`/O=a\/b\+c\d/CN=x`, `/O=a/b+c\d/CN=x`, `/O=a/b+c\d/CN=x`, `/O=a/b+c\d/CN=x`},
		{"UTF-8", parse(t, "/O=Zürich"), `/O=Z\xC3\xBCrich`, `/O=Z\xC3\xBCrich`, "/O=Zürich", "/O=Zürich"},
		{"controls", dn.Name{attr("2.5.4.3", 12, "a\x1f\x7f\n~ ")}, `/CN=a\x1F\x7F\x0A~ `, `/CN=a\x1F\x7F\x0A~ `, "/CN=a\x1f\x7f\n~ ", "/CN=a\x1f\x7f\n~ "},
		{"multi-valued", multi, "/L=multi+OU= lead/CN=x", "/L=multi/OU= lead/CN=x", "/L=multi/OU= lead/CN=x", "/L=multi/OU= lead/CN=x"},
		{"T61String", dn.Name{attr("2.5.4.3", 20, "Z\xfcrich")}, `/CN=Z\xFCrich`, `/CN=Z\xFCrich`, "/CN=Z\xfcrich", "/CN=Z\xfcrich"},
		{"BMPString", dn.Name{attr("2.5.4.3", 30, "\x00A\x00\xfc"), attr("2.5.4.10", 12, "x")},
			`/CN=\x00A\x00\xFC/O=x`, `/CN=\x00A\x00\xFC/O=x`, "/CN=/O=x", "/CN="},
		{"UniversalString", dn.Name{attr("2.5.4.3", 28, "\x00\x00\x00A")}, `/CN=\x00\x00\x00A`, `/CN=\x00\x00\x00A`, "/CN=", "/CN="},
		{"GeneralString of four octets", dn.Name{attr("2.5.4.3", 27, "\x00\x00\x00A\x00\x00\x00/")}, `/CN=A\/`, `/CN=A/`, "/CN=", "/CN="},
		{"GeneralString not of four octets", dn.Name{attr("2.5.4.3", 27, "\x00\x01\x00A")}, `/CN=\x00\x01\x00A`, `/CN=\x00\x01\x00A`, "/CN=", "/CN="},
		{"GeneralString of five octets", dn.Name{attr("2.5.4.3", 27, "\x00\x00\x00AB")}, `/CN=\x00\x00\x00AB`, `/CN=\x00\x00\x00AB`, "/CN=", "/CN="},
		{"BIT STRING", dn.Name{attr("2.5.4.45", 3, "\x03AO")}, `/x500UniqueIdentifier=AH`, `/x500UniqueIdentifier=AH`, "", ""},
		{"BIT STRING without bits", dn.Name{attr("2.5.4.45", 3, ""), attr("2.5.4.45", 3, "\x00")},
			"/x500UniqueIdentifier=/x500UniqueIdentifier=", "/x500UniqueIdentifier=/x500UniqueIdentifier=", "", ""},
		{"SEQUENCE", dn.Name{attr("2.5.4.3", 16, "\x13\x01A")}, `/CN=0\x03\x13\x01A`, `/CN=0\x03\x13\x01A`, "/CN=\x13\x01A", "/CN=\x13\x01A"},
		{"EXTERNAL", dn.Name{attr("2.5.4.3", 8, "\x30\x03\x13\x01A\x13\x01B\xff")}, `/CN=AB`, `/CN=AB`, "/CN=0\x03\x13\x01A\x13\x01B\xff", "/CN=0\x03\x13\x01A\x13\x01B\xff"},
		{"other types", parse(t, "/DC=com/UID=u/serialNumber=1/SN=s/title=t/GN=g/street=m/1.2.3=x/unstructuredName=n/mail=b/postOfficeBox=p/CN=c"),
			"/DC=com/UID=u/serialNumber=1/SN=s/title=t/GN=g/street=m/1.2.3=x/unstructuredName=n/mail=b/postOfficeBox=p/CN=c",
			"/DC=com/UID=u/serialNumber=1/SN=s/title=t/GN=g/street=m/1.2.3=x/unstructuredName=n/mail=b/postOfficeBox=p/CN=c",
			"/DC=com/UID=u/serialNumber=1/SN=s/street=m/rfc822Mailbox=b/UID=p/CN=c",
			"/SN=s/emailAddress=n/CN=c"},
		{"an OID like that of emailAddress", parse(t, "/1.2.800.1=x"), "/1.2.800.1=x", "/1.2.800.1=x", "", "/emailAddress=x"},
		{"no attribute types", dn.Name{attr("1.3.6.1.5.5.7.3.1", 12, "x")}, "/serverAuth=x", "/serverAuth=x", "", ""},
		{"511 octets", parse(t, "/description="+strings.Repeat("x", 482)+"/CN=y"), "/description=" + strings.Repeat("x", 482) + "/CN=y",
			"/description=" + strings.Repeat("x", 482) + "/CN=y", "/CN=y", "/CN=y"},
		{"512 octets", parse(t, "/description="+strings.Repeat("x", 483)+"/CN=y"), "/description=" + strings.Repeat("x", 483) + "/CN=y",
			"/description=" + strings.Repeat("x", 483) + "/CN=y", "/CN=y", ""},
		{"not encodable", dn.Name{attr("x", 12, "y")}, "/x=y", "/x=y", "", ""},
	}
	for _, test := range tests {
		for lib, want := range map[dn.Library]string{
			dn.OpenSSL3: test.openssl3, dn.OpenSSL1: test.openssl1, dn.WolfSSL: test.wolf, dn.YaSSL: test.yass,
		} {
			if got := test.name.OneLine(lib); got != want {
				t.Errorf("%s for %s:\n got %q\nwant %q", test.title, lib, got, want)
			}
		}
	}
}

func TestParseLibrary(t *testing.T) {
	for _, text := range []string{"openssl3", "openssl1", "wolfssl", "yassl"} {
		lib, err := dn.ParseLibrary(text)
		if err != nil || lib.String() != text {
			t.Errorf("%q: %v, %v", text, lib, err)
		}
	}
	for _, text := range []string{"", "OpenSSL3", "openssl", "openssl 3", "gnutls"} {
		lib, err := dn.ParseLibrary(text)
		var hinted interface{ Hint() string }
		if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), "openssl3, openssl1, wolfssl and yassl") {
			t.Errorf("%q: %v, %v", text, lib, err)
		}
	}
	if got := dn.Library(9).String(); got != "Library(9)" {
		t.Errorf("no library is called %q", got)
	}
}
