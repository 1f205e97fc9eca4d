package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

// Folders that are no store, or not a whole one, and what founding one there says.
func TestOpenAndFoundOverWhatIsThere(t *testing.T) {
	remove := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			found(t, dir, "client/laura").Close()
			for _, name := range names {
				if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		open    error
		found   error // nil: a store can be founded there
	}{
		{"missing", func(t *testing.T, dir string) { os.Remove(dir) }, ErrNoStore, nil},
		{"empty", func(t *testing.T, dir string) {}, ErrNoStore, nil},
		{"a file", func(t *testing.T, dir string) { os.Remove(dir); write(t, dir, "x") }, ErrNoStore, ErrExists},
		{"something else", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "notes"), "x") }, ErrNoStore, ErrExists},
		{"something else with a folder of that name", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "ca", "1", "ca-key.pem"), "x")
			write(t, filepath.Join(dir, "notes"), "x")
		}, ErrNoStore, ErrExists},
		{"a founding that was cut short", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, lockName), "")
			write(t, filepath.Join(dir, stagingName, "0f", "ca-key.pem"), "x")
			write(t, filepath.Join(dir, stagingName, ledgerName), "x")
			for _, name := range []string{"ca", "servers", "sql"} {
				if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
					t.Fatal(err)
				}
			}
		}, ErrNoStore, nil},
		{"a store", remove(), nil, ErrExists},
		{"a store without its ledger", remove(ledgerName), ErrDamaged, ErrDamaged},
		{"an authority alone without its ledger", remove(ledgerName, "clients", "servers", "sql", lockName), ErrDamaged, ErrDamaged},
		{"a trust bundle alone", func(t *testing.T, dir string) { write(t, filepath.Join(dir, bundleFile), "x") }, ErrDamaged, ErrDamaged},
		{"an empty ledger", func(t *testing.T, dir string) {
			remove()(t, dir)
			write(t, filepath.Join(dir, ledgerName), "")
		}, ErrDamaged, ErrExists},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "pki")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			test.prepare(t, dir)
			before := tree(t, filepath.Dir(dir))
			s, err := Open(dir)
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, test.open) || err != nil && (hint(err) == "" || !strings.Contains(err.Error(), dir)) {
				t.Errorf("Open = %v with hint %q, want %v", err, hint(err), test.open)
			}
			f, err := foundingOf()
			if err != nil {
				t.Fatal(err)
			}
			s, err = Found(dir, f)
			if !errors.Is(err, test.found) || err != nil && hint(err) == "" {
				t.Errorf("Found = %v with hint %q, want %v", err, hint(err), test.found)
			}
			if diff := cmp.Diff(before, tree(t, filepath.Dir(dir)), cmp.AllowUnexported(entry{})); diff != "" {
				t.Errorf("something changed:\n%s", diff)
			}
			if test.found == nil && err == nil {
				commit(t, s, drafts(t, s, "client/laura")...)
				s.Close()
				verify(t, dir)
			}
		})
	}
}

func TestLinksToNowhere(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "pki")
	if err := os.Symlink(filepath.Join(parent, "none"), dir); err != nil {
		t.Fatal(err)
	}
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Found(dir, f)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context()); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("Commit = %v", err)
	}
	dir = filepath.Join(parent, "whole")
	s = found(t, dir)
	if err := errors.Join(os.Remove(s.path(lockName)), os.Symlink("none", s.path(lockName))); err != nil {
		t.Fatal(err)
	}
	if err := s.Recover(t.Context()); err == nil || !strings.Contains(err.Error(), lockName) {
		t.Errorf("with a lock that is a link to nowhere: %v", err)
	}
}

func TestSomebodyElsesStore(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a store away")
	}
	dir := t.TempDir()
	found(t, dir).Close()
	if err := os.Chown(dir, 4711, -1); err != nil {
		t.Fatal(err)
	}
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	_, openErr := Open(dir)
	_, foundErr := Found(dir, f)
	for _, err := range []error{openErr, foundErr} {
		if !errors.Is(err, ErrForeign) || !strings.Contains(hint(err), "sudo -u '#4711' myca --dir") {
			t.Errorf("%v with hint %q, want ErrForeign", err, hint(err))
		}
	}
}

// Whoever may read another's store may look at it, and change nothing.
func TestSomebodyElsesStoreToRead(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a store away")
	}
	dir := t.TempDir()
	found(t, dir, "client/laura").Close()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error { return errors.Join(err, os.Lchown(path, 4711, -1)) })
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenRead(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows := 0
	for _, err := range s.Ledger().All(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if rows < 2 {
		t.Errorf("%d rows", rows)
	}
	if err := s.Recover(t.Context()); !errors.Is(err, ErrForeign) {
		t.Errorf("a change: %v, want ErrForeign", err)
	}
	if err := s.WriteCRL(t.Context(), time.Now(), 7); !errors.Is(err, ErrForeign) {
		t.Errorf("a CRL: %v, want ErrForeign", err)
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if uid, _, other := out.Foreign(path); uid != 4711 {
			t.Errorf("%s belongs to %d: %v", path, uid, other)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAuthorityThatIsNotTheRecordedOne(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	found(t, dir, "client/laura").Close()
	found(t, other).Close()
	authority := filepath.Join(dir, "ca", "1")
	tests := []struct {
		name  string
		spoil func()
		words string
	}{
		{"key missing", func() { os.Remove(filepath.Join(authority, ca.KeyFile)) }, ca.KeyFile},
		{"key cut short", func() { os.Truncate(filepath.Join(authority, ca.KeyFile), 50) }, ca.KeyFile},
		{"another authority", func() {
			os.RemoveAll(authority)
			os.Rename(filepath.Join(other, "ca", "1"), authority)
		}, "ledger records"},
		{"folder missing", func() { os.RemoveAll(authority) }, authority},
	}
	for _, test := range tests {
		test.spoil()
		s := open(t, dir)
		before := tree(t, dir)
		if _, err := tryDraft(s, "client/bob"); err == nil || !strings.Contains(err.Error(), test.words) || hint(err) == "" {
			t.Errorf("%s: draft = %v with hint %q, want %q", test.name, err, hint(err), test.words)
		}
		if certs, err := s.CACertificates(); len(certs) != 1 || err != nil {
			t.Errorf("%s: the trust bundle: %d, %v", test.name, len(certs), err)
		}
		if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("%s: something changed:\n%s", test.name, diff)
		}
	}
}
