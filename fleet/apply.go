package fleet

import (
	"context"
	"iter"
	"time"

	"myca/ca"
	"myca/killpoint"
	"myca/ledger"
	"myca/store"
)

// Apply carries the plan out, once. It goes by batches of at most batchSize, in the
// order of the manifest: one is drafted, on all cores, while the one before is
// staged and the one before that is flushed and recorded, so that three are in
// memory. What is revoked comes last, in one
// change. A plan without changes recovers what a process left that died, or
// founds the store.
//
// done is called after each batch that is recorded and in place, with its steps, by
// one goroutine.
//
// The first error stops everything: what done was told of stays, the batch that
// failed is not recorded (but for store.ErrUnfinished, see Store.Commit), and
// nothing after it is begun. It is an error of Options.Secret, done, Store.Draft
// or Store.Commit: store.ErrChanged and store.ErrExists when another process
// changed the store meanwhile, context.Canceled when ctx ended.
func (p *Plan) Apply(ctx context.Context, done func([]Step) error) error {
	if p.count.Changes() == 0 {
		return p.store.Commit(ctx)
	}
	if err := p.applyBatches(ctx, done); err != nil {
		return err
	}
	killpoint.After("batches")
	return p.prune(ctx, done)
}

func (p *Plan) applyBatches(ctx context.Context, done func([]Step) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	coming := p.start(ctx, 0)
	defer func() {
		cancel()
		if coming != nil {
			<-coming // it stops early
		}
	}()
	for coming != nil && err == nil {
		err = p.commit(ctx, &coming, done)
	}
	return err
}

// A turn is the batches that are committed under one lock: at most turn, and no
// more when the next is not drafted within patience. Between two turns the lock
// is free for pause, for other commands that write.
const (
	turn     = 8
	patience = 100 * time.Millisecond
	pause    = 5 * time.Millisecond
)

// commit makes the batches of a turn durable.
func (p *Plan) commit(ctx context.Context, coming *<-chan batch, done func([]Step) error) error {
	first := <-*coming
	if *coming = nil; first.err != nil {
		return first.err
	}
	*coming = p.start(ctx, first.then)
	if p.store.Ledger() == nil {
		if err := p.store.Commit(ctx, first.items...); err != nil {
			return err
		}
		return p.placed(first, done)
	}
	batches := make(chan batch, turn)
	err := p.store.CommitAll(ctx, p.turn(ctx, first, coming, batches), func() error {
		return p.placed(<-batches, done)
	})
	if err == nil && *coming != nil {
		time.Sleep(pause)
	}
	return err
}

// placed tells of a batch that is durable and in place.
func (p *Plan) placed(b batch, done func([]Step) error) error {
	if err := done(b.steps); err != nil {
		return err
	}
	p.gate.reach(b.then, b.numbers, b.items)
	killpoint.After("batch")
	return nil
}

// turn is the items of the batches of a turn, which it sends to batches, too.
func (p *Plan) turn(ctx context.Context, first batch, coming *<-chan batch, batches chan<- batch) iter.Seq2[[]*store.Item, error] {
	return func(yield func([]*store.Item, error) bool) {
		b := first
		for n := 1; ; n++ {
			batches <- b
			if !yield(b.items, b.err) || *coming == nil || n == turn {
				return
			}
			select {
			case b = <-*coming:
			case <-time.After(patience):
				return
			}
			if *coming = nil; b.err == nil {
				*coming = p.start(ctx, b.then)
			}
		}
	}
}

// prune revokes what is not in the manifest.
func (p *Plan) prune(ctx context.Context, done func([]Step) error) error {
	if len(p.strays) == 0 {
		return nil
	}
	var rows []ledger.Row
	var steps []Step
	for _, one := range p.strays {
		step, its, err := p.revocation(ctx, one)
		if err != nil {
			return err
		}
		rows, steps = append(rows, its...), append(steps, step)
	}
	reason := ca.ReasonCode("cessation-of-operation") // RFC 5280 section 5.3.1
	if err := p.store.Revoke(ctx, rows, reason, p.options.Now); err != nil {
		return err
	}
	return done(steps)
}

// batch is what one commit makes durable.
type batch struct {
	numbers []int // of the identities
	items   []*store.Item
	steps   []Step
	then    int // number of the identity to go on with
	err     error
}

// start drafts the next batch from identity at on, in the background; nil when
// there is none. The channel gets one batch.
func (p *Plan) start(ctx context.Context, at int) <-chan batch {
	numbers, then := p.next(at)
	if len(numbers) == 0 {
		return nil
	}
	made := make(chan batch, 1)
	go func() {
		b := batch{numbers: numbers, then: then}
		b.items, b.steps, b.err = p.drafts(ctx, numbers)
		if made := len(b.items); made < len(numbers) && b.err == nil {
			b.numbers, b.then = numbers[:made], numbers[made]
		}
		made <- b
	}()
	return made
}
