// Package store is the folder pki/.
package store

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/issue"
	"myca/ledger"
	"myca/templates"
)

// Errors that callers tell apart; found with errors.Is. Each comes with a Hint.
var (
	ErrExists  = errors.New("exists already")
	ErrNoStore = errors.New("no store")
	ErrChanged = errors.New("changed by another process meanwhile")
	ErrDamaged = errors.New("damaged store")
	ErrForeign = errors.New("somebody else's store")
)

// Spec is what a pair was made from. It is kept in the ledger as JSON and never holds a password.
type Spec struct {
	Target           string   `json:"target,omitempty"`
	Subject          string   `json:"subject,omitempty"` // as asked for; "" when it was the default
	Profile          string   `json:"profile,omitempty"`
	SANs             []string `json:"sans,omitempty"`
	Days             int      `json:"days,omitempty"` // 0 when the end was given as a time
	Key              string   `json:"key,omitempty"`
	KeyFormat        string   `json:"key_format,omitempty"`
	DeployDir        string   `json:"deploy_dir,omitempty"`
	Owner            string   `json:"owner,omitempty"`
	Accounts         []string `json:"accounts,omitempty"`
	Require          string   `json:"require,omitempty"`
	Grants           []string `json:"grants,omitempty"`
	Password         string   `json:"password,omitempty"` // "none", "random", "file" or ""
	PartialRevokes   bool     `json:"partial_revokes,omitempty"`
	AllowNonportable bool     `json:"allow_nonportable,omitempty"`
	TLSLibrary       string   `json:"tls_library,omitempty"`
	Connect          string   `json:"connect,omitempty"`
	Groups           []string `json:"groups,omitempty"`
	Mode             string   `json:"mode,omitempty"` // "new", "if-not-exists" or "existing"
	Bootstrap        *Spec    `json:"bootstrap,omitempty"` // of a CA: what bootstrap was asked for beside it
}

// ReadSpec reads the spec of a row.
func ReadSpec(r ledger.Row) (Spec, error) { return Spec{}, nil }

// Founding is what a store is made from.
type Founding struct {
	Target dialect.Version
	CA     ca.Spec
	Spec   Spec
	Now    time.Time
}

// Store is an open store.
type Store struct{}

// Found makes a store's authority in memory.
func Found(dir string, f Founding) (*Store, error) { return &Store{}, nil }

// Open opens a store.
func Open(dir string) (*Store, error) { return &Store{}, nil }

// Close closes the ledger.
func (s *Store) Close() error { return nil }

// Dir is the absolute path of the store.
func (s *Store) Dir() string { return "" }

// Target is the server version the store was made for.
func (s *Store) Target() dialect.Version { return dialect.Version{} }

// Notices is what the user should know about the store's state.
func (s *Store) Notices() []string { return nil }

// Authority is the current generation.
func (s *Store) Authority() (*ca.Authority, error) { return nil, nil }

// CACertificates is the trust bundle.
func (s *Store) CACertificates() ([]*x509.Certificate, error) { return nil, nil }

// Ledger is the record, for reading; nil before the first Commit of a store that is being founded.
func (s *Store) Ledger() *ledger.Ledger { return nil }

// Recover finishes what a dead process left half done.
func (s *Store) Recover(ctx context.Context) error { return nil }

// CheckFree is nil when no pair of that kind and name exists, else an error with ErrExists in its chain.
func (s *Store) CheckFree(kind issue.Kind, name string) error { return nil }

// Order is one pair to make.
type Order struct {
	Plan     issue.Plan
	Spec     Spec
	Password *string // see Draft
	Force    bool
	Now      time.Time // recorded as the time of creation
}

// Files is where a pair lies; absolute paths, "" for what a kind does not have.
type Files struct{ CA, Cert, Key, MyCnf, SQL string }

// Item is one drafted pair.
type Item struct {
	Row     ledger.Row
	Pair    *issue.Pair
	Spec    Spec
	Notices []string
}

// Draft makes a pair and its texts, all in memory.
func (s *Store) Draft(o Order) (*Item, error) { return &Item{}, nil }

// Files is where the item lies after Commit.
func (i *Item) Files() Files { return Files{} }

// Commit makes the items durable, all of them or none.
func (s *Store) Commit(ctx context.Context, items ...*Item) error { return nil }

// Files is where the pair of a row lies.
func (s *Store) Files(r ledger.Row) Files { return Files{} }

// Password is the random password kept in the client's my.cnf, nil when there is none.
func (s *Store) Password(name string) (*string, error) { return nil, nil }

// ServerOptions is the option file of a server.
func ServerOptions(sp Spec, name, dir string) (templates.ServerOptions, error) {
	return templates.ServerOptions{}, nil
}

// ClientOptions is the option file of a client.
func ClientOptions(sp Spec, name, dir string, password *string) (templates.ClientOptions, error) {
	return templates.ClientOptions{}, nil
}

// AccountStatements is the file of account statements of a client.
func AccountStatements(sp Spec, cert *x509.Certificate, name string, password *string) (templates.Accounts, error) {
	return templates.Accounts{}, nil
}
