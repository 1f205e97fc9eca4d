package check_test

import (
	"crypto/x509"
	"iter"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/check"
	"myca/dialect"
	"myca/dn"
	"myca/finding"
	"myca/live"
)

// TestRevoked: who opens an account with a revoked certificate, and who is
// locked out since.
func TestRevoked(t *testing.T) {
	const carol = "/C=US/ST=WI/O=acme/CN=carol"
	gone := func(r check.Refusal) func(*check.Accounts) {
		return func(a *check.Accounts) {
			a.Revoked = func() iter.Seq2[check.RevokedCertificate, error] {
				return func(yield func(check.RevokedCertificate, error) bool) {
					_ = yield(check.RevokedCertificate{Certificate: certificate(t, "carol", carol), Serial: "4A", Refusal: r}, nil) &&
						yield(check.RevokedCertificate{Certificate: certificate(t, "carol", carol), Serial: "4B", Refusal: r}, nil)
				}
			}
		}
	}
	open := check.Refusal{Known: true, Reason: "the server has no CRL"}
	for name, test := range map[string]struct {
		account live.Account
		change  func(*check.Accounts)
		version string
		want    []string
		what    string
		mend    string
	}{
		"still opens": {account: account("c@%", subject(carol)), change: gone(open), want: []string{"revoked-still-opens 'c'@'%'"},
			what: `the revoked certificate 4A of "carol" still opens it, and so do 1 more: the server has no CRL`, mend: "ALTER USER 'c'@'%' ACCOUNT LOCK; then myca ca crl"},
		"no lock": {account: account("c@%", subject(carol)), change: gone(open), version: "mysql-5.6", want: []string{"revoked-still-opens 'c'@'%'"}, mend: "myca ca crl"},
		"any":     {account: account("c@% X509"), change: gone(open), want: []string{"revoked-still-opens 'c'@'%'"}, mend: "myca ca crl"},
		"of a CA": {account: account("c@%", issuer(authority)), change: gone(open), want: []string{"revoked-still-opens 'c'@'%'"}, mend: "myca ca crl"},
		"locked":  {account: account("c@%", subject(carol), locked), change: gone(open)},
		"TLS":     {account: account("c@% ANY"), change: gone(open)},
		"refused": {account: account("c@%", subject(carol)), change: gone(check.Refusal{Known: true, Refused: true}), want: []string{"account-locked-out 'c'@'%'"},
			what: `any more: 4B of "carol" was revoked`, mend: "myca issue client 'c@%' --existing, and do what it prints"},
		"not known": {account: account("c@%", subject(carol)), change: gone(check.Refusal{}), want: []string{"account-locked-out 'c'@'%'"}, what: "was revoked"},
		"another":   {account: account("laura@%", subject(laura)), change: gone(open)},
	} {
		t.Run(name, func(t *testing.T) {
			a := store(t, test.account)
			a.NewCRL = "myca ca crl"
			if test.version != "" {
				a.Version = version(t, test.version)
			}
			test.change(&a)
			_, found := judged(t, a)
			if diff := cmp.Diff(append([]string{}, test.want...), ids(found)); diff != "" {
				t.Fatalf("(-want +got):\n%s\n%+v", diff, found)
			}
			if len(found) > 0 && (!strings.Contains(found[0].What, test.what) || test.mend != "" && found[0].Mend != test.mend) {
				t.Errorf("%s\nmend: %s", found[0].What, found[0].Mend)
			}
		})
	}
}

// listOf is a CRL of acme CA with these serials; it ends days from now.
func listOf(t *testing.T, issuer *x509.Certificate, number int64, days int, serials ...int64) *x509.RevocationList {
	t.Helper()
	l := &x509.RevocationList{RawIssuer: issuer.RawSubject, Number: big.NewInt(number), ThisUpdate: now().AddDate(0, 0, -9), NextUpdate: now().AddDate(0, 0, days)}
	for _, serial := range serials {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(serial)})
	}
	return l
}

// TestServerCRL: the file of ssl_crl beside the store's own.
func TestServerCRL(t *testing.T) {
	p := newPair(t, now().AddDate(1, 0, 0))
	issued := *p.server
	issued.SerialNumber = big.NewInt(0x4A)
	list := func(number int64, days int, serials ...int64) []*x509.RevocationList {
		return []*x509.RevocationList{listOf(t, p.ca, number, days, serials...)}
	}
	for name, test := range map[string]struct {
		file, store []*x509.RevocationList
		change      func(*check.Server)
		want        []string
		refusal     check.Refusal // of 4A
	}{
		"current":             {file: list(7, 9, 0x4A), store: list(7, 9, 0x4A), refusal: check.Refusal{Known: true, Refused: true}},
		"older, and the same": {file: list(6, 9, 0x4A), store: list(7, 9, 0x4A), refusal: check.Refusal{Known: true, Refused: true}},
		"stale":               {file: list(6, 9, 0x3A), store: list(7, 9, 0x3A, 0x4A), want: []string{"crl-stale"}, refusal: check.Refusal{Known: true, Reason: `the server's CRL "/etc/mysql/myca/crl.pem" does not list it`}},
		"expired":             {file: list(7, -1, 0x4A), store: list(7, 9, 0x4A), want: []string{"crl-expired"}, refusal: check.Refusal{Known: true, Refused: true}},
		"expired and stale":   {file: list(7, -1), store: list(8, 9, 0x4A), want: []string{"crl-expired", "crl-stale"}, refusal: check.Refusal{Known: true, Reason: `the server's CRL "/etc/mysql/myca/crl.pem" does not list it`}},
		"not read":            {store: list(7, 9, 0x4A)},
		"no login":            {store: list(7, 9, 0x4A), change: func(s *check.Server) { s.Facts = nil }},
		"not set": {store: list(7, 9, 0x4A), change: func(s *check.Server) { s.Facts.Configured.CRL, s.Facts.Loaded.CRL = "", "" },
			refusal: check.Refusal{Known: true, Reason: "the server has no CRL, neither ssl_crl nor ssl_crlpath is set"}},
		"wolfSSL": {file: list(7, 9, 0x4A), store: list(7, 9, 0x4A), want: []string{"crl-not-enforced"}, change: func(s *check.Server) { s.Facts.Library = dn.WolfSSL },
			refusal: check.Refusal{Known: true, Reason: "the server's TLS library, wolfssl, enforces no CRL"}},
		"a folder": {store: list(7, 9, 0x4A), change: func(s *check.Server) { s.Facts.Configured.CRLPath, s.Facts.Loaded.CRLPath = "crls", "crls" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound(t, p)
			s.Facts.Configured.CRL, s.Facts.Loaded.CRL = "/etc/mysql/myca/crl.pem", "/etc/mysql/myca/crl.pem"
			s.CRLs, s.CRLWhere, s.StoreCRLs, s.StoreCRLWhere = test.file, s.Facts.Configured.CRL, test.store, "/srv/pki/crl.pem"
			s.Commands.Connection = "-u root"
			if test.change != nil {
				test.change(&s)
			}
			var got []string
			const mend = `myca ca crl, copy '/srv/pki/crl.pem' to '/etc/mysql/myca/crl.pem' on the server's machine, then mysql -u root -e "ALTER INSTANCE RELOAD TLS;"`
			for _, f := range s.Findings() {
				got = append(got, f.ID)
				if f.ID != finding.CRLNotEnforced && f.Mend != mend {
					t.Errorf("mend: %s", f.Mend)
				}
				if f.ID == finding.CRLStale && !strings.Contains(f.What, "lacks 1 of the certificates") {
					t.Errorf("what: %s", f.What)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.refusal, s.Refusals()(&issued)); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

// TestComplete: the flags of the store are put into commands that have need of
// a store, and into no others.
func TestComplete(t *testing.T) {
	found := []finding.Finding{
		{Mend: "myca grant 'laura@%' --existing | mysql"}, {Mend: "copy it (myca show 'db1' tells), then myca renew db1"}, {Mend: "myca verify a.pem"}, {Mend: "ALTER USER x;"},
	}
	check.Commands{Store: "--dir /srv/$1"}.Complete(found)
	want := []string{"myca --dir /srv/$1 grant 'laura@%' --existing | mysql", "copy it (myca --dir /srv/$1 show 'db1' tells), then myca --dir /srv/$1 renew db1", "myca verify a.pem", "ALTER USER x;"}
	for i, f := range found {
		if f.Mend != want[i] {
			t.Errorf("got %s", f.Mend)
		}
	}
	before := found[0].Mend
	if (check.Commands{}).Complete(found); found[0].Mend != before {
		t.Errorf("without a store: %s", found[0].Mend)
	}
}

// TestRefused: the one reason of a refusal comes first, as far as it shows.
func TestRefused(t *testing.T) {
	denied := live.Attempt{Refused: true, Err: &live.ServerError{Number: 1045, Message: "Access denied"}}
	for name, test := range map[string]struct {
		logins     check.Logins
		what, mend string
	}{
		"cause":       {check.Logins{Cause: "account-locked-out", Met: true}, "see account-locked-out above", "mend account-locked-out first"},
		"warned":      {check.Logins{Cause: "requirement-foreign"}, "see requirement-foreign", "mend requirement-foreign first"},
		"password":    {check.Logins{Met: true, PasswordFrom: "the store"}, "so the password is probably wrong: it is from the store", "ALTER USER 'laura'@'%' IDENTIFIED BY …; or --client-password-file FILE with the password it has"},
		"none given":  {check.Logins{Met: true}, "so it probably has a password", "--client-password-file FILE with its password"},
		"locked":      {check.Logins{Locked: true, Met: true}, "the account is locked", "ALTER USER 'laura'@'%' ACCOUNT UNLOCK;"},
		"not known":   {check.Logins{}, "Access denied", ""},
		"without TLS": {check.Logins{TLSOff: true}, "Access denied", ""},
	} {
		l := test.logins
		l.Account, l.Name, l.PasswordKnown = dialect.Account{User: "laura", Host: "%"}, "laura", true
		l.Tries = []check.Try{{How: check.OwnCertificate, Certificate: "laura", Attempt: denied}}
		found := l.Findings()
		if len(found) != 1 || !strings.HasSuffix(found[0].What, test.what) || test.mend != "" && found[0].Mend != test.mend {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
