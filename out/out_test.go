//go:build unix

package out

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestModesDoNotDependOnTheUmask(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o777} {
		dir := t.TempDir()
		old := syscall.Umask(umask)
		err := MakeFolder(filepath.Join(dir, "pair"), []File{
			{"cert.pem", []byte("cert"), 0o644},
			{"key.pem", []byte("key"), 0o600},
		}, nil, true)
		createErr := Create(filepath.Join(dir, "lone"), []byte("x"), 0o644, false)
		syscall.Umask(old)
		if err := errors.Join(err, createErr); err != nil {
			t.Fatalf("umask %04o: %v", umask, err)
		}
		for name, want := range map[string]fs.FileMode{
			"pair": 0o700 | fs.ModeDir, "pair/cert.pem": 0o644, "pair/key.pem": 0o600, "lone": 0o644,
		} {
			if got := mode(t, filepath.Join(dir, name)); got != want {
				t.Errorf("umask %04o: %s has mode %v, want %v", umask, name, got, want)
			}
		}
	}
}

func TestCreateNeverWritesOverOrThroughAnything(t *testing.T) {
	dir := t.TempDir()
	target, file := filepath.Join(dir, "target"), filepath.Join(dir, "file")
	write(t, file, "old")
	link, dangling := filepath.Join(dir, "link"), filepath.Join(dir, "dangling")
	symlink(t, file, link)
	symlink(t, target, dangling)
	for _, path := range []string{file, link, dangling, dir} {
		if err := Create(path, []byte("new"), 0o600, false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create(%q) = %v, want fs.ErrExist", path, err)
		}
		if err := MakeFolder(path, nil, nil, false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("MakeFolder(%q) = %v, want fs.ErrExist", path, err)
		}
	}
	if got := read(t, file); got != "old" {
		t.Errorf("the file holds %q", got)
	}
	if there, err := Exists(target); there || err != nil {
		t.Errorf("the dangling link's target exists (%v)", err)
	}
}

func TestCreateLeavesNothingWhenItFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	closed, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if err := complete(closed, []byte("x"), 0o600, false, func(*os.File) error { return nil }); err == nil {
		t.Error("writing to a closed file succeeded")
	}
	if there, err := Exists(path); there || err != nil {
		t.Errorf("the file is still there (%v)", err)
	}
}

func TestOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pair")
	if os.Geteuid() != 0 {
		err := CreateFor(path, []byte("x"), 0o600, &Owner{UID: 0, GID: 0}, false)
		if there, _ := Exists(path); there || hint(err) == "" {
			t.Errorf("giving a file to root = %v, want an error with a hint and no file (%t)", err, there)
		}
		return
	}
	if err := MakeFolder(path, []File{{"key.pem", []byte("k"), 0o600}}, &Owner{UID: 4711, GID: -1}, false); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Join(path, "key.pem")} {
		uid, foreign, err := Foreign(name)
		if uid != 4711 || !foreign || err != nil {
			t.Errorf("%q belongs to %d (foreign %t, %v), want 4711", name, uid, foreign, err)
		}
	}
	if got := mode(t, filepath.Join(path, "key.pem")); got != 0o600 {
		t.Errorf("mode %v", got)
	}
}

func TestParseOwner(t *testing.T) {
	for text, want := range map[string]Owner{
		"0":         {0, -1},
		"root":      {0, -1},
		"4711:4712": {4711, 4712},
		"root:0":    {0, 0},
	} {
		got, err := ParseOwner(text)
		if err != nil || *got != want {
			t.Errorf("ParseOwner(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", ":", "root:", ":0", "-1", "nobody-of-that-name", "root:no-group-of-that-name", "99999999999"} {
		if got, err := ParseOwner(text); err == nil || hint(err) == "" {
			t.Errorf("ParseOwner(%q) = %v, %v, want an error with a hint", text, got, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	write(t, file, "12345")
	symlink(t, file, link)
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadFile(file, 5); string(got) != "12345" || err != nil {
		t.Errorf("ReadFile = %q, %v", got, err)
	}
	for _, path := range []string{link, pipe, dir} {
		if got, err := ReadFile(path, 5); err == nil {
			t.Errorf("ReadFile(%q) = %q, want an error", path, got)
		}
	}
	if _, err := ReadFile(file, 4); err == nil {
		t.Error("a file longer than the limit was read")
	}
	if _, err := ReadFile(filepath.Join(dir, "none"), 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestPlace(t *testing.T) {
	unable := func(a, b string) error { return errNoExchange }
	tests := []struct {
		name     string
		exchange func(a, b string) error
		old      string // content of place, "" for none
		oldAt    string // where it is afterwards
	}{
		{"free", exchange, "", ""},
		{"free, no exchange", unable, "", ""},
		{"exchange", exchange, "old", "staged"},
		{"no exchange", unable, "old", "aside"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			at := func(name string) string { return filepath.Join(dir, name) }
			folder(t, at("staged"), "new")
			if test.old != "" {
				folder(t, at("place"), test.old)
			}
			replaced, err := placeWith(test.exchange, at("staged"), at("place"), at("aside"))
			if err != nil || replaced != (test.old != "") {
				t.Fatal(replaced, err)
			}
			if got := read(t, at("place/file")); got != "new" {
				t.Errorf("place holds %q", got)
			}
			for _, name := range []string{"staged", "aside"} {
				there, err := Exists(at(name))
				if err != nil || there != (name == test.oldAt) {
					t.Errorf("%s exists: %t, %v", name, there, err)
				}
			}
			if test.oldAt != "" {
				if got := read(t, at(test.oldAt+"/file")); got != test.old {
					t.Errorf("%s holds %q", test.oldAt, got)
				}
			}
		})
	}
}

func TestPlaceLeavesEverythingWhenItFails(t *testing.T) {
	unable := func(a, b string) error { return errNoExchange }
	for name, exchange := range map[string]func(a, b string) error{"exchange": exchange, "no exchange": unable} {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		folder(t, at("place"), "old")
		if _, err := placeWith(exchange, at("staged"), at("place"), at("aside")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want fs.ErrNotExist", name, err)
		}
		if got := read(t, at("place/file")); got != "old" {
			t.Errorf("%s: place holds %q", name, got)
		}
		if there, _ := Exists(at("aside")); there {
			t.Errorf("%s: aside was left behind", name)
		}
	}
}

func TestMoveAndReplace(t *testing.T) {
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	write(t, a, "a")
	write(t, b, "b")
	if err := Move(a, b); !errors.Is(err, fs.ErrExist) || read(t, b) != "b" {
		t.Errorf("Move over a file: %v, it holds %q", err, read(t, b))
	}
	if err := Move(a, c); err != nil || read(t, c) != "a" {
		t.Errorf("Move: %v", err)
	}
	if err := Replace(c, b); err != nil || read(t, b) != "a" {
		t.Errorf("Replace: %v, it holds %q", err, read(t, b))
	}
}

func TestSync(t *testing.T) {
	dir := t.TempDir()
	folder(t, filepath.Join(dir, "pair"), "x")
	symlink(t, "/nowhere", filepath.Join(dir, "pair", "link"))
	if err := errors.Join(Sync(dir, filepath.Join(dir, "pair", "file")), SyncAll(dir), syncTree(dir)); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{"Sync": Sync(dir + "/none"), "SyncAll": SyncAll(dir + "/none"), "syncTree": syncTree(dir + "/none")} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of a missing folder: %v", name, err)
		}
	}
}

func TestHints(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a b")
	if err := errors.Join(Mkdir(folder), Mkdir(filepath.Join(folder, "staged"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "staged", "c")
	for errno, word := range map[syscall.Errno]string{
		syscall.ENOSPC: "(df -h '" + folder + "')", syscall.EDQUOT: "quota", syscall.EROFS: "read-only", syscall.EACCES: "ls -la '" + folder + "'",
	} {
		err := explain(path, errno)
		if err := Remove(filepath.Dir(path)); err != nil { // as what failed is given up
			t.Fatal(err)
		}
		if !strings.Contains(hint(err), word) || !errors.Is(err, errno) || !strings.Contains(err.Error(), path) {
			t.Errorf("explain(%v) = %v with hint %q", errno, err, hint(err))
		}
	}
	if err := explain("/c", syscall.EIO); hint(err) != "" || !errors.Is(err, syscall.EIO) {
		t.Errorf("EIO: %v with hint %q", err, hint(err))
	}
	if got := quote("it's"); got != `'it'\''s'` {
		t.Errorf("quote = %s", got)
	}
}

func hint(err error) string {
	var h interface{ Hint() string }
	if !errors.As(err, &h) {
		return ""
	}
	return h.Hint()
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func folder(t *testing.T, path, content string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(path, "file"), content)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func symlink(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}
