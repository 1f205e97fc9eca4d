package verify

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"testing"

	"myca/ca"
	"myca/dn"
	"myca/finding"
	"myca/issue"
)

// generation is an authority of the tests: every one has the same name.
func generation(t *testing.T, key ca.KeyType, ends int) *ca.Authority {
	t.Helper()
	name, err := dn.Parse("/O=acme/CN=acme CA")
	must(t, err)
	a, _, err := ca.Create(ca.Spec{Subject: name, Key: key, NotBefore: now().Add(-days(400)), NotAfter: now().Add(days(ends))})
	must(t, err)
	return a
}

// crl is a list of the authority's that ends in a week.
func crl(t *testing.T, a *ca.Authority, revoked ...*big.Int) *x509.RevocationList {
	t.Helper()
	var entries []ca.Revoked
	for _, serial := range revoked {
		entries = append(entries, ca.Revoked{Serial: serial, At: now().Add(-days(2))})
	}
	der, err := a.CRL(7, entries, now().Add(-days(1)), now().Add(days(7)))
	must(t, err)
	list, err := x509.ParseRevocationList(der)
	must(t, err)
	return list
}

func issued(t *testing.T, a *ca.Authority, key ca.KeyType, kind issue.Kind, profile issue.Profile) *x509.Certificate {
	t.Helper()
	request := issue.Request{Kind: kind, Name: "db1", CommonName: "db1", Profile: profile, Key: key, NotBefore: now().Add(-days(1)), NotAfter: now().Add(days(90))}
	if kind == issue.Server {
		request.SANs = []string{"db1.example.com", "10.0.0.1"}
	}
	plan, err := request.Check(a, now())
	must(t, err)
	pair, err := issue.Make(a, plan)
	must(t, err)
	return pair.Certificate
}

// TestSound: what this program issues has no finding, for each type of key and
// each profile, with the bundle of a rotation, one generation of which may have
// ended, and with CRLs, on old and new servers.
func TestSound(t *testing.T) {
	public, err := Published()
	must(t, err)
	for _, key := range ca.KeyTypes() {
		if key == ca.RSA4096 && testing.Short() {
			continue
		}
		old, ended, current := generation(t, ca.ECP256, 60), generation(t, ca.ECP256, -1), generation(t, key, 3000)
		bundle := []*x509.Certificate{ended.Certificate, old.Certificate, current.Certificate}
		lists := []*x509.RevocationList{crl(t, old), crl(t, ended), crl(t, current, big.NewInt(4711))}
		var leaves []*x509.Certificate
		for _, signer := range []*ca.Authority{old, current} {
			leaves = append(leaves, issued(t, signer, leafKey(key), issue.Server, issue.ProfileServer),
				issued(t, signer, leafKey(key), issue.Client, issue.ProfileClient), issued(t, signer, leafKey(key), issue.Server, issue.ProfilePeer))
		}
		for _, target := range []string{"mysql-9.7", "mysql-5.7.44", "mariadb-11.8", "mariadb-10.11"} {
			r := rulesFor(t, target)
			r.Hosts, r.Public = []string{"db1.example.com", "10.0.0.1"}, public
			checkNone(t, target+" bundle", r.Authorities("ca-cert.pem", bundle))
			checkNone(t, target+" CRLs", r.CRLs("crl.pem", lists))
			for i, c := range leaves {
				role := []Role{Server, Client, Peer}[i%3]
				if got := RoleOf(c, "cert.pem"); got != role {
					t.Errorf("%s: the role is %q, want %q", key, got, role)
				}
				checkNone(t, fmt.Sprint(target, " ", key, " ", role), r.Certificate(Presented{
					Where: "cert.pem", Role: role, Chain: []*x509.Certificate{c}, Trust: bundle, TrustWhere: "ca-cert.pem", CRLs: lists, CRLWhere: "crl.pem", Name: "db1",
				}))
			}
		}
	}
}

// leafKey spares the making of many RSA keys.
func leafKey(authority ca.KeyType) ca.KeyType {
	if authority.RSA() && authority != ca.RSA2048 {
		return ca.ECP256
	}
	return authority
}

func checkNone(t *testing.T, title string, found []finding.Finding) {
	t.Helper()
	for _, f := range found {
		t.Errorf("%s: %s %s: %s", title, f.ID, f.Where, f.What)
	}
}
