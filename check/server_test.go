package check_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/check"
	"myca/dn"
	"myca/finding"
	"myca/live"
	"myca/verify"
)

func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// pair is a CA and a certificate of a server.
type pair struct{ ca, server *x509.Certificate }

// newPair signs a certificate for db1.example.com that ends at a time.
func newPair(t *testing.T, ends time.Time) pair {
	t.Helper()
	sign := func(template, parent *x509.Certificate, public, private any) *x509.Certificate {
		data, err := x509.CreateCertificate(rand.Reader, template, parent, public, private)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(data)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	caKey, serverKey := key(), key()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "acme CA"}, NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().AddDate(9, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(ends.Unix()), Subject: pkix.Name{CommonName: "db1"}, NotBefore: now().AddDate(-1, 0, 0), NotAfter: ends,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{"db1.example.com"},
	}
	root := sign(authority, authority, caKey.Public(), caKey)
	return pair{root, sign(server, root, serverKey.Public(), caKey)}
}

// sound is a server with nothing wrong.
func sound(t *testing.T, p pair) check.Server {
	v := version(t, "mysql-9.7.4")
	yes := true
	files := live.Files{CA: "/etc/mysql/myca/ca-cert.pem", Cert: "/etc/mysql/myca/server-cert.pem", Key: "/etc/mysql/myca/server-key.pem"}
	return check.Server{
		Where: "server db1.example.com:3306",
		Hello: live.Hello{Version: v, OffersTLS: true, Handshake: &live.Handshake{Protocol: "TLSv1.3", Certificates: []*x509.Certificate{p.server}}},
		Facts: &live.Facts{Version: v, Library: dn.OpenSSL3, LibraryKnown: true, TLS: live.On, TLSSource: "tls_channel_status",
			Configured: files, Loaded: files, LoadedKnown: true, Protocols: []string{"TLSv1.2", "TLSv1.3"}, RequirementColumns: &yes},
		Rules: verify.Rules{Now: now(), Hosts: []string{"db1.example.com"}},
		Trust: []*x509.Certificate{p.ca}, TrustWhere: "ca-cert.pem",
		FileCert: []*x509.Certificate{p.server, p.ca}, FileWhere: files.Cert,
		StoreState: func(*x509.Certificate) (string, string) { return check.Active, "db1" },
	}
}

func TestServer(t *testing.T) {
	p, other := newPair(t, now().AddDate(1, 0, 0)), newPair(t, now().AddDate(2, 0, 0))
	no := false
	state := func(state string) func(*check.Server) {
		return func(s *check.Server) {
			s.StoreState = func(*x509.Certificate) (string, string) { return state, "db1" }
		}
	}
	target := func(text string) func(*check.Server) {
		return func(s *check.Server) { s.Facts.Version = version(t, text); s.Hello.Version = s.Facts.Version }
	}
	off := func(s *check.Server) {
		s.Hello.OffersTLS, s.Hello.Handshake, s.Facts.TLS = false, nil, live.Off
	}
	type step = func(*check.Server)
	for name, test := range map[string]struct {
		change []step
		want   []string // identifiers
		what   string   // part of the first
		mend   string   // of the first
	}{
		"sound":            {},
		"sound, no login":  {change: []step{func(s *check.Server) { s.Facts, s.FileCert = nil, nil }}},
		"sound, no store":  {change: []step{func(s *check.Server) { s.StoreState, s.Trust, s.TrustWhere = nil, nil, "" }}},
		"unknown to store": {change: []step{state("")}},
		"off":              {change: []step{off, func(s *check.Server) { s.Facts.Configured = live.Files{} }}, want: []string{"tls-off"}, what: "(tls_channel_status says so, too), and no certificate"},
		"off, no login":    {change: []step{off, func(s *check.Server) { s.Facts = nil }}, want: []string{"tls-off"}},
		"failed": {change: []step{off}, want: []string{"tls-failed"}, what: `ssl_cert is "/etc/mysql/myca/server-cert.pem"`,
			mend: "myca verify '/etc/mysql/myca/server-cert.pem' '/etc/mysql/myca/server-key.pem' '/etc/mysql/myca/ca-cert.pem' on the server's machine, mend what it finds, and restart the server"},
		"failed, key only": {change: []step{off, func(s *check.Server) { s.Facts.Configured = live.Files{Key: "server-key.pem"} }}, want: []string{"tls-failed"}, what: "ssl_key"},
		"handshake": {change: []step{func(s *check.Server) {
			s.Hello.Handshake, s.Hello.Err = nil, errors.New("remote error: tls: handshake failure")
		}}, want: []string{"handshake-failed"}, what: "handshake failure"},
		"reload": {change: []step{func(s *check.Server) { s.FileCert = []*x509.Certificate{other.server} }}, want: []string{"reload-forgotten"},
			what: "2028-11-22", mend: `mysql -e "ALTER INSTANCE RELOAD TLS;"`},
		"reload, MariaDB": {change: []step{target("mariadb-11.8"), func(s *check.Server) { s.FileCert = []*x509.Certificate{other.server} }}, want: []string{"reload-forgotten"}, mend: `mariadb -e "FLUSH LOCAL SSL;"`},
		"reload, old":     {change: []step{target("mysql-5.7"), func(s *check.Server) { s.FileCert = []*x509.Certificate{other.server} }}, want: []string{"reload-forgotten"}, mend: "restart the server"},
		"reload, paths": {change: []step{func(s *check.Server) { s.Facts.Configured.Cert = "new.pem" }}, want: []string{"reload-forgotten"},
			what: `ssl_cert is "new.pem", but Current_tls_cert is "/etc/mysql/myca/server-cert.pem"`},
		"reload, not told": {change: []step{func(s *check.Server) { s.Facts.Loaded, s.Facts.LoadedKnown = live.Files{}, false }}},
		"superseded":       {change: []step{state(check.Superseded)}, want: []string{"superseded-in-use"}, mend: `put the files of "db1" in place (myca show 'db1' tells where they are), then mysql -e "ALTER INSTANCE RELOAD TLS;"`},
		"revoked":          {change: []step{state(check.Revoked)}, want: []string{"revoked"}, mend: `myca issue server 'db1.example.com' --name 'db1' --force, put the files in place, then mysql -e "ALTER INSTANCE RELOAD TLS;"`},
		"reload, renewed": {change: []step{func(s *check.Server) {
			s.FileCert = []*x509.Certificate{other.server}
			s.StoreState = func(c *x509.Certificate) (string, string) {
				if c == p.server {
					return check.Superseded, "db1"
				}
				return check.Active, "db1"
			}
		}}, want: []string{"reload-forgotten"}},
		"reload, of old": {change: []step{state(check.Superseded), func(s *check.Server) { s.FileCert = []*x509.Certificate{other.server} }}, want: []string{"reload-forgotten", "superseded-in-use"}},
		"another key":    {change: []step{func(s *check.Server) { s.FileKey, s.KeyWhere = other.server.PublicKey, "server-key.pem" }}, want: []string{"key-mismatch"}, what: `"server-key.pem" is not that of the certificate in "/etc/mysql/myca/server-cert.pem"`},
		"its key":        {change: []step{func(s *check.Server) { s.FileKey = p.server.PublicKey }}},
		"old TLS": {change: []step{target("mariadb-10.11"), func(s *check.Server) { s.Facts.Protocols = []string{"TLSv1.0", "TLSv1.1", "TLSv1.2"} }}, want: []string{"old-tls"},
			what: "TLSv1.0 and TLSv1.1", mend: "tls-version=TLSv1.2,TLSv1.3 in the server's option file, and restart it"},
		"old TLS, 5.7":    {change: []step{target("mysql-5.7"), func(s *check.Server) { s.Facts.Protocols = []string{"TLSv1", "TLSv1.2"} }}, want: []string{"old-tls"}, mend: "tls-version=TLSv1.2 in the server's option file, and restart it"},
		"only old TLS":    {change: []step{target("mysql-5.7.20"), func(s *check.Server) { s.Facts.Protocols = []string{"TLSv1", "TLSv1.1"} }}, want: []string{"old-tls"}, mend: "upgrade the server: this version has nothing newer"},
		"old tables":      {change: []step{func(s *check.Server) { s.Facts.RequirementColumns = &no }}, want: []string{"grant-tables-old"}, mend: "restart the server with --upgrade=FORCE"},
		"old tables, M":   {change: []step{target("mariadb-10.11"), func(s *check.Server) { s.Facts.RequirementColumns = &no }}, want: []string{"grant-tables-old"}, mend: "mariadb-upgrade"},
		"old tables, 4":   {change: []step{target("mysql-4.1"), off, func(s *check.Server) { s.Facts.RequirementColumns, s.Facts.Configured = &no, live.Files{} }}, want: []string{"tls-off", "grant-tables-old"}},
		"tables not seen": {change: []step{func(s *check.Server) { s.Facts.RequirementColumns = nil }}},
		"no CRL":          {change: []step{func(s *check.Server) { s.RevokedInStore = 2 }}, want: []string{"crl-not-set"}, what: "2 certificates of the store are revoked"},
		"CRL": {change: []step{func(s *check.Server) {
			s.RevokedInStore = 2
			s.Facts.Configured.CRL, s.Facts.Loaded.CRL = "crl.pem", "crl.pem"
		}}},
		"nothing revoked": {change: []step{func(s *check.Server) { s.RevokedInStore = 0 }}},
		"CRL, wolfSSL": {change: []step{target("mariadb-11.8"), func(s *check.Server) {
			s.Facts.Library = dn.WolfSSL
			s.Facts.Configured.CRL, s.Facts.Loaded.CRL = "crl.pem", "crl.pem"
		}}, want: []string{"crl-not-enforced"}, what: "wolfssl"},
		"no CRL, wolfSSL": {change: []step{target("mariadb-11.8"), func(s *check.Server) { s.Facts.Library = dn.WolfSSL; s.RevokedInStore = 1 }}, want: []string{"crl-not-enforced"}, what: "1 certificate of the store is revoked"},
		"CRL, 5.5": {change: []step{target("mysql-5.5"), func(s *check.Server) {
			s.Facts.LibraryKnown = false
			s.Facts.Library = dn.YaSSL
			s.Facts.Configured.CRL, s.Facts.Loaded.CRL = "crl.pem", "crl.pem"
		}}, want: []string{"crl-not-enforced"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound(t, p)
			for _, change := range test.change {
				change(&s)
			}
			found := s.Findings()
			var got []string
			for _, f := range found {
				got = append(got, f.ID)
				if f.Where != s.Where {
					t.Errorf("%s is at %q", f.ID, f.Where)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s\n%+v", diff, found)
			}
			if len(found) > 0 && !strings.Contains(found[0].What, test.what) {
				t.Errorf("what: %s", found[0].What)
			}
			if test.mend != "" && found[0].Mend != test.mend {
				t.Errorf("mend: %s", found[0].Mend)
			}
		})
	}
}

// TestElsewhere: a server whose certificate somebody else signed.
func TestElsewhere(t *testing.T) {
	p, other := newPair(t, now().AddDate(1, 0, 0)), newPair(t, now().AddDate(0, 0, -1))
	s := sound(t, p)
	for name, test := range map[string]struct {
		authority, server *x509.Certificate
		want              bool
	}{
		"ours": {p.ca, p.server, false}, "theirs": {other.ca, p.server, true}, "ours, over": {other.ca, other.server, false}, "no store": {nil, p.server, false},
	} {
		s.Authorities, s.Hello.Handshake.Certificates = nil, []*x509.Certificate{test.server}
		if test.authority != nil {
			s.Authorities = []*x509.Certificate{test.authority}
		}
		if got := s.Elsewhere(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	a := store(t, account("laura@%", subject(laura)))
	a.Certificates, a.Elsewhere = nil, true
	if got := a.Unseen(); got != nil {
		t.Errorf("the accounts of elsewhere: %q", got)
	}
}

// TestPresentedIsJudged: the certificate is judged by verify's rules, with the
// version that the server has.
func TestPresentedIsJudged(t *testing.T) {
	p := newPair(t, now().AddDate(0, 0, -1))
	s := sound(t, p)
	s.Trust = []*x509.Certificate{newPair(t, now().AddDate(1, 0, 0)).ca}
	s.Rules.Hosts = []string{"db2.example.com"}
	s.Rules.Target = version(t, "mysql-5.0")
	rules := s.Rules
	rules.Target = s.Facts.Version
	want := rules.Certificate(verify.Presented{Where: s.Where, Role: verify.Server, Chain: s.Hello.Handshake.Certificates, Trust: s.Trust, TrustWhere: s.TrustWhere, Name: "db1"})
	if diff := cmp.Diff(want, s.Findings()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, id := range []string{finding.Expired, finding.HostNotNamed, finding.ChainBroken} {
		if !strings.Contains(strings.Join(ids(s.Findings()), " "), id) {
			t.Errorf("no %s among %v", id, ids(s.Findings()))
		}
	}
}

func TestUnseenOfServer(t *testing.T) {
	s := sound(t, newPair(t, now().AddDate(1, 0, 0)))
	if got := s.Unseen(); got != nil {
		t.Errorf("of a server that was seen: %q", got)
	}
	s.Trust, s.Rules.Hosts, s.FileCert, s.Facts.Unseen = nil, nil, nil, []string{"one thing"}
	want := []string{
		"whether the server's certificate leads to a CA that clients trust: no CA is known here",
		"whether the server's certificate names the host: no name was given (--host NAME)",
		`whether the server presents what is in its file: "/etc/mysql/myca/server-cert.pem" cannot be read from here`,
		"one thing",
	}
	if diff := cmp.Diff(want, s.Unseen()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Facts, s.Hello.Handshake = nil, nil
	want = []string{"the server's certificate: the handshake did not come so far", "the server's settings and accounts: there was no login"}
	if diff := cmp.Diff(want, s.Unseen()); diff != "" {
		t.Errorf("without a login (-want +got):\n%s", diff)
	}
}
