package store

import (
	"context"
	"errors"
	"time"
)

// CRL is what is known of crl.pem.
type CRL struct {
	Path       string    // "" when there is none
	Number     int64     // of the file; 0 when there is none
	Recorded   int64     // of the last one the ledger knows; above Number, the file is old or lost: write a new one
	ThisUpdate time.Time // zero when there is none
	NextUpdate time.Time // servers cut every certificate client off afterwards
	Revoked    int       // how many certificates it lists, of all generations
}

// WriteCRL writes a new crl.pem, valid for days: one list of each generation
// in the trust bundle, the newest first, all with the same number, the next.
func (s *Store) WriteCRL(ctx context.Context, now time.Time, days int) error {
	return errors.New("crl")
}

// CRL reads crl.pem.
func (s *Store) CRL() (CRL, error) {
	return CRL{}, errors.New("crl")
}
