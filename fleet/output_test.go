package fleet

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/templates"
)

// outputsOf writes the outputs, which have to change or not.
func (p *provisioned) outputsOf(t testing.TB, changed bool) Written {
	t.Helper()
	w, err := p.write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if w.Changed != changed {
		t.Fatalf("changed is %t, want %t", w.Changed, changed)
	}
	return w
}

// names is what is in the folder of outputs, but for the lock.
func (p *provisioned) names(t testing.TB) []string {
	t.Helper()
	var names []string
	for name, content := range tree(t, string(p.folder)) {
		if !strings.HasPrefix(content, "d") && name != lockName {
			names = append(names, filepath.ToSlash(name))
		}
	}
	slices.Sort(names)
	return names
}

// TestOutputs: which files there are, and who may read them.
func TestOutputs(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.archive = true
	w := p.outputsOf(t, true)
	sql := []string{"mysql-8.4/fleet.sql", "mariadb-11.8/fleet.sql", "mysql-8.4/replica-db2.sql", "mariadb-11.8/replica-db3.sql"}
	archives := []string{
		"archives/clients/app.tar.gz", "archives/clients/db1.tar.gz", "archives/clients/reports.tar.gz",
		"archives/servers/db1.tar.gz", "archives/servers/db2.tar.gz", "archives/servers/db3.tar.gz", "archives/servers/galera-1.tar.gz",
	}
	want := Written{Changed: true, Inventory: p.folder.path("inventory.json"), Archives: 7}
	for _, name := range sql {
		want.SQL = append(want.SQL, p.folder.path(name))
	}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Errorf("Written (-want +got):\n%s", diff)
	}
	names := slices.Concat(archives, sql, []string{"inventory.json"})
	slices.Sort(names)
	if diff := cmp.Diff(names, p.names(t)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for name, content := range tree(t, string(p.folder)) {
		mode, _, _ := strings.Cut(content, " ")
		switch {
		case name == "inventory.json" && mode == "-rw-r--r--", mode == "-rw-------", mode == "drwx------":
		default:
			t.Errorf("%s has mode %s", name, mode)
		}
	}
}

// TestOutputsTwice: the second call changes nothing, not even a time.
func TestOutputsTwice(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.archive = true
	first := p.outputsOf(t, true)
	before, times := tree(t, p.store.Dir()), modified(t, p.store.Dir())
	second := p.outputsOf(t, false)
	second.Changed = true
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("Written (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(before, tree(t, p.store.Dir())); diff != "" {
		t.Errorf("files (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(times, modified(t, p.store.Dir())); diff != "" {
		t.Errorf("times (-first +second):\n%s", diff)
	}
}

// modified is when each file and folder was changed last.
func modified(t *testing.T, folder string) map[string]string {
	t.Helper()
	times := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		times[path] = info.ModTime().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// TestOutputsRepeat: written anew from the same, the bytes are the same.
func TestOutputsRepeat(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.archive = true
	p.outputsOf(t, true)
	before := tree(t, string(p.folder))
	if err := os.Remove(p.folder.path("archives/clients/app.tar.gz")); err != nil {
		t.Fatal(err)
	}
	p.outputsOf(t, true)
	if diff := cmp.Diff(before, tree(t, string(p.folder))); diff != "" {
		t.Errorf("files (-first +second):\n%s", diff)
	}
	p.outputsOf(t, false)
}

// TestOutputsChange: what makes the outputs be written anew.
func TestOutputsChange(t *testing.T) {
	remove := func(name string) func(*testing.T, *provisioned) {
		return func(t *testing.T, p *provisioned) {
			if err := os.RemoveAll(p.folder.path(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, change := range map[string]func(*testing.T, *provisioned){
		"another program":           func(_ *testing.T, p *provisioned) { p.version = "1.2.4" },
		"archives":                  func(_ *testing.T, p *provisioned) { p.archive = true },
		"another order":             func(_ *testing.T, p *provisioned) { p.all[4], p.all[5] = p.all[5], p.all[4] },
		"one less":                  func(_ *testing.T, p *provisioned) { p.count-- },
		"one more":                  func(t *testing.T, p *provisioned) { p.add(t, aClient(t, "new", "mysql-8.4", "none")) },
		"a renewed pair":            func(t *testing.T, p *provisioned) { p.commit(t, true, p.all[4]) },
		"another host":              func(_ *testing.T, p *provisioned) { p.all[0].Host = "db1.example.net" },
		"another source":            func(_ *testing.T, p *provisioned) { p.all[2].Replicates.Port = 3307 },
		"no inventory":              remove("inventory.json"),
		"no statements":             remove("mysql-8.4/fleet.sql"),
		"no statements for replica": remove("mysql-8.4/replica-db2.sql"),
		"no folder":                 remove("."),
		"emptied statements": func(t *testing.T, p *provisioned) {
			write(t, p.folder.path("mariadb-11.8/fleet.sql"), "")
		},
		"edited statements": func(t *testing.T, p *provisioned) {
			name := p.folder.path("mysql-8.4/replica-db2.sql")
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			write(t, name, strings.Replace(string(text), "3306", "3307", 1))
		},
		"an inventory without its first host": func(t *testing.T, p *provisioned) {
			text, err := os.ReadFile(p.folder.path("inventory.json"))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(string(text), "\n")
			write(t, p.folder.path("inventory.json"), strings.Join(slices.Delete(lines, 2, 3), ""))
		},
		"an archive that was cut short": func(t *testing.T, p *provisioned) {
			p.archive = true
			p.outputsOf(t, true)
			if err := os.Truncate(p.folder.path("archives/clients/app.tar.gz"), 100); err != nil {
				t.Fatal(err)
			}
		},
		"stale statements": func(t *testing.T, p *provisioned) {
			write(t, p.folder.path("mysql-8.4/replica-db9.sql"), "")
		},
		"an inventory that was cut short": func(t *testing.T, p *provisioned) {
			if err := os.Truncate(p.folder.path("inventory.json"), 1000); err != nil {
				t.Fatal(err)
			}
		},
		"a rotation": func(t *testing.T, p *provisioned) { rotate(t, p) },
	} {
		t.Run(name, func(t *testing.T) {
			p := provision(t, mixed(t)...)
			p.outputsOf(t, true)
			change(t, p)
			p.outputsOf(t, true)
			p.outputsOf(t, false)
			p.checkInventory(t)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOutputsArchivesStay: without the option, archives that are there are those
// of the certificates that there are; what removes them is to remove them.
func TestOutputsArchivesStay(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.archive = true
	p.outputsOf(t, true)
	p.archive = false
	p.outputsOf(t, false)
	name := p.folder.path("archives/clients/app.tar.gz")
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p.commit(t, true, p.all[4])
	if w := p.outputsOf(t, true); w.Archives != len(p.all) {
		t.Errorf("%d archives", w.Archives)
	}
	after, err := os.ReadFile(name)
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("the archive of a renewed pair is the old one, or %v", err)
	}
	remove(t, p.folder.path("archives"))
	if w := p.outputsOf(t, true); w.Archives != 0 {
		t.Errorf("%d archives", w.Archives)
	}
	p.checkInventory(t)
}

// TestOutputsPasswordFile: a password file that has another password than the
// client's own statements is told of, as often as it is true.
func TestOutputsPasswordFile(t *testing.T) {
	p := provision(t, aClient(t, "app", "mysql-8.4", "none"), aClient(t, "reports", "mariadb-11.8", "file"), aClient(t, "web", "mariadb-11.8", "file"))
	p.manifest = "conf/fleet.yaml"
	p.all[1].Secret.File, p.all[2].Secret.File = "reports.pw", "web.pw"
	password := "from a file" // as provision has given it to the store
	p.secret = func(Identity) (*string, error) { return &password, nil }
	if w := p.outputsOf(t, true); w.Notices != nil {
		t.Errorf("%q", w.Notices)
	}
	password, p.inputs = "another", "written later"
	w := p.outputsOf(t, true)
	if len(w.Notices) != 2 || !strings.HasPrefix(w.Notices[0], "client reports: ") || !strings.HasPrefix(w.Notices[1], "client web: ") ||
		!strings.HasSuffix(w.Notices[0], " grant reports --existing --password-file "+templates.Shell(absolute(t, "conf/reports.pw"))) {
		t.Errorf("%q", w.Notices)
	}
	p.outputsOf(t, false)
	remove(t, filepath.Join(p.store.Dir(), "sql", "reports.sql"))
	remove(t, filepath.Join(p.store.Dir(), "sql", "web.sql"))
	p.inputs = "and later"
	if w := p.outputsOf(t, true); w.Notices != nil {
		t.Errorf("%q", w.Notices)
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOutputsStale: outputs that are not made any more go, and with them the
// folders that held nothing else; what myca did not make stays.
func TestOutputsStale(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.archive = true
	p.outputsOf(t, true)
	for _, name := range []string{"notes.txt", "mysql-8.4/notes.txt", "archives/notes.txt", "archives/clients/notes.txt"} {
		write(t, p.folder.path(name), "mine")
	}
	if err := os.MkdirAll(p.folder.path("mine/mysql-8.4"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, p.folder.path("mine/mysql-8.4/fleet.sql"), "mine")
	p.archive = false
	p.all = p.all[:1]
	p.count = 1
	p.outputsOf(t, true)
	want := []string{"archives/clients/notes.txt", "archives/notes.txt", "archives/servers/db1.tar.gz", "inventory.json", "mine/mysql-8.4/fleet.sql", "mysql-8.4/notes.txt", "notes.txt"}
	if diff := cmp.Diff(want, p.names(t)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, gone := range []string{"mariadb-11.8", "archives/servers/db2.tar.gz", ".myca-new"} {
		if _, err := os.Lstat(p.folder.path(gone)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", gone, err)
		}
	}
	p.outputsOf(t, false)
}
