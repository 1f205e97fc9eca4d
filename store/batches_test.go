package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// batchesOf are the items of some batches of clients, batch by batch; err comes
// after them unless it is nil.
func batchesOf(t *testing.T, s *Store, count, size int, err error) func(func([]*Item, error) bool) {
	return func(yield func([]*Item, error) bool) {
		for batch := range count {
			var names []string
			for n := range size {
				if name := fmt.Sprintf("c-%d-%d", batch, n); len(activeOf(t, s, name)) == 0 {
					names = append(names, "client/"+name)
				}
			}
			if !yield(drafts(t, s, names...), nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func activeOf(t *testing.T, s *Store, name string) []string {
	t.Helper()
	rows, err := s.Ledger().Named(t.Context(), "client", name)
	if err != nil {
		t.Fatal(err)
	}
	return names(rows)
}

// A fault at each step of each batch: batches are there as a whole or not at all,
// none without those before it, none of those that done was told of is missing;
// and going on makes the rest.
func TestCommitAllWithFaults(t *testing.T) {
	const count, size = 3, smallBatch + 1
	all := func(s *Store, done func() error) error {
		return s.CommitAll(t.Context(), batchesOf(t, s, count, size, nil), done)
	}
	nothing := func() error { return nil }
	s := found(t, scratch(t))
	for _, step := range passesOf(t, s, func() error { return all(s, nothing) }) {
		name, nth, _ := strings.Cut(step, ":")
		n, err := strconv.Atoi(nth)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(step, func(t *testing.T) {
			s := found(t, scratch(t))
			s.fault = faultAt(name, n)
			told := 0
			if err := all(s, func() error { told++; return nil }); !errors.Is(err, errFault) {
				t.Fatalf("CommitAll = %v", err)
			}
			s.fault = nil
			s = open(t, s.Dir())
			whole := 0
			for batch := range count {
				there := 0
				for n := range size {
					there += len(activeOf(t, s, fmt.Sprintf("c-%d-%d", batch, n)))
				}
				switch {
				case there == size && whole == batch:
					whole++
				case there != 0:
					t.Errorf("%d of batch %d are recorded, and %d batches before it", there, batch, whole)
				}
			}
			if told > whole {
				t.Errorf("done was told of %d batches, and %d are recorded", told, whole)
			}
			if err := all(s, nothing); err != nil {
				t.Fatal(err)
			}
			if rows := verify(t, s.Dir()); len(rows) != 1+count*size {
				t.Errorf("%d rows in the end", len(rows))
			}
		})
	}
}

// What ends it from outside leaves the batches before.
func TestCommitAllEnds(t *testing.T) {
	const size = smallBatch + 1
	for name, test := range map[string]struct {
		err  error // of the batches
		done error
		want int // batches that are recorded
	}{
		"the batches fail": {err: errFault, want: 2},
		"done fails":       {done: errFault, want: 1},
		"cancelled":        {err: context.Canceled, want: 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := found(t, scratch(t))
			err := s.CommitAll(t.Context(), batchesOf(t, s, 2, size, test.err), func() error { return test.done })
			if !errors.Is(err, errFault) && !errors.Is(err, context.Canceled) {
				t.Errorf("CommitAll = %v", err)
			}
			if rows := verify(t, s.Dir()); len(rows) != 1+test.want*size {
				t.Errorf("%d rows", len(rows))
			}
		})
	}
}
