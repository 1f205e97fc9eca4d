package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestStatements runs the account statements of every mode on each server and
// looks at what they did there; the users come in by their emitted option files.
func TestStatements(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		h.server.SQL(t, `CREATE DATABASE app_x; CREATE TABLE app_x.t (a INT, b INT);
			CREATE DATABASE appyx; CREATE TABLE appyx.t (a INT, b INT); INSERT INTO appyx.t VALUES (1, 2);
			CREATE PROCEDURE appyx.p() SELECT 7;`)
		t.Run("grants", h.grants)
		t.Run("patterns", h.patterns)
		t.Run("accounts of one user", h.accountsOfOneUser)
		t.Run("new on an existing account", h.newOnExisting)
		t.Run("if not exists", h.ifNotExists)
		t.Run("existing", h.existing)
		t.Run("rescind", h.rescind)
		t.Run("requirements", h.requirements)
		t.Run("password", h.awkwardPassword)
		t.Run("sql_mode", h.otherModes)
		t.Run("programs", h.programs)
	})
}

// client issues a client pair with a small key; name is its user too.
func (h *host) client(t *testing.T, name string, args ...string) issued {
	t.Helper()
	return h.issue(t, append([]string{"client", name + "@%", "--key", "ec-p256"}, args...)...)
}

// apply runs a pair's account statements as the administrator.
func (h *host) apply(t *testing.T, pair issued) {
	t.Helper()
	h.server.SQL(t, read(t, pair.Files.SQL))
}

// query runs a query as the pair's user and wants these lines.
func (h *host) query(t *testing.T, pair issued, query, want string, options ...string) {
	t.Helper()
	result := h.connect(pair.Files.MyCnf, query, append(options, "--host=127.0.0.1")...)
	if result.Stdout != want {
		t.Errorf("%s: %s: exit %d, %q, want %q; %s", pair.Name, query, result.Code, result.Stdout, want, result.Stderr)
	}
}

// refused wants a query of the pair's user to fail with the error.
func (h *host) refused(t *testing.T, pair issued, query, want string, options ...string) {
	t.Helper()
	wantFailure(t, pair.Name+": "+query, h.connect(pair.Files.MyCnf, query, append(options, "--host=127.0.0.1")...), want)
}

// anonymously are options that leave the certificate out.
func (h *host) anonymously(t *testing.T, pair issued) (optionFile string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "my.cnf")
	write(t, path, withoutLines(read(t, pair.Files.MyCnf), "ssl-cert", "ssl-key"))
	return path
}

func (h *host) grants(t *testing.T) {
	pair := h.client(t, "grants", "--no-password", "--grant", "SELECT, INSERT ON app_x.*",
		"--grant", "SELECT (a), UPDATE (b) ON appyx.t", "--grant", "EXECUTE ON PROCEDURE appyx.p")
	h.apply(t, pair)
	h.query(t, pair, "INSERT INTO app_x.t VALUES (3, 4); SELECT a, b FROM app_x.t", "3\t4\n")
	h.query(t, pair, "SELECT a FROM appyx.t; CALL appyx.p()", "1\n7\n")
	h.refused(t, pair, "SELECT b FROM appyx.t", "ERROR 1143 (42000)")
	h.refused(t, pair, "INSERT INTO appyx.t VALUES (1, 1)", "ERROR 1142 (42000)")
	h.refused(t, pair, "UPDATE app_x.t SET a = 1", "ERROR 1142 (42000)")
}

// patterns: a plain name means itself although _ is a wildcard there; a name in
// back quotes is the pattern that it was written as.
func (h *host) patterns(t *testing.T) {
	plain := h.client(t, "plain", "--no-password", "--grant", "ALL ON app_x.*")
	h.apply(t, plain)
	h.query(t, plain, "SELECT COUNT(*) FROM app_x.t WHERE a = 9", "0\n")
	h.refused(t, plain, "SELECT a FROM appyx.t", "ERROR 1142 (42000)")
	pattern := h.client(t, "pattern", "--no-password", "--grant", "ALL ON `app_x`.*")
	h.apply(t, pattern)
	h.query(t, pattern, "SELECT COUNT(*) FROM app_x.t WHERE a = 9; SELECT a FROM appyx.t", "0\n1\n")
}

func (h *host) accountsOfOneUser(t *testing.T) {
	pair := h.issue(t, "client", "many@localhost", "many@10.%", "many@192.168.1.0/255.255.255.0", "--key", "ec-p256", "--no-password")
	h.apply(t, pair)
	h.query(t, pair, "SELECT CURRENT_USER()", "many@localhost\n")
	got := h.server.SQL(t, "SELECT host, ssl_type FROM mysql.user WHERE user = 'many' ORDER BY host")
	want := "10.%\tSPECIFIED\n192.168.1.0/255.255.255.0\tSPECIFIED\nlocalhost\tSPECIFIED"
	if got != want {
		t.Errorf("accounts:\n%s\nwant\n%s", got, want)
	}
}

// newOnExisting: the statements for a new account do not touch one that exists.
func (h *host) newOnExisting(t *testing.T) {
	h.server.SQL(t, "CREATE USER taken@'%' IDENTIFIED BY 'theirs'")
	pair := h.client(t, "taken", "--random-password", "--grant", "ALL ON app_x.*")
	wantFailure(t, "a new account that exists", h.server.Try(read(t, pair.Files.SQL)), "ERROR 1396 (HY000)")
	h.query(t, pair, "SELECT CURRENT_USER()", "taken@%\n", "--password=theirs")
	h.refused(t, pair, "SELECT a FROM app_x.t", "ERROR 1142 (42000)", "--password=theirs")
}

// ifNotExists: the statements run any number of times; an account that exists
// keeps its password and gets the requirement.
func (h *host) ifNotExists(t *testing.T) {
	h.server.SQL(t, "CREATE USER older@'%' IDENTIFIED BY 'theirs'")
	older := h.client(t, "older", "--if-not-exists", "--random-password", "--grant", "SELECT ON appyx.*")
	newer := h.client(t, "newer", "--if-not-exists", "--random-password", "--grant", "SELECT ON appyx.*")
	for range 2 {
		h.apply(t, older)
		h.apply(t, newer)
	}
	h.query(t, newer, "SELECT a FROM appyx.t", "1\n")
	h.query(t, older, "SELECT a FROM appyx.t", "1\n", "--password=theirs")
	h.refused(t, older, "SELECT 1", "ERROR 1045 (28000)")
	wantFailure(t, "older without a certificate",
		h.connect(h.anonymously(t, older), "SELECT 1", "--host=127.0.0.1", "--password=theirs"), "ERROR 1045 (28000)")
}

// existing: the requirement changes and nothing else; an account that is not
// there is not made.
func (h *host) existing(t *testing.T) {
	h.server.SQL(t, "CREATE USER there@'%' IDENTIFIED BY 'theirs'; GRANT SELECT ON appyx.* TO there@'%'")
	there := h.client(t, "there", "--existing")
	h.apply(t, there)
	h.query(t, there, "SELECT a FROM appyx.t", "1\n", "--password=theirs")
	wantFailure(t, "there without a certificate",
		h.connect(h.anonymously(t, there), "SELECT 1", "--host=127.0.0.1", "--password=theirs"), "ERROR 1045 (28000)")
	missing := h.client(t, "missing", "--existing")
	wantFailure(t, "an account that is missing", h.server.Try(read(t, missing.Files.SQL)), "ERROR 1396 (HY000)")
	if got := h.server.SQL(t, "SELECT COUNT(*) FROM mysql.user WHERE user = 'missing'"); got != "0" {
		t.Errorf("%s accounts of the user missing", got)
	}
}

func (h *host) rescind(t *testing.T) {
	pair := h.client(t, "rescind", "--random-password")
	h.apply(t, pair)
	without := h.anonymously(t, pair)
	wantFailure(t, "without a certificate", h.connect(without, "SELECT 1", "--host=127.0.0.1"), "ERROR 1045 (28000)")
	h.server.SQL(t, h.myca(t, "grant", "rescind", "--rescind"))
	if result := h.connect(without, "SELECT CURRENT_USER()", "--host=127.0.0.1"); result.Stdout != "rescind@%\n" {
		t.Errorf("after the rescission: exit %d, %s", result.Code, result.Stderr)
	}
}

// requirements: each kind lets in who has what it names, and nobody else.
func (h *host) requirements(t *testing.T) {
	other := h.client(t, "other", "--no-password")
	h.apply(t, other)
	status := h.connect(other.Files.MyCnf, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", "--host=127.0.0.1")
	_, cipher, _ := strings.Cut(strings.TrimSpace(status.Stdout), "\t")
	tests := []struct {
		require                string
		plain, none, otherCert bool // who gets in without TLS, without a certificate, with another one
	}{
		{"none", true, true, true},
		{"ssl", false, true, true},
		{"x509", false, false, true},
		{"issuer", false, false, true},
		{"subject", false, false, false},
		{"issuer,subject", false, false, false},
		{"issuer,subject,cipher=" + cipher, false, false, false}, // the one that client and server agree on
	}
	for i, tt := range tests {
		pair := h.client(t, fmt.Sprintf("require%d", i), "--random-password", "--require", tt.require)
		h.apply(t, pair)
		h.query(t, pair, "SELECT 1", "1\n")
		without := h.anonymously(t, pair)
		for what, trial := range map[string]struct {
			want   bool
			result servers.Result
		}{
			"plain text":          {tt.plain, h.connect(without, "SELECT 1", append(h.plainText(), "--host=127.0.0.1")...)},
			"no certificate":      {tt.none, h.connect(without, "SELECT 1", "--host=127.0.0.1")},
			"another certificate": {tt.otherCert, h.connect(pair.Files.MyCnf, "SELECT 1", "--host=127.0.0.1", "--ssl-cert="+other.Files.Cert, "--ssl-key="+other.Files.Key)},
		} {
			if trial.want && !trial.result.OK() {
				t.Errorf("require %s, %s: %s", tt.require, what, trial.result.Stderr)
			}
			if !trial.want {
				wantFailure(t, "require "+tt.require+", "+what, trial.result, "ERROR 1045 (28000)")
			}
		}
	}
}

// awkwardPassword: what is special in SQL and in option files reaches the
// server and the client as it was written, in the password and in paths.
func (h *host) awkwardPassword(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `it's "my" dir # 1\n`)
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, `a'b"c\d#e;f g=h%_`+"`ü \\n\\' "+"\n")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	pair := h.client(t, "awkward", "--password-file", file, "--deploy-dir", dir)
	h.apply(t, pair)
	for _, path := range []string{pair.Files.CA, pair.Files.Cert, pair.Files.Key} {
		write(t, filepath.Join(dir, filepath.Base(path)), read(t, path))
	}
	text := strings.TrimSuffix(read(t, file), "\n")
	h.query(t, pair, "SELECT CURRENT_USER()", "awkward@%\n", "--password="+text)
	h.refused(t, pair, "SELECT 1", "ERROR 1045 (28000)", "--password="+text+"x")
}

// otherModes: the statements mean the same in a session with another sql_mode,
// and leave that as it was.
func (h *host) otherModes(t *testing.T) {
	for i, mode := range []string{"NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,PIPES_AS_CONCAT", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES,STRICT_ALL_TABLES"} {
		pair := h.client(t, fmt.Sprintf("mode%d", i), "--no-password", "--allow-nonportable-subject",
			"--subject", fmt.Sprintf(`/O=back\\slash/OU=quo'te"s/CN=Müller %d`, i))
		got := h.server.SQL(t, "SET SESSION sql_mode = '"+mode+"'; SET @before = @@SESSION.sql_mode;\n"+
			read(t, pair.Files.SQL)+"SELECT @@SESSION.sql_mode = @before")
		if got != "1" {
			t.Errorf("with sql_mode %s: prints %q, want 1: the same mode afterwards", mode, got)
		}
		h.query(t, pair, "SELECT 1", "1\n")
	}
}

// programs: the option file serves the product's other programs too, and has
// nothing that one of them does not know.
func (h *host) programs(t *testing.T) {
	global := "RELOAD, REPLICATION SLAVE ON *.*"
	if h.product.MySQL() {
		global = "RELOAD, REPLICATION SLAVE, SESSION_VARIABLES_ADMIN ON *.*" // mysqlimport sets one
	}
	pair := h.client(t, "programs", "--random-password", "--grant", "ALL ON appyx.*", "--grant", global)
	h.apply(t, pair)
	file := filepath.Join(t.TempDir(), "t.txt")
	write(t, file, "5\t6\n")
	tests := [][]string{{"mariadb-check", "appyx", "t"}}
	if h.product.MySQL() {
		h.server.SQL(t, "SET GLOBAL local_infile = ON")
		tests = [][]string{
			{"mysqladmin", "status"}, {"mysqlcheck", "appyx", "t"}, {"mysqldump", "--no-tablespaces", "appyx", "t"},
			{"mysqlimport", "--local", "appyx", file}, {"mysqlshow", "appyx"},
			{"mysqlslap", "--create-schema=appyx", "--no-drop", "--query=SELECT a FROM t"},
			{"mysqlbinlog", "--read-from-remote-server", "no-such-log"},
		}
	}
	for _, words := range tests {
		args := append([]string{"--defaults-extra-file=" + pair.Files.MyCnf, "--host=127.0.0.1",
			fmt.Sprintf("--port=%d", h.server.Port), "--protocol=TCP"}, words[1:]...)
		result := servers.Execute(h.product.Command(words[0], args...), "")
		// A server without a binary log says so to mysqlbinlog, after the login.
		if !result.OK() && !(words[0] == "mysqlbinlog" && strings.Contains(result.Stderr, "Binary log is not open")) {
			t.Errorf("%s: exit %d, %s", strings.Join(words, " "), result.Code, result.Stderr)
		}
	}
}
