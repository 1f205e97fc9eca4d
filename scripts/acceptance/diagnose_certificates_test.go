package acceptance

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"net"
	"path/filepath"
	"testing"
	"time"

	"myca/scripts/servers"
)

// brokenCertificates: what is wrong with the certificate in the server's
// folder, and with the one of its CA.
func (i *installation) brokenCertificates(t *testing.T) {
	i.broken(t, (*installation).verified, nil, []breakage{
		{id: "public-key", what: "of the list", do: deployPublished, also: []string{"chain-broken", "host-not-named"}, says: []string{"MariaDB/server"}},
		{id: "public-key", what: "added to the list", do: listKey, look: func(i *installation) []string {
			return append(i.verified(), "--public-keys", i.publicKeys())
		}, says: []string{"server-cert.pem"}},
		{id: "looks-like-sampdb", what: "server and CA", do: deploySampdb},
		{id: "chain-broken", what: "another CA in the folder", do: func(t *testing.T, i *installation) {
			i.deploy(t, map[string]string{"ca-cert.pem": authorityOf(t, "/CN=another CA").pem()})
		}, says: []string{"server-cert.pem"}},
		{id: "chain-broken", what: "another CA of the same name", do: func(t *testing.T, i *installation) {
			i.deploy(t, map[string]string{"ca-cert.pem": authorityOf(t, caSubject).pem()})
		}, also: []string{"looks-like-sampdb"}, says: []string{"server-cert.pem"}},
		{id: "chain-broken", what: "another CA given", do: func(t *testing.T, i *installation) {
			write(t, filepath.Join(i.etc(), "other.pem"), authorityOf(t, "/CN=another CA").pem())
		}, look: func(i *installation) []string {
			return append(i.verifiedFolder(), "--ca", filepath.Join(i.etc(), "other.pem"))
		}, says: []string{"server-cert.pem"}},
		{id: "subject-of-ca", what: "same subject", ours: true, do: deployed(func(c *x509.Certificate) { c.RawSubject = subjectOf(t, caSubject) }), also: []string{"common-name-of-ca"}},
		{id: "common-name-of-ca", what: "same CN", ours: true, do: deployed(func(c *x509.Certificate) { c.RawSubject = subjectOf(t, "/O=other/CN=sampdb") })},
		{id: "usage-wrong", what: "clientAuth only", ours: true, do: deployed(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })},
		{id: "san-missing", what: "CN only", ours: true, do: deployed(func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil }), also: []string{"host-not-named"}},
		{id: "host-not-named", what: "another host", ours: true, do: deployed(func(c *x509.Certificate) { c.DNSNames = []string{"db9.example.com"} }), says: []string{"localhost"}},
		{id: "host-not-named", what: "another address", ours: true, do: deployed(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)} }), says: []string{"127.0.0.2"}},
		{id: "host-not-named", what: "asked for", do: nothing, look: func(i *installation) []string {
			return append(i.verified(), "--host", "db9.example.com")
		}, says: []string{"db9.example.com"}},
		{id: "expired", what: "yesterday", ours: true, do: deployed(func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().AddDate(-1, 0, 0), time.Now().AddDate(0, 0, -1)
		}), says: []string{"server-cert.pem"}},
		{id: "not-yet-valid", what: "from tomorrow", ours: true, do: deployed(func(c *x509.Certificate) { c.NotBefore = time.Now().AddDate(0, 0, 1) })},
		{id: "expires-soon", what: "in 10 days", ours: true, do: deployed(func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, 10) })},
		{id: "weak-key", what: "RSA 1024", ours: true, do: func(t *testing.T, i *installation) {
			i.deployPair(t, i.authorityPair(t).sign(t, server(t, asIs), weakKey(t)))
		}},
		{id: "weak-digest", what: "SHA-1", ours: true, do: signedBy("-sha1", "server")},
		{id: "weak-digest", what: "MD5", do: signedWithMD5},
		{id: "certificate-v1", what: "no extensions", ours: true, do: signedBy("-sha256", ""), also: []string{"san-missing", "host-not-named"}},
		{id: "not-a-ca", what: "a leaf for a CA", do: func(t *testing.T, i *installation) {
			ca := pair{}.sign(t, root(t, "/CN=leaf", func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature }), newKey(t))
			i.deployWithCA(t, ca)
		}, also: []string{"chain-broken"}, says: []string{"ca-cert.pem"}},
		{id: "ca-restricted", what: "a CA for clients only", do: func(t *testing.T, i *installation) {
			ca := pair{}.sign(t, root(t, "/CN=clients", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), newKey(t))
			i.deployWithCA(t, ca)
		}},
		{id: "leaf-is-ca", what: "CA:TRUE", ours: true, do: deployed(func(c *x509.Certificate) { c.IsCA = true; c.KeyUsage |= x509.KeyUsageCertSign })},
		{id: "expired", what: "the CA", do: func(t *testing.T, i *installation) {
			ca := pair{}.sign(t, root(t, "/CN=old", func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().AddDate(-2, 0, 0), time.Now().AddDate(0, 0, -1)
			}), newKey(t))
			i.deployWithCA(t, ca)
		}, also: []string{"chain-broken"}, says: []string{"ca-cert.pem"}},
		{id: "ca-ended", what: "beside the server's", do: func(t *testing.T, i *installation) {
			ended := pair{}.sign(t, root(t, "/CN=old", func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().AddDate(-2, 0, 0), time.Now().AddDate(0, 0, -1)
			}), newKey(t))
			i.deploy(t, map[string]string{"ca-cert.pem": read(t, filepath.Join(i.folder(), "ca-cert.pem")) + ended.pem()})
		}, says: []string{"ca-cert.pem", "/CN=old"}},
		{id: "weak-key", what: "the CA", do: func(t *testing.T, i *installation) {
			i.deployWithCA(t, pair{}.sign(t, root(t, "/CN=weak", asIs), weakKey(t)))
		}, says: []string{"ca-cert.pem"}},
		{id: "intermediate-untrusted", what: "sent", do: deployIntermediate, on: mysql},
		{id: "intermediate-not-sent", what: "to an old server", do: deployIntermediate, look: func(i *installation) []string {
			return []string{"verify", i.folder(), "--target", "mysql-5.6"}
		}, also: []string{"intermediate-untrusted"}},
		{id: "server-generated", what: "in the data folder", on: mysql, do: nothing, look: func(i *installation) []string {
			return []string{"verify", i.dataDir()}
		}, also: []string{"san-missing"}},
	})
}

func nothing(*testing.T, *installation) {}

// deployPublished makes the server's files those that MariaDB's tests use for
// a server.
func deployPublished(t *testing.T, i *installation) {
	dir := servers.Published(t)
	i.deploy(t, map[string]string{
		"ca-cert.pem":     read(t, filepath.Join(dir, "cacert.pem")),
		"server-cert.pem": read(t, filepath.Join(dir, "serversan-cert.pem")),
		"server-key.pem":  read(t, filepath.Join(dir, "serversan-key.pem")),
	})
}

// publicKeys is the list that listKey writes.
func (i *installation) publicKeys() string { return filepath.Join(i.etc(), "published") }

// listKey writes a list of one published key, which is the server's.
func listKey(t *testing.T, i *installation) {
	admin("openssl x509 -in server-cert.pem -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d ' ' -f 1 >"+
		shellWord(i.publicKeys()))(t, i)
}

// deploySampdb makes the server's files what the sampdb distribution's look
// like: a CA of that name, made by somebody else than the store.
func deploySampdb(t *testing.T, i *installation) {
	i.deployWithCA(t, authorityOf(t, caSubject))
}

// deployWithCA makes the server's bundle that CA, and its pair one that it
// signed.
func (i *installation) deployWithCA(t *testing.T, ca pair) {
	t.Helper()
	i.deploy(t, map[string]string{"ca-cert.pem": ca.pem()})
	i.deployPair(t, ca.sign(t, server(t, asIs), newKey(t)))
}

// deployIntermediate: root, intermediate, server; the server sends both of its
// own and trusts the root.
func deployIntermediate(t *testing.T, i *installation) {
	top := pair{}.sign(t, root(t, "/CN=root", asIs), newKey(t))
	between := top.sign(t, root(t, "/CN=intermediate", asIs), newKey(t))
	i.deploy(t, map[string]string{"ca-cert.pem": top.pem()})
	i.deployPair(t, between.sign(t, server(t, asIs), newKey(t)), between)
}

// signedBy makes the server's certificate with openssl, under the store's CA,
// with that digest and those extensions ("" for version 1).
func signedBy(digest, extensions string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		i.signWith(t, i.authority(t), digest, extensions)
	}
}

// signedWithMD5 is the same under a CA with an RSA key, which alone can sign so.
func signedWithMD5(t *testing.T, i *installation) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ca := pair{}.sign(t, root(t, "/CN=old", asIs), key)
	i.deploy(t, map[string]string{"ca-cert.pem": ca.pem()})
	dir := t.TempDir()
	a := authority{cert: filepath.Join(dir, "ca-cert.pem"), key: filepath.Join(dir, "ca-key.pem")}
	write(t, a.cert, ca.pem())
	write(t, a.key, ca.keyPEM(t))
	i.signWith(t, a, "-md5", "server")
}

func (i *installation) signWith(t *testing.T, a authority, digest, extensions string) {
	t.Helper()
	dir := t.TempDir()
	config, request, cert := filepath.Join(dir, "req.cnf"), filepath.Join(dir, "req.pem"), filepath.Join(dir, "cert.pem")
	write(t, config, requestConfig(utf8String, []string{"O=sampdb", "CN=localhost"})+
		"[server]\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2\n")
	openssl(t, "req", "-new", "-key", filepath.Join(i.folder(), "server-key.pem"), "-config", config, "-out", request)
	args := []string{"x509", "-req", "-in", request, "-CA", a.cert, "-CAkey", a.key, "-days", "300", digest, "-out", cert}
	if extensions != "" {
		args = append(args, "-extfile", config, "-extensions", extensions)
	}
	openssl(t, args...)
	i.deploy(t, map[string]string{"server-cert.pem": read(t, cert)})
}
