package store

import (
	"fmt"
	"testing"

	"myca/ledger"
)

// Batches are drafted by several goroutines while the one before is committed:
// that of the founding first, then new pairs, then amendments and renewals of
// them. The race detector watches.
func TestDraftingWhileCommitting(t *testing.T) {
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Found(scratch(t), f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	const batches, size = 6, smallBatch + 2
	name := func(batch, n int) string { return fmt.Sprintf("client/c-%d-%d", batch%batches, n) }
	item := func(batch, n int) (*Item, error) {
		switch {
		case batch < batches:
			return tryDraft(s, name(batch, n), random("Old-1"), func(o *Order) { o.Known = &ledger.Row{} })
		case n%2 == 0:
			return tryRenewal(s, name(batch, n))
		}
		return amended(s, name(batch, n))
	}
	committed := make(chan error, 1)
	committed <- nil
	for batch := range 2 * batches {
		var items [size]*Item
		var errs [size]error
		onAllCores(size, func(n int) { items[n], errs[n] = item(batch, n) })
		for _, err := range append(errs[:], <-committed) {
			if err != nil {
				t.Fatal(err)
			}
		}
		go func() { committed <- s.Commit(t.Context(), items[:]...) }()
	}
	if err := <-committed; err != nil {
		t.Fatal(err)
	}
	if rows := verify(t, s.Dir()); len(rows) != 1+batches*(size+size/2) {
		t.Errorf("%d rows", len(rows))
	}
	agree(t, s)
}
