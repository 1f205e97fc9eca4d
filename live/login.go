package live

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
)

// Login is who logs in, and how. With an empty Password an account that the
// server knows by the user of the operating system gets in over a socket
// (auth_socket, unix_socket).
type Login struct {
	User, Password string
	// Plain is without TLS, also where the server offers it. Not Plain is with
	// TLS, and fails where the server offers none, on a socket too.
	Plain bool
	// Certificate is shown to the server whatever issuers it asks for; nil:
	// none.
	Certificate *tls.Certificate
	// Verify, when not nil, judges the server once it has presented its
	// certificate and before anything of the login is sent, the client's
	// certificate included; its error ends the attempt. It is not called when
	// Plain. Without it any server is accepted.
	Verify func(tls.ConnectionState) error
}

// Session is one logged-in connection. It is for one goroutine.
type Session struct {
	dialer *dialer
	conn   driver.Conn
}

// Open logs in. The password goes out hashed (mysql_native_password,
// client_ed25519), or, where the server asks for it whole
// (caching_sha2_password, sha256_password), within TLS or over the socket. It
// never goes to a server that asks for mysql_clear_password or the form from before
// 4.1, nor, over TCP without TLS, encrypted with the RSA key that the server sends:
// somebody else could send his own.
//
// It sends no statement, not even SET NAMES. The context bounds the login only. Errors that the server sent are a
// *ServerError.
func Open(ctx context.Context, a Address, l Login) (*Session, error) {
	d := newDialer(a, l)
	conn, err := d.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("log in as %q to %s: %w", l.User, a, d.reason(ctx, err))
	}
	return &Session{dialer: d, conn: conn}, nil
}

// Close logs out.
func (s *Session) Close() error { return s.conn.Close() }

// dialer makes connections for one login, and keeps what the driver says only
// to its log.
type dialer struct {
	address Address
	login   Login
	noTLS   bool     // the server offers none
	conn    net.Conn // the driver's; nil: none was made
	in      atomic.Bool
	plugin  string // of the account's authentication, when the driver does not know it

	mu       sync.Mutex
	verified bool    // the server has presented itself in the handshake, and was accepted
	logged   []error // the causes of the driver's "invalid connection" and "bad connection"
}

func newDialer(a Address, l Login) *dialer { return &dialer{address: a, login: l} }

// connect logs in. A server that makes the driver panic makes an error.
func (d *dialer) connect(ctx context.Context) (conn driver.Conn, err error) {
	connector, err := d.connector()
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			conn, err = nil, malformed(p)
			if d.conn != nil {
				d.conn.Close()
			}
		}
	}()
	if conn, err = connector.Connect(ctx); err == nil {
		d.in.Store(true)
	}
	return conn, err
}

// malformed is the error for what the driver reads beyond the end of.
func malformed(p any) error { return fmt.Errorf("the server sent a malformed packet (%v)", p) }

// note keeps the cause of an error.
func (d *dialer) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logged = append(d.logged, err)
}

// noted is the causes so far, and whether the server was verified.
func (d *dialer) noted() (causes []error, verified bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.logged), d.verified
}

// connector is the driver, set up to send no statement of its own: no time
// zone, no character set, no question for max_allowed_packet.
func (d *dialer) connector() (driver.Connector, error) {
	return d.connectorOver(d.dial)
}

// connectorOver is connector with connections made by dial.
func (d *dialer) connectorOver(dial func(context.Context, string, string) (net.Conn, error)) (driver.Connector, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd = d.login.User, d.login.Password
	c.Net, c.Addr = d.address.network()
	c.DialFunc, c.Logger = dial, d
	if !d.login.Plain {
		c.TLS = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13} // of the relay, which does the server's
	}
	return mysql.NewConnector(c)
}

// tlsConfig is that of Greet with the login's certificate and judge.
func (d *dialer) tlsConfig() *tls.Config {
	c := tlsConfig(d.address.hostName())
	c.VerifyConnection = func(state tls.ConnectionState) error {
		if d.login.Verify != nil {
			if err := d.login.Verify(state); err != nil {
				return err
			}
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.verified = true
		return nil
	}
	// Certificates would be held back from a server that names other issuers.
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if d.login.Certificate == nil {
			return new(tls.Certificate), nil
		}
		return d.login.Certificate, nil
	}
	return c
}

// dial connects and looks at the greeting before the driver does, which reads
// beyond the end of one that is cut off or of 3.22. What comes after it is
// guarded.
func (d *dialer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, g, err := d.address.greeted(ctx)
	if err != nil {
		return nil, err
	}
	if g.capabilities&clientProtocol41 == 0 {
		conn.Close()
		return nil, fmt.Errorf("the server's version %q is before 4.1, where no login can be made", g.banner)
	}
	d.noTLS = g.capabilities&clientSSL == 0
	if d.login.Plain || d.noTLS {
		d.conn = d.guarded(conn)
		return d.conn, nil
	}
	if d.conn, err = d.relay(ctx, conn); err != nil {
		conn.Close()
		return nil, err
	}
	return d.conn, nil
}

// guarded is a connection without TLS. The greeting, which the driver reads once
// more, was judged when it was read.
func (d *dialer) guarded(conn *heard) net.Conn {
	g := newGuard(conn)
	if d.address.Socket == "" && d.login.Password != "" {
		g.keyed = func() error {
			if d.in.Load() {
				return nil
			}
			return errServerKey
		}
	}
	g.head, conn.again = conn.again, nil
	return guarded{conn, g}
}

// Print takes what the driver logs: words, and often an error.
func (d *dialer) Print(words ...any) {
	for i, word := range words {
		if err, ok := word.(error); ok {
			d.note(err)
		}
		if word == "unknown auth plugin:" && i+1 < len(words) {
			d.plugin = fmt.Sprint(words[i+1])
		}
	}
}

// reason is err, of the driver, in plain words.
func (d *dialer) reason(ctx context.Context, err error) error {
	var fromServer *mysql.MySQLError
	logged, _ := d.noted()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the server did not answer: %w", ctx.Err())
	case errors.As(err, &fromServer):
		return serverError(fromServer)
	case d.noTLS && errors.Is(err, mysql.ErrNoTLS):
		return ErrNoTLS
	case errors.Is(err, mysql.ErrCleartextPassword):
		return errors.New("the server asks for the password in clear text (mysql_clear_password), which is never sent")
	case errors.Is(err, mysql.ErrOldPassword):
		return errors.New("the account has a password of the form from before 4.1 (mysql_old_password), which is never sent")
	case errors.Is(err, mysql.ErrUnknownPlugin):
		return fmt.Errorf("the account's authentication plugin %q is not supported here", d.plugin)
	case len(logged) > 0:
		return plain(logged[0])
	}
	return plain(err)
}

// serverError is an error of the driver's in our form.
func serverError(e *mysql.MySQLError) *ServerError {
	state := ""
	if e.SQLState != [5]byte{} {
		state = string(e.SQLState[:])
	}
	return &ServerError{Number: int(e.Number), State: state, Message: e.Message}
}
