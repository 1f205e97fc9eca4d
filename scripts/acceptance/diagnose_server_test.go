package acceptance

import (
	"crypto/x509"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/scripts/servers"
)

// brokenPresented: what is wrong with the certificate that a running server
// presents, after a reload.
func (i *installation) brokenPresented(t *testing.T) {
	t.Cleanup(func() { i.reload(t); i.wantSound(t, i.checked()) })
	i.broken(t, (*installation).overTCP, nil, []breakage{
		{id: "public-key", what: "of the list", do: reloaded(deployPublished), also: []string{"chain-broken", "host-not-named"}, says: []string{"MariaDB/server"}},
		{id: "public-key", what: "added to the list", do: reloaded(listKey), look: func(i *installation) []string {
			return append(i.overTCP(), "--public-keys", i.publicKeys())
		}},
		{id: "looks-like-sampdb", what: "server and CA", do: reloaded(deploySampdb), also: []string{"chain-broken"}},
		{id: "chain-broken", what: "of another CA", do: reloaded(func(t *testing.T, i *installation) {
			i.deployWithCA(t, pair{}.sign(t, root(t, "/CN=another CA", asIs), newKey(t)))
		})},
		{id: "expired", what: "yesterday", ours: true, do: loaded(deployed(func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().AddDate(-1, 0, 0), time.Now().AddDate(0, 0, -1)
		}))},
		{id: "not-yet-valid", what: "from tomorrow", ours: true, do: loaded(deployed(func(c *x509.Certificate) { c.NotBefore = time.Now().AddDate(0, 0, 1) }))},
		{id: "expires-soon", what: "in 10 days", ours: true, do: reloaded(deployed(func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, 10) }))},
		{id: "host-not-named", what: "another host", ours: true, do: reloaded(deployed(func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = []string{"db9.example.com"}, []net.IP{net.IPv4(10, 0, 0, 1)}
		})), says: []string{"127.0.0.2"}},
		{id: "san-missing", what: "CN only", ours: true, do: reloaded(deployed(func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil })), also: []string{"host-not-named"}},
		{id: "usage-wrong", what: "clientAuth only", ours: true, do: reloaded(deployed(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))},
		{id: "certificate-v1", what: "no extensions", ours: true, do: reloaded(signedBy("-sha256", "")), also: []string{"san-missing", "host-not-named"}},
		{id: "reload-forgotten", what: "renewed and copied", do: func(t *testing.T, i *installation) {
			i.reload(t)
			i.myca(t, "renew", "server/localhost")
			i.deployStored(t)
		}, says: []string{"server-cert.pem"}},
		{id: "key-mismatch", what: "copied alone", do: func(t *testing.T, i *installation) {
			i.reload(t)
			i.deploy(t, map[string]string{"server-key.pem": pair{key: newKey(t)}.keyPEM(t)})
		}, says: []string{"server-key.pem"}},
		{id: "superseded-in-use", what: "renewed and not copied", do: func(t *testing.T, i *installation) {
			i.reload(t)
			i.myca(t, "renew", "server/localhost")
		}, says: []string{"localhost"}},
	})
}

// reloaded makes the breakage one that the running server presents.
func reloaded(do func(*testing.T, *installation)) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		do(t, i)
		i.reload(t)
	}
}

// loaded is the same for a certificate that MySQL does not take at a reload,
// but at a start.
func loaded(do func(*testing.T, *installation)) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		if i.product.MySQL() {
			restarted(do)(t, i)
			return
		}
		reloaded(do)(t, i)
	}
}

// deployStored copies the files of the store's pair to the server's, in place.
func (i *installation) deployStored(t *testing.T) {
	t.Helper()
	texts := map[string]string{}
	for _, name := range []string{"ca-cert.pem", "server-cert.pem", "server-key.pem"} {
		texts[name] = read(t, filepath.Join(i.store, "servers", "localhost", name))
	}
	i.deploy(t, texts)
}

// rotation: while the CA is rotated by the book nothing is found; what was left
// out is.
func (i *installation) rotation(t *testing.T) {
	t.Cleanup(func() { i.reload(t) }) // when the files are back
	i.keep(t)
	clients := append(i.checked(), "laura", "robert")
	i.myca(t, "ca", "rotate", "begin")
	i.wantSound(t, []string{"verify"}, i.folder())
	i.deployStored(t)
	i.reload(t)
	i.wantSound(t, clients)
	i.myca(t, "ca", "rotate", "switch", "--renew")
	breakage{id: "superseded-in-use"}.judge(t, i.diagnose(t, clients...))
	i.deployStored(t)
	r := i.diagnose(t, clients...)
	breakage{id: "reload-forgotten"}.judge(t, r)
	i.mend(t, r, "reload-forgotten")
	i.wantSound(t, clients)
	i.myca(t, "ca", "rotate", "finish")
	i.deployStored(t)
	i.reload(t)
	i.wantSound(t, clients)
	i.wantSound(t, i.verified())
}

// brokenRunning: what takes a restart to be wrong.
func (i *installation) brokenRunning(t *testing.T) {
	own := withoutLines(read(t, i.included()), "ssl-")
	off := "[mysqld]\nskip-ssl\n"
	if i.product.MySQL() {
		off = "[mysqld]\ntls-version=\nauto-generate-certs=OFF\n"
	}
	all := []breakage{
		{id: "tls-off", what: "switched off", do: restarted(func(t *testing.T, i *installation) {
			i.forget(t)
			write(t, i.included(), own+off)
		})},
		{id: "tls-failed", what: "switched off", do: restarted(lines(off))},
		{id: "handshake-failed", what: "no cipher in common", do: restarted(lines("[mysqld]\ntls-version=TLSv1.2\nssl-cipher=ECDHE-RSA-AES128-GCM-SHA256\n"))},
		{id: "crl-not-set", what: "a client revoked", do: restarted(func(t *testing.T, i *installation) {
			i.issue(t, "client", "gone@%", "--no-password", "--key", "ec-p256")
			i.myca(t, "revoke", "gone")
		}), also: []string{"account-missing"}},
		{id: "login-refused", what: "an expired CRL", do: restarted(func(t *testing.T, i *installation) {
			i.useCRL(t, i.authorityPair(t).crl(t, time.Now().Add(-time.Hour)))
		}), look: (*installation).checkedClients, also: []string{"crl-expired"}},
		{id: "crl-expired", what: "in force", do: restarted(func(t *testing.T, i *installation) {
			i.useCRL(t, i.authorityPair(t).crl(t, time.Now().Add(-time.Hour)))
		}), says: []string{"crl.pem"}},
		{id: "account-locked-out", what: "revoked", do: restarted(func(t *testing.T, i *installation) {
			revokeRobert(t, i)
			i.useCRL(t, read(t, filepath.Join(i.store, "crl.pem")))
		}), says: []string{"robert", "was revoked", "myca --dir"}},
		{id: "crl-stale", what: "of before", do: restarted(func(t *testing.T, i *installation) {
			i.myca(t, "ca", "crl")
			i.useCRL(t, read(t, filepath.Join(i.store, "crl.pem")))
			revokeRobert(t, i)
		}), also: []string{"revoked-still-opens"}, says: []string{"lacks 1 of", "crl.pem"}},
		{id: "server-cannot-read", what: "a key of root", on: mariadb, do: func(t *testing.T, i *installation) {
			i.server.Stop()
			admin("chown root: server-key.pem && chmod 0600 server-key.pem")(t, i)
			if i.server.Run(servers.Options{DefaultsFile: i.optionFile()}) == nil {
				t.Error("the server started")
			}
		}, look: (*installation).verified, says: []string{"server-key.pem"}},
		{id: "old-tls", what: "TLS 1.1", on: mariadb, do: restarted(lines("[mysqld]\ntls-version=TLSv1.1,TLSv1.2,TLSv1.3\n"))},
		{id: "tls-failed", what: "a key of root", on: mysql, do: restarted(admin("chown root: server-key.pem && chmod 0600 server-key.pem")), also: []string{"tls-off"}},
	}
	generated := breakage{id: "server-generated", what: "no files", also: []string{"chain-broken", "host-not-named", "san-missing"}, do: restarted(func(t *testing.T, i *installation) {
		write(t, i.included(), own)
	})}
	if strings.HasSuffix(i.product.Target, "-10.11") {
		generated.id, generated.also = "tls-off", nil // it generates none
	}
	i.broken(t, (*installation).overTCP, nil, append(all, generated))
}

// forget removes what MySQL made by itself in its data folder and would use.
func (i *installation) forget(t *testing.T) {
	t.Helper()
	if result := i.try("rm -f " + shellWord(i.dataDir()) + "/*.pem"); !result.OK() {
		t.Fatal(result.Stderr)
	}
}

// restarted makes the breakage one of a server that was started with it.
func restarted(do func(*testing.T, *installation)) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		i.server.Stop()
		do(t, i)
		i.start(t)
	}
}
