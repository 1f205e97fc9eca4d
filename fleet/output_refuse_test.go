package fleet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/store"
)

// A folder in which none can be made is not told to be missing.
func TestOutputsNowhere(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no /proc")
	}
	err := outputFolder("/proc/myca").makeable()
	var hint interface{ Hint() string }
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &hint) || !strings.Contains(err.Error(), `no folder can be made in "/proc"`) ||
		hint.Hint() != "name a folder elsewhere: --output DIR" {
		t.Errorf("%v", err)
	}
}

// TestOutputsForeign: folders that are not for outputs are refused, and nothing
// in them changes.
func TestOutputsForeign(t *testing.T) {
	for name, test := range map[string]struct {
		make func(t *testing.T, folder string)
		want string
	}{
		"a link":    {func(t *testing.T, folder string) { link(t, t.TempDir(), folder) }, "is not a folder"},
		"a file":    {func(t *testing.T, folder string) { write(t, folder, "mine") }, "is not a folder"},
		"no parent": {func(t *testing.T, folder string) { remove(t, filepath.Dir(folder)) }, "no such file"},
		"another inventory": {func(t *testing.T, folder string) {
			mkdir(t, folder)
			write(t, filepath.Join(folder, "inventory.json"), `{"all":{"hosts":{}}}`)
		}, "myca did not make it"},
		"archives of somebody": {func(t *testing.T, folder string) {
			mkdir(t, filepath.Join(folder, "archives/clients"))
			write(t, filepath.Join(folder, "archives/clients/backup.tar.gz"), "mine")
		}, "myca did not make it"},
		"another lock, and archives": {func(t *testing.T, folder string) {
			mkdir(t, filepath.Join(folder, "archives/clients"))
			write(t, filepath.Join(folder, lockName), "")
			write(t, filepath.Join(folder, "archives/clients/backup.tar.gz"), "mine")
		}, "myca did not make it"},
		"another staging folder": {func(t *testing.T, folder string) {
			mkdir(t, filepath.Join(folder, stagingName))
			write(t, filepath.Join(folder, stagingName, "photo"), "mine")
		}, "myca did not make it"},
		"open to all": {func(t *testing.T, folder string) {
			mkdir(t, folder)
			if err := os.Chmod(folder, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "others may change what is in"},
		"archives are a link": {func(t *testing.T, folder string) {
			mkdir(t, folder)
			link(t, t.TempDir(), filepath.Join(folder, "archives"))
		}, "outputs are to go there"},
		"clients are a link": {func(t *testing.T, folder string) {
			mkdir(t, filepath.Join(folder, "archives"))
			link(t, t.TempDir(), filepath.Join(folder, "archives/clients"))
		}, "outputs are to go there"},
		"a target is a link": {func(t *testing.T, folder string) {
			mkdir(t, folder)
			link(t, t.TempDir(), filepath.Join(folder, "mysql-8.4"))
		}, "outputs are to go there"},
	} {
		t.Run(name, func(t *testing.T) {
			p := provision(t, aClient(t, "app", "mysql-8.4", "none"))
			p.archive = true
			above := filepath.Join(t.TempDir(), "above")
			mkdir(t, above)
			p.folder = outputFolder(filepath.Join(above, "out"))
			test.make(t, string(p.folder))
			var before map[string]string
			if name != "no parent" {
				before = tree(t, above)
			}
			_, err := p.write(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			if before != nil {
				if diff := cmp.Diff(before, tree(t, above)); diff != "" {
					t.Errorf("files (-before +after):\n%s", diff)
				}
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// TestOutputsNotAsPlanned: a store that does not hold what the manifest says.
// The outputs stay as they were.
func TestOutputsNotAsPlanned(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *provisioned){
		"missing": func(t *testing.T, p *provisioned) {
			p.all = append(p.all, aClient(t, "nobody", "mysql-8.4", "none"))
			p.count++
		},
		"for another target": func(t *testing.T, p *provisioned) { p.all[4].Target = parsedTarget(t, "mysql-9.7") },
		"another certificate": func(t *testing.T, p *provisioned) {
			data, err := os.ReadFile(filepath.Join(p.store.Dir(), "servers/db1/server-cert.pem"))
			if err != nil {
				t.Fatal(err)
			}
			p.version = "1.2.4"
			write(t, filepath.Join(p.store.Dir(), "servers/db2/server-cert.pem"), string(data))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := provision(t, mixed(t)...)
			p.outputsOf(t, true)
			before := tree(t, string(p.folder))
			change(t, p)
			if _, err := p.write(t.Context()); !errors.Is(err, store.ErrChanged) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(before, tree(t, string(p.folder))); diff != "" {
				t.Errorf("files (-before +after):\n%s", diff)
			}
		})
	}
}

// TestOutputsUnreadable: an error in the middle leaves the old outputs.
func TestOutputsUnreadable(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.outputsOf(t, true)
	before := tree(t, string(p.folder))
	remove(t, filepath.Join(p.store.Dir(), "clients/reports/client-key.pem"))
	p.version = "1.2.4"
	if _, err := p.write(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, tree(t, string(p.folder))); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// TestOutputsInterrupted: who gives up finds the old outputs, and nothing else.
func TestOutputsInterrupted(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.outputsOf(t, true)
	before := tree(t, string(p.folder))
	p.version = "1.2.4"
	ctx, cancel := context.WithCancel(t.Context())
	at := p.at
	p.at = func(i int) Identity {
		if i == p.count-1 {
			cancel()
		}
		return at(i)
	}
	if _, err := p.write(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, tree(t, string(p.folder))); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// A bundle in a folder that is not the store's, as while an authority is rotated,
// does not get into the outputs.
func TestOutputsOfAnotherBundle(t *testing.T) {
	p := provision(t, aClient(t, "app", "mysql-8.4", "none"))
	p.archive = true
	path := filepath.Join(p.store.Dir(), "clients", "app", "ca-cert.pem")
	right, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(right)+string(right))
	if _, err := p.write(t.Context()); !errors.Is(err, store.ErrChanged) {
		t.Errorf("error %v", err)
	}
	write(t, path, string(right))
	p.outputsOf(t, true)
}

// A publication that fails halfway is made up for, also when the manifest is then
// the one of before: nobody takes the old inventory's word for files that are new.
func TestOutputsHalfPublished(t *testing.T) {
	p := provision(t, aClient(t, "app", "mysql-8.4", "none"))
	p.outputsOf(t, true)
	script := p.folder.path(scriptName("mysql-8.4"))
	remove(t, script)
	mkdir(t, script)
	p.version = "1.2.4"
	if _, err := p.write(t.Context()); err == nil {
		t.Fatal("a folder in place of a file is no error")
	}
	remove(t, script)
	write(t, script, "whatever was put there")
	p.version = "1.2.3"
	p.outputsOf(t, true)
	if text, err := os.ReadFile(script); err != nil || !strings.Contains(string(text), "CREATE USER") {
		t.Errorf("%v\n%s", err, text)
	}
	p.outputsOf(t, false)
}
