package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"myca/finding"
	"myca/live"
	"myca/verify"
)

// checkClock is a store with a CA and a server pair for localhost.
func checkClock(t *testing.T) *clock {
	t.Helper()
	t.Setenv("HOME", t.TempDir()) // no option file of whoever runs the tests
	c := storeAt(t, "2030-06-15T12:00:00Z", "3650")
	c.done("issue", "server", "localhost", "127.0.0.1", "--name", "db1", "--key", "ec-p256", "--days", "90")
	c.at("2030-06-15T13:30:00Z")
	return c
}

// pair is the server's, as the store has it now.
func (c *clock) pair(name string) *tls.Certificate {
	c.Helper()
	folder := filepath.Join(c.dir, "servers", name)
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "server-cert.pem"), filepath.Join(folder, "server-key.pem"))
	if err != nil {
		c.Fatal(err)
	}
	return &pair
}

// checked runs check with --json and wants its exit code.
func (c *clock) checked(code int, args ...string) checkedJSON {
	c.Helper()
	r := c.run(append([]string{"check", "--json", "--host", "127.0.0.1"}, args...)...)
	if r.code != code {
		c.Fatalf("check %q: exit code %d, want %d\n%s%s", args, r.code, code, r.out, r.talk)
	}
	var shown checkedJSON
	jsonOf(c.T, r.out, &shown)
	return shown
}

func ids(list []finding.Finding) string {
	var names []string
	for _, f := range list {
		names = append(names, f.ID)
	}
	return strings.Join(names, " ")
}

// Without a login the TLS part is judged all the same, and nothing is written.
func TestCheckWithoutLogin(t *testing.T) {
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	before := tree(t, c.dir)
	shown := c.checked(exitDone, "--port", s.port())
	if got := ids(shown.Findings); got != "" {
		t.Errorf("findings %s", got)
	}
	if shown.Server.Version != "8.4.3" || shown.Server.TLS != "on" || deref(shown.Server.Protocol) != "TLSv1.3" || deref(shown.Server.Cipher) == "" {
		t.Errorf("server %+v", shown.Server)
	}
	cert := shown.Server.Certificate
	if cert == nil || cert.Subject != "/CN=localhost" || cert.Issuer != "/CN=x CA" || !slices.Equal(cert.Names, []string{"dns:localhost", "ip:127.0.0.1"}) {
		t.Errorf("certificate %+v", cert)
	}
	if shown.Server.Files != nil || shown.Server.User != nil || shown.Accounts == nil || shown.Logins == nil {
		t.Errorf("settings of nobody's login: %+v", shown)
	}
	if !slices.ContainsFunc(shown.Unseen, func(text string) bool { return strings.Contains(text, "--user") }) {
		t.Errorf("unseen %q", shown.Unseen)
	}
	if s.seen() != "" {
		t.Errorf("a login was sent: %s", s.seen())
	}
	unchanged(t, before, c.dir)

	text := c.done("check", "--host", "127.0.0.1", "--port", s.port())
	for _, want := range []string{"server 127.0.0.1:" + s.port(), "/CN=localhost", "not seen: ", "\n0 errors, 0 warnings, 2 not seen\n"} {
		if !strings.Contains(text.out, want) {
			t.Errorf("no %q in\n%s", want, text.out)
		}
	}
}

// What the presented certificate makes findings: exit code 3 for errors only.
func TestCheckFindings(t *testing.T) {
	c := checkClock(t)
	old := c.pair("db1")
	s := serveGreetings(t, "11.8.6-MariaDB", old)
	for _, test := range []struct {
		name, at, want string
		code           int
		args           []string
	}{
		{"sound", "2030-06-15T13:30:00Z", "", exitDone, nil},
		{"soon over", "2030-09-01T12:00:00Z", "expires-soon", exitDone, nil},
		{"over", "2030-10-01T12:00:00Z", "expired", exitFound, nil},
	} {
		c.at(test.at)
		shown := c.checked(test.code, append([]string{"--port", s.port()}, test.args...)...)
		if got := ids(shown.Findings); got != test.want {
			t.Errorf("%s: findings %q, want %q", test.name, got, test.want)
		}
		if bad := finding.Errors(shown.Findings); shown.Errors != bad || shown.Warnings != len(shown.Findings)-bad {
			t.Errorf("%s: %d errors, %d warnings counted of %+v", test.name, shown.Errors, shown.Warnings, shown.Findings)
		}
	}
	c.at("2030-06-16T12:00:00Z")
	c.done("renew", "db1")
	if got := ids(c.checked(exitDone, "--port", s.port()).Findings); got != "superseded-in-use" {
		t.Errorf("renewed in the store: findings %q", got)
	}
	c.done("issue", "server", "other.example.com", "--key", "ec-p256")
	stranger := serveGreetings(t, "11.8.6-MariaDB", c.pair("other.example.com"))
	if got := ids(c.checked(exitFound, "--port", stranger.port()).Findings); got != "host-not-named" {
		t.Errorf("of another host: findings %q", got)
	}
	without := serveGreetings(t, "8.4.3", nil)
	shown := c.checked(exitFound, "--port", without.port())
	if got := ids(shown.Findings); got != "tls-off" || shown.Server.TLS != "off" || shown.Server.Certificate != nil {
		t.Errorf("no TLS: findings %q, %+v", got, shown.Server)
	}
}

// --public-keys: a key on the list is everybody's.
func TestCheckPublicKeys(t *testing.T) {
	c := checkClock(t)
	pair := c.pair("db1")
	s := serveGreetings(t, "8.4.3", pair)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(fingerprint(leaf.RawSubjectPublicKeyInfo)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ids(c.checked(exitFound, "--port", s.port(), "--public-keys", list).Findings); got != "public-key" {
		t.Errorf("findings %q", got)
	}
}

// A user that was named and is refused: the report all the same, then the error.
func TestCheckRefusedLogin(t *testing.T) {
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	secret := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(secret, []byte("tr0ub4dor\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := c.run("check", "--host", "127.0.0.1", "--port", s.port(), "--user", "admin", "--password-file", secret)
	if want := "myca: error: log in as \"admin\" to"; r.code != exitFailed || !strings.HasPrefix(r.talk, want) || !strings.Contains(r.talk, "Access denied") {
		t.Errorf("exit code %d, with %q", r.code, r.talk)
	}
	if !strings.Contains(r.out, "0 errors") || !strings.Contains(r.out, "/CN=localhost") {
		t.Errorf("no report of the TLS part:\n%s", r.out)
	}
	if strings.Contains(r.out+r.talk, "\x1b") {
		t.Errorf("the server's text reached the terminal as it is:\n%q", r.out+r.talk)
	}
	if s.seen() != "admin with TLS" {
		t.Errorf("logins %s", s.seen())
	}

	// the option file's user is no demand
	file := filepath.Join(t.TempDir(), "my.cnf")
	if err := os.WriteFile(file, []byte("[client]\nuser=reader\npassword=tr0ub4dor\nport="+s.port()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := c.checked(exitDone, "--defaults-file", file)
	if !strings.Contains(strings.Join(shown.Unseen, "\n"), "reader") {
		t.Errorf("unseen %q", shown.Unseen)
	}
	for _, text := range []string{r.out, r.talk, strings.Join(shown.Unseen, "\n")} {
		if strings.Contains(text, "tr0ub4dor") {
			t.Errorf("the password is printed: %s", text)
		}
	}
}

// The accounts of a client are tried in every way; a server that denies all has
// locked the client out.
func TestCheckClient(t *testing.T) {
	c := checkClock(t)
	c.done("issue", "client", "laura@%", "--no-password", "--key", "ec-p256")
	c.done("issue", "client", "reports@198.51.100.%", "--no-password", "--key", "ec-p256")
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	shown := c.checked(exitFound, "--port", s.port(), "laura")
	var ways []string
	for _, l := range shown.Logins {
		ways = append(ways, l.How+" "+deref(l.Certificate))
		if l.In || l.Account != "'laura'@'%'" || !strings.Contains(l.Message, "Access denied") {
			t.Errorf("login %+v", l)
		}
	}
	if got, want := strings.Join(ways, ", "), "own-certificate laura, without-certificate , plain-text , other-certificate reports"; got != want {
		t.Errorf("ways %q, want %q", got, want)
	}
	if got := ids(shown.Findings); got != "login-refused" {
		t.Errorf("findings %q", got)
	}
	if want := "laura with TLS, laura with TLS, laura in plain text, laura with TLS"; s.seen() != want {
		t.Errorf("logins %s, want %s", s.seen(), want)
	}

	// an account that nobody on loopback can be
	shown = c.checked(exitDone, "--port", s.port(), "reports")
	if len(shown.Logins) != 0 || !strings.Contains(strings.Join(shown.Unseen, "\n"), "not possible from 127.0.0.1") {
		t.Errorf("logins %+v, unseen %q", shown.Logins, shown.Unseen)
	}
	complaint(t, c.run("check", "--host", "127.0.0.1", "--port", s.port(), "nobody", "norbert"), exitUsage, "nobody", "norbert")
}

// A password goes only to a server that proved who it is.
func TestTrusts(t *testing.T) {
	c := checkClock(t)
	c.done("issue", "server", "db1.example.com", "--key", "ec-p256", "--days", "90")
	pair := c.pair("db1.example.com")
	chain, trust := certificatesOf(t, pair.Certificate...), bundleOf(t, c)
	stranger := bundleOf(t, storeAt(t, "2030-06-15T12:00:00Z", "3650"))
	list := fingerprint(chain[0].RawSubjectPublicKeyInfo)
	public, err := verify.PublicKeys{}.With(strings.NewReader(list + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, host string
		trust      []*x509.Certificate
		public     verify.PublicKeys
		at         time.Time
		want       string // part of the error; "": trusted
	}{
		{"proved", "db1.example.com", trust, verify.PublicKeys{}, c.now, ""},
		{"another host", "db2.example.com", trust, verify.PublicKeys{}, c.now, "db2.example.com"},
		{"another CA of that name", "db1.example.com", stranger, verify.PublicKeys{}, c.now, "unknown authority"},
		{"no CA", "db1.example.com", nil, verify.PublicKeys{}, c.now, "no CA is known"},
		{"over", "db1.example.com", trust, verify.PublicKeys{}, c.now.AddDate(1, 0, 0), "expired"},
		{"published", "db1.example.com", trust, public, c.now, "published"},
	} {
		s := server{address: live.Address{Host: test.host}, host: test.host, trust: test.trust}
		err := s.trusts(chain, test.at, test.public, func(*x509.Certificate) error { return nil })
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// Who is asked to prove it, and to whom nobody logs in without TLS.
func TestGate(t *testing.T) {
	network, loopback := live.Address{Host: "10.0.0.1"}, live.Address{Host: "127.0.0.2"}
	trust := []*x509.Certificate{{}}
	for _, test := range []struct {
		server       server
		password     string
		gated, plain bool
	}{
		{server{address: live.Address{Host: "db1.example.com"}, named: true}, "secret", true, false},
		{server{address: network, named: true}, "secret", true, false},
		{server{address: network, named: true}, "", true, false},
		{server{address: network, named: true, unverified: true}, "secret", false, true},
		{server{address: loopback, named: true}, "secret", false, true},
		{server{address: loopback, named: true, trust: trust}, "secret", true, true},
		{server{address: loopback, named: true, trust: trust}, "", false, true},
		{server{address: loopback, named: true, trust: trust, unverified: true}, "secret", false, true},
		{server{address: live.Address{Host: "::1"}, named: true}, "secret", false, true},
		{server{address: live.Address{}}, "secret", true, false},
		{server{address: live.Address{}}, "", false, true},
		{server{address: live.Address{Socket: "/run/mysqld/mysqld.sock"}, host: "db1.example.com", trust: trust}, "secret", false, true},
	} {
		k := &checking{t: &tool{terminal: terminal{now: time.Now}}, server: test.server}
		if got := k.gate(t.Context(), test.password) != nil; got != test.gated {
			t.Errorf("%+v with %q: gated %v", test.server, test.password, got)
		}
		if got := k.noPlain(test.password) == ""; got != test.plain {
			t.Errorf("%+v with %q: in plain text %v", test.server, test.password, got)
		}
	}
}

func certificatesOf(t *testing.T, ders ...[]byte) []*x509.Certificate {
	t.Helper()
	var certs []*x509.Certificate
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		certs = append(certs, cert)
	}
	return certs
}

func bundleOf(t *testing.T, c *clock) []*x509.Certificate {
	t.Helper()
	certs, err := readCertificates(filepath.Join(c.dir, "ca-cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return certs
}
