// Package ledger is the record of every certificate.
package ledger

import (
	"context"
	"errors"
	"iter"
	"time"
)

// State says what a certificate is good for.
type State string

// The states.
const (
	Active     State = "active"
	Superseded State = "superseded"
	Revoked    State = "revoked"
)

// Kinds of certificates, the values of Row.Kind.
const (
	CA     = "ca"
	Server = "server"
	Client = "client"
)

// ErrNotFound is in the chain of errors about a certificate the ledger does not hold.
var ErrNotFound = errors.New("not in the ledger")

// Row is one certificate.
type Row struct {
	Serial          string // lower-case hex
	Kind            string // CA, Server or Client
	Name            string
	Subject, Issuer string
	Generation      int
	NotBefore       time.Time
	NotAfter        time.Time
	SPKI            string
	DER             []byte
	State           State
	RevokedAt       time.Time
	Reason          string
	Spec            []byte
	Created         time.Time
}

// Ledger is an open ledger.
type Ledger struct{}

// Active is the active certificate of that kind and name; ErrNotFound when there is none.
func (l *Ledger) Active(ctx context.Context, kind, name string) (Row, error) {
	return Row{}, ErrNotFound
}

// Named is every certificate of that name, newest first; kind "" means all kinds.
func (l *Ledger) Named(ctx context.Context, kind, name string) ([]Row, error) { return nil, nil }

// Find is every certificate whose serial begins with prefix (at most limit of them).
func (l *Ledger) Find(ctx context.Context, prefix string, limit int) ([]Row, error) { return nil, nil }

// BySerial is the certificate with exactly that serial; ErrNotFound when there is none.
func (l *Ledger) BySerial(ctx context.Context, serial string) (Row, error) {
	return Row{}, ErrNotFound
}

// Filter narrows All.
type Filter struct {
	Kind     string    // "": all kinds
	State    State     // "": all states
	Expiring time.Time // not zero: only what ends before then
}

// All is every certificate the filter lets through, ordered by kind, name, and age.
func (l *Ledger) All(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(func(Row, error) bool) {}
}
