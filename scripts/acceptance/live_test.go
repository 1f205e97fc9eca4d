package acceptance

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/live"
	"myca/scripts/servers"
)

// TestLive: what package live says of running servers, with and without TLS,
// over TCP and the socket, is what was set up there.
func TestLive(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/C=US/O=acme/CN=acme CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{})
		for _, a := range h.addresses() {
			h.liveGreeting(t, a)
			h.liveFacts(t, a)
			h.liveLogins(t, a)
		}
		h.liveOSUser(t)
		h.liveRights(t)
		h.liveAccounts(t)
		h.server.Stop()
		h.liveWithoutTLS(t)
	})
}

// addresses are the two ways to the server.
func (h *host) addresses() []live.Address {
	return []live.Address{{Host: "127.0.0.1", Port: h.server.Port}, {Socket: h.server.Socket}}
}

// inMinutes is a context that ends a test which hangs.
func inMinutes(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// version is the product's, as far as the target says it.
func (h *host) version(t *testing.T) dialect.Version {
	t.Helper()
	v, err := dialect.Parse(h.product.Target)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// wantVersion checks a version that a server gave of itself.
func (h *host) wantVersion(t *testing.T, got dialect.Version) {
	t.Helper()
	want := h.version(t)
	if got.Product != want.Product || got.Major != want.Major || got.Minor != want.Minor || got.Patch < 0 {
		t.Errorf("version %v, want one of %v", got, want)
	}
}

func (h *host) liveGreeting(t *testing.T, a live.Address) {
	t.Helper()
	hello, err := live.Greet(inMinutes(t), a)
	if err != nil || hello.Err != nil || !hello.OffersTLS || hello.Handshake == nil {
		t.Fatalf("%s: %+v, %v", a, hello, err)
	}
	h.wantVersion(t, hello.Version)
	if strings.HasPrefix(hello.Banner, "5.5.5-") {
		t.Errorf("banner %q", hello.Banner)
	}
	want, err := ca.DecodeCertificates([]byte(read(t, filepath.Join(h.tlsDir(), "server-cert.pem"))))
	if err != nil {
		t.Fatal(err)
	}
	got := hello.Handshake
	if len(got.Certificates) == 0 || !bytes.Equal(got.Certificates[0].Raw, want[0].Raw) ||
		got.Protocol != "TLSv1.3" || !strings.HasPrefix(got.Cipher, "TLS_") {
		t.Errorf("%s: %q %q, %d certificates", a, got.Protocol, got.Cipher, len(got.Certificates))
	}
}

// asRoot is the administrator without a password.
func asRoot(plain bool) live.Login { return live.Login{User: "root", Plain: plain} }

// session logs in.
func session(t *testing.T, a live.Address, l live.Login) *live.Session {
	t.Helper()
	s, err := live.Open(inMinutes(t), a, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// facts logs in and asks.
func facts(t *testing.T, a live.Address, l live.Login) live.Facts {
	t.Helper()
	f, err := session(t, a, l).Facts(inMinutes(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (h *host) liveFacts(t *testing.T, a live.Address) {
	t.Helper()
	f := facts(t, a, asRoot(false))
	h.wantVersion(t, f.Version)
	no, yes := false, true
	file := func(name string) string { return filepath.Join(h.tlsDir(), name) }
	want := live.Facts{
		Version: f.Version, VersionText: f.VersionText, TLSLibrary: f.TLSLibrary, Cipher: f.Cipher,
		Hostname: f.Hostname, CurrentUser: f.CurrentUser,
		Library: dn.OpenSSL3, LibraryKnown: true, DataDir: filepath.Join(h.server.Dir, "data") + "/",
		TLS: live.On, TLSSource: "have_ssl", Protocol: "TLSv1.3", Protocols: []string{"TLSv1.2", "TLSv1.3"},
		Configured:             live.Files{CA: file("ca-cert.pem"), Cert: file("server-cert.pem"), Key: file("server-key.pem")},
		RequireSecureTransport: &no, RequirementColumns: &yes, Ciphers: f.Ciphers,
		Listens: live.Listens{Socket: h.server.Socket, Port: h.server.Port, LocalOnly: true},
	}
	if h.product.MySQL() {
		want.TLSSource, want.Loaded, want.LoadedKnown = "performance_schema.tls_channel_status", want.Configured, true
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("%s:\ngot  %+v\nwant %+v", a, f, want)
	}
	if h.product.MySQL() && !slices.Contains(f.Ciphers, f.Cipher) {
		t.Errorf("%s: %q is not among %q", a, f.Cipher, f.Ciphers)
	}
	if !strings.HasPrefix(f.TLSLibrary, "OpenSSL 3.") || !strings.HasPrefix(f.Cipher, "TLS_") || f.Hostname == "" || !strings.HasPrefix(f.CurrentUser, "root@") {
		t.Errorf("%s: %+v", a, f)
	}
	if plain := facts(t, a, asRoot(true)); plain.Protocol != "" || plain.Cipher != "" || plain.TLS != live.On {
		t.Errorf("%s in plain text: %+v", a, plain)
	}
}

// keyPair reads a pair of the store.
func keyPair(t *testing.T, cert, key string) *tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// liveLogins: an account gets in with its own certificate only, and every other
// outcome is told from the rest.
func (h *host) liveLogins(t *testing.T, a live.Address) {
	t.Helper()
	name := "laura"
	if a.Socket != "" {
		name = "amy"
	}
	pair := h.issue(t, "client", name+"@%", "--no-password", "--key", "ec-p256")
	other := h.issue(t, "client", name+"other@%", "--no-password", "--key", "ec-p256")
	h.server.SQL(t, read(t, pair.Files.SQL)+"CREATE USER '"+name+"pw'@'%' IDENTIFIED BY 'p''w' REQUIRE SSL;"+
		"CREATE USER '"+name+"locked'@'%' ACCOUNT LOCK;")
	own, others := keyPair(t, pair.Files.Cert, pair.Files.Key), keyPair(t, other.Files.Cert, other.Files.Key)
	stranger := newAuthority(t, "CN = foreign CA").sign(t, name+"foreign", "default", "CN = "+name)
	closed := live.Address{Host: "127.0.0.1", Port: 1}
	refuse := func(tls.ConnectionState) error { return errors.New("not this server") }
	ended := "the server"
	tests := []struct {
		what        string
		address     live.Address
		login       live.Login
		in, refused bool
		text        string
	}{
		{"its own certificate", a, live.Login{User: name, Certificate: own}, true, false, ""},
		{"no certificate", a, live.Login{User: name}, false, true, "error 1045 (28000): Access denied for user '" + name + "'@'localhost'"},
		{"plain text", a, live.Login{User: name, Plain: true}, false, true, "error 1045 (28000)"},
		{"another client's", a, live.Login{User: name, Certificate: others}, false, true, "error 1045 (28000)"},
		{"one of a foreign CA", a, live.Login{User: name, Certificate: keyPair(t, stranger.cert, stranger.key)}, false, true, ended},
		{"password", a, live.Login{User: name + "pw", Password: "p'w"}, true, false, ""},
		{"wrong password", a, live.Login{User: name + "pw", Password: "pw"}, false, true, "error 1045"},
		{"password in plain text", a, live.Login{User: name + "pw", Password: "p'w", Plain: true}, false, true, "error 1045"},
		{"locked", a, live.Login{User: name + "locked"}, false, true, "locked"},
		{"nobody listens", closed, live.Login{User: name, Certificate: own}, false, false, "connection refused"},
		{"not verified", a, live.Login{User: name, Certificate: own, Verify: refuse}, false, false, "not this server"},
	}
	for _, test := range tests {
		got := live.Try(inMinutes(t), test.address, test.login)
		if got.In != test.in || got.Refused != test.refused || (got.Err == nil) != test.in ||
			got.Err != nil && !strings.Contains(got.Err.Error(), test.text) {
			t.Errorf("%s: %s: %+v", a, test.what, got)
		}
	}
}

// liveOSUser: over the socket the server takes the operating system's word, in
// MariaDB also as the second way of an account.
func (h *host) liveOSUser(t *testing.T) {
	t.Helper()
	socket := live.Address{Socket: h.server.Socket}
	make, login := "ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING 'invalid' OR unix_socket", asRoot(true)
	if h.product.MySQL() {
		make = "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'; CREATE USER os@localhost IDENTIFIED WITH auth_socket AS 'root'"
		login.User = "os"
	}
	h.server.SQL(t, make)
	if got := live.Try(inMinutes(t), socket, login); !got.In {
		t.Errorf("as the system's user: %+v", got)
	}
	login.Plain = false
	if got := live.Try(inMinutes(t), socket, login); !got.In {
		t.Errorf("as the system's user with TLS: %+v", got)
	}
}

// liveWithoutTLS starts the server anew without TLS.
func (h *host) liveWithoutTLS(t *testing.T) {
	t.Helper()
	off, source := "--skip-ssl", "have_ssl"
	if h.product.MySQL() {
		off, source = "--tls-version=", "performance_schema.tls_channel_status"
	}
	if err := h.server.Run(servers.Options{Args: []string{off}}); err != nil {
		t.Fatal(err)
	}
	for _, a := range h.addresses() {
		hello, err := live.Greet(inMinutes(t), a)
		if err != nil || hello.OffersTLS || hello.Handshake != nil || hello.Err != nil {
			t.Errorf("%s: %+v, %v", a, hello, err)
		}
		h.wantVersion(t, hello.Version)
		if got := live.Try(inMinutes(t), a, asRoot(false)); got.In || got.Refused || !strings.Contains(got.Err.Error(), "offers no TLS") {
			t.Errorf("%s: %+v", a, got)
		}
	}
	login := asRoot(true)
	if h.product.MySQL() {
		login.User = "os"
	}
	f := facts(t, live.Address{Socket: h.server.Socket}, login)
	if h.product.MySQL() { // that account has no rights
		if f.TLS != live.Unknown || len(f.Unseen) != 2 {
			t.Errorf("without rights: %+v", f)
		}
		f = facts(t, live.Address{Socket: h.server.Socket}, asRoot(true))
	}
	if f.TLS != live.Off || f.TLSSource != source || f.Protocol != "" {
		t.Errorf("%+v", f)
	}
}
