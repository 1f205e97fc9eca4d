package store

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"myca/ledger"
)

// commitAll is CommitAll of one batch.
func commitAll(s *Store, ctx context.Context, items ...*Item) error {
	return s.CommitAll(ctx, func(yield func([]*Item, error) bool) { yield(items, nil) }, func() error { return nil })
}

// What could not be archived stays where it is staged, for the next command.
func TestCommitAllArchiveRefused(t *testing.T) {
	s := installation(t, scratch(t))
	old := active(t, s, "laura")
	i := draft(t, s, "client/laura", forced, random("New-2"))
	s.fault = func(step string) error {
		if step == "place" {
			return os.Rename(s.archive(), s.archive()+".away")
		}
		return nil
	}
	if err := commitAll(s, t.Context(), i); err == nil {
		t.Fatal("it did not fail")
	}
	s.fault = nil
	if err := os.Rename(s.archive()+".away", s.archive()); err != nil {
		t.Fatal(err)
	}
	s = open(t, s.Dir())
	if err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.path(archiveName, old.Serial, "client-key.pem")); err != nil {
		t.Error(err)
	}
	verify(t, s.Dir())
}

// A fault at each step of a batch of renewals and amendments: what is recorded is
// in place in the end, and what it replaced in the archive.
func TestCommitAllOfPairsWithFaults(t *testing.T) {
	renewed, changed := []string{"client/laura", "client/a"}, []string{"client/b", "client/c", "server/db1"}
	begin := func(t *testing.T) (*Store, []*Item) {
		s := installation(t, scratch(t))
		commit(t, s, drafts(t, s, "client/a", "client/b", "client/c")...)
		var items []*Item
		for _, name := range renewed {
			items = append(items, draft(t, s, name, forced))
		}
		amendments, err := amendments(s, changed)
		if err != nil {
			t.Fatal(err)
		}
		return s, append(items, amendments...)
	}
	s, items := begin(t)
	for _, step := range passesOf(t, s, func() error { return commitAll(s, t.Context(), items...) }) {
		name, nth, _ := strings.Cut(step, ":")
		n, err := strconv.Atoi(nth)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(step, func(t *testing.T) {
			s, items := begin(t)
			s.fault = faultAt(name, n)
			if err := commitAll(s, t.Context(), items...); !errors.Is(err, errFault) {
				t.Fatalf("CommitAll = %v", err)
			}
			s.fault = nil
			s = open(t, s.Dir())
			if err := s.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			agree(t, s)
			superseded := 0
			for _, r := range verify(t, s.Dir()) {
				if r.State != ledger.Superseded {
					continue
				}
				superseded++
				if _, err := os.Stat(s.path(archiveName, r.Serial, keyFile(r.Kind))); err != nil {
					t.Error(err)
				}
			}
			if superseded != 0 && superseded != len(renewed) {
				t.Errorf("%d are superseded", superseded)
			}
		})
	}
}
