// Package ledger is the record of every certificate an authority has signed:
// one row a certificate in an SQLite file.
//
// What it guarantees:
//
//   - A change is one transaction, durable when [Ledger.Apply] returns nil
//     (rollback journal, synchronous=FULL); after a crash it is there or it is
//     not, never in part.
//   - A serial is recorded once. Of one kind and name at most one certificate
//     is active: the database's own unique index sees to it, whoever writes.
//   - Reading writes nothing and works on a read-only file system. The one
//     exception: what SQLite rolls back when a process died within its
//     transaction, which the next one to open the file does.
//   - The cost of adding, of finding by name, subject, serial or beginning of a
//     serial, and of asking what expires does not grow with the number of rows.
//
// The statements are plain SQL without upsert, RETURNING or partial indexes,
// times are integers (seconds since 1970 UTC), so that the schema serves MySQL
// and MariaDB as well, but for what schema.go says of one index.
package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// State says what a certificate counts for.
type State string

// The states. Only an active certificate has a folder of its own.
const (
	Active     State = "active"
	Superseded State = "superseded" // another took its name
	Revoked    State = "revoked"
)

// Kinds of certificates, the values of Row.Kind.
const (
	CA     = "ca"
	Server = "server"
	Client = "client"
)

// Row is one certificate. Times are in UTC, in whole seconds.
type Row struct {
	Serial     string    // lower-case hex, an even number of digits, at most 40
	Kind       string    // CA, Server or Client
	Name       string    // the folder's name, at most 64 bytes; of a CA its generation
	Subject    string    // as the servers compare it
	Issuer     string    // as the servers compare it
	Generation int       // of the authority that signed it, from 1
	NotBefore  time.Time //
	NotAfter   time.Time //
	SPKI       string    // SHA-256 of the public key (SubjectPublicKeyInfo), lower-case hex
	DER        []byte    // the certificate
	State      State     //
	RevokedAt  time.Time // zero unless revoked
	Reason     string    // of the revocation (RFC 5280 section 5.3.1, "key-compromise"), or ""
	Spec       []byte    // what it was made from, JSON
	Created    time.Time // when it was recorded
}

// Settings is what concerns the store as a whole.
type Settings struct {
	Target     string // server version the store was made for, as dialect.Parse reads it
	Generation int    // of the authority that signs
	CRLNumber  int64  // of the last CRL; 0 before the first
}

// Change is one transaction: what a batch of certificates does to the ledger.
type Change struct {
	Supersede  []string // serials; each must be active
	Revoke     []Revocation
	Respec     []Respec
	Insert     []Row
	Generation int   // of the authority that signs from now on; 0: as it is
	CRLNumber  int64 // of the new CRL, above that of the last; 0: there is none
}

// Revocation says of a certificate, active or superseded, that it is revoked.
type Revocation struct {
	Serial string
	At     time.Time
	Reason string // as in Row
}

// Respec gives an active certificate another spec: its row stays as it is but
// for that.
type Respec struct {
	Serial   string
	From, To []byte // the spec before, byte for byte, and the one from now on
}

// Errors that callers tell apart, with errors.Is.
var (
	// ErrNotFound is about a certificate the ledger does not hold.
	ErrNotFound = errors.New("not in the ledger")
	// ErrConflict is about a change that another process came before: a name
	// with an active certificate, a serial that is recorded, a certificate to
	// be superseded that is not active any more or to be revoked that is
	// revoked, a spec that is another one by now, a number of a CRL that was
	// used.
	ErrConflict = errors.New("in conflict with the ledger")
	// ErrDamaged is about a file that is no ledger, or not a whole one.
	ErrDamaged = errors.New("damaged ledger")
	// ErrMissing is about a file that is not there.
	ErrMissing = errors.New("no ledger")
)

// Ledger is an open ledger. It may be used by several goroutines.
type Ledger struct {
	db   *sql.DB
	path string
}

// Close gives up the file.
func (l *Ledger) Close() error {
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("close ledger %q: %w", l.path, err)
	}
	return nil
}
