package acceptance

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"myca/ca"
	"myca/live"
	"myca/scripts/servers"
)

// boilerplate is what a server runs on before myca comes.
type boilerplate string

const (
	published boilerplate = "published" // a pair whose private key everybody has
	generated boilerplate = "generated" // what the server makes itself: MariaDB 10.11 nothing
	sampdb    boilerplate = "sampdb"    // a data folder with files like those of the sampdb distribution
)

// site is a host whose server runs on boilerplate.
type site struct {
	*host
	kind  boilerplate
	hosts []string // what the server's certificate is to name
	old   string   // the bundle that clients of the old server verify it with; "" for none
}

// newSite starts a server that runs on boilerplate, with the accounts that a
// production server has: none that the network reaches without a password.
func newSite(t *testing.T, bin string, p servers.Product, kind boilerplate) *site {
	t.Helper()
	s := unfurnished(t, bin, p, kind)
	s.furnish(t, "")
	s.start(t)
	s.settle(t)
	return s
}

// unfurnished is a site with nothing made yet.
func unfurnished(t *testing.T, bin string, p servers.Product, kind boilerplate) *site {
	t.Helper()
	return &site{host: newHost(t, bin, p), kind: kind, hosts: []string{"localhost", "127.0.0.1"}}
}

// furnish makes the option files, with further options, and the boilerplate.
func (s *site) furnish(t *testing.T, further string) {
	t.Helper()
	s.configure(t)
	options := "# The packages' own options.\n[mysqld]\nmax-connections = 90\ndatadir = " + s.data() + "\n"
	switch s.kind {
	case published:
		from, tls := servers.Published(t), filepath.Join(s.etc(), "tls")
		if err := os.Mkdir(tls, 0o755); err != nil {
			t.Fatal(err)
		}
		s.own(t, filepath.Join(tls, "cacert.pem"), read(t, filepath.Join(from, "cacert.pem")), 0o644)
		s.own(t, filepath.Join(tls, "server-cert.pem"), read(t, filepath.Join(from, "serversan-cert.pem")), 0o644)
		s.own(t, filepath.Join(tls, "server-key.pem"), read(t, filepath.Join(from, "serversan-key.pem")), 0o600)
		options += fmt.Sprintf("ssl-ca=%[1]s/cacert.pem\nssl-cert = %[1]s/server-cert.pem\nssl_key=\"%[1]s/server-key.pem\"\n", tls)
		s.old = filepath.Join(from, "cacert.pem")
	case sampdb:
		authority := authorityOf(t, caSubject)
		pair := authority.sign(t, server(t, asIs), newKey(t))
		s.own(t, filepath.Join(s.data(), "ca-cert.pem"), authority.pem(), 0o644)
		s.own(t, filepath.Join(s.data(), "server-cert.pem"), pair.pem(), 0o644)
		s.own(t, filepath.Join(s.data(), "server-key.pem"), pair.keyPEM(t), 0o600)
		// where a server looks for a relative path is its data folder
		options += "ssl-ca=ca-cert.pem\nssl-cert=server-cert.pem\nssl-key=server-key.pem\n"
		s.old = filepath.Join(t.TempDir(), "old-ca.pem")
		write(t, s.old, authority.pem())
	}
	s.own(t, s.packaged(), options+further, 0o644)
	if err := os.Chmod(s.mycnf(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// settle makes the accounts: those of a fresh server that have no password are
// gone, and "loop" is who connects while things change.
func (s *site) settle(t *testing.T) {
	t.Helper()
	if !s.product.MySQL() {
		s.server.SQL(t, "DELETE FROM mysql.global_priv WHERE User = '' OR Host NOT IN ('localhost', '%'); FLUSH PRIVILEGES")
	}
	s.server.SQL(t, "CREATE USER 'loop'@'%' IDENTIFIED BY 'loop' REQUIRE SSL")
	if s.kind == generated && s.product.MySQL() {
		s.old = filepath.Join(s.data(), "ca.pem")
	}
}

func (s *site) data() string  { return filepath.Join(s.server.Dir, "data") }
func (s *site) mycnf() string { return filepath.Join(s.etc(), "my.cnf") }

// packaged is the option file that came with the server, in the folder that
// my.cnf includes.
func (s *site) packaged() string {
	if s.product.MySQL() {
		return filepath.Join(s.etc(), "mysql.conf.d", "50-server.cnf")
	}
	return filepath.Join(s.etc(), "mariadb.conf.d", "50-server.cnf")
}

// own writes a file of the server's user.
func (s *site) own(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	write(t, path, text)
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	if result := s.try("chown mysql:mysql " + shellWord(path)); !result.OK() {
		t.Fatal(result.Stderr)
	}
}

// inPlace tells whether myca replaces the very files that the server reads:
// MariaDB has the paths from its start.
func (s *site) inPlace() bool { return !s.product.MySQL() && s.kind != generated }

// reloads tells whether the server can take a new pair while it runs.
func (s *site) reloads() bool { return s.product.MySQL() || s.kind != generated }

// installing is the command line that replaces the boilerplate. Where the files
// go is chosen, as long as there is a choice: the default is a folder of the
// machine that the tests run on.
func (s *site) installing(further ...string) []string {
	args := []string{"install", "server", "--replace-boilerplate", "--mycnf", s.mycnf(), "--socket", s.server.Socket, "--user", "root"}
	if !s.inPlace() {
		args = append(args, "--deploy-dir", filepath.Join(s.etc(), "myca"))
	}
	return slices.Concat(args, further, s.hosts)
}

// replace runs it, and restarts the server where that is what it takes.
func (s *site) replace(t *testing.T) string {
	t.Helper()
	said := s.myca(t, s.installing()...)
	if !s.reloads() {
		s.restart(t)
	}
	return said
}

// restart stops the server and starts it with the option files as they are.
func (s *site) restart(t *testing.T) {
	t.Helper()
	s.server.Stop()
	s.start(t)
}

// presents is the serial number of the certificate that the server presents, ""
// when it offers no TLS.
func (s *site) presents(t *testing.T) string {
	t.Helper()
	hello, err := live.Greet(inMinutes(t), live.Address{Host: "127.0.0.1", Port: s.server.Port})
	if err != nil {
		t.Fatal(err)
	}
	if hello.Handshake == nil {
		return ""
	}
	return ca.SerialHex(hello.Handshake.Certificates[0].SerialNumber)
}

// named is the command line that installs the pair by its name.
func (s *site) named(further ...string) []string {
	args := []string{"install", "server", "localhost", "--mycnf", s.mycnf(), "--socket", s.server.Socket, "--user", "root"}
	if !s.inPlace() {
		args = append(args, "--deploy-dir", filepath.Join(s.etc(), "myca"))
	}
	return append(args, further...)
}

// with is a command line with other values of some flags, FLAG VALUE FLAG VALUE…
func with(args []string, flags ...string) []string {
	args = slices.Clone(args)
	for i := 0; i < len(flags); i += 2 {
		if at := slices.Index(args, flags[i]); at >= 0 {
			args[at+1] = flags[i+1]
			continue
		}
		args = append(args, flags[i], flags[i+1])
	}
	return args
}

// issueServer makes the CA and the server's pair without installing it.
func (s *site) issueServer(t *testing.T) {
	t.Helper()
	s.myca(t, "ca", "create", "--subject", "/O=example/CN=example CA", "--key", "ec-p256")
	s.issue(t, append([]string{"server"}, s.hosts...)...)
}

// issuedSerial is the serial number of the server's pair in the store.
func (s *site) issuedSerial(t *testing.T) string {
	t.Helper()
	return s.shown(t, "server/localhost").Serial
}

// wantInstalled wants the server to present what the store issued, and neither
// verify nor check to find anything.
func (s *site) wantInstalled(t *testing.T, when string) {
	t.Helper()
	if got, want := s.presents(t), s.issuedSerial(t); got != want {
		t.Errorf("%s: the server presents %q, want %q", when, got, want)
	}
	for _, command := range [][]string{
		{"check", "--socket", s.server.Socket, "--user", "root", "--host", "localhost"},
		{"check", "--host", "127.0.0.1", "--port", fmt.Sprint(s.server.Port), "--user", "loop", "--password-file", s.passwordFile(t)},
		{"verify", s.mycnf(), "--host", "localhost", "--host", "127.0.0.1"},
		{"verify"},
	} {
		for _, f := range s.diagnose(t, command...).Findings {
			t.Errorf("%s: myca %s finds %s at %s: %s", when, strings.Join(command, " "), f.ID, f.Where, f.What)
		}
	}
}

// passwordFile holds the password of the account "loop".
func (s *site) passwordFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	write(t, path, "loop")
	return path
}

// entry is a file or folder as it was found.
type entry struct {
	Mode     fs.FileMode
	UID, GID uint32
	Changed  time.Time // of a regular file
	Content  string    // of a link, where it leads
}

// snapshot is what there is below the paths, which may be links.
func snapshot(t *testing.T, paths ...string) map[string]entry {
	t.Helper()
	all := map[string]entry{}
	for _, root := range paths {
		if resolved, err := filepath.EvalSymlinks(root); err == nil {
			root = resolved
		}
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			e, err := look(path)
			all[path] = e
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return all
}

func look(path string) (entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return entry{}, err
	}
	of := info.Sys().(*syscall.Stat_t)
	e := entry{Mode: info.Mode(), UID: of.Uid, GID: of.Gid}
	switch {
	case info.Mode().IsRegular():
		var content []byte
		content, err = os.ReadFile(path)
		e.Content, e.Changed = string(content), info.ModTime()
	case info.Mode()&fs.ModeSymlink != 0:
		e.Content, err = os.Readlink(path)
	}
	return e, err
}

// places is where install may write outside of the store: the option files and
// the deploy folder, and of the data folder the files that belong to TLS.
func (s *site) places(t *testing.T) map[string]entry {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.data(), "*.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return snapshot(t, slices.Concat([]string{s.etc(), filepath.Join(s.data(), "mysqld-auto.cnf")}, paths)...)
}
