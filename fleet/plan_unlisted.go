package fleet

import (
	"context"
	"fmt"

	"myca/dialect"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

// Unlisted is the active servers and clients that are not in the manifest, when
// they are not pruned.
type Unlisted struct {
	Count int
	More  bool     // there are more: so many were counted
	Only  bool     // nothing of what is active is in the manifest: it may be another store's
	Names []string // KIND NAME of the first, servers first; nil where it takes long to find them
}

// Unlisted is what the store has beside the manifest.
func (p *Plan) Unlisted() Unlisted { return p.unlisted }

// Pruned is KIND NAME of the first of what is to be revoked.
func (p *Plan) Pruned() []string { return firstOf(p.strays) }

// Bounds of what is done about what is not in the manifest, so that a small
// manifest costs little beside many certificates.
const (
	mostCounted = 1000 // of them are counted
	mostLooked  = 1000 // are looked at, but no more than the manifest has, or leastLooked
	leastLooked = 100
	mostListed  = 5  // are named
	mostRows    = 10 // of the ledger, for each that the manifest has or is looked at
)

// beside finds what is active and not in the manifest. names is the set of the
// manifest's, known how many of them are active.
func (p *Plan) beside(ctx context.Context, names *nameSet, known int) error {
	if !p.judge.leaves {
		return nil
	}
	db := p.store.Ledger()
	only := known == 0
	known += p.judge.authorities
	active, err := db.CountUpTo(ctx, known+mostCounted+1, ledger.Filter{State: ledger.Active})
	if err != nil || active <= known {
		return err
	}
	p.unlisted.Count = min(active-known, mostCounted)
	p.unlisted.More, p.unlisted.Only = active-known > mostCounted, only
	looked := min(max(leastLooked, p.manifest.Len()), mostLooked)
	p.judge.blind = true
	if active-known > looked {
		return nil
	}
	most := mostRows * (p.manifest.Len() + looked)
	if rows, err := db.CountUpTo(ctx, most+1, ledger.Filter{}); err != nil || rows > most {
		return err
	}
	p.judge.blind = false
	found, err := strays(ctx, db, names)
	if err != nil {
		return err
	}
	p.unlisted.Count, p.unlisted.Names = len(found), firstOf(found)
	if p.count.Changes() == 0 {
		return nil
	}
	p.judge.holders = map[string]stray{}
	return rowsOf(ctx, db, found, p.judge.hold)
}

// firstOf is KIND NAME of the first of a list.
func firstOf(list []stray) []string {
	var names []string
	for _, one := range list[:min(len(list), mostListed)] {
		names = append(names, one.kind+" "+one.name)
	}
	return names
}

// hold notes whose accounts those of a certificate are: on their target, where its
// record tells it, and on any.
func (j *judge) hold(r ledger.Row) error {
	sp, err := store.ReadSpec(r)
	if err != nil {
		return err
	}
	for _, account := range sp.Accounts {
		if a, err := dialect.ParseAccount(account); err == nil {
			one := stray{r.Serial, r.Kind, r.Name}
			j.holders[accountKey("", a)] = one
			if r.Kind == ledger.Client {
				j.holders[accountKey(sp.Target, a)] = one
			}
		}
	}
	return nil
}

// takeovers says which accounts of a step are those of a certificate that is not
// in the manifest.
func (p *Plan) takeovers(d *difference) {
	accounts, target := d.step.Accounts, accountTarget(d.want, d.want.Spec)
	if d.step.Action == Create {
		accounts = d.want.Spec.Accounts
	}
	for _, account := range accounts {
		a, err := dialect.ParseAccount(account)
		if err != nil {
			continue
		}
		one, taken := p.judge.holders[accountKey(target, a)]
		if !taken {
			one, taken = p.judge.holders[accountKey("", a)]
			taken = taken && one.kind == ledger.Server // whose account may be on any target
		}
		if taken {
			d.step.Notices = append(d.step.Notices, fmt.Sprintf(
				"the account %s is that of %s %s, too, which is not in the manifest: once fleet.sql is run it demands what this entry says; if the other is to go: myca --dir %s revoke %s",
				account, one.kind, one.name, templates.Shell(p.store.Dir()), templates.Shell(one.kind+"/"+one.name)))
		}
	}
}
