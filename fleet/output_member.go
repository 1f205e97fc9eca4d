package fleet

import (
	"context"

	"myca/ledger"
	"myca/store"
)

// member is an identity and its active certificate.
type member struct {
	Identity
	index int
	row   ledger.Row
	fresh *store.Item // of a pair that was just made, whose files are in memory; nil: they are read
}

// kind is ledger.Server or ledger.Client.
func (m member) kind() string { return string(m.Request.Kind) }

// spec is what the pair was made from.
func (m member) spec() (store.Spec, error) {
	if m.fresh != nil {
		return m.fresh.Spec, nil
	}
	return store.ReadSpec(m.row)
}

// outputBatch is how many identities are looked up at a time.
const outputBatch = 400

// each calls do with all identities in batches, in order. The next batch is
// looked up meanwhile.
func (o outputs) each(ctx context.Context, do func([]member) error) error {
	type found struct {
		batch []member
		err   error
	}
	ahead := make(chan found)
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		for range ahead { // until the look-up has ended
		}
	}()
	go func() {
		defer close(ahead)
		for first := 0; first < o.count; first += outputBatch {
			last := min(first+outputBatch, o.count)
			err := o.gate.wait(ctx, last)
			var batch []member
			if err == nil {
				batch, err = o.lookUp(ctx, first, last)
			}
			select {
			case ahead <- found{batch, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for next := range ahead {
		if next.err != nil {
			return next.err
		}
		if err := do(next.batch); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// lookUp is the identities from first up to last, with their certificates.
func (o outputs) lookUp(ctx context.Context, first, last int) ([]member, error) {
	batch := make([]member, 0, last-first)
	names := map[string][]string{}
	for i := first; i < last; i++ {
		m := member{Identity: o.at(i), index: i}
		if item := o.gate.take(i); item != nil {
			m.row = item.Row
			if item.Content() != nil {
				m.fresh = item
			}
			batch = append(batch, m)
			continue
		}
		batch = append(batch, m)
		names[m.kind()] = append(names[m.kind()], m.Request.Name)
	}
	rows := map[string]map[string]ledger.Row{}
	for kind, some := range names {
		if o.store.Ledger() == nil {
			continue
		}
		found, err := o.store.Ledger().ActiveAmong(ctx, kind, some)
		if err != nil {
			return nil, err
		}
		rows[kind] = found
	}
	for i, m := range batch {
		if m.row.Serial != "" {
			continue
		}
		row, ok := rows[m.kind()][m.Request.Name]
		if !ok {
			return nil, changed("there is no active pair of the %s %q", m.kind(), m.Request.Name)
		}
		batch[i].row = row
	}
	return batch, nil
}
