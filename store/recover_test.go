package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

// States that the steps alone do not lead to.
func TestRecoveryJudgesByTheCertificate(t *testing.T) {
	tests := []struct {
		name string
		// leave makes .new/ hold something, after client/laura was replaced:
		// old and now are the rows before and after.
		leave  func(t *testing.T, s *Store, old, now ledger.Row)
		archiv []string // what is in the archive besides the old pair, by suffix
		notice string
	}{
		{"never recorded", func(t *testing.T, s *Store, _, _ ledger.Row) {
			if err := s.stageOne(draft(t, s, "client/bob"), []byte(read(t, s.bundle())), false); err != nil {
				t.Fatal(err)
			}
		}, nil, ""},
		{"half staged", func(t *testing.T, s *Store, _, _ ledger.Row) {
			write(t, s.path(stagingName, "0f", "client-key.pem"), "x")
			write(t, s.path(stagingName, bundleFile), "x")
			write(t, s.path(stagingName, ledgerName+"-journal"), "x")
		}, nil, ""},
		{"between two renames", func(t *testing.T, s *Store, _, now ledger.Row) {
			at := s.staged(now.Kind, now.Name, now.Serial)
			rename(t, s.place(now.Kind, now.Name), at.pair())
		}, nil, ""},
		{"between two renames, the old one aside", func(t *testing.T, s *Store, old, now ledger.Row) {
			at := s.staged(now.Kind, now.Name, now.Serial)
			rename(t, s.place(now.Kind, now.Name), at.pair())
			rename(t, s.path(archiveName, old.Serial), at.aside())
			rename(t, filepath.Join(at.aside(), "laura.sql"), at.replaced())
		}, nil, ""},
		{"exchanged, not archived", func(t *testing.T, s *Store, old, now ledger.Row) {
			at := s.staged(now.Kind, now.Name, now.Serial)
			rename(t, s.path(archiveName, old.Serial), at.pair())
		}, nil, ""},
		{"archived, its name taken", func(t *testing.T, s *Store, old, now ledger.Row) {
			at := s.staged(now.Kind, now.Name, now.Serial)
			rename(t, s.path(archiveName, old.Serial), at.pair())
			write(t, s.path(archiveName, old.Serial), "mine")
		}, []string{".1"}, ""},
		{"recorded, then superseded before it was in place", func(t *testing.T, s *Store, old, _ ledger.Row) {
			at := s.staged(old.Kind, old.Name, old.Serial)
			rename(t, s.path(archiveName, old.Serial), at.pair())
		}, nil, ""},
		{"unknown, but holding what is known", func(t *testing.T, s *Store, old, _ ledger.Row) {
			rename(t, s.path(archiveName, old.Serial), s.path(stagingName, "0f"))
		}, nil, ""},
		{"damaged", func(t *testing.T, s *Store, _, now ledger.Row) {
			at := s.staged(now.Kind, now.Name, now.Serial)
			rename(t, s.place(now.Kind, now.Name), at.pair())
			if err := os.Truncate(filepath.Join(at.pair(), certFile(now.Kind)), 10); err != nil {
				t.Fatal(err)
			}
		}, []string{"-replaced"}, "--force"},
		{"exchanged for something without a certificate", func(t *testing.T, s *Store, _, now ledger.Row) {
			write(t, filepath.Join(s.staged(now.Kind, now.Name, now.Serial).pair(), "notes"), "mine")
		}, []string{"-replaced"}, ""},
		{"statements alone", func(t *testing.T, s *Store, _, now ledger.Row) {
			write(t, s.staged(now.Kind, now.Name, now.Serial).replaced(), "mine")
		}, []string{"-replaced"}, ""},
		{"bundle missing", func(t *testing.T, s *Store, _, _ ledger.Row) {
			if err := os.Remove(s.bundle()); err != nil {
				t.Fatal(err)
			}
		}, nil, ""},
		{"bundle changed", func(t *testing.T, s *Store, _, _ ledger.Row) { write(t, s.bundle(), "x") }, nil, ""},
		{"folders missing", func(t *testing.T, s *Store, _, _ ledger.Row) {
			if err := errors.Join(os.Remove(s.staging()), os.Remove(s.path(lockName))); err != nil {
				t.Fatal(err)
			}
		}, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := scratch(t)
			s := installation(t, dir)
			old := active(t, s, "laura")
			commit(t, s, draft(t, s, "client/laura", forced, random("New-2")))
			now := active(t, s, "laura")
			test.leave(t, s, old, now)
			if err := s.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, suffix := range test.archiv {
				found, err := filepath.Glob(s.path(archiveName, "*"+suffix))
				if len(found) != 1 || err != nil {
					t.Errorf("the archive has %q with suffix %s", found, suffix)
					continue
				}
				if suffix == ".1" { // as verify expects it
					if err := os.Remove(strings.TrimSuffix(found[0], suffix)); err != nil {
						t.Error(err)
					}
					rename(t, found[0], strings.TrimSuffix(found[0], suffix))
					continue
				}
				if err := os.RemoveAll(found[0]); err != nil {
					t.Error(err)
				}
			}
			if n := strings.Join(s.Notices(), " "); !strings.Contains(n, test.notice) || (n == "") != (test.notice == "") {
				t.Errorf("notices %q, want %q", n, test.notice)
			}
			if test.notice != "" { // the pair is gone; --force is what the notice says
				commit(t, s, draft(t, s, "client/laura", forced, random("New-3")))
				if left, err := os.ReadDir(s.staging()); len(left) > 0 || err != nil {
					t.Errorf("left staged: %v, %v", left, err)
				}
				return
			}
			want := []string{"ca 1 active", "client laura active", "client laura superseded", "server db1 active"}
			if diff := cmp.Diff(want, names(verify(t, dir))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A founding that was cut short after its ledger is a store, readable before
// anything is in place.
func TestAuthorityThatIsNotInPlaceYet(t *testing.T) {
	dir := scratch(t)
	s := found(t, dir)
	r, err := s.signer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rename(t, s.place(ledger.CA, "1"), s.staged(ledger.CA, "1", r.Serial).pair())
	if err := os.Remove(s.bundle()); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	a, err := s.Authority()
	if err != nil || ca.SerialHex(a.Certificate.SerialNumber) != r.Serial {
		t.Fatalf("the authority: %v", err)
	}
	commit(t, s, drafts(t, s, "client/laura")...)
	verify(t, dir)
}

func active(t *testing.T, s *Store, name string) ledger.Row {
	t.Helper()
	r, err := s.Ledger().Active(t.Context(), ledger.Client, name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), out.FolderMode); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
