package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/ledger"
)

// States that the steps alone do not lead to.
func TestRecoveryOfAmendments(t *testing.T) {
	tests := []struct {
		name   string
		leave  func(t *testing.T, s *Store, i *Item)
		notice string
		drop   string // what verify does not expect
	}{
		{"never recorded", func(*testing.T, *Store, *Item) {}, "", ""},
		{"half staged", func(t *testing.T, s *Store, i *Item) {
			remove(t, filepath.Join(s.stagedOf(i.Row).amendment(), amendedSpec))
		}, "", ""},
		{"an unknown certificate", func(t *testing.T, s *Store, i *Item) {
			rename(t, s.stagedOf(i.Row).amendment(), s.path(stagingName, "0f"+amendSuffix))
		}, "", ""},
		{"revoked since", func(t *testing.T, s *Store, i *Item) {
			record(t, s, ledger.Change{Revoke: []ledger.Revocation{{Serial: i.Row.Serial, At: time.Now(), Reason: "superseded"}}})
		}, "", ""},
		{"recorded, without its folder", func(t *testing.T, s *Store, i *Item) {
			record(t, s, ledger.Change{Respec: []ledger.Respec{{Serial: i.Row.Serial, From: i.before, To: i.Row.Spec}}})
			if err := os.RemoveAll(s.place(ledger.Client, "laura")); err != nil {
				t.Fatal(err)
			}
		}, "--force", "amended"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := installation(t, scratch(t))
			i := amend(t, s, "client/laura")
			if err := s.stageOne(i, nil, false); err != nil {
				t.Fatal(err)
			}
			test.leave(t, s, i)
			if err := s.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := strings.Join(s.Notices(), " "); !strings.Contains(n, test.notice) || (n == "") != (test.notice == "") {
				t.Errorf("notices %q, want %q", n, test.notice)
			}
			if left, err := os.ReadDir(s.staging()); len(left) > 0 || err != nil {
				t.Errorf("left staged: %v, %v", left, err)
			}
			if test.drop != "" {
				if found, err := filepath.Glob(s.path(archiveName, "*-"+test.drop)); len(found) != 1 || err != nil {
					t.Errorf("the archive has %q", found)
				}
				return
			}
			verify(t, s.Dir())
			if test.name != "revoked since" {
				agree(t, s)
			}
		})
	}
}

// record makes a change in the ledger alone.
func record(t *testing.T, s *Store, c ledger.Change) {
	t.Helper()
	if err := s.db.Apply(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// A ledger that is lost while an amendment is put in place: the statements tell
// that it was recorded. One of which nothing is in place counts as never made.
func TestRebuildWithAnAmendment(t *testing.T) {
	for _, step := range []string{"commit", "sql", "mycnf"} {
		s := installation(t, scratch(t))
		if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil { // without one Rebuild counts from another number
			t.Fatal(err)
		}
		i := amend(t, s, "client/laura")
		s.fault = faultAt(step, 1)
		if err := s.Commit(t.Context(), i); !errors.Is(err, ErrUnfinished) {
			t.Fatal(err)
		}
		s.Close()
		remove(t, s.ledger())
		if _, err := Rebuild(t.Context(), s.Dir(), s.Target(), time.Now()); err != nil {
			t.Fatal(err)
		}
		s = open(t, s.Dir())
		verify(t, s.Dir())
		agree(t, s)
		sp, err := ReadSpec(active(t, s, "laura"))
		if want := step != "commit"; err != nil || (sp.Connect == i.Spec.Connect) != want || (sp.DeployDir == i.Spec.DeployDir) != want {
			t.Errorf("after %s: %+v, %v", step, sp, err)
		}
	}
}
