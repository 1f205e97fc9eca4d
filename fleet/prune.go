package fleet

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"

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

// strays is the active servers and clients of s that are not in the set, sorted
// by kind and name, servers first.
func strays(ctx context.Context, s *store.Store, names *nameSet) ([]stray, error) {
	if s.Ledger() == nil { // the store is being founded
		return nil, nil
	}
	var found []stray
	for _, kind := range []string{ledger.Server, ledger.Client} {
		for r, err := range s.Ledger().All(ctx, ledger.Filter{Kind: kind, State: ledger.Active}) {
			if err != nil {
				return nil, err
			}
			if !names.has(kind, r.Name) {
				found = append(found, stray{r.Serial, kind, r.Name})
			}
		}
	}
	return found, nil
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
			if left := p.manifest.without(sp.Target, sp.Accounts); left != nil {
				step.Reasons = append(step.Reasons, "on the server until they are dropped: "+strings.Join(left, ", "))
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
