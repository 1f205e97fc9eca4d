package acceptance

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestGrantApply: what grant --apply does on a server is what its file does
// there, or a refusal that changes nothing.
func TestGrantApply(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		h.server.SQL(t, "CREATE DATABASE finance; CREATE TABLE finance.t (a INT); CREATE DATABASE other; CREATE TABLE other.t (a INT)")
		t.Run("as the file", h.appliedAsFile)
		t.Run("refused", h.applyRefused)
		t.Run("another server", h.applyElsewhere)
		t.Run("who gets in", h.appliedLetsIn)
		t.Run("own account", h.applyOwn)
		t.Run("shadowed", h.applyShadowing)
		t.Run("shadowed and let in", h.applyShadowingIn)
		t.Run("rights", h.applyRights)
		t.Run("halfway", h.applyHalfway)
	})
}

// applied is what grant --apply --json prints.
type applied struct {
	Name       string
	Server     struct{ Address, Version, User string }
	Target     string
	Mode       string
	Statements int
	Accounts   []struct {
		Account string
		Before  *string
		After   string
		Locked  bool
	}
	Notices []string
}

// grantApply runs "myca grant --apply ARGS --json", which must succeed.
func (h *host) grantApply(t *testing.T, args ...string) applied {
	t.Helper()
	var a applied
	decode(t, h.myca(t, append([]string{"grant", "--apply", "--json"}, args...)...), &a)
	return a
}

// before is the requirements before, "absent" where there was no account.
func (a applied) before() string {
	var list []string
	for _, one := range a.Accounts {
		if one.Before == nil {
			list = append(list, "absent")
			continue
		}
		list = append(list, *one.Before)
	}
	return strings.Join(list, "|")
}

// wantApplyRefused wants the command refused with the exit code, saying the words, and
// the accounts of user as they were.
func (h *host) wantApplyRefused(t *testing.T, code int, user string, args []string, words ...string) {
	t.Helper()
	before := h.accountsOf(t, user)
	r := h.tryMyca(append([]string{"grant", "--apply"}, args...)...)
	if r.Code != code || r.Stdout != "" {
		t.Errorf("grant --apply %s: exit %d, want %d\n%s%s", strings.Join(args, " "), r.Code, code, r.Stdout, r.Stderr)
	}
	for _, word := range words {
		if !strings.Contains(r.Stderr, word) {
			t.Errorf("grant --apply %s: %q does not say %q", strings.Join(args, " "), r.Stderr, word)
		}
	}
	if after := h.accountsOf(t, user); after != before {
		t.Errorf("grant --apply %s: the accounts were\n%s\nand are\n%s", strings.Join(args, " "), before, after)
	}
}

// accountsOf is everything the server says of the accounts of user: how they are
// made, and their privileges. Password hashes of MySQL are salted, and left out.
func (h *host) accountsOf(t *testing.T, user string) string {
	t.Helper()
	hosts := h.server.SQL(t, "SELECT QUOTE(host) FROM mysql.user WHERE user = "+quoted(user)+" AND host <> '' ORDER BY host")
	if hosts == "" {
		return ""
	}
	var statements strings.Builder
	if h.product.MySQL() {
		statements.WriteString("SET print_identified_with_as_hex = ON;\n")
	}
	for host := range strings.Lines(hosts) {
		at := quoted(user) + "@" + strings.TrimSpace(host)
		statements.WriteString("SHOW CREATE USER " + at + "; SHOW GRANTS FOR " + at + ";\n")
	}
	text := h.server.SQL(t, statements.String())
	if h.product.MySQL() {
		text = regexp.MustCompile(`AS 0x[0-9A-F]+`).ReplaceAllString(text, "AS HASH")
	}
	return text
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func (h *host) dropAll(t *testing.T, user string) {
	t.Helper()
	hosts := h.server.SQL(t, "SELECT QUOTE(host) FROM mysql.user WHERE user = "+quoted(user)+" AND host <> ''")
	for host := range strings.Lines(hosts) {
		h.server.SQL(t, "DROP USER "+quoted(user)+"@"+strings.TrimSpace(host))
	}
}

// appliedAsFile: accounts in every state are afterwards as the file makes them,
// run by the product's own client.
func (h *host) appliedAsFile(t *testing.T) {
	const ours = "REQUIRE ISSUER '/O=sampdb/CN=sampdb CA' AND SUBJECT "
	tests := []struct {
		user          string
		issue         []string // accounts and flags of the client
		setup         string
		grant         []string // flags of grant
		before, after string
	}{
		{"absent", []string{"absent", "--random-password", "--grant", "SELECT, INSERT ON finance.*", "--grant", "SELECT (a) ON other.t"}, "",
			nil, "absent", ours + "'/O=sampdb/CN=absent'"},
		{"hosts", []string{"hosts@localhost", "hosts@10.%", "hosts@192.168.1.0/255.255.255.0", "--no-password", "--grant", "ALL ON finance.*"}, "",
			nil, "absent|absent|absent", ours + "'/O=sampdb/CN=hosts'"},
		{"some", []string{"some@localhost", "some@%", "--if-not-exists", "--no-password", "--grant", "SELECT ON finance.*"},
			"CREATE USER some@'%' IDENTIFIED BY 'theirs' REQUIRE X509", nil, "absent|REQUIRE X509", ours + "'/O=sampdb/CN=some'"},
		{"plain", []string{"plain", "--no-password"}, "CREATE USER plain@'%' IDENTIFIED BY 'theirs'; GRANT SELECT ON finance.* TO plain@'%'",
			[]string{"--existing"}, "REQUIRE NONE", ours + "'/O=sampdb/CN=plain'"},
		{"otherwise", []string{"otherwise", "--no-password"}, "CREATE USER otherwise@'%' REQUIRE ISSUER '/CN=x' AND SUBJECT '/CN=y'",
			[]string{"--existing", "--grant", "DELETE ON finance.t"}, "REQUIRE ISSUER '/CN=x' AND SUBJECT '/CN=y'", ours + "'/O=sampdb/CN=otherwise'"},
		{"locked", []string{"locked", "--no-password"}, "CREATE USER locked@'%' REQUIRE SSL ACCOUNT LOCK",
			[]string{"--existing"}, "REQUIRE SSL", ours + "'/O=sampdb/CN=locked'"},
		{"back", []string{"back", "--random-password"}, "CREATE USER back@'%' IDENTIFIED BY 'theirs' REQUIRE SUBJECT '/CN=back'",
			[]string{"--rescind"}, "REQUIRE SUBJECT '/CN=back'", "REQUIRE NONE"},
		{"any", []string{"any", "--random-password", "--require", "x509"}, "", nil, "absent", "REQUIRE X509"},
		{"tls", []string{"tls", "--random-password", "--account-has-password", "--require", "ssl"}, "", []string{"--if-not-exists"}, "absent", "REQUIRE SSL"},
		{"cipher", []string{"cipher", "--random-password", "--require", "subject,cipher=TLS_AES_128_GCM_SHA256"}, "", nil, "absent",
			"REQUIRE SUBJECT '/O=sampdb/CN=cipher' AND CIPHER 'TLS_AES_128_GCM_SHA256'"},
		{"la ura - x", []string{"la ura - x@10.%", "--name", "blank", "--no-password", "--grant", "SELECT ON `od``d%`.*"}, "",
			nil, "absent", ours + "'/O=sampdb/CN=la ura - x'"},
		{"müller", []string{"müller", "--name", "mueller", "--random-password", "--allow-nonportable-subject", "--subject", `/O=back\\slash/OU=quo'te"s/CN=Müller`},
			"CREATE USER 'müller'@'%' REQUIRE X509", []string{"--existing"}, "REQUIRE X509", ours + `'/O=back\slash/OU=quo'te"s/CN=M\xC3\xBCller'`},
	}
	for _, tt := range tests {
		h.issue(t, append([]string{"client", "--key", "ec-p256"}, tt.issue...)...)
		args := append([]string{pairName(tt.issue)}, tt.grant...)
		h.server.SQL(t, tt.setup)
		got := h.grantApply(t, args...)
		if got.before() != tt.before {
			t.Errorf("%s: before %q, want %q", tt.user, got.before(), tt.before)
		}
		for _, one := range got.Accounts {
			if one.After != tt.after || one.Locked != (tt.user == "locked") {
				t.Errorf("%s: %+v, want %q", tt.user, one, tt.after)
			}
		}
		if locked := strings.Contains(strings.Join(got.Notices, "\n"), "is locked"); locked != (tt.user == "locked") {
			t.Errorf("%s: notices %q", tt.user, got.Notices)
		}
		byMyca := h.accountsOf(t, tt.user)
		h.dropAll(t, tt.user)
		h.server.SQL(t, tt.setup)
		h.server.SQL(t, h.myca(t, append([]string{"grant"}, args...)...))
		if byClient := h.accountsOf(t, tt.user); byMyca != byClient || byMyca == "" {
			t.Errorf("%s: by --apply\n%s\nby the client\n%s", tt.user, byMyca, byClient)
		}
		h.dropAll(t, tt.user)
	}
}

// pairName is the name that the words of an issue give the pair.
func pairName(words []string) string {
	for i, word := range words {
		if word == "--name" {
			return words[i+1]
		}
	}
	name, _, _ := strings.Cut(words[0], "@")
	return name
}

// applyRefused: what the server would refuse is refused before, and all of it at
// once.
func (h *host) applyRefused(t *testing.T) {
	h.client(t, "there", "--no-password")
	h.client(t, "nobody", "--existing")
	h.client(t, "dba", "--existing")
	h.server.SQL(t, "CREATE USER there@'%' REQUIRE SSL; CREATE ROLE dba")
	h.wantApplyRefused(t, 2, "there", []string{"there"}, "'there'@'%' already: REQUIRE SSL", "--existing", "--if-not-exists")
	h.wantApplyRefused(t, 2, "nobody", []string{"nobody"}, "no account 'nobody'@'%'", "--if-not-exists")
	h.wantApplyRefused(t, 2, "nobody", []string{"nobody", "--rescind", "--account-has-password"}, "no account 'nobody'@'%'")
	role := "is a role"
	if !h.product.MySQL() {
		role = "no account 'dba'@'%'" // a role has no host there
	}
	h.wantApplyRefused(t, 2, "dba", []string{"dba"}, role)
	h.issue(t, "client", "two@localhost", "two@%", "two@10.%", "--no-password", "--key", "ec-p256")
	h.server.SQL(t, "CREATE USER two@localhost, two@'%'")
	h.wantApplyRefused(t, 2, "two", []string{"two"}, "'two'@'localhost' already", "'two'@'%' already")
	h.wantApplyRefused(t, 2, "two", []string{"two", "--existing"}, "no account 'two'@'10.%'")
	h.wantApplyRefused(t, 2, "there", []string{"there", "--existing", "--password-file", "-", "--login-password-file", "-"}, "cannot both be standard input")
	got := h.grantApply(t, "two@%", "--existing")
	if len(got.Accounts) != 1 || !strings.Contains(strings.Join(got.Notices, "\n"), "the server also has 'two'@'localhost', which these statements do not change: REQUIRE NONE") {
		t.Errorf("one of two accounts: %+v", got)
	}
}

// applyElsewhere: statements for another kind of server are not tried on this.
func (h *host) applyElsewhere(t *testing.T) {
	h.client(t, "elsewhere", "--no-password")
	target := "mariadb-10.1"
	if h.product.MySQL() {
		target = "mysql-5.6"
	}
	elsewhere := *h
	elsewhere.product.Target = target
	elsewhere.wantApplyRefused(t, 2, "elsewhere", []string{"elsewhere"}, target, "hint: --target "+strings.SplitN(h.product.Target, "-", 2)[0])
	h.issue(t, "client", "odd", "--no-password", "--key", "ec-p256", "--allow-nonportable-subject", "--subject", `/O=a\/b/CN=odd`)
	h.wantApplyRefused(t, 2, "odd", []string{"odd", "--tls-library", "wolfssl"}, "wolfssl", "hint: --tls-library openssl3")
	h.wantApplyRefused(t, 1, "odd", []string{"odd", "--socket", filepath.Join(h.server.Dir, "no-such")}, "is it running")
	// The server's certificate does not name this address, which is of this machine but not of loopback.
	unverified := []string{"odd", "--host", "0.0.0.0", "--port", strconv.Itoa(h.server.Port), "--login-user", "root"}
	h.wantApplyRefused(t, 1, "odd", unverified, "could not be verified")
}

// appliedLetsIn: whoever has the certificate gets in, and nobody else.
func (h *host) appliedLetsIn(t *testing.T) {
	own, other := h.client(t, "own", "--no-password", "--grant", "SELECT ON finance.*"), h.client(t, "other", "--no-password")
	h.grantApply(t, "own")
	h.query(t, own, "SELECT COUNT(*) FROM finance.t", "0\n")
	h.refused(t, own, "SELECT 1", "ERROR 1045 (28000)", "--ssl-cert="+other.Files.Cert, "--ssl-key="+other.Files.Key)
	wantFailure(t, "without a certificate", h.connect(h.anonymously(t, own), "SELECT 1", "--host=127.0.0.1"), "ERROR 1045 (28000)")
	h.wantApplyRefused(t, 2, "own", []string{"own", "--rescind", "--account-has-password"}, "'own'@'%' has no password on the server", "--password-file")
	h.wantApplyRefused(t, 2, "own", []string{"own", "--existing", "--require", "ssl", "--account-has-password"}, "'own'@'%' has no password on the server")
	h.server.SQL(t, "ALTER USER own@'%' IDENTIFIED BY 'Own-word1'")
	said := h.myca(t, "grant", "own", "--rescind", "--apply")
	for _, line := range []string{"account 'own'@'%'\n", "  before  REQUIRE ISSUER '/O=sampdb/CN=sampdb CA' AND SUBJECT '/O=sampdb/CN=own'\n", "  after   REQUIRE NONE\n"} {
		if !strings.Contains(said, line) {
			t.Errorf("%q does not say %q", said, line)
		}
	}
	h.server.SQL(t, "DROP USER own@'%'")
}
