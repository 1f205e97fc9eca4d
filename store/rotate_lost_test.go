package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

// An authority whose key is lost can be replaced, with a CRL in use, too.
func TestRotationOfALostAuthority(t *testing.T) {
	for n, crl := range []bool{false, true, false} {
		s := installation(t, scratch(t))
		if crl {
			if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
				t.Fatal(err)
			}
		}
		key := filepath.Join(s.place(ledger.CA, "1"), ca.KeyFile)
		spoil := func() error { return os.Truncate(key, 50) }
		if n == 2 {
			spoil = func() error { return os.Remove(key) }
		}
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if err := s.WriteCRL(t.Context(), time.Now(), 7); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), key) ||
			!strings.Contains(hint(err), "rotate begin") || len(s.Notices()) > 0 {
			t.Errorf("a CRL without a key: %v with hint %q, notices %q", err, hint(err), s.Notices())
		}
		rotateBegin(t, s)
		if n := strings.Join(s.Notices(), "\n"); strings.Contains(n, key) != crl {
			t.Errorf("notices %q", n)
		}
		if crl { // a server with both authorities needs both lists
			revoked := []ledger.Row{active(t, s, "laura")}
			if err := s.Revoke(t.Context(), revoked, 1, time.Now()); err == nil || !strings.Contains(err.Error(), key) {
				t.Errorf("revoking what the lost authority signed: %v", err)
			}
		}
		accepted(t, s)
		if err := errors.Join(s.RotateSwitch(t.Context()), renewAll(s)); err != nil {
			t.Fatal(err)
		}
		accepted(t, s)
		if _, err := s.RotateFinish(t.Context(), false, time.Now()); err != nil {
			t.Fatal(err)
		}
		accepted(t, s)
		if there, err := out.Exists(s.place(ledger.CA, "1")); there || err != nil {
			t.Errorf("the lost authority is in place still: %v", err)
		}
	}
}

// A new authority that is lost before it signs is replaced, whatever became of
// its folder, and the rotation goes on. Nothing else gets its number.
func TestRotationToALostAuthority(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, folder, other string){
		"no key":        func(t *testing.T, folder, _ string) { remove(t, filepath.Join(folder, ca.KeyFile)) },
		"half a key":    func(t *testing.T, folder, _ string) { truncate(t, filepath.Join(folder, ca.KeyFile), 50) },
		"another's key": func(t *testing.T, folder, other string) { replaceBy(t, folder, other, ca.KeyFile) },
		"another authority": func(t *testing.T, folder, other string) {
			replaceBy(t, folder, other, ca.KeyFile, ca.CertificateFile)
		},
		"half a certificate": func(t *testing.T, folder, _ string) { truncate(t, filepath.Join(folder, ca.CertificateFile), 50) },
		"no folder": func(t *testing.T, folder, _ string) {
			if err := os.RemoveAll(folder); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := installation(t, scratch(t))
			if name != "no key" {
				if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
					t.Fatal(err)
				}
			}
			lost := rotateBegin(t, s)
			folder := s.Folder(lost)
			spoil(t, folder, s.place(ledger.CA, "1"))
			for what, do := range map[string]func() error{
				"crl":         func() error { return s.WriteCRL(t.Context(), time.Now(), 7) },
				"revoke":      func() error { return s.Revoke(t.Context(), revocable(t, s, "", "laura"), 1, time.Now()) },
				"switch":      func() error { return s.RotateSwitch(t.Context()) },
				"compromised": func() error { _, err := s.RotateFinish(t.Context(), true, time.Now()); return err },
			} {
				if err := do(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), folder) || !strings.Contains(hint(err), "ca rotate begin") {
					t.Errorf("%s: %v with hint %q", what, err, hint(err))
				}
			}
			if fresh := rotateBegin(t, s); fresh.Name != "3" {
				t.Errorf("the new generation is %s", fresh.Name)
			}
			if there, err := out.Exists(folder); there || err != nil {
				t.Errorf("the lost authority is in place still: %v", err)
			}
			if there, err := out.Exists(s.path(archiveName, lost.Serial)); there == (name == "no folder") || err != nil {
				t.Errorf("the lost authority is in the archive: %v, %v", there, err)
			}
			if _, err := s.RotateBegin(t.Context(), ca.Spec{}, Spec{}, time.Now()); !errors.Is(err, ErrExists) {
				t.Errorf("beginning over a sound authority: %v", err)
			}
			if got := rotationOf(t, s); got != "begun 3:0+0 1:2+0*" {
				t.Errorf("rotation %q", got)
			}
			accepted(t, s)
			if err := errors.Join(s.RotateSwitch(t.Context()), renewAll(s)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.RotateFinish(t.Context(), false, time.Now()); err != nil {
				t.Fatal(err)
			}
			accepted(t, s)
		})
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// replaceBy copies the files names of the folder other over those in folder.
func replaceBy(t *testing.T, folder, other string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(read(t, filepath.Join(other, name))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What a new authority was drafted on is compared under the lock: meanwhile the
// lost one may have been put back, and the rotation gone on.
func TestRotationFoundAgain(t *testing.T) {
	s := installation(t, scratch(t))
	key := filepath.Join(s.Folder(rotateBegin(t, s)), ca.KeyFile)
	text := read(t, key)
	truncate(t, key, 0)
	if lost, err := s.unusable(t.Context()); len(lost) != 1 || err != nil {
		t.Errorf("%d authorities are lost, %v", len(lost), err)
	}
	old := must(s.signer(t.Context()))(t)
	item, _, err := s.draftAuthority(t.Context(), old, ca.Spec{}, Spec{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.unusable(t.Context()); !errors.Is(err, ErrExists) {
		t.Errorf("a key that was put back: %v, want ErrExists", err)
	}
	if err := errors.Join(s.RotateSwitch(t.Context()), renewAll(s)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RotateFinish(t.Context(), false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.checkAuthority(t.Context(), item, old); !errors.Is(err, ErrChanged) {
		t.Errorf("a rotation that was finished: %v, want ErrChanged", err)
	}
}
