package verify_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"myca/ca"
	"myca/finding"
	"myca/scripts/servers"
	"myca/verify"
)

// TestGeneratedByServers looks at what real servers make by themselves: MySQL in
// its data folder, MariaDB 11.8 in memory.
func TestGeneratedByServers(t *testing.T) {
	servers.Each(t, func(t *testing.T, p servers.Product) {
		if p.Target == "mariadb-10.11" {
			t.Skip("this server generates nothing")
		}
		s := servers.Start(t, p, servers.Options{})
		chain := presented(t, s.Port)
		judge(t, "presented", chain, "cert.pem", verify.Server)
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

// presented is the certificates of a server's handshake: its greeting, then the
// request for TLS (CLIENT_SSL and CLIENT_PROTOCOL_41), then TLS.
func presented(t *testing.T, port int) []*x509.Certificate {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, c, int64(head[0])|int64(head[1])<<8|int64(head[2])<<16); err != nil {
		t.Fatal(err)
	}
	request := append([]byte{32, 0, 0, 1, 0x00, 0x8a, 0, 0, 0, 0, 0, 1, 45}, make([]byte, 23)...)
	if _, err := c.Write(request); err != nil {
		t.Fatal(err)
	}
	secure := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	return secure.ConnectionState().PeerCertificates
}
