package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"myca/scripts/servers"
)

const (
	caSubject    = "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb"
	lauraSubject = "/C=US/ST=WI/L=Madison/O=sampdb/CN=laura"
)

// TestBootstrap is the whole way of a new installation: one command, then what
// it says to do next, on a server that knows nothing of TLS yet; then who gets
// in, and who does not.
func TestBootstrap(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		back := h.bootstrap(t, h.etc()+"/myca")
		h.letsLauraIn(t)
		h.letsNobodyElseIn(t)
		h.refusesOtherServers(t)
		h.comparesIssuers(t, h.etc()+"/myca/ca-cert.pem")
		// Her password is enough again, in plain text; her client still asks
		// for the cipher, and there is none.
		if shown := h.follow(t, back); !regexp.MustCompile(`(?m)^Ssl_cipher\t$`).MatchString(shown) {
			t.Errorf("no session in plain text in what the way back shows:\n%s", shown)
		}
	})
}

// TestBootstrapForFolder is the same with the server's folder chosen by the
// user, which is then in the option file from the beginning.
func TestBootstrapForFolder(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		folder := h.etc() + "/Laura's #1 folder"
		h.bootstrap(t, folder, "--deploy-dir", folder)
		h.letsLauraIn(t)
	})
}

// bootstrap makes the installation, starts the server as it was before, and
// does what the next steps say, which put the server's files into folder. It
// returns the commands of the way back.
func (h *host) bootstrap(t *testing.T, folder string, flags ...string) (back []string) {
	t.Helper()
	steps := h.myca(t, append([]string{"bootstrap", "--yes", "--subject", caSubject, "--host", "localhost", "--host", "127.0.0.1",
		"--user", "laura@%", "--grant", "ALL ON finance.*", "--random-password"}, flags...)...)
	h.configure(t)
	h.start(t)
	here := strings.NewReplacer("/etc/mysql", h.etc(), "/etc/my.cnf.d", h.etc()+"/my.cnf.d")
	forth, back := commands(t, here.Replace(steps))
	shown := h.follow(t, forth)
	if !strings.Contains(shown, folder+"/server-cert.pem") {
		t.Errorf("no server certificate of %s in what the next steps show:\n%s", folder, shown)
	}
	if !regexp.MustCompile(`(?m)^Ssl_cipher\tTLS_\w+$`).MatchString(shown) {
		t.Errorf("no cipher in what the next steps show:\n%s", shown)
	}
	return back
}

// etc stands for /etc/mysql.
func (h *host) etc() string { return filepath.Join(h.server.Dir, "etc") }

// configure makes what a package of the server has in /etc/mysql: an option
// file that includes a folder of others, which are none yet.
func (h *host) configure(t *testing.T) {
	t.Helper()
	conf := filepath.Join(h.etc(), "mariadb.conf.d")
	if h.product.MySQL() {
		conf = filepath.Join(h.etc(), "mysql.conf.d")
	}
	if err := os.MkdirAll(conf, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(h.etc(), "my.cnf"), "!includedir "+conf+"/\n")
}

// start starts the server with the option file of configure.
func (h *host) start(t *testing.T) {
	t.Helper()
	// 127.2 is 127.0.0.2 to the server, and to check no address of loopback: what
	// it says of accounts that the network reaches needs no other network.
	o := servers.Options{DefaultsFile: filepath.Join(h.etc(), "my.cnf"), Args: []string{"--bind-address=127.0.0.1,127.2"}}
	if err := h.server.Run(o); err != nil {
		t.Fatal(err)
	}
}

// follow runs blocks of commands as the administrator and returns what they
// print. Where they restart the service, the server is restarted, with the
// same option file.
func (h *host) follow(t *testing.T, blocks []string) string {
	t.Helper()
	var shown strings.Builder
	for _, block := range blocks {
		os.Remove(h.restartRequest())
		result := h.try(block)
		if !result.OK() {
			t.Fatalf("exit %d of\n%s\n%s%s", result.Code, block, result.Stdout, result.Stderr)
		}
		shown.WriteString(result.Stdout)
		if _, err := os.Stat(h.restartRequest()); err == nil {
			h.server.Stop()
			h.start(t)
		}
	}
	return shown.String()
}

func (h *host) lauraCnf() string { return filepath.Join(h.store, "clients", "laura", "my.cnf") }

// letsLauraIn: her option file alone opens an encrypted session with a server
// whose identity was verified, and her database is hers.
func (h *host) letsLauraIn(t *testing.T) {
	t.Helper()
	for _, at := range []string{"localhost", "127.0.0.1"} {
		result := h.connect(h.lauraCnf(), "SELECT CURRENT_USER(); SHOW SESSION STATUS LIKE 'Ssl_cipher';", "--host="+at)
		fields := strings.Fields(result.Stdout)
		if len(fields) != 3 || fields[0] != "laura@%" || fields[1] != "Ssl_cipher" {
			t.Fatalf("at %s: exit %d, %q, want laura@%% and a cipher; %s", at, result.Code, result.Stdout, result.Stderr)
		}
	}
	result := h.connect(h.lauraCnf(), `CREATE DATABASE finance; USE finance;
		CREATE TABLE ledger (amount INT); INSERT INTO ledger VALUES (42); SELECT amount FROM ledger;`, "--host=localhost")
	if result.Stdout != "42\n" {
		t.Errorf("finance: exit %d, %q, %s", result.Code, result.Stdout, result.Stderr)
	}
	wantFailure(t, "another database", h.connect(h.lauraCnf(), "CREATE DATABASE payroll", "--host=localhost"), "ERROR 1044 (42000)")
}

// denied are the words of a login that the server refuses.
func denied() []string { return []string{"ERROR 1045 (28000)", "'laura'@'localhost'"} }

// letsNobodyElseIn: with laura's name and password, but not her certificate.
func (h *host) letsNobodyElseIn(t *testing.T) {
	t.Helper()
	login := func(c certificate, options ...string) servers.Result {
		return h.connect(h.lauraCnf(), "SELECT 1", append(options, "--host=localhost", "--ssl-cert="+c.cert, "--ssl-key="+c.key)...)
	}
	pair := func(args ...string) certificate {
		one := h.issue(t, append([]string{"client", "--no-password"}, args...)...)
		return certificate{one.Files.Cert, one.Files.Key}
	}
	without := filepath.Join(t.TempDir(), "my.cnf")
	write(t, without, withoutLines(read(t, h.lauraCnf()), "ssl-cert", "ssl-key"))
	wantFailure(t, "no certificate", h.connect(without, "SELECT 1", "--host=localhost"), denied()...)
	wantFailure(t, "plain text", h.connect(without, "SELECT 1", append(h.plainText(), "--host=localhost")...), denied()...)
	wantFailure(t, "another client's certificate", login(pair("robert@%")), denied()...)
	wantFailure(t, "the subject in another order",
		login(pair("order@%", "--subject", "/C=US/ST=WI/L=Madison/CN=laura/O=sampdb")), denied()...)

	own := certificate{filepath.Join(filepath.Dir(h.lauraCnf()), "client-cert.pem"), filepath.Join(filepath.Dir(h.lauraCnf()), "client-key.pem")}
	wantFailure(t, "a wrong password", login(own, "--password=wrong"), denied()...)
	if result := login(own); !result.OK() {
		t.Errorf("her own certificate: %s", result.Stderr)
	}
	for what, ca := range map[string]authority{
		"another CA":                     newAuthority(t, "C=XX", "CN=another CA"),
		"another CA with the same names": newAuthority(t, slashLines(caSubject)...),
	} {
		result := login(ca.sign(t, "laura", utf8String, slashLines(lauraSubject)...))
		if result.OK() || !handshakeFailed(result.Stderr) {
			t.Errorf("her subject from %s: exit %d, error %q, want a failed handshake", what, result.Code, result.Stderr)
		}
	}
}

// refusesOtherServers: the client demands the server's identity.
func (h *host) refusesOtherServers(t *testing.T) {
	t.Helper()
	result := h.connect(h.lauraCnf(), "SELECT 1", "--host=127.0.0.2")
	if result.OK() || !strings.Contains(result.Stderr, "ERROR 2026 (HY000)") {
		t.Errorf("a server whose certificate names another host: exit %d, error %q, want 2026", result.Code, result.Stderr)
	}
	other := newAuthority(t, slashLines(caSubject)...)
	result = h.connect(h.lauraCnf(), "SELECT 1", "--host=localhost", "--ssl-ca="+other.cert)
	if result.OK() || !strings.Contains(result.Stderr, "ERROR 2026 (HY000)") {
		t.Errorf("a server of another CA: exit %d, error %q, want 2026", result.Code, result.Stderr)
	}
}

// comparesIssuers: a second CA that the server trusts cannot speak for laura.
func (h *host) comparesIssuers(t *testing.T, bundle string) {
	t.Helper()
	own := read(t, bundle)
	second := newAuthority(t, "C=XX", "CN=second CA")
	write(t, bundle, own+read(t, second.cert))
	h.server.ReloadTLS(t)
	c := second.sign(t, "laura", utf8String, slashLines(lauraSubject)...)
	wantFailure(t, "her subject from a second trusted CA",
		h.connect(h.lauraCnf(), "SELECT 1", "--host=localhost", "--ssl-cert="+c.cert, "--ssl-key="+c.key), denied()...)
	write(t, bundle, own)
	h.server.ReloadTLS(t)
}

// handshakeFailed tells whether the client's error is that of a session that
// ended before a login: the server's alert, or the connection it closed.
func handshakeFailed(stderr string) bool {
	for _, code := range []string{"ERROR 2026 (HY000)", "ERROR 2013 (HY000)", "ERROR 2006 (HY000)"} {
		if strings.Contains(stderr, code) {
			return true
		}
	}
	return false
}

// slashLines turns /C=US/CN=x into the lines of an openssl.cnf.
func slashLines(dn string) []string { return strings.Split(dn, "/")[1:] }

// withoutLines returns the option file text without these options.
func withoutLines(text string, options ...string) string {
	var kept []string
	for _, line := range strings.Split(text, "\n") {
		drop := false
		for _, option := range options {
			drop = drop || strings.HasPrefix(line, option)
		}
		if !drop {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// commands returns the blocks of commands in the text of the next steps, which
// are indented by four blanks: those of the way forth and of the way back.
func commands(t *testing.T, text string) (forth, back []string) {
	t.Helper()
	there, andBack, found := strings.Cut(text, "\nThe way back\n")
	if !found {
		t.Fatalf("no way back in\n%s", text)
	}
	return blocks(there), blocks(andBack)
}

func blocks(text string) []string {
	var found, block []string
	for _, line := range append(strings.Split(text, "\n"), "") {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			block = append(block, command)
		} else if len(block) > 0 {
			found = append(found, strings.Join(block, "\n"))
			block = nil
		}
	}
	return found
}
