package store

import (
	"context"
	"fmt"
	"time"

	"myca/ca"
	"myca/ledger"
)

// Revoke revokes servers' and clients' certificates for a reason of
// ca.ParseReason: the rows become revoked, the folder of an active one moves to
// archive/SERIAL/ with its account statements, and a new crl.pem is written in
// the same change, which is valid as long as the one before was (30 days at
// first). Nothing changes on a server before it has read that file. Errors:
// ErrExists for what is revoked already, ErrChanged when one of the rows is not
// in the ledger as given any more, ErrUnfinished.
func (s *Store) Revoke(ctx context.Context, rows []ledger.Row, reason int, now time.Time) error {
	if len(rows) == 0 {
		return s.Recover(ctx)
	}
	return s.change(ctx, func(ctx context.Context) (*change, error) {
		c := &change{}
		seen := map[string]bool{}
		for _, r := range rows {
			if seen[r.Serial] {
				continue
			}
			seen[r.Serial] = true
			if err := s.revocable(ctx, r); err != nil {
				return nil, err
			}
			c.record.Revoke = append(c.record.Revoke, ledger.Revocation{Serial: r.Serial, At: ca.Second(now), Reason: ca.ReasonName(reason)})
			if r.State == ledger.Active {
				c.withdraw = append(c.withdraw, r)
			}
		}
		authorities, err := s.authorities(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.drawUp(ctx, c, authorities, now, 0); err != nil {
			return nil, err
		}
		return c, s.passed("check")
	})
}

// revocable is an error unless r can be revoked and is in the ledger as it is
// given.
func (s *Store) revocable(ctx context.Context, r ledger.Row) error {
	known, err := s.db.BySerial(ctx, r.Serial)
	switch {
	case err != nil:
		return err
	case known.Kind == ledger.CA:
		return refuse(nil, "myca ca rotate begin replaces an authority, and finish --compromised a stolen one at once",
			"certificate %s is that of the authority, which no CRL of its own can revoke", r.Serial)
	case known.State == ledger.Revoked && r.State == ledger.Revoked:
		return refuse(ErrExists, "myca ca crl writes the CRL again", "certificate %s (%s %q) was revoked on %s already",
			r.Serial, known.Kind, known.Name, known.RevokedAt.Format(time.DateOnly))
	case known.State != r.State:
		return changedMeanwhile(known.Kind, known.Name)
	}
	return nil
}

// Revocable is what `revoke NAME` revokes: every certificate of that kind and
// name (kind "": servers and clients) that has neither ended at now nor been
// revoked, the superseded ones too. The error wraps ledger.ErrNotFound when
// there is none.
func (s *Store) Revocable(ctx context.Context, kind, name string, now time.Time) ([]ledger.Row, error) {
	rows, err := s.db.Named(ctx, kind, name)
	if err != nil {
		return nil, err
	}
	var live []ledger.Row
	for _, r := range rows {
		if r.State != ledger.Revoked && r.NotAfter.After(now) {
			live = append(live, r)
		}
	}
	if live == nil {
		return nil, &Error{
			Message: fmt.Sprintf("no certificate of %q is in force", name),
			Fix:     "myca list shows what there is",
			Err:     ledger.ErrNotFound,
		}
	}
	return live, nil
}
