//go:build unix

package out

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestCreateLike(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	want := Attributes{Mode: 0o640, Owner: Owner{UID: os.Geteuid(), GID: os.Getegid()}}
	if os.Geteuid() == 0 {
		want.Owner = Owner{UID: 4711, GID: 4712}
	}
	old := syscall.Umask(0o777)
	err := CreateLike(path, []byte("x"), want)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	data, got, err := Look(path, 1)
	if err != nil || string(data) != "x" || !got.Like(want) {
		t.Errorf("%q with %+v, %v; want %+v", data, got, err, want)
	}
	if err := CreateLike(path, []byte("y"), want); !errors.Is(err, fs.ErrExist) || read(t, path) != "x" {
		t.Errorf("over a file: %v", err)
	}
	if _, _, err := Look(path, 0); err == nil {
		t.Error("a file longer than the limit was read")
	}
	if os.Geteuid() != 0 {
		err := CreateLike(path+"2", nil, Attributes{Mode: 0o600, Owner: Owner{UID: 0, GID: 0}})
		if there, _ := Exists(path + "2"); there || hint(err) == "" {
			t.Errorf("for root: %v, left behind: %t", err, there)
		}
	}
}

func TestLike(t *testing.T) {
	a := Attributes{Mode: 0o600, Owner: Owner{1, 2}}
	for _, test := range []struct {
		b    Attributes
		want bool
	}{
		{Attributes{Mode: 0o600, Owner: Owner{1, 2}}, true},
		{Attributes{Mode: 0o600, Owner: Owner{1, -1}}, true},
		{Attributes{Mode: 0o600, Owner: Owner{-1, -1}}, true},
		{Attributes{Mode: 0o400, Owner: Owner{1, 2}}, false},
		{Attributes{Mode: 0o600, Owner: Owner{2, -1}}, false},
		{Attributes{Mode: 0o600, Owner: Owner{1, 3}}, false},
	} {
		if got := a.Like(test.b); got != test.want {
			t.Errorf("%+v like %+v: %t", a, test.b, got)
		}
	}
}

func TestMkdirFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder")
	owner := &Owner{UID: os.Geteuid(), GID: os.Getegid()}
	if os.Geteuid() == 0 {
		owner = &Owner{UID: 4711, GID: 4712}
	}
	if err := MkdirFor(path, 0o750, owner); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != fs.ModeDir|0o750 || OwnerIn(info) != *owner {
		t.Errorf("%v of %+v, %v", info.Mode(), OwnerIn(info), err)
	}
	if err := MkdirFor(path, 0o755, nil); !errors.Is(err, fs.ErrExist) || mode(t, path) != fs.ModeDir|0o750 {
		t.Errorf("over a folder: %v", err)
	}
	if os.Geteuid() != 0 {
		err := MkdirFor(path+"2", 0o755, &Owner{UID: 0, GID: 0})
		if there, _ := Exists(path + "2"); there || hint(err) == "" {
			t.Errorf("for root: %v, left behind: %t", err, there)
		}
	}
}

func TestUnlinkAndLink(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("file"), "x")
	folder(t, at("full"), "y")
	symlink(t, at("file"), at("link"))
	if err := errors.Join(os.Mkdir(at("empty"), 0o700), Link(at("file"), at("second"))); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(at("file")); err != nil || Names(info) != 2 {
		t.Errorf("%v, want two names", err)
	}
	if err := Link(at("file"), at("full/file")); !errors.Is(err, fs.ErrExist) || read(t, at("full/file")) != "y" {
		t.Errorf("a name that is taken: %v", err)
	}
	if err := errors.Join(Unlink(at("link")), Unlink(at("second")), Unlink(at("empty")), Unlink(at("none")), Unlink(at("file/none"))); err != nil {
		t.Error(err)
	}
	if err := Unlink(at("full")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a folder with something in it: %v", err)
	}
	if got := read(t, at("file")); got != "x" {
		t.Errorf("the file holds %q", got)
	}
}
