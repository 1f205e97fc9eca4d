package fleet

import (
	"context"
	"fmt"
	"iter"

	"myca/ledger"
	"myca/store"
	"myca/templates"
)

// batchSize is how many identities are looked up, drafted and committed at a
// time: with more, memory grows and nothing gets faster.
const batchSize = 500

// Survey makes the plan. It reads only. The error is Problems when the
// authority of the manifest is not the store's.
//
// A store that is being founded has nothing yet: everything is to be created.
func Survey(ctx context.Context, s *store.Store, m *Manifest, o Options) (*Plan, error) {
	j, err := newJudge(ctx, s, m, o)
	if err != nil {
		return nil, err
	}
	if problems := disagreements(s, m, j.authority); problems != nil {
		return nil, problems
	}
	p := &Plan{store: s, manifest: m, options: o, judge: j, size: batchSize, time: draftTime, actions: make([]byte, 0, m.Len())}
	names, known := newNameSet(m.Len()), 0
	for at := 0; at < m.Len(); at += p.size {
		batch := make([]int, min(p.size, m.Len()-at))
		for n := range batch {
			batch[n] = at + n
		}
		found, err := p.find(ctx, batch)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			action, err := j.action(c)
			if err != nil {
				return nil, err
			}
			p.add(action)
			names.add(c.kind(), c.name())
			if c.row.Serial != "" {
				known++
			}
		}
	}
	if !o.Prune {
		return p, p.beside(ctx, names, known)
	}
	p.strays, err = doomed(ctx, s, names)
	p.count.Revoke = len(p.strays)
	p.doomed = make(map[[2]string]bool, len(p.strays))
	for _, one := range p.strays {
		p.doomed[[2]string{one.kind, one.name}] = true
	}
	if err == nil && m.Len() == 0 && len(p.strays) > 0 { // as a rule one that was cut off
		return nil, &store.Error{
			Message: fmt.Sprintf("manifest %q names no server and no client: pruning would revoke all %d pairs of the store", m.Name, len(p.strays)),
			Fix:     "is " + templates.Shell(s.Dir()) + " the right store (--dir), and the manifest complete? myca --dir " + templates.Shell(s.Dir()) + " revoke NAME revokes what is to go",
		}
	}
	return p, err
}

// candidate is an identity of the manifest beside what the store has of its
// kind and name.
type candidate struct {
	index int
	want  Identity
	row   ledger.Row // the active one; the zero Row: there is none
}

func (c candidate) kind() string { return string(c.want.Request.Kind) }
func (c candidate) name() string { return c.want.Request.Name }

// find expands the identities of these numbers and looks them up.
func (p *Plan) find(ctx context.Context, batch []int) ([]candidate, error) {
	found := make([]candidate, len(batch))
	names := map[string][]string{} // by kind
	for n, i := range batch {
		c := candidate{index: i, want: p.manifest.At(i)}
		found[n] = c
		names[c.kind()] = append(names[c.kind()], c.name())
	}
	db := p.store.Ledger()
	if db == nil { // the store is being founded
		return found, ctx.Err()
	}
	rows := map[string]map[string]ledger.Row{}
	for kind, list := range names {
		var err error
		if rows[kind], err = db.ActiveAmong(ctx, kind, list); err != nil {
			return nil, err
		}
	}
	for n, c := range found {
		found[n].row = rows[c.kind()][c.name()]
	}
	return found, nil
}

// next is the numbers of the next identities from at on that are to be changed,
// at most one batch, and where to go on.
func (p *Plan) next(at int) (batch []int, then int) {
	for ; at < len(p.actions) && len(batch) < p.size; at++ {
		if p.actions[at] != Keep[0] {
			batch = append(batch, at)
		}
	}
	return batch, at
}

// Steps goes through the steps that change something: servers and clients in the
// order of the manifest, then what is revoked. They are computed anew, so that
// the plan stays small. An error comes last, with a zero Step: store.ErrChanged
// when another process changed the store since the plan was made.
func (p *Plan) Steps(ctx context.Context) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		for at := 0; at < len(p.actions); {
			var batch []int
			batch, at = p.next(at)
			steps, err := p.steps(ctx, batch)
			for _, step := range steps {
				if !yield(step, nil) {
					return
				}
			}
			if err != nil {
				yield(Step{}, err)
				return
			}
		}
		for _, one := range p.strays {
			step, _, err := p.revocation(ctx, one)
			if !yield(step, err) || err != nil {
				return
			}
		}
	}
}

// steps is the steps of the identities of these numbers.
func (p *Plan) steps(ctx context.Context, batch []int) ([]Step, error) {
	found, err := p.find(ctx, batch)
	if err != nil {
		return nil, err
	}
	list := make([]difference, len(found))
	for n, c := range found {
		if list[n], err = p.difference(ctx, c); err != nil {
			return nil, err
		}
	}
	if err := p.advise(ctx, list); err != nil {
		return nil, err
	}
	steps := make([]Step, len(list))
	for n, d := range list {
		steps[n] = d.step
	}
	return steps, nil
}

// difference is what is to be done about a candidate, which must be what was
// planned.
func (p *Plan) difference(ctx context.Context, c candidate) (difference, error) {
	d, err := p.judge.difference(ctx, c)
	if err == nil && d.step.Action[0] != p.actions[c.index] {
		err = changedMeanwhile(c.kind(), c.name())
	}
	d.step.Needs = d.needs()
	return d, err
}

func changedMeanwhile(kind, name string) error {
	return &store.Error{
		Message: fmt.Sprintf("%s %q was changed by another process since the plan was made", kind, name),
		Fix:     "run the command again",
		Err:     store.ErrChanged,
	}
}
