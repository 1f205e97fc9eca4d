// Package servers starts the real database servers that live tests run
// against: MariaDB 10.11 from the system's packages, MariaDB 11.8 and
// MySQL 9.7 from Debian trees that scripts/test unpacks into a cache folder.
//
// The programs of an unpacked tree run under that tree's own dynamic linker,
// not in a chroot: they see the same paths, the same loopback and the same
// accounts as every other program, need no mounts, and a command that myca
// prints can be run as it stands (Env puts a product's programs first in
// PATH). A started server has a private data folder, listens on 127.0.0.1 and
// 127.0.0.2 only, runs as the system's user mysql, and is gone at the end of
// the test, also when the test process is killed.
//
// Live tests need Linux, root (they install files for the server's user, as an
// administrator does) and the programs. Without them a test says so and skips;
// with MYCA_TEST_LIVE=required, as in scripts/test, it fails instead.
package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// serverUser is the system's account that the servers run as.
const serverUser = "mysql"

// Product is one kind of server with its own client programs. Take it from
// All; it says nothing about whether the programs are there (see Available).
type Product struct {
	// Target is what myca's --target takes: "mysql-9.7".
	Target string
	// Tree is the root folder of the unpacked Debian tree, "" for the
	// system's own programs.
	Tree string
}

// All returns the products that every live test runs against.
func All() []Product {
	cache := cacheDir()
	return []Product{
		{Target: "mariadb-10.11"},
		{Target: "mariadb-11.8", Tree: filepath.Join(cache, "mariadb-11.8")},
		{Target: "mysql-9.7", Tree: filepath.Join(cache, "mysql-9.7")},
	}
}

// Each runs test once for each product, side by side, as a subtest named by
// the product's target; it skips or fails like Need where one is missing.
func Each(t *testing.T, test func(t *testing.T, p Product)) {
	for _, p := range All() {
		t.Run(p.Target, func(t *testing.T) {
			p.Need(t)
			t.Parallel()
			test(t, p)
		})
	}
}

// MySQL tells whether the product is MySQL, not MariaDB.
func (p Product) MySQL() bool { return strings.HasPrefix(p.Target, "mysql-") }

// Series is the version that Target names: "9.7".
func (p Product) Series() string {
	_, series, _ := strings.Cut(p.Target, "-")
	return series
}

// ClientName is the product's own client program: "mysql" or "mariadb".
func (p Product) ClientName() string {
	if p.MySQL() {
		return "mysql"
	}
	return "mariadb"
}

// serverName is the product's server program.
func (p Product) serverName() string {
	if p.MySQL() {
		return "mysqld"
	}
	return "mariadbd"
}

// Need skips the test, in one line, where the product cannot be started; with
// MYCA_TEST_LIVE=required it fails it.
func (p Product) Need(t testing.TB) {
	t.Helper()
	err := p.Available()
	switch {
	case err == nil:
	case os.Getenv("MYCA_TEST_LIVE") == "required":
		t.Fatalf("no live test on %s: %v", p.Target, err)
	default:
		t.Skipf("no live test on %s: %v", p.Target, err)
	}
}

// Published returns the folder of the certificates and private keys that
// MariaDB's source is published with (its mysql-test/std_data), and skips or
// fails the test like Need where scripts/setup did not unpack it.
func Published(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(cacheDir(), "std_data")
	_, err := os.Stat(filepath.Join(dir, ".complete"))
	switch {
	case err == nil:
	case os.Getenv("MYCA_TEST_LIVE") == "required":
		t.Fatalf("no published keys: %v", err)
	default:
		t.Skipf("no published keys (scripts/setup trees fetches them): %v", err)
	}
	return dir
}

// Available returns nil when the product can be started here, else the reason.
func (p Product) Available() error {
	if runtime.GOOS != "linux" {
		return errors.New("live tests need Linux")
	}
	if os.Geteuid() != 0 {
		return errors.New("live tests need root, to install files for the server's user")
	}
	if _, err := user.Lookup(serverUser); err != nil {
		return fmt.Errorf("%w (scripts/test makes it)", err)
	}
	if p.Tree != "" {
		if _, err := os.Stat(filepath.Join(p.Tree, ".complete")); err != nil {
			return fmt.Errorf("no whole server tree at %s (scripts/test makes it)", p.Tree)
		}
	}
	for _, name := range []string{p.serverName(), p.ClientName()} {
		if _, err := p.find(name); err != nil {
			return fmt.Errorf("no program %s (scripts/test installs it)", name)
		}
	}
	version, err := p.version()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(version, p.Series()+".") {
		return fmt.Errorf("the installed %s is version %s, not %s", p.serverName(), version, p.Series())
	}
	return nil
}

// version returns what the server program says of itself after "Ver":
// "10.11.19-MariaDB-0+deb12u1".
func (p Product) version() (string, error) {
	out, err := p.Command(p.serverName(), "--no-defaults", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", p.serverName(), err)
	}
	_, after, _ := strings.Cut(string(out), " Ver ")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return "", fmt.Errorf("ask %s for its version: it says %q", p.serverName(), out)
	}
	return fields[0], nil
}

// Command returns the product's program name, ready to run, in an environment
// without any setting of the person who runs the test.
func (p Product) Command(name string, args ...string) *exec.Cmd {
	path, err := p.find(name)
	if err != nil {
		path = name // the error shows when it is run
	}
	argv := append(p.launcher(path), args...)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(p.environment(), "PATH="+systemPath, "HOME=/nonexistent")
	return cmd
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Env returns an environment for a shell in which the product is installed:
// its programs come first in PATH, after the folders in before, and HOME is
// home. Nothing else of the test's environment is in it.
func (p Product) Env(t testing.TB, home string, before ...string) []string {
	t.Helper()
	path := before
	if p.Tree != "" {
		path = append(path, p.wrappers(t))
	}
	path = append(path, systemPath)
	return append(p.environment(), "PATH="+strings.Join(path, ":"), "HOME="+home)
}

// wrappers makes a folder with one small script for each program of the tree.
func (p Product) wrappers(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, pattern := range []string{"mysql*", "mariadb*", "my_print_defaults"} {
		for _, folder := range []string{"usr/bin", "usr/sbin"} {
			paths, _ := filepath.Glob(filepath.Join(p.Tree, folder, pattern))
			for _, path := range paths {
				if !isELF(path) {
					continue
				}
				script := "#!/bin/sh\nexec '" + strings.Join(p.launcher(path), "' '") + "' \"$@\"\n"
				if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return dir
}

// find returns the absolute path of the program name.
func (p Product) find(name string) (string, error) {
	for _, dir := range []string{"usr/sbin", "usr/bin"} {
		path := filepath.Join("/", p.Tree, dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", &os.PathError{Op: "find", Path: name, Err: os.ErrNotExist}
}

// launcher returns the words that start the program at path: the tree's own
// dynamic linker and libraries before it, so that nothing of the system's is
// mixed in.
func (p Product) launcher(path string) []string {
	if p.Tree == "" {
		return []string{path}
	}
	linker := firstMatch(filepath.Join(p.Tree, "lib64/ld-linux*.so.*"), filepath.Join(p.Tree, "lib/ld-linux*.so.*"))
	return []string{linker, "--library-path", p.libraries(), "--argv0", path, path}
}

// libraries returns the tree's library folder.
func (p Product) libraries() string {
	return firstMatch(filepath.Join(p.Tree, "usr/lib/*-linux-gnu*"))
}

// environment returns the variables that every program of the product gets.
func (p Product) environment() []string {
	env := []string{"LANG=C.UTF-8", "TERM=dumb", "TZ=UTC"}
	if p.Tree != "" {
		env = append(env,
			"OPENSSL_CONF="+filepath.Join(p.Tree, "etc/ssl/openssl.cnf"),
			"OPENSSL_MODULES="+filepath.Join(p.libraries(), "ossl-modules"),
			"MARIADB_PLUGIN_DIR="+filepath.Join(p.libraries(), "libmariadb3/plugin"))
	}
	return env
}

// firstMatch returns the first existing path of the patterns, or the first
// pattern, which then shows in the error of whoever uses it.
func firstMatch(patterns ...string) string {
	for _, pattern := range patterns {
		if paths, _ := filepath.Glob(pattern); len(paths) > 0 {
			return paths[0]
		}
	}
	return patterns[0]
}

// isELF tells whether the file at path is a compiled program.
func isELF(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	n, _ := f.Read(magic)
	return string(magic[:n]) == "\x7fELF"
}

// cacheDir is where scripts/test keeps the server trees between runs.
func cacheDir() string {
	if dir := os.Getenv("MYCA_TEST_CACHE"); dir != "" {
		return dir
	}
	base := os.Getenv("XDG_CACHE_HOME")
	if base == "" {
		home, _ := os.UserHomeDir()
		base = filepath.Join(home, ".cache")
	}
	return filepath.Join(base, "myca-test")
}
