package store

import (
	"cmp"
	"context"
	"iter"
)

// CommitAll is Commit for batches of items one after the other, under one lock.
// Three batches are under way at a time: one is staged while the one before is
// flushed and the one before that recorded and put in place, so that the cores do
// not wait for the disk, nor one flush for the next. done is called after each
// batch that is recorded and in place, by one goroutine. The names of its
// folders are durable when CommitAll returns; what a power failure takes of them
// before that is put in place by the next writing command, see Recovery in the
// package comment.
//
// The first error ends it, that of a batch, of batches, or of done: what was
// recorded before stays, of what comes after nothing does. Its items are not to be
// committed again. The store must be there.
func (s *Store) CommitAll(ctx context.Context, batches iter.Seq2[[]*Item, error], done func() error) error {
	return s.locked(ctx, func() error {
		l := line{Store: s, done: done, settling: s.settling()}
		err := l.run(ctx, batches)
		return cmp.Or(err, unfinished(l.finish()))
	})
}

// line is the stations that a batch passes in CommitAll.
type line struct {
	*Store
	done     func() error
	settling *settling
}

// flushed is a batch that passed the second station.
type flushed struct {
	*change
	err error
}

// run is the first station, with the others beside it.
func (l *line) run(ctx context.Context, batches iter.Seq2[[]*Item, error]) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	staged, durable, ended := make(chan *change), make(chan flushed), make(chan error, 1)
	go l.flushAll(within, staged, durable)
	go func() { ended <- l.recordAll(within, cancel, durable) }()
	var failed error
	for items, err := range batches {
		c := &change{items: items}
		if err == nil {
			err = l.prepareItems(within, c)
		}
		if failed = err; err != nil {
			break
		}
		for _, i := range items { // many, and they wait for the disk
			i.accounts, i.sql = i.sql != nil, nil
		}
		staged <- c
	}
	close(staged)
	return cmp.Or(<-ended, failed)
}

// prepareItems is prepare for items, which it checks before.
func (s *Store) prepareItems(ctx context.Context, c *change) error {
	if err := s.mine(c.items); err != nil {
		return err
	}
	if err := s.check(ctx, c.items); err != nil {
		return err
	}
	return s.prepare(ctx, c)
}

// flushAll is the second station. When ctx has ended it lets batches pass.
func (l *line) flushAll(ctx context.Context, staged <-chan *change, durable chan<- flushed) {
	defer close(durable)
	for c := range staged {
		err := ctx.Err()
		if err == nil {
			err = l.flush(c)
		}
		durable <- flushed{c, err}
	}
}

// recordAll is the last station. Its first error, which it returns, calls
// cancel; what comes after it is discarded.
func (l *line) recordAll(ctx context.Context, cancel func(), durable <-chan flushed) (failed error) {
	for c := range durable {
		switch {
		case failed != nil:
			failed = l.discard(c.change, failed)
		case c.err != nil:
			failed = l.discard(c.change, c.err)
		default:
			failed = l.enforceOne(ctx, c.change)
		}
		if failed != nil {
			cancel()
		}
	}
	return failed
}

// enforceOne records a batch and puts it in place.
func (l *line) enforceOne(ctx context.Context, c *change) error {
	if err := l.record(ctx, c); err != nil {
		return err
	}
	for _, i := range c.items {
		if err := l.settling.settle(i); err != nil {
			return unfinished(err)
		}
	}
	return l.done()
}

// finish makes durable what was put in place.
func (l *line) finish() error {
	if err := l.settling.finish(); err != nil {
		return err
	}
	return l.publish(context.Background())
}
