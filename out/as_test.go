//go:build unix

package out

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// nobody is a user that the system does not know.
func nobody() *Owner { return &Owner{UID: 4711, GID: 4712} }

func TestAsWhoRuns(t *testing.T) {
	for _, owner := range []*Owner{nil, {UID: os.Geteuid(), GID: -1}} {
		called := false
		if err := As(owner, func() error { called = true; return errNoExchange }); !called || err != errNoExchange {
			t.Errorf("%v: %t, %v", owner, called, err)
		}
	}
}

// Where the rights cannot be taken, nothing is done.
func TestAsRefused(t *testing.T) {
	owner := &Owner{UID: 4711, GID: -1}
	if os.Geteuid() != 0 {
		owner = nobody()
	}
	err := As(owner, func() error { t.Error("it was called"); return nil })
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint(), "as that user") {
		t.Errorf("%v", err)
	}
}

// The mode of a folder is not that of what a link leads to.
func TestFolderModeThroughLink(t *testing.T) {
	dir := t.TempDir()
	victim, link := filepath.Join(dir, "victim"), filepath.Join(dir, "link")
	if err := errors.Join(os.Mkdir(victim, 0o700), os.Symlink(victim, link)); err != nil {
		t.Fatal(err)
	}
	if err := setFolderMode(link, 0o755); err == nil {
		t.Error("a link was taken for a folder")
	}
	if err := ofFolder(link, func(f *os.File) error { return f.Chmod(0o755) }); err == nil {
		t.Error("a link was opened")
	}
	if info, err := os.Stat(victim); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestAsAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes the rights of other users")
	}
	dir := t.TempDir()
	theirs, roots, secret := filepath.Join(dir, "theirs"), filepath.Join(dir, "roots"), filepath.Join(dir, "secret")
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755), os.Mkdir(theirs, 0o700), os.Mkdir(roots, 0o755), os.Chown(theirs, 4711, 4712),
		os.WriteFile(secret, nil, 0o640)); err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		var f *os.File
		name := filepath.Join(theirs, fmt.Sprint(n))
		err := As(nobody(), func() (err error) {
			if err := MkdirFor(name+".d", 0o750, nobody()); err != nil {
				return err
			}
			f, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
			return err
		})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if info, err := f.Stat(); err != nil || OwnerIn(info) != *nobody() {
			t.Errorf("it belongs to %+v, %v", info, err)
		}
		f.Close()
		for what, do := range map[string]func() error{
			"write":       func() error { return os.WriteFile(filepath.Join(roots, "x"), nil, 0o600) },
			"read":        func() error { _, err := os.ReadFile(secret); return err },
			"mode":        func() error { return os.Chmod(roots, 0o777) },
			"owner":       func() error { return os.Chown(roots, 4711, 4712) },
			"give away":   func() error { return os.Chown(name, 0, 0) },
			"link target": func() error { return os.Link(secret, filepath.Join(roots, "y")) },
		} {
			err := As(nobody(), do)
			if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "user 4711") {
				t.Errorf("%s: %v", what, err)
			}
			if err := os.WriteFile(filepath.Join(roots, "own"), nil, 0o600); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		}
	}
}
