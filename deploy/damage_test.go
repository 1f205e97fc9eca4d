//go:build unix

package deploy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/out"
)

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
