package fleet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"myca/ledger"
	"myca/store"
)

// many is three batches of clients whose passwords have to be asked for.
const (
	many = `
defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: random}
clients:
  - {account: "app-{01..24}@10.%"}
`
	testBatch = 10
)

// batches applies a manifest and returns how many steps done was told of, batch
// by batch, and the error.
func (w *world) batches(ctx context.Context, p *Plan, done func(batch int) error) ([]int, error) {
	var sizes []int
	p.size = testBatch
	err := p.Apply(ctx, func(steps []Step) error {
		for _, step := range steps {
			if r, err := w.store.Ledger().Active(w.Context(), step.Kind, step.Name); err != nil || r.Serial != step.Serial {
				w.Errorf("told of %s, but there is %s, %v", step.Serial, r.Serial, err)
			}
		}
		sizes = append(sizes, len(steps))
		return done(len(sizes))
	})
	return sizes, err
}

func goOn(int) error { return nil }

// recorded asserts that this many pairs are there, and none half done, and that
// the same manifest goes on from there.
func (w *world) recorded(text string, want int) {
	w.Helper()
	if got := len(w.names()); got != want {
		w.Errorf("%d are recorded, want %d", got, want)
	}
	p := w.survey(text)
	if got := p.Count(); got.Keep != want || got.Create != p.manifest.Len()-want || got.Changes() != got.Create {
		w.Errorf("%+v", got)
	}
}

// Batches come in order, each once it is durable.
func TestBatches(t *testing.T) {
	w := newWorld(t, 3650)
	sizes, err := w.batches(t.Context(), w.survey(many), goOn)
	if err != nil || fmt.Sprint(sizes) != "[10 10 4]" {
		t.Errorf("%v, %v", sizes, err)
	}
	w.met(many)
	// What is kept counts for nothing: one batch.
	fewer := strings.Replace(many, "{01..24}", "{07..30}", 1)
	if sizes, err = w.batches(t.Context(), w.survey(fewer), goOn); err != nil || fmt.Sprint(sizes) != "[6]" {
		t.Errorf("%v, %v", sizes, err)
	}
	w.met(fewer)
}

// Batches whose drafting takes too long are smaller ones: at most an item for
// each core when there is no time at all.
func TestBatchesInNoTime(t *testing.T) {
	w := newWorld(t, 3650)
	p := w.survey(many)
	p.time = 0
	sizes, err := w.batches(t.Context(), p, goOn)
	if err != nil || len(sizes) < 24/runtime.GOMAXPROCS(0) {
		t.Errorf("%v, %v", sizes, err)
	}
	for _, size := range sizes {
		if size > runtime.GOMAXPROCS(0) {
			t.Errorf("batches of %v", sizes)
		}
	}
	w.met(many)
}

// A context that ends stops Apply: what was told of stays, nothing else.
func TestApplyCancelled(t *testing.T) {
	for _, after := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(`servers: []`)
			ctx, cancel := context.WithCancel(t.Context())
			p := w.survey(many)
			if after == 0 {
				cancel()
			}
			sizes, err := w.batches(ctx, p, func(batch int) error {
				if batch == after {
					cancel()
				}
				return nil
			})
			cancel()
			if !errors.Is(err, context.Canceled) || len(sizes) != after {
				t.Errorf("%v, %v", sizes, err)
			}
			w.recorded(many, after*testBatch)
			w.apply(many)
		})
	}
}

var errTest = errors.New("a test's")

// An error stops Apply, whoever it comes from. Of several in a batch the first
// one counts, and what comes after it is not begun.
func TestApplyErrors(t *testing.T) {
	t.Run("done", func(t *testing.T) {
		w := newWorld(t, 3650)
		sizes, err := w.batches(t.Context(), w.survey(many), func(int) error { return errTest })
		if !errors.Is(err, errTest) || len(sizes) != 1 {
			t.Errorf("%v, %v", sizes, err)
		}
		w.recorded(many, testBatch)
	})
	t.Run("secret", func(t *testing.T) {
		w := newWorld(t, 3650)
		var asked, ended atomic.Int64
		w.options.Secret = func(i Identity) (*string, error) {
			if ended.Load() != 0 {
				t.Errorf("asked for %s after the end", i.Request.Name)
			}
			asked.Add(1)
			if i.Request.Name >= "app-14" {
				return nil, fmt.Errorf("%w: %s", errTest, i.Request.Name)
			}
			return secretOf(i)
		}
		sizes, err := w.batches(t.Context(), w.survey(many), goOn)
		ended.Store(1)
		if !errors.Is(err, errTest) || !strings.Contains(err.Error(), `client "app-14": `) || len(sizes) != 1 {
			t.Errorf("%v, %v", sizes, err)
		}
		if asked.Load() > 2*testBatch {
			t.Errorf("asked %d times", asked.Load())
		}
		w.recorded(many, testBatch)
	})
	t.Run("secret of a founding", func(t *testing.T) {
		w := newWorld(t, 3650)
		w.options.Secret = func(Identity) (*string, error) { return nil, errTest }
		p := w.survey(many)
		if sizes, err := w.batches(t.Context(), p, goOn); !errors.Is(err, errTest) || sizes != nil {
			t.Errorf("%v, %v", sizes, err)
		}
		if w.store.Ledger() != nil {
			t.Error("there is a store")
		}
	})
}

// Another process changes the store between plan and end: nothing is done that
// was not planned.
func TestChangedMeanwhile(t *testing.T) {
	another := func(w *world, text string) {
		w.Helper()
		s, err := store.Open(w.dir)
		if err != nil {
			w.Fatal(err)
		}
		defer s.Close()
		other := &world{TB: w.TB, dir: w.dir, store: s, options: w.options}
		p := other.survey(text)
		if err := p.Apply(w.Context(), func([]Step) error { return nil }); err != nil {
			w.Fatal(err)
		}
	}
	client := func(name, more string) string { return entries("", "account: \""+name+"@10.%\""+more) }
	t.Run("in a later batch", func(t *testing.T) {
		w := newWorld(t, 3650)
		sizes, err := w.batches(t.Context(), w.survey(many), func(batch int) error {
			if batch == 1 {
				another(w, client("app-23", ""))
			}
			return nil
		})
		if !errors.Is(err, store.ErrChanged) || len(sizes) != 2 || !strings.Contains(err.Error(), "app-23") {
			t.Errorf("%v, %v", sizes, err)
		}
		w.apply(many)
	})
	t.Run("in the batch that is drafted", func(t *testing.T) {
		w := newWorld(t, 3650)
		w.apply(client("one", ""))
		w.options.Secret = func(i Identity) (*string, error) {
			if i.Request.Name == "app-08" {
				another(w, client("app-01", ""))
			}
			return secretOf(i)
		}
		sizes, err := w.batches(t.Context(), w.survey(many), goOn)
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrChanged) || sizes != nil {
			t.Errorf("%v, %v", sizes, err)
		}
	})
	for _, first := range []struct{ what, was, now, meanwhile string }{
		{"renewed", "", ", profile: peer", ", key: ec-p384"},
		{"updated", "", ", connect: db1.example.com", ", grants: [\"ALL ON a.*\"]"},
		{"met", "", ", connect: db1.example.com", ", connect: db1.example.com"},
	} {
		t.Run(first.what, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(client("app", first.was))
			p := w.survey(client("app", first.now))
			another(w, client("app", first.meanwhile))
			before := w.tree()
			sizes, err := w.batches(t.Context(), p, goOn)
			if first.what == "met" {
				if !errors.Is(err, store.ErrChanged) || sizes != nil {
					t.Errorf("%v, %v", sizes, err)
				}
				for path, state := range w.tree() {
					if before[path] != state {
						t.Errorf("%s: %s, was %s", path, state, before[path])
					}
				}
				return
			}
			// The difference is another one, the action is the same: what the
			// manifest says holds.
			if err != nil {
				t.Fatal(err)
			}
			w.met(client("app", first.now))
		})
	}
	t.Run("pruned", func(t *testing.T) {
		w := newWorld(t, 3650)
		w.apply(client("app", ""))
		w.options.Prune = true
		p := w.survey(client("other", ""))
		w.options.Prune = false
		another(w, client("app", ", profile: peer"))
		if sizes, err := w.batches(t.Context(), p, goOn); !errors.Is(err, store.ErrChanged) || len(sizes) != 1 {
			t.Errorf("%v, %v", sizes, err)
		}
		if r := w.rowOf("client/app"); r.State != ledger.Active {
			t.Errorf("%+v", r)
		}
	})
}
