package acceptance

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestStepsForExisting: the commands that issue client --existing prints make
// the account demand its certificate, the administrator's own too, and take that
// back.
func TestStepsForExisting(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		h.myca(t, "ca", "create", "--subject", "/O=sampdb/CN=sampdb CA", "--key", "ec-p256")
		h.startSecured(t, servers.Options{Bulk: true})
		h.server.SQL(t, "CREATE USER laura@'%' IDENTIFIED BY 'Laura-word1'")
		password := filepath.Join(t.TempDir(), "password")
		write(t, password, "Root-word1\n")
		for _, account := range []string{"laura@%", "root@localhost"} {
			user, _, _ := strings.Cut(account, "@")
			r := h.tryMyca("issue", "client", account, "--existing", "--key", "ec-p256")
			if !r.OK() {
				t.Fatalf("%s: exit %d, %s", account, r.Code, r.Stderr)
			}
			forth, back := commands(t, r.Stderr)
			if user == "root" { // the socket of a package is found without being named
				forth, back = h.bySocket(forth), h.bySocket(back)
			}
			if said := h.applied(t, forth); !strings.Contains(said, "after   REQUIRE ISSUER") || !strings.Contains(said, "opens only with the pair "+h.store+"/clients/"+user) {
				t.Errorf("%s: %s", account, said)
			}
			if user == "root" { // who has no password here, so that the way back has to give him one
				back = strings.Split(strings.ReplaceAll(strings.Join(back, "\n"), "--account-has-password", "--password-file "+password), "\n")
			}
			if said := h.applied(t, back); !strings.Contains(said, "after   REQUIRE NONE") {
				t.Errorf("%s: %s", account, said)
			}
		}
	})
}

// bySocket names the server's socket to commands that change accounts.
func (h *host) bySocket(blocks []string) []string {
	return strings.Split(strings.ReplaceAll(strings.Join(blocks, "\n"), " --apply", " --apply --socket "+shellWord(h.server.Socket)), "\n")
}

// applied runs the one command among blocks that changes an account.
func (h *host) applied(t *testing.T, blocks []string) string {
	t.Helper()
	for _, command := range strings.Split(strings.Join(blocks, "\n"), "\n") {
		if !strings.Contains(command, " grant ") {
			continue
		}
		r := h.try(command)
		if !r.OK() {
			t.Errorf("%s: exit %d, %s", command, r.Code, r.Stderr)
		}
		return r.Stdout
	}
	t.Errorf("no grant in %q", blocks)
	return ""
}
