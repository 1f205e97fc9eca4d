//go:build unix

package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/out"
)

func TestInstall(t *testing.T) {
	dir := world(t, scratch(t))
	before := scene(t, dir)
	p := plan(t, dir, "new")
	j, err := Begin(filepath.Join(dir, "pki"), p, json.RawMessage(`{"a":1}`), time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	asBefore(t, dir, before, true)
	if !strings.HasPrefix(filepath.Base(j.Folder()), "20260102T030405Z-") || string(j.Meta()) != `{"a":1}` || len(j.Paths()) != 8 {
		t.Errorf("journal %q with %s, files %q", j.Folder(), j.Meta(), j.Paths())
	}
	if err := j.Apply(); err != nil {
		t.Fatal(err)
	}
	backup, err := j.Done()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]entry{
		"etc/mysql/my.cnf":                    {Mode: fs.ModeSymlink | 0o777, Data: "../alternatives/my.cnf"},
		"etc/mysql/mariadb.cnf":               {Mode: 0o640, Data: "[mysqld]\r\nport=3306\r\n# no newline at the end\r\nnew options\n"},
		"etc/mysql/conf.d/zz-myca.cnf":        {Mode: 0o644, Data: "new drop-in\n"},
		"data/server-key.pem":                 {Mode: 0o400, UID: mysql().UID, GID: mysql().GID, Data: "new key\n"},
		"data/mode.pem":                       {Mode: 0o640, UID: mysql().UID, GID: mysql().GID, Data: "only the mode changes\n"},
		"etc/mysql/myca":                      {Mode: fs.ModeDir | 0o755},
		"etc/mysql/myca/deep":                 {Mode: fs.ModeDir | 0o750, UID: mysql().UID, GID: mysql().GID},
		"etc/mysql/myca/deep/server-key.pem":  {Mode: 0o400, UID: mysql().UID, GID: mysql().GID, Data: "new key\n"},
		"etc/mysql/myca/deep/server-cert.pem": {Mode: 0o644, Data: "new certificate\n"},
	} {
		if want.UID == 0 {
			want.UID, want.GID = os.Geteuid(), os.Getegid()
		}
		if got := timeless(scene(t, dir))[name]; got != want {
			t.Errorf("%s is %+v, want %+v", name, got, want)
		}
	}
	if n := len(scene(t, dir)) - len(before); n != 5 {
		t.Errorf("%d names are new, want 5", n)
	}
	for name, want := range map[string]string{"server-key.pem": "old key \x00\xff\n", "ca-cert.pem": "old CA\n", "mariadb.cnf": before["etc/mysql/mariadb.cnf"].Data} {
		saved, err := filepath.Glob(filepath.Join(backup, "*-"+name))
		if err != nil || len(saved) != 1 || get(t, saved[0]) != want {
			t.Errorf("the backup of %s: %q, %v", name, saved, err)
			continue
		}
		if info, err := os.Lstat(saved[0]); err != nil || info.Mode() != 0o600 {
			t.Errorf("the backup of %s: %v, %v", name, info, err)
		}
	}
	if again := plan(t, dir, "new"); !again.Empty() {
		t.Errorf("a second plan changes %+v", again)
	}
	if got := journals(t, dir); got != "*.done lock" {
		t.Errorf("journals: %q", got)
	}
	for name, act := range map[string]func() error{
		"undoing":   func() error { return j.Undo(nil) },
		"applying":  func() error { return j.Apply() },
		"finishing": func() error { _, err := j.Done(); return err },
	} {
		if err := act(); err == nil {
			t.Errorf("%s what is done succeeds", name)
		}
	}
}

// Each step of an installation fails: after Undo all is as before. Then each
// step of undoing it fails, and the second attempt succeeds.
func TestEveryStepMayFail(t *testing.T) {
	var all steps
	if _, err := install(world(t, scratch(t)), "new", all.passed); err != nil {
		t.Fatal(err)
	}
	over := false
	for _, step := range all.steps {
		dir := world(t, scratch(t))
		before := scene(t, dir)
		if _, err := install(dir, "new", faultAt(step)); !errors.Is(err, errFault) && !over {
			t.Errorf("failing at %s: %v", step, err)
		}
		if over = over || step == "done:1"; over {
			if left, err := undoAll(dir, nil); left > 0 || err != nil || !plan(t, dir, "new").Empty() {
				t.Errorf("failing at %s: %d unfinished, %v", step, left, err)
			}
			continue
		}
		if _, err := undoAll(dir, nil); err != nil {
			t.Errorf("failing at %s, then undoing: %v", step, err)
		}
		asBefore(t, dir, before, true)
		if got := journals(t, dir); got != "lock" {
			t.Errorf("failing at %s: journals %q", step, got)
		}
		if _, err := install(dir, "new", nil); err != nil {
			t.Errorf("failing at %s, then again: %v", step, err)
		}
	}
	if !over {
		t.Error("there is no step done")
	}
}

func TestEveryStepOfUndoMayFail(t *testing.T) {
	for _, links := range []bool{true, false} {
		var all steps
		prepare := func() (string, map[string]entry) {
			dir := world(t, scratch(t))
			before := scene(t, dir)
			j := applied(t, dir)
			j.Close()
			if !links {
				unlink(t, j)
			}
			return dir, before
		}
		dir, _ := prepare()
		if n, err := undoAll(dir, all.passed); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		for _, step := range all.steps {
			dir, before := prepare()
			_, err := undoAll(dir, faultAt(step))
			if !errors.Is(err, errFault) {
				t.Errorf("failing at %s: %v", step, err)
			}
			if _, err := undoAll(dir, nil); err != nil {
				t.Errorf("failing at %s, then again: %v", step, err)
			}
			asBefore(t, dir, before, links)
		}
	}
}

// unlink removes the second names of the old files, which some file systems
// cannot give.
func unlink(t *testing.T, j *Journal) {
	t.Helper()
	for _, f := range j.record.Files {
		if f.Before != nil {
			if err := os.Remove(f.old()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOneAtATime(t *testing.T) {
	dir := world(t, scratch(t))
	j := applied(t, dir)
	pki := filepath.Join(dir, "pki")
	if _, err := Begin(pki, Plan{}, nil, time.Now()); !errors.Is(err, ErrBusy) || hint(err) == "" {
		t.Errorf("a second installation: %v", err)
	}
	if _, err := Unfinished(pki); !errors.Is(err, ErrBusy) {
		t.Errorf("what is unfinished: %v", err)
	}
	j.Close()
	if err := j.Apply(); err == nil {
		t.Error("it can be applied without the lock")
	}
	if _, err := Begin(pki, Plan{}, nil, time.Now()); !errors.Is(err, ErrUnfinished) || hint(err) == "" {
		t.Errorf("after an interrupted one: %v", err)
	}
	left, err := Unfinished(pki)
	if err != nil || len(left) != 1 || left[0].Folder() != j.Folder() {
		t.Fatalf("unfinished: %v, %v", left, err)
	}
	if err := left[0].Apply(); err == nil {
		t.Error("what was interrupted can be applied")
	}
	if err := left[0].Undo(nil); err != nil {
		t.Error(err)
	}
	if err := j.Undo(nil); err != nil {
		t.Errorf("what another process has undone: %v", err)
	}
	if left, err := Unfinished(pki); len(left) != 0 || err != nil {
		t.Errorf("unfinished: %v, %v", left, err)
	}
	if left, err := Unfinished(filepath.Join(dir, "data")); len(left) != 0 || err != nil {
		t.Errorf("without journals: %v, %v", left, err)
	}
}

// A server that cannot be set back keeps the installation unfinished.
func TestUndoOfAServer(t *testing.T) {
	dir := world(t, scratch(t))
	before := scene(t, dir)
	pki := filepath.Join(dir, "pki")
	j, err := Begin(pki, Plan{}, json.RawMessage(`{"ssl_ca": "/old"}`), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	for _, want := range []error{errFault, nil} {
		left, err := Unfinished(pki)
		if err != nil || len(left) != 1 || compact(t, left[0].Meta()) != `{"ssl_ca":"/old"}` {
			t.Fatalf("unfinished: %v, %v", left, err)
		}
		called := 0
		if err := left[0].Undo(func() error { called++; return want }); !errors.Is(err, want) || called != 1 {
			t.Errorf("%v after %d calls, want %v", err, called, want)
		}
	}
	asBefore(t, dir, before, true)
	if got := journals(t, dir); got != "lock" {
		t.Errorf("journals %q", got)
	}
}

func compact(t *testing.T, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

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

// What cannot have been written by this program is refused, and nothing is done.
func TestDamagedJournal(t *testing.T) {
	tests := map[string]func(text string) string{
		"garbage":       func(string) string { return "{" },
		"newer":         func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) },
		"no version":    func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 0`, 1) },
		"unknown":       func(s string) string { return strings.Replace(s, `"version"`, `"what":1,"version"`, 1) },
		"relative":      func(s string) string { return strings.Replace(s, `"path": "/`, `"path": "`, 1) },
		"other names":   func(s string) string { return strings.ReplaceAll(s, `/.myca-`, `/myca-`) },
		"copy outside":  func(s string) string { return strings.Replace(s, `"copy": "`, `"copy": "../`, 1) },
		"mode in words": func(s string) string { return strings.Replace(s, `"mode": "0400"`, `"mode": "r"`, 1) },
	}
	for name, damage := range tests {
		dir := world(t, scratch(t))
		j := applied(t, dir)
		j.Close()
		before := scene(t, dir)
		path := filepath.Join(j.Folder(), recordName)
		text := damage(get(t, path))
		if text == get(t, path) {
			t.Errorf("%s: nothing is damaged", name)
		}
		put(t, path, text, 0o600)
		if left, err := Unfinished(filepath.Join(dir, "pki")); !errors.Is(err, ErrDamaged) || hint(err) == "" || left != nil {
			t.Errorf("%s: %v, %v", name, left, err)
		}
		asBefore(t, dir, before, true)
	}
}

func TestDamagedCopy(t *testing.T) {
	dir := world(t, scratch(t))
	j := applied(t, dir)
	unlink(t, j)
	saved, err := filepath.Glob(filepath.Join(j.Folder(), "*-server-key.pem"))
	if err != nil || len(saved) == 0 {
		t.Fatal(saved, err)
	}
	put(t, saved[0], "x", 0o600)
	if err := j.Undo(nil); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), saved[0]) {
		t.Errorf("undoing: %v", err)
	}
	if got := get(t, filepath.Join(dir, "data/server-cert.pem")); got != "old certificate\n" {
		t.Errorf("the others are not put back: %q", got)
	}
	put(t, saved[0], "old key \x00\xff\n", 0o600)
	if err := j.Undo(nil); err != nil {
		t.Errorf("undoing, once the copy is back: %v", err)
	}
}

// A journal that another user could have written is not obeyed.
func TestForeignJournal(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("giving a file away needs root")
	}
	for _, name := range []string{"", "journal.json", ".."} {
		dir := world(t, scratch(t))
		j := applied(t, dir)
		j.Close()
		if err := os.Chown(filepath.Join(j.Folder(), name), 4711, -1); err != nil {
			t.Fatal(err)
		}
		if left, err := Unfinished(filepath.Join(dir, "pki")); !errors.Is(err, ErrRefused) || hint(err) == "" || left != nil {
			t.Errorf("%q of another user: %v, %v", name, left, err)
		}
	}
	dir := world(t, scratch(t))
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "pki", roomName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(filepath.Join(dir, "pki"), Plan{}, nil, time.Now()); !errors.Is(err, ErrRefused) {
		t.Errorf("a link: %v", err)
	}
}

// An option file keeps what it has beside content, mode and owner, over a
// replacement and over putting back a copy.
func TestExtendedAttributesStay(t *testing.T) {
	dir := world(t, t.TempDir())
	path := filepath.Join(dir, "etc/mysql/mariadb.cnf")
	label(t, path)
	j := applied(t, dir)
	if got := labelOf(t, path); got != "label" {
		t.Errorf("replaced, it is %q", got)
	}
	j.Close()
	unlink(t, j)
	if _, err := undoAll(dir, nil); err != nil {
		t.Error(err)
	}
	if got := labelOf(t, path); got != "label" {
		t.Errorf("put back, it is %q", got)
	}
}

func labelOf(t *testing.T, path string) string {
	t.Helper()
	_, has, err := out.Look(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(has.Extended["user.myca"])
}
