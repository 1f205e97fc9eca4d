package acceptance

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// network is how myca connects over the network.
func (h *host) network(args ...string) []string {
	return append([]string{"--host", "127.0.0.1", "--port", strconv.Itoa(h.server.Port)}, args...)
}

// administrator makes an account that may make others, and returns the flags of
// a login to it over the network.
func (h *host) administrator(t *testing.T, user string, rights ...string) []string {
	t.Helper()
	h.server.SQL(t, "CREATE USER "+user+"@'%' IDENTIFIED BY 'Admin-word1'")
	t.Cleanup(func() { h.dropAll(t, user) })
	for _, right := range rights {
		h.server.SQL(t, "GRANT "+right)
	}
	password := filepath.Join(t.TempDir(), "password")
	write(t, password, "Admin-word1\n")
	return h.network("--login-user", user, "--login-password-file", password)
}

// applyOwn: the account that is logged in gets no requirement that it does not
// meet, and one that it meets.
func (h *host) applyOwn(t *testing.T) {
	admin := h.administrator(t, "admin", "ALL ON *.* TO admin@'%' WITH GRANT OPTION")
	pair := h.client(t, "admin", "--existing", "--account-has-password")
	h.wantApplyRefused(t, 2, "admin", append([]string{"admin"}, admin...), "'admin'@'%' is the account that is logged in", "lacks a certificate", "--login-user")
	h.wantApplyRefused(t, 2, "admin", append([]string{"admin", "--account-has-password", "--require", "cipher=NONE-SUCH"}, admin...), "lacks the cipher")
	other := h.client(t, "stranger", "--no-password")
	file := func(pair issued) string {
		path := filepath.Join(t.TempDir(), "my.cnf")
		write(t, path, "[client]\nssl-cert="+pair.Files.Cert+"\nssl-key="+pair.Files.Key+"\n")
		return path
	}
	h.wantApplyRefused(t, 2, "admin", append([]string{"admin", "--defaults-file", file(other)}, admin...), "lacks the subject")
	got := h.grantApply(t, append([]string{"admin", "--defaults-file", file(pair)}, admin...)...)
	if got.Server.User != "'admin'@'%'" || !strings.Contains(got.Accounts[0].After, "CN=admin'") {
		t.Errorf("%+v", got)
	}
	h.wantApplyRefused(t, 1, "admin", append([]string{"admin"}, admin...), "1045")
	// A requirement that asks for less is met by everybody.
	h.grantApply(t, append([]string{"admin", "--defaults-file", file(pair), "--account-has-password", "--require", "ssl"}, admin...)...)
	h.grantApply(t, append([]string{"admin", "--account-has-password", "--require", "none"}, admin...)...)
	root := h.issue(t, "client", "root@localhost", "--key", "ec-p256", "--existing", "--account-has-password")
	h.wantApplyRefused(t, 2, "root", []string{root.Name}, "'root'@'localhost' is the account that is logged in", "locked out")
}

// applyShadowing: a new account that the server would take instead of the one
// that is logged in is taken away again.
func (h *host) applyShadowing(t *testing.T) {
	admin := h.administrator(t, "keeper", "ALL ON *.* TO keeper@'%' WITH GRANT OPTION")
	h.issue(t, "client", "keeper@localhost", "keeper@127.0.0.1", "--key", "ec-p256", "--no-password")
	h.wantApplyRefused(t, 1, "keeper", append([]string{"keeper"}, admin...), "'keeper'@'%' could not log in any more", "what they were before")
}

// applyShadowingIn: the same of one that lets the login in, without its rights.
func (h *host) applyShadowingIn(t *testing.T) {
	admin := h.administrator(t, "adm", "ALL ON *.* TO adm@'%' WITH GRANT OPTION")
	password := admin[len(admin)-1]
	h.issue(t, "client", "adm@localhost", "adm@127.0.0.1", "--key", "ec-p256", "--no-password")
	args := append([]string{"adm", "--new", "--require", "ssl", "--password-file", password}, admin...)
	h.wantApplyRefused(t, 1, "adm", args, "'adm'@'%' would get in as 'adm'@'", "what they were before")
}

// applyRights: what a login lacks is told with the statement that gives it,
// before anything runs; with it the command succeeds.
func (h *host) applyRights(t *testing.T) {
	admin := h.administrator(t, "helper")
	h.client(t, "helped", "--no-password", "--grant", "SELECT ON finance.*")
	for range 3 {
		r := h.tryMyca(append([]string{"grant", "helped", "--apply"}, admin...)...)
		_, hint, found := strings.Cut(strings.TrimSpace(r.Stderr), "hint: GRANT ")
		if r.Code != 1 || !found || h.accountsOf(t, "helped") != "" {
			t.Fatalf("exit %d, %s", r.Code, r.Stderr)
		}
		h.server.SQL(t, "GRANT "+hint)
	}
	h.grantApply(t, append([]string{"helped"}, admin...)...)
	h.dropAll(t, "helped")
}

// applyHalfway: of statements that end in the middle it is told what was done,
// and the statements of the hint undo it.
func (h *host) applyHalfway(t *testing.T) {
	admin := h.administrator(t, "half", "CREATE USER ON *.* TO half@'%'", "SELECT ON mysql.* TO half@'%'", "SELECT ON other.* TO half@'%' WITH GRANT OPTION")
	if h.product.MySQL() {
		h.server.SQL(t, "REVOKE SELECT ON mysql.* FROM half@'%'; GRANT SELECT ON mysql.user TO half@'%'")
	}
	h.issue(t, "client", "middle@localhost", "middle@%", "--key", "ec-p256", "--random-password", "--if-not-exists", "--grant", "SELECT ON finance.*")
	h.server.SQL(t, "CREATE USER middle@'%' REQUIRE SUBJECT '/O=it''s/CN=a\\\\b'")
	before := h.accountsOf(t, "middle")
	r := h.tryMyca(append([]string{"grant", "middle", "--apply"}, admin...)...)
	if r.Code != 1 || !strings.Contains(r.Stderr, "(GRANT): error 1044") && !strings.Contains(r.Stderr, "(GRANT): error 1142") ||
		!strings.Contains(r.Stderr, "done before it: 'middle'@'localhost': REQUIRE ISSUER") {
		t.Errorf("exit %d, %s", r.Code, r.Stderr)
	}
	if h.accountsOf(t, "middle") == before {
		t.Errorf("nothing was done, though\n%s", r.Stderr)
	}
	_, way, _ := strings.Cut(r.Stderr, "hint: ")
	h.server.SQL(t, way)
	if after := h.accountsOf(t, "middle"); after != before {
		t.Errorf("the accounts were\n%s\nand after %s are\n%s", before, way, after)
	}
}
