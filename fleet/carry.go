package fleet

import (
	"context"
	"sync"
)

// Carry is Apply and Outputs at once: the outputs of an identity are made when
// its pair is in place, while the next ones are drafted and committed, and
// published at the end. done and the errors are Apply's and Outputs'; done was
// told of every change when the error is one of Outputs. A folder that Outputs
// refuses is refused before anything is issued.
func (p *Plan) Carry(ctx context.Context, done func([]Step) error) (Written, error) {
	if p.store.Ledger() != nil || p.options.Output != "" {
		if _, err := p.outputs().folder.look(); err != nil {
			return Written{}, err
		}
	}
	if p.count.Create+p.count.Renew+p.count.Update == 0 {
		if err := p.Apply(ctx, done); err != nil {
			return Written{}, err
		}
		return p.Outputs(ctx)
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	p.gate = &gate{news: make(chan struct{})}
	o := p.outputs()
	o.gate = p.gate
	made := make(chan prepared, 1)
	go func() { made <- o.prepare(within) }()
	if err := p.Apply(ctx, done); err != nil {
		cancel()
		if ready := <-made; ready.err == nil {
			ready.discard()
		}
		return Written{}, err
	}
	p.gate.reach(p.manifest.Len())
	return o.publish(<-made)
}

// gate tells up to which identity, in the order of the manifest, the pairs are in
// place. A nil gate is open.
type gate struct {
	mu   sync.Mutex
	upTo int
	news chan struct{} // closed when upTo has grown, and replaced
}

// reach says that the identities before n are in place.
func (g *gate) reach(n int) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.upTo = max(g.upTo, n)
	close(g.news)
	g.news = make(chan struct{})
}

// wait returns when the identities before n are in place.
func (g *gate) wait(ctx context.Context, n int) error {
	for g != nil {
		g.mu.Lock()
		upTo, news := g.upTo, g.news
		g.mu.Unlock()
		if upTo >= n {
			break
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
