package proof

import (
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	zcrypto "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"

	"myca/ca"
	"myca/dn"
	"myca/issue"
)

// TestCertificates lints an authority of every key type with certificates that
// it signed, and certificates of every key type and profile: no lint of RFC 5280
// that applies may find anything. (Other rules, such as those of the CA/Browser
// Forum, are for public authorities.)
func TestCertificates(t *testing.T) {
	registry, err := lint.GlobalRegistry().Filter(lint.FilterOptions{IncludeSources: lint.SourceList{lint.RFC5280}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(registry.Names()); n < 50 {
		t.Fatalf("zlint has only %d lints of RFC 5280", n)
	}
	now := time.Now().Truncate(time.Second)
	for _, key := range ca.KeyTypes() {
		a := authority(t, key, "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb", now)
		checkLints(t, registry, string(key)+" authority", a.Certificate)
		issueAndLint(t, registry, a, ca.KeyType("ec-p256"), now)
	}
	a := authority(t, "ec-p256", "/CN=cacert/emailAddress=ca@example.com/O=sampdb/C=FI", now)
	checkLints(t, registry, "authority with an address", a.Certificate)
	for _, key := range ca.KeyTypes() {
		issueAndLint(t, registry, a, key, now)
	}
}

func authority(t *testing.T, key ca.KeyType, subject string, now time.Time) *ca.Authority {
	t.Helper()
	a, _, err := ca.Create(ca.Spec{Subject: name(t, subject), Key: key, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// issueAndLint makes a server, a client and a peer certificate, with hosts of
// every kind, addresses in the subject, and a long and foreign subject.
func issueAndLint(t *testing.T, registry lint.Registry, a *ca.Authority, key ca.KeyType, now time.Time) {
	t.Helper()
	for _, r := range []issue.Request{
		{Kind: issue.Server, Profile: issue.ProfileServer, Name: "db1", CommonName: "db1.example.com",
			SANs: []string{"db1.example.com", "localhost", "127.0.0.1", "::1", "*.db.example.com"}},
		{Kind: issue.Client, Profile: issue.ProfileClient, Name: "laura", CommonName: "laura"},
		{Kind: issue.Server, Profile: issue.ProfilePeer, Name: "galera-1", SANs: []string{"galera-1.example.com", "10.0.0.1"},
			Subject: name(t, "/CN=galera-1/OU=a/OU=b/O=sampdb/emailAddress=dba@example.com/C=US")},
		{Kind: issue.Client, Profile: issue.ProfileClient, Name: "address", Subject: name(t, "/O=x/emailAddress=dba@example.com/CN=laura")},
		{Kind: issue.Client, Profile: issue.ProfileClient, Name: "foreign", AllowNonportable: true,
			Subject: name(t, "/O=Müller \\/ Söhne/UID=u1/DC=example/CN=0123456789012345678901234567890123456789012345678901234567890123")},
	} {
		r.Key, r.NotBefore, r.NotAfter = key, now.Add(-time.Hour), now.AddDate(2, 0, 0)
		plan, err := r.Check(a, now)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := issue.Make(a, plan)
		if err != nil {
			t.Fatal(err)
		}
		checkLints(t, registry, fmt.Sprintf("%s %s %s", key, r.Profile, pair.Subject), pair.Certificate)
	}
}

func name(t *testing.T, text string) dn.Name {
	t.Helper()
	n, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func checkLints(t *testing.T, registry lint.Registry, what string, certificate *x509.Certificate) {
	t.Helper()
	c, err := zcrypto.ParseCertificate(certificate.Raw)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	applied := 0
	for id, result := range zlint.LintCertificateEx(c, registry).Results {
		switch result.Status {
		case lint.NA, lint.NE:
		case lint.Pass:
			applied++
		default:
			t.Errorf("%s: %s: %s %s", what, id, result.Status, result.Details)
		}
	}
	if applied < 20 {
		t.Errorf("%s: only %d lints applied", what, applied)
	}
}
