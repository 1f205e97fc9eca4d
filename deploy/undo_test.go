//go:build unix

package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What somebody changes between the plan and its execution is not replaced.
func TestChangedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"content": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "data/ca-cert.pem"), []byte("x"), 0o644)
		},
		"mode":    func(dir string) error { return os.Chmod(filepath.Join(dir, "data/ca-cert.pem"), 0o600) },
		"removed": func(dir string) error { return os.Remove(filepath.Join(dir, "data/server-key.pem")) },
		"made": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "etc/mysql/conf.d/zz-myca.cnf"), nil, 0o644)
		},
		"link": func(dir string) error {
			path := filepath.Join(dir, "data/ca-cert.pem")
			return errors.Join(os.Rename(path, path+".1"), os.Symlink(path+".1", path))
		},
		"folder is a link": func(dir string) error {
			path := filepath.Join(dir, "data")
			return errors.Join(os.Rename(path, path+".1"), os.Symlink(path+".1", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := world(t, scratch(t))
			pki := filepath.Join(dir, "pki")
			p := plan(t, dir, "new")
			before := scene(t, dir)
			j, err := Begin(pki, p, nil, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if err := change(dir); err != nil {
				t.Fatal(err)
			}
			changed := scene(t, dir)
			if err := j.Apply(); !errors.Is(err, ErrChanged) || hint(err) == "" {
				t.Errorf("applying: %v", err)
			}
			err = j.Undo(nil)
			if name == "removed" { // which cannot be told from an accident
				asBefore(t, dir, before, false)
			} else {
				asBefore(t, dir, changed, true)
			}
			if err != nil && !errors.Is(err, ErrEdited) {
				t.Errorf("undoing: %v", err)
			}
			if name == "removed" {
				return
			}
			if _, err := Begin(pki, p, nil, time.Now()); !errors.Is(err, ErrChanged) {
				t.Errorf("beginning: %v", err)
			}
			asBefore(t, dir, changed, true)
		})
	}
}

// What somebody changes after it was installed is left alone by Undo, which
// tells where the old content is; everything else is put back.
func TestEditedMeanwhile(t *testing.T) {
	for name, test := range map[string]struct {
		edit  func(dir string) error
		path  string
		saved string // what the saved copy holds, "" when there is none
	}{
		"replaced": {path: "data/server-key.pem", saved: "old key \x00\xff\n",
			edit: func(dir string) error {
				path := filepath.Join(dir, "data/server-key.pem")
				return errors.Join(os.Remove(path), os.WriteFile(path, []byte("mine"), 0o600))
			}},
		"made": {path: "etc/mysql/conf.d/zz-myca.cnf",
			edit: func(dir string) error {
				return os.WriteFile(filepath.Join(dir, "etc/mysql/conf.d/zz-myca.cnf"), []byte("mine"), 0o600)
			}},
		"a folder now": {path: "data/ca-cert.pem", saved: "old CA\n",
			edit: func(dir string) error {
				path := filepath.Join(dir, "data/ca-cert.pem")
				return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
			}},
		"folder moved": {path: "data/ca-cert.pem", saved: "old CA\n",
			edit: func(dir string) error { return os.Rename(filepath.Join(dir, "data"), filepath.Join(dir, "data.1")) }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := world(t, scratch(t))
			before := scene(t, dir)
			j := applied(t, dir)
			if err := test.edit(dir); err != nil {
				t.Fatal(err)
			}
			edited := scene(t, dir)
			called := false
			err := j.Undo(func() error { called = true; return nil })
			path := filepath.Join(dir, test.path)
			if !errors.Is(err, ErrEdited) || !strings.Contains(fmt.Sprint(err), path) || hint(err) == "" || !called {
				t.Errorf("undoing: %v with hint %q, server %t", err, hint(err), called)
			}
			if test.saved != "" {
				saved, err2 := filepath.Glob(filepath.Join(j.Folder()+keptSuffix, "*-"+filepath.Base(path)))
				if err2 != nil || len(saved) != 1 || get(t, saved[0]) != test.saved || !strings.Contains(err.Error(), saved[0]) {
					t.Errorf("saved: %q, %v", saved, err2)
				}
			}
			now := timeless(scene(t, dir))
			for path, e := range timeless(before) {
				if path == test.path || strings.HasPrefix(path, "data") && name == "folder moved" {
					e = timeless(edited)[path]
				}
				if now[path] != e {
					t.Errorf("%s is %+v, want %+v", path, now[path], e)
				}
			}
			if left, err := Unfinished(filepath.Join(dir, "pki")); len(left) > 0 || err != nil {
				t.Errorf("unfinished: %v, %v", left, err)
			}
		})
	}
}

// An option file that somebody edited stays, and so does what it may name.
func TestEditedOptionFile(t *testing.T) {
	dir := world(t, scratch(t))
	j := applied(t, dir)
	path := filepath.Join(dir, "etc/mysql/mariadb.cnf")
	put(t, path, get(t, path)+"ssl-key=/etc/mysql/myca/deep/server-key.pem\n", 0o640)
	edited := scene(t, dir)
	err := j.Undo(nil)
	if !errors.Is(err, ErrEdited) || strings.Count(err.Error(), "stays") != 1 {
		t.Errorf("undoing: %v", err)
	}
	now := scene(t, dir)
	for _, name := range []string{"etc/mysql/mariadb.cnf", "etc/mysql/myca/deep", "etc/mysql/myca/deep/server-key.pem"} {
		if now[name] != edited[name] {
			t.Errorf("%s is %+v, want %+v", name, now[name], edited[name])
		}
	}
	if _, there := now["etc/mysql/conf.d/zz-myca.cnf"]; there || now["data/server-key.pem"].Data != "old key \x00\xff\n" {
		t.Error("the others are not put back")
	}
	if _, there := now["etc/mysql/myca/deep/server-cert.pem"]; there {
		t.Error("what nobody names is still there")
	}
	if _, err := install(dir, "next", nil); err != nil {
		t.Errorf("the next installation: %v", err)
	}
}

// A folder that was made stays when somebody put something into it.
func TestFolderInUse(t *testing.T) {
	dir := world(t, scratch(t))
	j := applied(t, dir)
	put(t, filepath.Join(dir, "etc/mysql/myca/mine"), "x", 0o600)
	if err := j.Undo(nil); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "etc/mysql/myca"))
	if err != nil || len(entries) != 1 || entries[0].Name() != "mine" {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
