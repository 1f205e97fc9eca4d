package check_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"myca/check"
	"myca/dialect"
	"myca/dn"
	"myca/live"
)

func lines(list ...string) string { return strings.Join(list, "\n") }

func TestNearest(t *testing.T) {
	umlaut := "/O=Zürich AG/CN=eva"
	slash := `/O=a\/b/CN=dan`
	multi := dn.Name{
		{{OID: "2.5.4.10", Tag: 12, Value: []byte("acme")}},
		{{OID: "2.5.4.3", Tag: 12, Value: []byte("max")}, {OID: "2.5.4.5", Tag: 19, Value: []byte("7")}},
	}
	for name, test := range map[string]struct {
		account live.Account
		own     []check.Recorded
		want    check.Nearest
	}{
		"order": {account: account("x@%", subject("/C=US/O=acme/ST=WI/CN=laura")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "order", Marked: lines(
				"/C=US/O=acme/ST=WI/CN=laura",
				"/C=US/ST=WI/O=acme/CN=laura",
				"      ^^^^^ ^^^^^^")}},
		"case": {account: account("x@%", subject("/C=US/ST=WI/O=Acme/CN=lauRa")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "case", Marked: lines(
				"/C=US/ST=WI/O=Acme/CN=lauRa",
				"/C=US/ST=WI/O=acme/CN=laura",
				"              ^          ^")}},
		"order and case": {account: account("x@%", subject("/CN=laura/C=US/ST=WI/O=Acme")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "order and case", Marked: lines(
				"/CN=laura/C=US/ST=WI/O=Acme",
				"/C=US/ST=WI/O=acme/CN=laura",
				" ^^^^ ^^^^^ ^^^^^^ ^^^^^^^^")}},
		"blank": {account: account("x@%", subject(laura+" ")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "blank", Marked: lines(
				laura+" ",
				laura,
				strings.Repeat(" ", len(laura))+"^")}},
		"type": {account: account("x@%", subject("/C=US/S=WI/O=acme/CN=laura")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "type", Marked: lines(
				"/C=US/S=WI/O=acme/CN=laura",
				"/C=US/ST=WI/O=acme/CN=laura",
				"       ^")}},
		"escape lost": {account: account("x@%", subject(`/O=ZxC3xBCrich AG/CN=eva`)),
			want: check.Nearest{Name: "eva", Subject: `/O=Z\xC3\xBCrich AG/CN=eva`, Difference: "escape", Marked: lines(
				`/O=ZxC3xBCrich AG/CN=eva`,
				`/O=Z\xC3\xBCrich AG/CN=eva`,
				`    ^   ^`)}},
		"escape doubled": {account: account("x@%", subject(`/O=Z\\xC3\\xBCrich AG/CN=eva`)),
			want: check.Nearest{Name: "eva", Subject: `/O=Z\xC3\xBCrich AG/CN=eva`, Difference: "escape", Marked: lines(
				`/O=Z\\xC3\\xBCrich AG/CN=eva`,
				`/O=Z\xC3\xBCrich AG/CN=eva`,
				`     ^  ^`)}},
		"octets of wolfSSL": {account: account("x@%", subject(umlaut)),
			want: check.Nearest{Name: "eva", Subject: `/O=Z\xC3\xBCrich AG/CN=eva`, Difference: "escape",
				Note: "the name is required as wolfssl renders it; this server renders it as openssl3 does", Marked: lines(
					`/O=Zürich AG/CN=eva`,
					`/O=Z\xC3\xBCrich AG/CN=eva`,
					`    ^^^^^^^^`)}},
		"slash of OpenSSL 1": {account: account("x@%", subject(`/O=a/b/CN=dan`)),
			want: check.Nearest{Name: "dan", Subject: slash, Difference: "escape",
				Note: "the name is required as openssl1 renders it; this server renders it as openssl3 does", Marked: lines(
					`/O=a/b/CN=dan`,
					`/O=a\/b/CN=dan`,
					`    ^`)}},
		"multi-valued of OpenSSL 1": {account: account("x@%", subject(`/O=acme/CN=max/serialNumber=7`)),
			want: check.Nearest{Name: "max", Subject: `/O=acme/CN=max+serialNumber=7`, Difference: "escape",
				Note: "the name is required as openssl1 renders it; this server renders it as openssl3 does", Marked: lines(
					`/O=acme/CN=max/serialNumber=7`,
					`/O=acme/CN=max+serialNumber=7`,
					`              ^`)}},
		"attribute that yaSSL leaves out": {account: account("x@%", subject(`/O=acme/CN=max`)),
			want: check.Nearest{Name: "max", Subject: `/O=acme/CN=max+serialNumber=7`, Difference: "escape",
				Note: "the name is required as yassl renders it; this server renders it as openssl3 does", Marked: lines(
					`/O=acme/CN=max`,
					`/O=acme/CN=max+serialNumber=7`,
					`              ^^^^^^^^^^^^^^^`)}},
		"commas": {account: account("x@%", subject("CN=laura,O=acme,ST=WI,C=US")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "notation", Marked: lines(
				"CN=laura,O=acme,ST=WI,C=US",
				"/C=US/ST=WI/O=acme/CN=laura")}},
		"issuer": {account: account("x@%", issuer("/CN=second CA"), subject(laura)),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "issuer", Marked: lines(
				"/CN=second CA",
				"/C=US/O=acme/CN=acme CA",
				"  ^^^^^^^^^^^^  ^^^ ^")}},
		"case, and the issuer": {account: account("x@%", issuer("/CN=second CA"), subject(strings.ToUpper(laura))),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "case", Note: "the issuer differs, too: it is '" + authority + "'", Marked: lines(
				strings.ToUpper(laura), laura, "              ^^^^    ^^^^^")}},
		"issuer of the store": {account: account("x@%", issuer("/O=acme/C=US/CN=acme CA"), subject(laura)),
			want: check.Nearest{Subject: authority, Difference: "order", Marked: lines(
				"/O=acme/C=US/CN=acme CA",
				authority,
				" ^^^^ ^^^^^^")}},
		"issuer with commas": {account: account("x@%", issuer("C = US, O = acme, CN = acme CA")),
			want: check.Nearest{Subject: authority, Difference: "notation", Marked: lines(
				"C = US, O = acme, CN = acme CA",
				authority)}},
		"value": {account: account("x@%", subject("/C=US/ST=WI/O=acme/CN=lauro")),
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "value", Marked: lines(
				"/C=US/ST=WI/O=acme/CN=lauro", laura, "                          ^")}},
		"the store's own": {account: account("laura@%", subject("/C=US/ST=WI/O=acme/CN=lauro")), own: []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{})},
			want: check.Nearest{Name: "laura", Subject: laura, Difference: "value"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := store(t, test.account)
			a.Authorities = append(a.Authorities, "/CN=second CA")
			a.Recorded = test.own
			a.Certificates = listing(certificate(t, "bob", bob), certificate(t, "laura", laura), certificate(t, "eva", umlaut), certificate(t, "dan", slash),
				check.Certificate{Name: "max", RawSubject: encode(t, multi), RawIssuer: der(t, authority)})
			views, found := judged(t, a)
			if len(found) == 0 || found[0].ID != "account-locked-out" || views[0].Nearest == nil {
				t.Fatalf("found %v, view %+v", ids(found), views[0])
			}
			got := *views[0].Nearest
			if test.want.Marked == "" {
				got.Marked = ""
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, got.Marked)
			}
			if !strings.Contains(found[0].What, got.Difference) && got.Difference != "issuer" {
				t.Errorf("the finding does not name the difference: %s", found[0].What)
			}
		})
	}
}

func TestNoNearest(t *testing.T) {
	a := store(t, account("x@%", subject("zzz")), account("y@%", subject("")))
	a.Certificates = listing()
	views, _ := judged(t, a)
	if views[0].Nearest != nil || views[1].Nearest != nil {
		t.Errorf("near to nothing: %+v", views)
	}
	// Another name is perhaps somebody else's, whatever it has in common.
	a = store(t, account("x@%", subject("/CN=bob")), account("laura@%", subject("/C=US/ST=WI/O=acme/CN=mary")), account("z@%", subject("/C=US/ST=WI/O=acme/CN=lisa")))
	a.Recorded = []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{})}
	views, found := judged(t, a)
	for i, v := range views {
		if v.Nearest != nil || strings.Contains(found[i].Mend, "ALTER") {
			t.Errorf("%s: nearest %+v, mend %s", v.Account, v.Nearest, found[i].Mend)
		}
	}
	if want := `the store issued "laura" for it, with '` + laura + `'`; !strings.Contains(found[1].What, want) {
		t.Errorf("the account's own is not named: %s", found[1].What)
	}
}

// TestMarkedIsSafe: a terminal gets no control characters, and the carets keep
// their columns.
func TestMarkedIsSafe(t *testing.T) {
	const odd = "\x1b]0;x\a\u202e株"
	a := store(t, account("x@%", subject("/O="+odd+"/CN=laurA")))
	a.Library = dn.WolfSSL
	name := dn.Name{{{OID: "2.5.4.10", Tag: 12, Value: []byte(odd)}}, {{OID: "2.5.4.3", Tag: 12, Value: []byte("laura")}}}
	a.Certificates = listing(check.Certificate{Name: "laura", RawSubject: encode(t, name), RawIssuer: der(t, authority)})
	views, found := judged(t, a)
	line := `/O=\x1B]0;x\x07\xE2\x80\xAE\xE6\xA0\xAA/CN=laur`
	want := lines(line+"A", line+"a", strings.Repeat(" ", len(line))+"^")
	if got := views[0].Nearest.Marked; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, text := range []string{views[0].Require, views[0].Nearest.Subject, found[0].What, found[0].Mend} {
		if strings.ContainsAny(text, "\x1b\a\u202e") || !utf8.ValidString(text) {
			t.Errorf("%q", text)
		}
	}
}

// BenchmarkJudge has as many certificates as b.N.
func BenchmarkJudge(b *testing.B) {
	for _, size := range []struct{ unmet, recorded int }{{0, 0}, {3, 0}, {2000, 0}, {2000, 2000}} {
		b.Run(fmt.Sprintf("%d unmet, %d of the store", size.unmet, size.recorded), func(b *testing.B) {
			accounts := []live.Account{account("x@% X509")}
			var own []check.Recorded
			for i := range size.unmet {
				name := fmt.Sprintf("app-%07d", 9000000+i)
				accounts = append(accounts, account(name+"@%", issuer(authority), subject("/C=US/ST=WI/O=acme/OU=fleet/CN="+name)))
				if i < size.recorded {
					own = append(own, recorded(name, "%", "/C=US/ST=WI/O=acme/OU=fleet/CN=own"+name, dialect.Requirement{}))
				}
			}
			a := store(b, accounts...)
			a.Recorded = own
			a.Certificates = fleet(b, b.N)
			b.ReportAllocs()
			b.ResetTimer()
			if _, _, err := a.Judge(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
