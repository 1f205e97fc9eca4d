//go:build unix

package deploy

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/live"
	"myca/verify"
)

// today is when these tests install.
func today() time.Time { return time.Now().Truncate(time.Second) }

// authority signs pairs of a test.
type testCA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCA(t *testing.T, cn string) testCA {
	t.Helper()
	c := testCA{}
	c.cert, c.key = c.sign(t, cn, func(tmpl *x509.Certificate) {
		tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	})
	return c
}

func (c testCA) sign(t *testing.T, cn string, change func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: cn}, NotBefore: today().Add(-time.Hour), NotAfter: today().AddDate(1, 0, 0)}
	change(tmpl)
	parent, signer := c.cert, c.key
	if parent == nil {
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// pair is a server's pair with its bundle.
func (c testCA) pair(t *testing.T, cn string) Material {
	t.Helper()
	cert, key := c.sign(t, cn, func(tmpl *x509.Certificate) {
		tmpl.DNSNames, tmpl.IPAddresses = []string{cn}, []net.IP{net.IPv4(127, 0, 0, 1)}
		tmpl.KeyUsage, tmpl.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Material{CA: ca.EncodeCertificate(c.cert), Cert: ca.EncodeCertificate(cert), Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}
}

// fakeServer behaves as a server does with its TLS files: Reload reads what its
// settings name, and keeps what it had when that cannot be loaded.
type fakeServer struct {
	facts  live.Facts
	loaded *tls.Certificate // nil: no TLS
	log    []string         // what it was told

	refuse  map[string]error                // by method: what it answers instead
	after   func(method string)             // is called after each method that changes something
	onFacts func()                          // is called by Facts
	show    func(*tls.Certificate) [][]byte // nil: what is loaded
}

func (f *fakeServer) Facts(context.Context) (live.Facts, error) {
	if f.onFacts != nil {
		f.onFacts()
	}
	return f.facts, f.refuse["Facts"]
}

func (f *fakeServer) SetFiles(ctx context.Context, files live.Files) error {
	if err := f.answer(ctx, "SetFiles"); err != nil {
		return err
	}
	if f.facts.Configured == files {
		return nil
	}
	if f.facts.Version.Product == dialect.MariaDB {
		return live.ErrAtStart
	}
	f.facts.Configured = files
	f.log = append(f.log, "SET "+filepath.Base(files.Cert))
	f.done("SetFiles")
	return nil
}

func (f *fakeServer) Reload(ctx context.Context) error {
	if err := f.answer(ctx, "Reload"); err != nil {
		return err
	}
	f.log = append(f.log, "RELOAD")
	defer f.done("Reload")
	if f.loaded == nil && f.facts.Version.Product == dialect.MariaDB {
		return nil
	}
	files := absolute(f.facts, f.facts.Configured)
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		return &live.ServerError{Number: 3888, State: "HY000", Message: "Failed to set up SSL"}
	}
	f.loaded = &pair
	if f.facts.LoadedKnown {
		f.facts.Loaded = f.facts.Configured
	}
	return nil
}

func (f *fakeServer) answer(ctx context.Context, method string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return f.refuse[method]
}

func (f *fakeServer) done(method string) {
	if f.after != nil {
		f.after(method)
	}
}

func (f *fakeServer) Presented(ctx context.Context) ([]*x509.Certificate, error) {
	if err := f.answer(ctx, "Presented"); err != nil || f.loaded == nil {
		return nil, err
	}
	ders := f.loaded.Certificate
	if f.show != nil {
		ders = f.show(f.loaded)
	}
	var chain []*x509.Certificate
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		chain = append(chain, cert)
	}
	return chain, nil
}

// host is a machine with a server for install server.
type host struct {
	dir    string
	server *fakeServer // nil: it does not run
	old    Material    // what it has
	oldDER []byte
	was    *tls.Certificate
	job    Server
}

// newHost makes a machine: an option file with a folder of drop-ins, a store, a
// data folder with the server's old pair. options says whether the option file
// names that.
func newHost(t *testing.T, target string, options bool) *host {
	t.Helper()
	h := &host{dir: scratch(t)}
	for _, name := range []string{"etc/conf.d", "data", "pki"} {
		if err := os.MkdirAll(filepath.Join(h.dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h.old = newCA(t, "old CA").pair(t, "old.example.com")
	data := filepath.Join(h.dir, "data")
	files := live.Files{CA: "ca.pem", Cert: "server-cert.pem", Key: "server-key.pem"}
	put(t, filepath.Join(data, files.CA), string(h.old.CA), 0o644)
	put(t, filepath.Join(data, files.Cert), string(h.old.Cert), 0o644)
	put(t, filepath.Join(data, files.Key), string(h.old.Key), 0o600)
	v := version(t, target)
	facts := live.Facts{Version: v, DataDir: data + "/", TLS: live.On, Configured: files, LoadedKnown: v.Product == dialect.MySQL, Hostname: "db1"}
	text := "[mysqld]\nport=3307\nuser=" + strconv.Itoa(os.Geteuid()) + "\n"
	if options {
		facts.Configured = live.Files{CA: filepath.Join(data, files.CA), Cert: filepath.Join(data, files.Cert), Key: filepath.Join(data, files.Key)}
		text += fmt.Sprintf("ssl_ca=%s\nssl_cert=%s\nssl_key=%s\n", facts.Configured.CA, facts.Configured.Cert, facts.Configured.Key)
	}
	text += "datadir=" + data + "\n"
	put(t, filepath.Join(h.dir, "etc/my.cnf"), text+"!includedir "+filepath.Join(h.dir, "etc/conf.d")+"\n", 0o644)
	if facts.LoadedKnown {
		facts.Loaded = facts.Configured
	}
	h.server = &fakeServer{facts: facts, refuse: map[string]error{}}
	pair, err := tls.X509KeyPair(h.old.Cert, h.old.Key)
	if err != nil {
		t.Fatal(err)
	}
	h.server.loaded, h.was, h.oldDER = &pair, &pair, derOf(t, h.old)
	h.job = Server{
		Name: "db1", Material: newCA(t, "new CA").pair(t, "db1.example.com"), Machine: verify.OS(),
		Options: ServerOptions{System: verify.OS(), Version: v, File: filepath.Join(h.dir, "etc/my.cnf"), DataDir: facts.DataDir},
		Rules:   verify.Rules{Target: v, Now: today()},
		Mine:    func(*x509.Certificate) bool { return false }, User: strconv.Itoa(os.Geteuid()),
		Folder: filepath.Join(h.dir, "etc/tls"), Default: filepath.Join(h.dir, "etc/tls"),
	}
	return h
}

// noTLS makes the server one that runs without.
func (h *host) noTLS() {
	h.server.loaded, h.server.facts.TLS = nil, live.Off
	h.server.facts.Configured, h.server.facts.Loaded = live.Files{}, live.Files{}
}

func (h *host) store() string { return filepath.Join(h.dir, "pki") }

// plan plans the installation.
func (h *host) plan(t *testing.T) (*ServerPlan, error) {
	t.Helper()
	h.job.Running, h.job.Facts = nil, live.Facts{}
	if h.server != nil {
		h.job.Running, h.job.Facts = h.server, h.server.facts
	}
	return h.job.Plan(t.Context())
}

// install plans and installs.
func (h *host) install(t *testing.T, ctx context.Context) (*ServerPlan, Installed, error) {
	t.Helper()
	p, err := h.plan(t)
	if err != nil {
		t.Fatalf("planning: %v (%s)", err, hint(err))
	}
	done, err := h.job.Install(ctx, h.store(), p, today())
	return p, done, err
}

// presents reports whether the server presents the certificate of m.
func (h *host) presents(t *testing.T, m Material) bool {
	t.Helper()
	chain, err := h.server.Presented(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(chain) > 0 && string(ca.EncodeCertificate(chain[0])) == string(m.Cert)
}

func mentions(list []string, words ...string) bool {
	return slices.ContainsFunc(list, func(text string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	})
}

// derOf is the certificate of a pair.
func derOf(t *testing.T, m Material) []byte {
	t.Helper()
	certs, err := ca.DecodeCertificates(m.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return certs[0].Raw
}
