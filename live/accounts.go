package live

import (
	"context"
	"errors"

	"myca/dialect"
)

// ErrNotSeen: the login has not the right to see something.
var ErrNotSeen = errors.New("not seen")

// Account is a row of the server's account table.
type Account struct {
	dialect.Account
	Type                    string // "" none, "ANY" (REQUIRE SSL), "X509", "SPECIFIED"
	Cipher, Issuer, Subject string // of SPECIFIED, byte for byte; "" is not required
	Locked, Role, Anonymous bool
	HasPassword             *bool  // nil: not told (a plugin that keeps its secret elsewhere, or the column cannot be seen)
	Plugin                  string // of the authentication; "" before MySQL 5.5.7 and MariaDB 5.2
}

// Accounts reads every account, in the order of user and host.
func (s *Session) Accounts(ctx context.Context) ([]Account, error) {
	return nil, errors.New("not there yet")
}

// Rights is what a login needs to see everything.
func Rights(v dialect.Version) []string { return nil }
