package store

import (
	"context"
	"time"

	"myca/ledger"
)

// Phase is how far a rotation of the authority is. It follows from the ledger:
// from which authorities are active, and which of them signs.
type Phase string

// The phases. Without a rotation there is one generation in the trust bundle;
// begun, there are two and the older one signs; switched, the newer one does.
const (
	NoRotation Phase = "none"
	Begun      Phase = "begun"
	Switched   Phase = "switched"
)

// Rotation is the state of the authority's generations.
type Rotation struct {
	Phase       Phase
	Generations []Generation // in the trust bundle, the newest first
	// Stale is the folders whose ca-cert.pem is not the trust bundle yet. The
	// next writing command rewrites them.
	Stale []string
}

// Generation is an authority in the trust bundle.
type Generation struct {
	Row        ledger.Row // Name is its number
	Signs      bool
	Active     int // active servers and clients that it signed and that have not ended
	Superseded int // superseded ones that have not ended: their keys still open accounts
}

// Rotation reads the state of the authority's generations; now decides what
// has ended. It takes no lock and writes nothing.
func (s *Store) Rotation(ctx context.Context, now time.Time) (Rotation, error) {
	phase, rows, err := s.phase(ctx)
	if err != nil {
		return Rotation{}, err
	}
	tallies, err := s.db.Count(ctx, ledger.Filter{Lasting: now})
	if err != nil {
		return Rotation{}, err
	}
	rotation := Rotation{Phase: phase}
	for n, r := range rows {
		g := Generation{Row: r, Signs: n == 0 && phase != Begun || n == 1 && phase == Begun}
		for _, tally := range tallies {
			switch {
			case tally.Generation != r.Generation || tally.Kind == ledger.CA:
			case tally.State == ledger.Active:
				g.Active += tally.Count
			case tally.State == ledger.Superseded:
				g.Superseded += tally.Count
			}
		}
		rotation.Generations = append(rotation.Generations, g)
	}
	rotation.Stale, err = s.stale(ctx)
	return rotation, err
}

// stale is the folders whose bundle is not the ledger's.
func (s *Store) stale(ctx context.Context) ([]string, error) {
	certs, err := s.bundleOf(ctx)
	if err != nil {
		return nil, err
	}
	var folders []string
	err = s.eachStale(ctx, encode(certs), func(folder string) error {
		folders = append(folders, folder)
		return nil
	})
	return folders, err
}

// phase is how far a rotation is, and the active authorities, the newest first.
func (s *Store) phase(ctx context.Context) (Phase, []ledger.Row, error) {
	rows, err := s.db.Authorities(ctx)
	if err != nil {
		return "", nil, err
	}
	signer, err := s.signer(ctx)
	switch {
	case err != nil:
		return "", nil, err
	case len(rows) == 1:
		return NoRotation, rows, nil
	case rows[0].Serial == signer.Serial:
		return Switched, rows, nil
	}
	return Begun, rows, nil
}
