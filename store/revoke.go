package store

import (
	"context"
	"errors"
	"time"

	"myca/ledger"
)

// Revoke revokes servers' and clients' certificates for a reason of
// ca.ParseReason: the rows become revoked, the folder of an active one moves to
// archive/SERIAL/ with its account statements, and a new crl.pem is written in
// the same change, which is valid as long as the one before was (30 days at
// first). Errors: ErrChanged when one of the rows is not in the ledger as given
// any more, ErrUnfinished.
func (s *Store) Revoke(ctx context.Context, rows []ledger.Row, reason int, now time.Time) error {
	return errors.New("revoke")
}
