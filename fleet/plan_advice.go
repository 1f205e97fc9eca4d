package fleet

import (
	"context"

	"myca/ledger"
	"myca/store"
)

// advise adds to the steps of a batch what others of the store mean for them.
func (p *Plan) advise(ctx context.Context, batch []difference) error {
	if !p.judge.leaves {
		return nil
	}
	for n := range batch {
		p.takeovers(&batch[n])
	}
	return p.twins(ctx, batch)
}

// twins says which other certificates are as good as a new one, or as one that
// got accounts: those that have its subject.
func (p *Plan) twins(ctx context.Context, batch []difference) error {
	var bearers []store.Bearer
	var numbers []int // of theirs in the batch
	for n, d := range batch {
		asked := len(d.step.Accounts) > 0 || d.step.Action == Create
		if d.step.Action == Renew && !asked {
			library, err := d.want.Spec.Library()
			if err != nil {
				return err
			}
			asked = d.plan.Subject.OneLine(library) != d.row.Subject || d.want.Spec.Profile != d.was.Profile
		}
		if asked {
			bearers = append(bearers, store.Order{Plan: d.plan, Spec: d.want.Spec}.Bearer())
			numbers = append(numbers, n)
		}
	}
	if bearers == nil {
		return nil
	}
	prunes := func(r ledger.Row) bool { return p.doomed[[2]string{r.Kind, r.Name}] }
	notices, err := p.store.Twins(ctx, bearers, p.options.Now, prunes)
	if err != nil {
		return err
	}
	for i, n := range numbers {
		batch[n].step.Notices = append(batch[n].step.Notices, notices[i]...)
	}
	return nil
}
