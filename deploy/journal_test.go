//go:build unix

package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
