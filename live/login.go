package live

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
)

// Login is who logs in, and how.
type Login struct {
	User, Password string
	Plain          bool             // without TLS
	Certificate    *tls.Certificate // nil: none
	// Verify, when not nil, judges the server once it has presented its
	// certificate and before anything of the login is sent; its error ends the
	// attempt.
	Verify func(tls.ConnectionState) error
}

// Session is one logged-in connection.
type Session struct {
	conn *sql.Conn
}

// Open logs in.
func Open(ctx context.Context, a Address, l Login) (*Session, error) {
	return nil, errors.New("not there yet")
}

// Close logs out.
func (s *Session) Close() error { return nil }

// Attempt is the outcome of one login attempt: In, or Refused, or neither when
// it could not be made.
type Attempt struct {
	In      bool
	Refused bool  // the server said no: to the account, or to the certificate
	Err     error // nil when In
}

// Try makes one login attempt.
func Try(ctx context.Context, a Address, l Login) Attempt {
	return Attempt{Err: errors.New("not there yet")}
}
