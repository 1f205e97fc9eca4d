package live

import (
	"errors"

	"myca/dialect"
)

const (
	channelTable = "performance_schema.tls_channel_status"
	userTable    = "mysql.user"
	privTable    = "mysql.global_priv"
)

// ErrNotSeen: the login lacks the right to see something. The error that wraps
// it says what, and has the GRANT statement.
var ErrNotSeen = errors.New("not seen")

// hiddenError is what a login may not see.
type hiddenError struct{ what, grant string }

// Error is what, and the statement that shows it.
func (e *hiddenError) Error() string { return e.what + ": " + e.grant }

// Is makes it an ErrNotSeen.
func (e *hiddenError) Is(target error) bool { return target == ErrNotSeen }

// Rights is what a login needs to see everything, as it stands between GRANT
// and TO; every statement of a session was tried with accounts that have only
// these.
//
//   - MySQL: SELECT on mysql.user for the accounts; it has the password hashes
//     too. From 8.0.21 on SELECT on performance_schema.tls_channel_status, where
//     the server says whether TLS is on; without it a session with TLS shows
//     that, and up to 8.3 have_ssl.
//   - MariaDB before 10.4: SELECT on mysql.user.
//   - MariaDB from 10.4 on: SELECT on mysql.global_priv, the table that has the
//     accounts. SELECT on mysql.user, the view of it, shows everything but which
//     accounts are locked, and which have a second way of authentication.
//
// The version and the settings need no right: SHOW VARIABLES and SHOW STATUS
// answer every account. Instead of the whole table mysql.user, SELECT on its
// columns Host, User, ssl_type, ssl_cipher, x509_issuer and x509_subject will
// do; without plugin, Password and authentication_string, account_locked,
// password_expired and is_role, what these would say is left open.
func Rights(v dialect.Version) []string {
	switch {
	case hasGlobalPriv(v):
		return []string{"SELECT ON " + privTable}
	case hasChannelTable(v):
		return []string{"SELECT ON " + userTable, "SELECT ON " + channelTable}
	}
	return []string{"SELECT ON " + userTable}
}

// hasGlobalPriv: MariaDB 10.4.1 (MDEV-17655) keeps the accounts as JSON.
func hasGlobalPriv(v dialect.Version) bool {
	return v.Product == dialect.MariaDB && v.AtLeast(10, 4, 1)
}

// hasChannelTable: MySQL 8.0.21 (8.0 manual, "The tls_channel_status Table").
func hasChannelTable(v dialect.Version) bool {
	return v.Product == dialect.MySQL && v.AtLeast(8, 0, 21)
}

// grantTo is the statement that gives a right to an account as CURRENT_USER()
// names it.
func grantTo(right, currentUser string) string {
	return "GRANT " + right + " TO " + accountOf(currentUser).SQL() + ";"
}
