package fleet

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"myca/ledger"
	"myca/store"
)

// draftTime is how long a batch is drafted: with keys that take long, fewer than
// batchSize are made durable at a time.
const draftTime = 2 * time.Second

// drafts makes the items of the identities of these numbers, or of the first of
// them when draftTime is over, with their steps as they are when the items are
// committed. Of several errors it is the one of the first identity.
func (p *Plan) drafts(ctx context.Context, numbers []int) ([]*store.Item, []Step, error) {
	found, err := p.find(ctx, numbers)
	if err != nil {
		return nil, nil, err
	}
	items, list, errs := make([]*store.Item, len(found)), make([]difference, len(found)), make([]error, len(found))
	var next atomic.Int64
	var stop atomic.Bool
	var workers sync.WaitGroup
	late := time.Now().Add(p.time)
	for range min(runtime.GOMAXPROCS(0), len(found)) {
		workers.Go(func() {
			for !stop.Load() {
				n := int(next.Add(1)) - 1
				if n >= len(found) {
					return
				}
				if errs[n] = ctx.Err(); errs[n] == nil {
					items[n], list[n], errs[n] = p.draft(ctx, found[n])
				}
				if errs[n] != nil || time.Now().After(late) {
					stop.Store(true)
				}
			}
		})
	}
	workers.Wait()
	made := min(int(next.Load()), len(found))
	items, list = items[:made], list[:made]
	for _, err := range errs {
		if err != nil {
			return nil, nil, err
		}
	}
	if err := p.advise(ctx, list); err != nil {
		return nil, nil, err
	}
	steps := make([]Step, len(list))
	for n, d := range list {
		steps[n] = d.step
	}
	return items, steps, nil
}

// draft makes one item.
func (p *Plan) draft(ctx context.Context, c candidate) (*store.Item, difference, error) {
	d, err := p.difference(ctx, c)
	if err != nil {
		return nil, d, err
	}
	password, err := p.password(c)
	if err != nil {
		return nil, d, fmt.Errorf("%s %q: %w", c.kind(), c.name(), err)
	}
	var item *store.Item
	if d.step.Action == Update {
		item, err = p.store.Amend(store.Amendment{Row: c.row, Spec: c.want.Spec, Password: password})
	} else {
		item, err = p.store.Draft(store.Order{
			Plan: d.plan, Spec: c.want.Spec, Password: password,
			Renews: c.row.Serial, Known: &c.row, Slim: true, Now: p.options.Now,
		})
	}
	if err != nil {
		return nil, d, err
	}
	if d.step.Action == Renew {
		d.step.Replaced = c.row.Serial
	}
	d.step.Serial = item.Row.Serial
	d.step.Notices = append(d.step.Notices, item.Notices...)
	return item, d, nil
}

// password is the password of the accounts of a client: the random one that it
// has, or what Options.Secret gives; nil for none.
func (p *Plan) password(c candidate) (*string, error) {
	if c.kind() != ledger.Client || p.options.Secret == nil {
		return nil, nil
	}
	switch c.want.Secret.Mode {
	case secretRandom:
		if c.row.Serial != "" {
			kept, err := p.store.Password(c.name())
			if err != nil || kept != nil {
				return kept, err
			}
		}
		return p.options.Secret(c.want)
	case secretFile:
		return p.options.Secret(c.want)
	}
	return nil, nil
}
