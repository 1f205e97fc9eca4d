package store

import (
	"errors"

	"myca/ledger"
)

// Amendment is another spec for a pair whose certificate stays.
type Amendment struct {
	Row  ledger.Row // as the ledger has it: an active server's or client's
	Spec Spec
	// Password is as in Order: nil keeps what the pair has.
	Password *string
}

// Amend makes the texts of an active pair again, from another spec: my.cnf and
// the account statements. Certificate and key stay as they are. Everything is
// in memory until Commit; Item.Pair is nil.
func (s *Store) Amend(a Amendment) (*Item, error) { return nil, errors.New("not yet") }
