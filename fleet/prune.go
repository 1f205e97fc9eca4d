package fleet

import (
	"context"
	"hash/maphash"
	"slices"

	"myca/ledger"
	"myca/store"
)

// stray is an active server or client that is not in the manifest.
type stray struct{ serial, kind, name string }

// nameSet is the names of a manifest, 8 bytes each, as hashes: of a million
// names, another one is taken for one of them, and not pruned, once in 10^13
// times.
type nameSet struct {
	seed   maphash.Seed
	hashes []uint64
	sorted bool
}

func newNameSet(size int) *nameSet {
	return &nameSet{seed: maphash.MakeSeed(), hashes: make([]uint64, 0, size)}
}

func (s *nameSet) hash(kind, name string) uint64 {
	return maphash.Comparable(s.seed, [2]string{kind, name})
}

func (s *nameSet) add(kind, name string) {
	s.hashes, s.sorted = append(s.hashes, s.hash(kind, name)), false
}

func (s *nameSet) has(kind, name string) bool {
	if !s.sorted {
		slices.Sort(s.hashes)
		s.sorted = true
	}
	_, found := slices.BinarySearch(s.hashes, s.hash(kind, name))
	return found
}

// strays is the active servers and clients of db that are not in the set, sorted
// by kind and name, servers first; without their serials.
func strays(ctx context.Context, db *ledger.Ledger, names *nameSet) ([]stray, error) {
	var found []stray
	for _, kind := range []string{ledger.Server, ledger.Client} {
		for name, err := range db.Names(ctx, kind) {
			if err != nil {
				return nil, err
			}
			if !names.has(kind, name) {
				found = append(found, stray{kind: kind, name: name})
			}
		}
	}
	return found, nil
}

// rowsOf calls do with the active certificate of each of the strays, in their
// order. One that is gone by now is passed over.
func rowsOf(ctx context.Context, db *ledger.Ledger, list []stray, do func(ledger.Row) error) error {
	for len(list) > 0 {
		var names []string
		for _, one := range list[:min(len(list), batchSize)] {
			if one.kind == list[0].kind {
				names = append(names, one.name)
			}
		}
		rows, err := db.ActiveAmong(ctx, list[0].kind, names)
		if err != nil {
			return err
		}
		for _, name := range names {
			if r, ok := rows[name]; ok {
				if err := do(r); err != nil {
					return err
				}
			}
		}
		list = list[len(names):]
	}
	return nil
}

// doomed is the strays that are to be revoked.
func doomed(ctx context.Context, s *store.Store, names *nameSet) ([]stray, error) {
	if s.Ledger() == nil { // the store is being founded
		return nil, nil
	}
	found, err := strays(ctx, s.Ledger(), names)
	if err != nil {
		return nil, err
	}
	var list []stray
	err = rowsOf(ctx, s.Ledger(), found, func(r ledger.Row) error {
		list = append(list, stray{r.Serial, r.Kind, r.Name})
		return nil
	})
	return list, err
}

// revocation is the step that revokes a stray, and what it revokes: every
// certificate of that name that is in force, since the key of one that was
// replaced opens its accounts as well.
func (p *Plan) revocation(ctx context.Context, one stray) (Step, []ledger.Row, error) {
	named, err := p.store.Ledger().Named(ctx, one.kind, one.name)
	if err != nil {
		return Step{}, nil, err
	}
	step := Step{Action: Revoke, Kind: one.kind, Name: one.name, Serial: one.serial, Reasons: []string{"not in the manifest"}}
	var rows []ledger.Row
	for _, r := range named {
		if r.State == ledger.Active && r.Serial == one.serial {
			sp, err := store.ReadSpec(r)
			if err != nil {
				return Step{}, nil, err
			}
			gone, elsewhere := p.judge.stay(r.Kind, sp.Target, sp.Accounts)
			if gone != nil {
				step.Reasons = append(step.Reasons, "on the server until they are dropped: "+dropUsers(gone))
			}
			if elsewhere != nil {
				step.Reasons = append(step.Reasons, p.judge.onOldServers(sp.Target, elsewhere))
			}
		}
		if r.State == ledger.Active || r.State == ledger.Superseded && r.NotAfter.After(p.options.Now) {
			r.DER, r.Spec = nil, nil // there may be many
			rows = append(rows, r)
		}
	}
	if len(named) == 0 || named[0].State != ledger.Active || named[0].Serial != one.serial {
		return Step{}, nil, changedMeanwhile(one.kind, one.name)
	}
	return step, rows, nil
}
