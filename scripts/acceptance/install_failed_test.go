package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"myca/scripts/servers"
)

// state is what an installation may change outside of the store.
type state struct {
	Files     map[string]entry
	Presented string
	Variables string
}

func (s *site) state(t *testing.T) state {
	t.Helper()
	return state{s.places(t), s.presents(t), s.server.SQL(t, "SHOW GLOBAL VARIABLES LIKE 'ssl\\_%'")}
}

// wantState wants everything to be as it was, and the store to know of nothing
// that is to be undone.
func (s *site) wantState(t *testing.T, when string, before state) {
	t.Helper()
	if diff := cmp.Diff(before, s.state(t)); diff != "" {
		t.Errorf("%s: not as it was (-before +now):\n%s", when, diff)
	}
	if left := s.unfinished(t); len(left) != 0 {
		t.Errorf("%s: to be undone: %q", when, left)
	}
}

// unfinished are the installations in the store that are neither done nor undone.
func (s *site) unfinished(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(s.store, "install", "*", "journal.json"))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, path := range all {
		if filepath.Ext(filepath.Dir(path)) == "" {
			left = append(left, path)
		}
	}
	return left
}

// TestFailedInstall: whatever keeps an installation from coming out well, the
// server goes on with its old certificate and every file is what it was.
func TestFailedInstall(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		t.Run("rights", func(t *testing.T) { newSite(t, bin, p, published).refusedReload(t) })
		t.Run("hidden", func(t *testing.T) { hidden(t, bin, p) })
		t.Run("no handshake", func(t *testing.T) { noHandshake(t, bin, p) })
	})
}

// wantUndone runs an installation that fails, and wants all of it to be undone.
func (s *site) wantUndone(t *testing.T, what string, args []string, says ...string) {
	t.Helper()
	before := s.state(t)
	result := s.tryMyca(args...)
	if result.Code != 1 {
		t.Errorf("%s: exit %d, want 1\n%s%s", what, result.Code, result.Stdout, result.Stderr)
	}
	for _, words := range says {
		if !strings.Contains(result.Stderr, words) {
			t.Errorf("%s: %q, want %q in it", what, result.Stderr, words)
		}
	}
	s.wantState(t, what, before)
}

// refusedReload: a login without the right to reload; a folder that the server's
// user cannot get into; a certificate that has expired.
func (s *site) refusedReload(t *testing.T) {
	s.issueServer(t)
	s.server.SQL(t, "CREATE USER helper@localhost IDENTIFIED BY 'loop'")
	if s.product.MySQL() {
		s.server.SQL(t, "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO helper@localhost")
	}
	right := "RELOAD"
	if s.product.MySQL() {
		right = "CONNECTION_ADMIN"
	}
	// rights are asked for before anything is written
	s.wantUndone(t, "no right to reload", with(s.named(), "--user", "helper", "--password-file", s.passwordFile(t)), "could not make the server reload", right)

	closed := filepath.Join(s.etc(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	s.wantUndone(t, "a folder of root's", with(s.named(), "--deploy-dir", filepath.Join(closed, "myca")), closed)

	outlive(s.issue(t, "server", "localhost", "127.0.0.1", "--force", "--not-after", "1s", "--key", "ec-p256"))
	s.wantUndone(t, "an expired certificate", s.named(), "not fit to be installed", "ended on")
	s.issue(t, "server", "localhost", "127.0.0.1", "--force")

	s.myca(t, s.named()...)
	s.wantInstalled(t, "after all that failed")
}

// hidden: the server does not get to see the new files, as in a container, or
// under a security module, what an administrator writes may be hidden. MySQL refuses to reload
// them; MariaDB, whose files were replaced in their places, reloads the old ones.
func hidden(t *testing.T, bin string, p servers.Product) {
	s := unfurnished(t, bin, p, published)
	s.furnish(t, "")
	view := filepath.Join(s.server.Dir, "etc-as-it-was")
	copyFolder(t, s.host, s.etc(), view)
	inView(t, map[string]string{s.etc(): view}, func() error {
		return s.server.Run(servers.Options{DefaultsFile: s.mycnf()})
	})
	s.settle(t)
	s.issueServer(t)
	loop := s.loop(t, 2)
	s.wantUndone(t, "a server that cannot see the files", s.named(), "as it was")
	loop.wantUnbroken(t, "a failed installation on "+p.Target)
	s.restart(t) // with the administrator's view
	s.myca(t, s.named()...)
	s.wantInstalled(t, "when the server can see them")
}

// noHandshake: the server takes the new pair, but cannot use it with the ciphers
// that it is told to use. Only a look at what it presents finds that.
func noHandshake(t *testing.T, bin string, p servers.Product) {
	s := unfurnished(t, bin, p, published)
	s.furnish(t, "tls-version=TLSv1.2\nssl-cipher=ECDHE-RSA-AES256-GCM-SHA384\n")
	s.start(t)
	s.settle(t)
	s.myca(t, "ca", "create", "--subject", "/O=example/CN=example CA", "--key", "ec-p256")
	s.issue(t, "server", "localhost", "127.0.0.1", "--key", "ec-p256")
	s.wantUndone(t, "an EC key for RSA ciphers", s.named(), "as it was")
	s.issue(t, "server", "localhost", "127.0.0.1", "--key", "rsa-2048", "--force")
	s.myca(t, s.named()...)
	if got, want := s.presents(t), s.issuedSerial(t); got != want {
		t.Errorf("with an RSA key the server presents %q, want %q", got, want)
	}
}
