package store

import (
	"context"
	"errors"
	"time"

	"myca/ca"
	"myca/ledger"
)

// Phase is how far a rotation of the authority is.
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
// has ended.
func (s *Store) Rotation(ctx context.Context, now time.Time) (Rotation, error) {
	return Rotation{}, errors.New("rotation")
}

// RotateBegin makes a new generation of the authority and puts both into the
// trust bundle and every folder's ca-cert.pem; the old one goes on signing.
// Where a CRL is in use, lists of both are written in the same change. What is
// zero in next is taken from the generation that signs: the subject (byte for
// byte, so that every REQUIRE ISSUER stays true), the type of key, the length
// of the validity, from an hour before now on. A zero sp repeats the spec of
// that generation. The row is the new generation's.
//
// Errors: ErrExists during a rotation, ca.Problems, ErrChanged, ErrUnfinished.
func (s *Store) RotateBegin(ctx context.Context, next ca.Spec, sp Spec, now time.Time) (ledger.Row, error) {
	return ledger.Row{}, errors.New("begin")
}

// RotateSwitch lets the new generation sign. It refuses when there is no
// rotation, and before every bundle is rewritten. Switched already is no error.
func (s *Store) RotateSwitch(ctx context.Context) error {
	return errors.New("switch")
}

// Finished is what the end of a rotation means for certificates of the old
// generation that have not ended.
type Finished struct {
	CutOff     []ledger.Row // active ones: their holders cannot connect any more; only when it was compromised
	Superseded []ledger.Row // old ones of renewed pairs
}

// RotateFinish drops the old generation from the bundles, and its list from
// the CRL. It refuses before the switch, and while active certificates of it
// remain that have not ended at now (ErrInUse). With compromised it does both
// at once, marks the old generation revoked, and says who is cut off.
func (s *Store) RotateFinish(ctx context.Context, compromised bool, now time.Time) (Finished, error) {
	return Finished{}, errors.New("finish")
}
