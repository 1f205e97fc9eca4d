package verify_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"myca/ca"
	"myca/finding"
	"myca/live"
	"myca/scripts/servers"
	"myca/verify"
)

// TestGeneratedByServers looks at what real servers make by themselves: MySQL in
// its data folder, MariaDB 11.8 in memory, MariaDB
// 10.11 nothing.
func TestGeneratedByServers(t *testing.T) {
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := servers.Start(t, p, servers.Options{})
		hello, err := live.Greet(t.Context(), live.Address{Port: s.Port})
		if err != nil || hello.Err != nil {
			t.Fatal(err, hello.Err)
		}
		if generates := p.Target != "mariadb-10.11"; hello.OffersTLS != generates {
			t.Fatalf("offers TLS: %t", hello.OffersTLS)
		} else if !generates {
			return
		}
		judge(t, "presented", hello.Handshake.Certificates, "cert.pem", verify.Server)
		if !p.MySQL() {
			return
		}
		for name, role := range map[string]verify.Role{"ca.pem": verify.Authority, "server-cert.pem": verify.Server, "client-cert.pem": verify.Client} {
			matches, err := filepath.Glob(filepath.Join(s.Dir, "*", name))
			if err != nil || len(matches) != 1 {
				t.Fatalf("%s: %v, %v", name, matches, err)
			}
			content, err := os.ReadFile(matches[0])
			if err != nil {
				t.Fatal(err)
			}
			certs, err := ca.DecodeCertificates(content)
			if err != nil {
				t.Fatal(err)
			}
			judge(t, name, certs, "x.pem", role)
		}
	})
}

func judge(t *testing.T, title string, chain []*x509.Certificate, file string, role verify.Role) {
	t.Helper()
	if got := verify.RoleOf(chain[0], file); got != role {
		t.Errorf("%s: the role of %s is %q, want %q", title, chain[0].Subject, got, role)
	}
	found := verify.Rules{Now: time.Now()}.Certificate(verify.Presented{Where: file, Role: role, Chain: chain})
	if !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.ID == finding.ServerGenerated }) {
		t.Errorf("%s: %s is not said to be server-generated: %v", title, chain[0].Subject, found)
	}
	t.Logf("%s: %s, serial %s, extensions %d: %s", title, chain[0].Subject, chain[0].SerialNumber, len(chain[0].Extensions), found[0].What)
}
