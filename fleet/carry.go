package fleet

import (
	"context"
	"path/filepath"
	"sync"

	"myca/store"
)

// Carry is Apply and Outputs at once: the outputs of an identity are made when
// its pair is in place, while the next ones are drafted and committed, and
// published at the end. done and the errors are Apply's and Outputs'; done was
// told of every change when the error is one of Outputs. A folder that Outputs
// refuses, or cannot make, is refused before anything is issued.
func (p *Plan) Carry(ctx context.Context, done func([]Step) error) (Written, error) {
	folder := p.outputs().folder
	if p.store.Ledger() != nil || filepath.Dir(string(folder)) != p.store.Dir() { // else it is made with the store
		_, err := folder.look()
		if err == nil {
			err = folder.makeable()
		}
		if err != nil {
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
	p.gate = newGate()
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
	p.gate.reach(p.manifest.Len()+1, nil, nil)
	return o.publish(<-made)
}

// mostFresh is how many items a gate holds at most.
const mostFresh = 2 * batchSize

// gate tells up to which identity, in the order of the manifest, the pairs are in
// place, and with one more that everything is carried out. It has the items that
// were put there a moment ago, as far as it holds them. A nil gate is open.
type gate struct {
	mu    sync.Mutex
	upTo  int
	fresh map[int]*store.Item
	news  chan struct{} // closed when upTo has grown, and replaced
}

func newGate() *gate { return &gate{fresh: map[int]*store.Item{}, news: make(chan struct{})} }

// reach says that the identities before n are in place, those of these numbers as
// these items.
func (g *gate) reach(n int, numbers []int, items []*store.Item) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.upTo = max(g.upTo, n)
	for i, number := range numbers {
		if len(g.fresh) < mostFresh {
			g.fresh[number] = items[i]
		}
	}
	close(g.news)
	g.news = make(chan struct{})
}

// take is the item of an identity, nil when it is not known; it is given once.
func (g *gate) take(number int) *store.Item {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	item := g.fresh[number]
	delete(g.fresh, number)
	return item
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
