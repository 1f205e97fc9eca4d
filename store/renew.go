package store

import (
	"context"
	"errors"
	"time"

	"myca/issue"
	"myca/ledger"
)

// Renewal is a certificate described again. The way on: change what the user
// wants changed, Request.Check with the store's Authority, then Draft an Order
// with Plan, Spec, and Renews, and Commit.
type Renewal struct {
	Request issue.Request // with the subject of the certificate, byte for byte
	Spec    Spec
	Serial  string // of the certificate that is renewed: Order.Renews
}

// Renewal describes the active certificate r again: its subject, SANs,
// profile, key type and format, the length of its validity from an hour before
// now on, and its spec. A new key is made unless the caller sets ReuseKey (see
// [Store.PrivateKey]).
func (s *Store) Renewal(r ledger.Row, now time.Time) (Renewal, error) {
	return Renewal{}, errors.New("renewal")
}

// PrivateKey is the private key of an active server or client, as PEM.
func (s *Store) PrivateKey(r ledger.Row) ([]byte, error) {
	return nil, errors.New("private key")
}

// Revocable is what `revoke NAME` revokes: every certificate of that kind and
// name (kind "": servers and clients) that has neither ended at now nor been
// revoked, the superseded ones too. The error wraps ledger.ErrNotFound when
// there is none.
func (s *Store) Revocable(ctx context.Context, kind, name string, now time.Time) ([]ledger.Row, error) {
	return nil, errors.New("revocable")
}
