package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/scripts/servers"
)

// installed is what install prints with --json.
type installed struct {
	Name  string
	Files []struct {
		Path, Owner, Mode string
		Changed           bool
	}
	Options *struct {
		File    string
		Changed bool
	}
	Activated, Backup *string
	Notices           []string
}

// path is that of the file of this name.
func (i installed) path(t *testing.T, name string) string {
	t.Helper()
	for _, f := range i.Files {
		if filepath.Base(f.Path) == name {
			return f.Path
		}
	}
	t.Fatalf("no %s in %+v", name, i)
	return ""
}

// connectable makes a client with an account on the server.
func (s *site) connectable(t *testing.T, name string) issued {
	t.Helper()
	pair := s.issue(t, "client", name+"@%", "--random-password", "--key", "ec-p256")
	s.server.SQL(t, read(t, pair.Files.SQL))
	return pair
}

// address is where clients verify the server with every product.
func (s *site) address() string { return "127.0.0.2:" + strconv.Itoa(s.server.Port) }

// TestInstallClient: what is put into a user's home folder lets this user's
// programs in, with nothing else said to them.
func TestInstallClient(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := unfurnished(t, bin, p, sampdb)
		s.hosts = append(s.hosts, "127.0.0.2")
		s.furnish(t, "")
		s.start(t)
		s.settle(t)
		s.replace(t)
		s.connectable(t, "laura")
		t.Run("who runs it", s.ownClient)
		t.Run("another user", s.otherClient)
	})
}

// existing is an option file that a user has already.
const existing = "# my own\r\n[client]\nsocket = /nowhere\n\n[mysqldump]\nquick\n;end"

// ownClient: without --user it is for $HOME.
func (s *site) ownClient(t *testing.T) {
	home := t.TempDir()
	kept := s.env
	defer func() { s.env = kept }()
	s.env = append(kept[:len(kept):len(kept)], "HOME="+home)
	s.myca(t, "install", "client", "laura", "--connect", s.address())
	s.wantLaura(t, s.try(s.product.ClientName()+" --batch --skip-column-names -e "+shellWord(whoAmI)))
	if result := s.tryMyca("verify", filepath.Join(home, ".my.cnf")); !result.OK() {
		t.Errorf("verify: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
}

const whoAmI = "SELECT CURRENT_USER(); SHOW SESSION STATUS LIKE 'Ssl_cipher'"

func (s *site) wantLaura(t *testing.T, result servers.Result) {
	t.Helper()
	if !strings.HasPrefix(result.Stdout, "laura@%\nSsl_cipher\tTLS_") {
		t.Errorf("exit %d, %q, %s", result.Code, result.Stdout, result.Stderr)
	}
}

// otherClient: root installs for a user of the system, whose home folder is one
// of the test's while it runs.
func (s *site) otherClient(t *testing.T) {
	games, err := user.Lookup("games")
	if err != nil {
		t.Skip(err)
	}
	uid, _ := strconv.Atoi(games.Uid)
	gid, _ := strconv.Atoi(games.Gid)
	home := filepath.Join(s.server.Dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(home, ".my.cnf"), existing)
	if result := s.try(fmt.Sprintf("chown -R %d:%d %s && chmod 0644 %s/.my.cnf", uid, gid, home, home)); !result.OK() {
		t.Fatal(result.Stderr)
	}
	users := filepath.Join(t.TempDir(), "passwd")
	write(t, users, strings.ReplaceAll(read(t, "/etc/passwd"), ":"+games.HomeDir+":", ":"+home+":"))
	if err := os.Chmod(users, 0o644); err != nil {
		t.Fatal(err)
	}
	// The user cannot reach the cache folder, which the programs are in.
	programs := s.product
	mapped := map[string]string{"/etc/passwd": users}
	if programs.Tree != "" {
		programs.Tree = filepath.Join(s.server.Dir, "tree")
		if err := os.Mkdir(programs.Tree, 0o755); err != nil {
			t.Fatal(err)
		}
		mapped[programs.Tree] = s.product.Tree
	}
	inView(t, mapped, func() error {
		s.forGames(t, home, uid, gid)
		cmd := programs.Command(s.product.ClientName(), "--batch", "--skip-column-names")
		as(cmd, uid, gid, home)
		s.wantLaura(t, servers.Execute(cmd, whoAmI))
		cmd = programs.Command(s.product.ClientName(), "--ssl-ca="+s.old)
		as(cmd, uid, gid, home)
		wantFailure(t, "a server of another CA", servers.Execute(cmd, whoAmI), "ERROR 2026")
		return nil
	})
}

// as makes the command one of that user.
func as(cmd *exec.Cmd, uid, gid int, home string) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	cmd.Env = append(cmd.Env, "HOME="+home)
	cmd.Dir = "/"
}

// forGames installs for the user games, who has an option file, and wants every
// byte of it to stay.
func (s *site) forGames(t *testing.T, home string, uid, gid int) {
	t.Helper()
	args := []string{"install", "client", "laura", "--user", "games", "--connect", s.address()}
	before := snapshot(t, home)
	if result := s.tryMyca(append(args, "--dry-run")...); result.Code != 3 || !strings.Contains(result.Stdout, "+ssl-key") {
		t.Errorf("--dry-run: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
	if diff := cmp.Diff(before, snapshot(t, home)); diff != "" {
		t.Errorf("--dry-run changed something:\n%s", diff)
	}
	var done installed
	decode(t, s.myca(t, append(args, "--json")...), &done)
	after := snapshot(t, home)
	cnf := after[filepath.Join(home, ".my.cnf")]
	if !strings.HasPrefix(cnf.Content, existing) || done.Options.File != filepath.Join(home, ".my.cnf") {
		t.Errorf("in %s:\n%s", done.Options.File, cnf.Content)
	}
	for path, e := range after {
		private := strings.HasSuffix(path, "key.pem") || strings.HasSuffix(path, ".cnf")
		if int(e.UID) != uid || int(e.GID) != gid || private && e.Mode.Perm() != 0o600 {
			t.Errorf("%s: %v of %d:%d", path, e.Mode, e.UID, e.GID)
		}
	}
	stored := snapshot(t, s.store)
	if result := s.tryMyca(args...); !result.OK() || !strings.Contains(result.Stdout, "nothing to change") {
		t.Errorf("again: exit %d\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
	if diff := cmp.Diff(after, snapshot(t, home)); diff != "" {
		t.Errorf("a second run changed something:\n%s", diff)
	}
	if diff := cmp.Diff(stored, snapshot(t, s.store)); diff != "" {
		t.Errorf("a second run changed the store:\n%s", diff)
	}
}
