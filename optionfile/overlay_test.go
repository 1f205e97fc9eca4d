package optionfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOverlay compares an overlay with the same change made on a disk.
func TestOverlay(t *testing.T) {
	build := func() string {
		dir := t.TempDir()
		for path, data := range map[string]string{"etc/mysql/real.cnf": "[mysqld]\na=1\n", "etc/mysql/conf.d/a.cnf": "[mysqld]\nb=1\n", "etc/mysql/conf.d/gone.cnf": "[mysqld]\nc=1\n"} {
			path = filepath.Join(dir, path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(data), 0o640)); err != nil {
				t.Fatal(err)
			}
		}
		for link, target := range map[string]string{"etc/my.cnf": "mysql/link.cnf", "etc/mysql/link.cnf": dir + "/etc/mysql/real.cnf", "d": "etc/mysql/conf.d", "dangling": "etc/mysql/new.cnf", "loop": "loop"} {
			if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	dir, real := build(), build()
	changed := map[string][]byte{dir + "/etc/my.cnf": []byte("[mysqld]\na=22\n"), dir + "/d/zz.cnf": []byte("[mysqld]\nz\n"), dir + "/etc/mysql/conf.d/gone.cnf": nil,
		dir + "/dangling": []byte("x\n"), dir + "/nowhere/at/all": nil}
	over := NewOverlay(OS(), changed)
	err := errors.Join(os.WriteFile(real+"/etc/my.cnf", []byte("[mysqld]\na=22\n"), 0), os.WriteFile(real+"/d/zz.cnf", []byte("[mysqld]\nz\n"), 0o644),
		os.Remove(real+"/etc/mysql/conf.d/gone.cnf"), os.WriteFile(real+"/dangling", []byte("x\n"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"etc/my.cnf", "etc/mysql/link.cnf", "etc/mysql/real.cnf", "etc/mysql/new.cnf", "dangling", "d/zz.cnf", "etc/mysql/conf.d/zz.cnf", "d/gone.cnf",
		"d/../mysql/real.cnf", "d/a.cnf", "d", "etc/mysql", "etc/mysql/conf.d", "nowhere", "nowhere/at/all", "loop", "etc"} {
		got, gotErr := over.ReadFile(filepath.Join(dir, path))
		want, wantErr := OS().ReadFile(filepath.Join(real, path))
		if string(got) != string(want) || (gotErr == nil) != (wantErr == nil) || errors.Is(gotErr, fs.ErrNotExist) != errors.Is(wantErr, fs.ErrNotExist) {
			t.Errorf("ReadFile(%q): %q, %v; want %q, %v", path, got, gotErr, want, wantErr)
		}
		info, gotErr := over.Stat(filepath.Join(dir, path))
		wantInfo, wantErr := OS().Stat(filepath.Join(real, path))
		switch {
		case (gotErr == nil) != (wantErr == nil) || errors.Is(gotErr, fs.ErrNotExist) != errors.Is(wantErr, fs.ErrNotExist):
			t.Errorf("Stat(%q): %v, want %v", path, gotErr, wantErr)
		case gotErr == nil && (info.Mode() != wantInfo.Mode() || info.Name() != wantInfo.Name() || info.IsDir() != wantInfo.IsDir() || !info.IsDir() && info.Size() != wantInfo.Size()):
			t.Errorf("Stat(%q): %v %v %d, want %v %v %d", path, info.Name(), info.Mode(), info.Size(), wantInfo.Name(), wantInfo.Mode(), wantInfo.Size())
		}
		names, gotErr := over.ReadDir(filepath.Join(dir, path))
		wantNames, wantErr := OS().ReadDir(filepath.Join(real, path))
		slices.Sort(names)
		if !slices.Equal(names, wantNames) || (gotErr == nil) != (wantErr == nil) {
			t.Errorf("ReadDir(%q): %q, %v; want %q, %v", path, names, gotErr, wantNames, wantErr)
		}
	}
	for path, want := range map[string]string{"dangling": "/etc/mysql/new.cnf", "etc/my.cnf": "/etc/mysql/real.cnf", "d/new": "/etc/mysql/conf.d/new"} {
		if got, err := over.Resolve(filepath.Join(dir, path)); got != dir+want || err != nil {
			t.Errorf("Resolve(%q) = %q, %v, want %q", path, got, err, dir+want)
		}
	}
	if got, err := over.Resolve(filepath.Join(dir, "loop")); err == nil {
		t.Errorf("a link to itself resolves to %q", got)
	}
}

// TestOverlayMemory: without links, and the result belongs to the caller.
func TestOverlayMemory(t *testing.T) {
	over := NewOverlay(newMemory(map[string]string{"/d/a.cnf": "[mysqld]\na\n", "/m": "!includedir /d\n"}), map[string][]byte{"/d//b.cnf": []byte("[mysqld]\nb\n"), "/d/empty.cnf": {}})
	data, err := over.ReadFile("/d/b.cnf")
	if err != nil {
		t.Fatal(err)
	}
	data[0] = 'x'
	r := Read(over, program(t, "mysql-9.7", "mysqld"), "/m")
	if got := resultText(r); got != "a@/d/a.cnf:2 b@/d/b.cnf:2" || strings.Join(r.Files, " ") != "/m /d/a.cnf /d/b.cnf /d/empty.cnf" {
		t.Errorf("%s of %q", got, r.Files)
	}
}
