package live

import (
	"context"
	"errors"
	"slices"
)

// Attempt is the outcome of one login attempt: In, or Refused, or neither when
// it could not be made (no connection, no answer in time, no TLS on the server,
// a plugin that is not supported, a server that Verify did not accept, too many
// connections).
type Attempt struct {
	In      bool
	Refused bool  // the server said no: to the account, or to the certificate
	Err     error // nil when In; *ServerError where the server gave its reason
}

// Try makes one login attempt and logs out again. It sends no statement. A
// refused attempt counts for the account where the server locks accounts after
// several (FAILED_LOGIN_ATTEMPTS of MySQL, max_password_errors of MariaDB).
func Try(ctx context.Context, a Address, l Login) Attempt {
	d := newDialer(a, l)
	conn, err := d.connect(ctx)
	if err == nil {
		conn.Close()
		return Attempt{In: true}
	}
	reason := d.reason(ctx, err)
	return Attempt{Refused: ctx.Err() == nil && d.refused(reason, err), Err: reason}
}

// refused tells whether the server said no.
//
// A server answers with an error when the account does not let the client in.
// It answers a certificate that it does not accept with an alert of TLS
// instead: in TLS 1.2 within the handshake, in TLS 1.3 after it, as the answer
// to the login, since the client's part of the handshake is over once it has
// sent its certificate (RFC 8446 section 4.4). As the server hangs up on it, the
// alert may be lost, and only the end of the connection be seen.
func (d *dialer) refused(reason, err error) bool {
	var fromServer *ServerError
	if errors.As(reason, &fromServer) {
		return slices.Contains(refusals(), fromServer.Number)
	}
	logged, verified := d.noted()
	for _, err := range append(logged, err) {
		if verified && (alert(err) || d.login.Certificate != nil && hungUp(err)) {
			return true
		}
	}
	return false
}

// refusals are the errors that say no to an account: access denied (1045, 1044,
// and 1698 without a password), the host may not connect (1130), the account
// asks for TLS by require_secure_transport (3159 in MySQL; MariaDB says 1045),
// the account is locked (3118 in MySQL, 4151 in MariaDB). MySQL's
// share/messages_to_clients.txt, MariaDB's sql/share/errmsg-utf8.txt.
func refusals() []int { return []int{1044, 1045, 1130, 1698, 3118, 3159, 4151} }
