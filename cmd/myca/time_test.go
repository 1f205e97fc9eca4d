package main

import (
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A clock that was set back: what is issued is not older than its CA, and says
// from when on it is good.
func TestClockSetBack(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "3650")
	c.at("2030-06-15T09:00:00Z") // three hours back, two before the CA begins
	laura := c.client("laura", "--days", "90")
	c.wantValidity(laura, "2030-06-15T11:00:00Z", "2030-09-13T08:00:00Z")
	if !strings.Contains(notices(laura), "not valid before 2030-06-15T11:00:00Z") {
		t.Errorf("notices %q", laura.Notices)
	}
	c.at("2029-06-15T09:00:00Z") // a year back: it would end before it begins
	before := tree(t, c.dir)
	hint := complaint(t, c.run("issue", "client", "paul", "--no-password", "--key", "ec-p256", "--days", "90"), exitUsage,
		"2030-06-15T11:00:00Z")
	if hint == "" {
		t.Error("no hint")
	}
	unchanged(t, before, c.dir)

	// What exists goes on to work, and numbers of CRLs grow whatever the clock says.
	c.at("2030-06-16T12:00:00Z")
	c.done("revoke", "laura")
	c.at("2030-06-14T12:00:00Z")
	var crl crlJSON
	jsonOf(t, c.done("ca", "crl", "--json").out, &crl)
	if crl.Number != 2 || crl.Revoked != 1 {
		t.Errorf("CRL %d with %d certificates", crl.Number, crl.Revoked)
	}
	c.client("laura")
	c.renewed("laura")
	wholeStore(t, c.dir)
}

// Days are counted from the beginning, an hour before, over leap days and years
// without one.
func TestLeapDays(t *testing.T) {
	for _, test := range []struct{ at, days, from, until string }{
		{"2028-02-29T12:00:00Z", "1", "2028-02-29T11:00:00Z", "2028-03-01T11:00:00Z"},
		{"2028-02-29T12:00:00Z", "365", "2028-02-29T11:00:00Z", "2029-02-28T11:00:00Z"},
		{"2028-02-29T12:00:00Z", "366", "2028-02-29T11:00:00Z", "2029-03-01T11:00:00Z"},
		{"2028-02-29T12:00:00Z", "1461", "2028-02-29T11:00:00Z", "2032-02-29T11:00:00Z"},
		{"2028-02-29T00:30:00Z", "1", "2028-02-28T23:30:00Z", "2028-02-29T23:30:00Z"},
		{"2027-03-01T12:00:00Z", "365", "2027-03-01T11:00:00Z", "2028-02-29T11:00:00Z"},
		{"2096-02-29T12:00:00Z", "1461", "2096-02-29T11:00:00Z", "2100-03-01T11:00:00Z"}, // 2100 has none
	} {
		c := storeAt(t, test.at, "3650")
		c.wantValidity(c.client("laura", "--days", test.days), test.from, test.until)
		if test.days == "366" { // renewed a year later for as many days
			c.at("2029-02-28T12:00:00Z")
			c.wantValidity(c.renewed("laura")[0], "2029-02-28T11:00:00Z", "2030-03-01T11:00:00Z")
		}
	}
}

// signedTimes is where certificates and CRLs (RFC 5280 sections 4.1 and 5.1)
// have their times, as far as that.
type signedTimes struct {
	Version   int `asn1:"optional,explicit,tag:0"`
	Serial    *big.Int
	Algorithm asn1.RawValue
	Issuer    asn1.RawValue
	Validity  struct{ NotBefore, NotAfter asn1.RawValue }
}

type listTimes struct {
	Version                int
	Algorithm              asn1.RawValue
	Issuer                 asn1.RawValue
	ThisUpdate, NextUpdate asn1.RawValue
}

// Dates through the year 2049 are UTCTime, those after it GeneralizedTime (RFC
// 5280 section 4.1.2.5), in certificates and in CRLs.
func TestYear2050(t *testing.T) {
	c := storeAt(t, "2049-12-31T23:30:00Z", "3650")
	asWritten := func(values ...asn1.RawValue) string {
		var words []string
		for _, v := range values {
			words = append(words, map[int]string{asn1.TagUTCTime: "UTC ", asn1.TagGeneralizedTime: "Generalized "}[v.Tag]+string(v.Bytes))
		}
		return strings.Join(words, ", ")
	}
	validity := func(path string) string {
		var times signedTimes
		if _, err := asn1.Unmarshal(c.certificate(path).RawTBSCertificate, &times); err != nil {
			t.Fatal(err)
		}
		return asWritten(times.Validity.NotBefore, times.Validity.NotAfter)
	}
	for _, test := range []struct{ got, want string }{
		{validity(filepath.Join(c.dir, "ca/1/ca-cert.pem")), "UTC 491231223000Z, Generalized 20591229223000Z"},
		{validity(*c.client("a", "--not-after", "2049-12-31T23:59:59Z").Files.Cert), "UTC 491231223000Z, UTC 491231235959Z"},
		{validity(*c.client("b", "--not-after", "2050-01-01T00:00:00Z").Files.Cert), "UTC 491231223000Z, Generalized 20500101000000Z"},
	} {
		if test.got != test.want {
			t.Errorf("%s, want %s", test.got, test.want)
		}
	}
	c.at("2050-01-01T02:00:00Z")
	if got := validity(*c.client("c", "--days", "30").Files.Cert); got != "Generalized 20500101010000Z, Generalized 20500131010000Z" {
		t.Error(got)
	}
	if got := c.expiring("1d"); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("expiring: %q", got)
	}
	for at, want := range map[string]string{
		"2049-12-01T12:00:00Z": "UTC 491201110000Z, UTC 491231120000Z",
		"2049-12-15T12:00:00Z": "UTC 491215110000Z, Generalized 20500114120000Z",
		"2050-02-01T12:00:00Z": "Generalized 20500201110000Z, Generalized 20500303120000Z",
	} {
		c.at(at)
		c.done("ca", "crl")
		list, err := x509.ParseRevocationList(c.der(filepath.Join(c.dir, "crl.pem")))
		if err != nil {
			t.Fatal(err)
		}
		var times listTimes
		if _, err := asn1.Unmarshal(list.RawTBSRevocationList, &times); err != nil {
			t.Fatal(err)
		}
		if got := asWritten(times.ThisUpdate, times.NextUpdate); got != want {
			t.Errorf("CRL of %s: %s, want %s", at, got, want)
		}
	}
	wholeStore(t, c.dir)
}

// A certificate ends with its CA at the latest, and says so; after a rotation
// it gets the days it was asked for.
func TestCAEndsFirst(t *testing.T) {
	c := storeAt(t, "2030-01-01T12:00:00Z", "100")
	laura := c.client("laura", "--days", "365")
	c.wantValidity(laura, "2030-01-01T11:00:00Z", "2030-04-11T11:00:00Z")
	if n := notices(laura); !strings.Contains(n, "2030-04-11T11:00:00Z, the end of the authority's own certificate, instead of 2031-01-01T11:00:00Z") {
		t.Errorf("notices %q", n)
	}
	if n := notices(c.client("paul", "--days", "30")); n != "" {
		t.Errorf("notices %q", n)
	}
	c.at("2030-03-01T12:00:00Z")
	again := c.renewed("laura")[0]
	c.wantValidity(again, "2030-03-01T11:00:00Z", "2030-04-11T11:00:00Z")
	if !strings.Contains(notices(again), "instead of 2031-03-01T11:00:00Z") {
		t.Errorf("notices %q", again.Notices)
	}
	c.done("ca", "rotate", "begin", "--days", "3650")
	c.done("ca", "rotate", "switch")
	if again = c.renewed("laura")[0]; strings.Contains(notices(again), "instead of") {
		t.Errorf("notices %q", again.Notices)
	}
	c.wantValidity(again, "2030-03-01T11:00:00Z", "2031-03-01T11:00:00Z")
}

// What ends soon is told, the CA too; what ended is told until it is renewed,
// and a certificate that ended can be renewed.
func TestExpiring(t *testing.T) {
	c := storeAt(t, "2030-01-01T12:00:00Z", "200")
	c.client("laura", "--days", "20")
	c.client("paul", "--days", "100")
	for _, test := range []struct {
		at, within string
		want       []string
	}{
		{"2030-01-01T12:00:00Z", "19d", []string{}},
		{"2030-01-01T12:00:00Z", "20d", []string{"laura"}},
		{"2030-01-01T12:00:00Z", "100d", []string{"laura", "paul"}},
		{"2030-01-01T12:00:00Z", "200d", []string{"ca", "laura", "paul"}},
		{"2030-01-21T10:59:59Z", "1h", []string{"laura"}},
		{"2030-02-20T12:00:00Z", "1h", []string{"laura"}}, // it ended a month ago
		{"2030-07-01T12:00:00Z", "30d", []string{"ca", "laura", "paul"}},
	} {
		c.at(test.at)
		if diff := cmp.Diff(test.want, c.expiring(test.within)); diff != "" {
			t.Errorf("at %s within %s (-want +got):\n%s", test.at, test.within, diff)
		}
	}
	c.at("2030-02-20T12:00:00Z")
	if out := c.run("list", "--expiring", "1d").out; !strings.Contains(out, "2030-01-21, expired") {
		t.Errorf("list: %s", out)
	}
	list := c.renewed("--expiring", "1d")
	if len(list) != 1 || list[0].Name != "laura" {
		t.Fatalf("renewed %+v", list)
	}
	c.wantValidity(list[0], "2030-02-20T11:00:00Z", "2030-03-12T11:00:00Z")
	if got := c.expiring("1d"); len(got) != 0 {
		t.Errorf("expiring: %q", got)
	}
	c.at("2030-07-01T12:00:00Z") // paul ended in April, the CA will in July
	if r := c.done("renew", "--expiring", "30d"); !strings.Contains(r.talk, "the CA itself ends 2030-07-20, in 18 days: myca ca rotate begin") {
		t.Errorf("renew: %s", r.talk)
	}
}

// With an expired CA nothing can be issued or renewed. The hint is a rotation,
// which brings everything back.
func TestExpiredCA(t *testing.T) {
	c := storeAt(t, "2030-01-01T12:00:00Z", "30")
	c.client("laura", "--days", "365")
	c.done("issue", "server", "db1", "--key", "ec-p256")
	c.at("2030-02-15T12:00:00Z")
	before := tree(t, c.dir)
	for _, args := range [][]string{
		{"issue", "client", "paul", "--no-password", "--key", "ec-p256"},
		{"issue", "server", "db2", "--key", "ec-p256"},
		{"issue", "server", "db1", "--force", "--key", "ec-p256"},
		{"renew", "laura"},
		{"renew", "--all", "--reuse-key"},
	} {
		r := c.run(args...)
		if hint := complaint(t, r, exitUsage, "expired at 2030-01-31T11:00:00Z"); !strings.Contains(hint, "myca ca rotate begin") {
			t.Errorf("%v: hint %q", args, hint)
		}
		if n := strings.Count(r.talk, "expired at"); n != 1 {
			t.Errorf("%v: told %d times:\n%s", args, n, r.talk)
		}
	}
	unchanged(t, before, c.dir)
	if got := c.expiring("1d"); !cmp.Equal(got, []string{"ca", "laura", "db1"}) {
		t.Errorf("expiring: %q", got)
	}
	c.done("ca", "rotate", "begin")
	complaint(t, c.run("renew", "laura"), exitUsage, "ca rotate switch") // the old one signs still
	c.done("ca", "rotate", "switch", "--renew")
	c.done("ca", "rotate", "finish")
	c.client("paul", "--days", "20")
	if got := c.expiring("1d"); len(got) != 0 {
		t.Errorf("expiring: %q", got)
	}
	wholeStore(t, c.dir)
}
