package live

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
)

// ErrNoTLS is about a server that offers no TLS.
var ErrNoTLS = errors.New("the server offers no TLS")

// ErrNotAsked is about a server that asks clients for no certificate, as one
// without a CA does (vio/viosslfactories.c of both products, SSL_VERIFY_NONE).
var ErrNotAsked = errors.New("the server asks clients for no certificate")

// Present shows the login's certificate, which must not be nil, to the server
// in the TLS handshake: In says that the server accepts it, whatever accounts
// require. Nobody logs in and no account is named, so that no account counts a
// failure; the server counts an interrupted connection as after Greet. Refused
// is also with ErrNoTLS and ErrNotAsked. As in Try, Verify comes before the
// certificate, and its error leaves the question open.
func Present(ctx context.Context, a Address, l Login) Attempt {
	// Up to TLS 1.2 a refused certificate ends the handshake on this side too (RFC
	// 5246 section 7.3).
	attempt, presented := present(ctx, a, l, tls.VersionTLS12)
	if presented || errors.Is(attempt.Err, ErrNoTLS) || ctx.Err() != nil {
		return attempt
	}
	attempt, _ = present(ctx, a, l, tls.VersionTLS13)
	return attempt
}

// present is Present with no newer TLS than version. presented says that the
// handshake came as far as the server's certificate.
func present(ctx context.Context, a Address, l Login, version uint16) (attempt Attempt, presented bool) {
	conn, g, err := a.greeted(ctx)
	if err != nil {
		return Attempt{Err: err}, false
	}
	defer conn.Close()
	if g.capabilities&clientSSL == 0 {
		return Attempt{Refused: true, Err: ErrNoTLS}, false
	}
	stop := hangUp(ctx, conn)
	defer stop()
	if _, err := conn.Conn.Write(g.sslRequest()); err != nil {
		return Attempt{Err: plain(err)}, false
	}
	d, asked := newDialer(a, l), false
	config := d.tlsConfig()
	config.MaxVersion = version
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return l.Certificate, nil
	}
	conn.again = nil
	client := tls.Client(conn, config)
	err = client.HandshakeContext(ctx)
	if err == nil && client.ConnectionState().Version == tls.VersionTLS13 {
		err = answered(client)
	}
	_, presented = d.noted()
	switch {
	case ctx.Err() != nil:
		return Attempt{Err: fmt.Errorf("the server was silent in the handshake: %w", ctx.Err())}, presented
	case err != nil:
		return Attempt{Refused: asked && (alert(err) || hungUp(err)), Err: plain(err)}, presented
	case !asked:
		return Attempt{Refused: true, Err: ErrNotAsked}, presented
	}
	client.CloseWrite()
	return Attempt{In: true}, presented
}

// answered waits until the server has judged the certificate, which in TLS 1.3
// it does after the client's part of the handshake. The packet in place of a
// login is one byte long, and the answer to it an error (1043, bad handshake).
func answered(client *tls.Conn) error {
	if _, err := client.Write([]byte{1, 0, 0, 2, 1}); err != nil {
		return err
	}
	_, err := client.Read(make([]byte, 1))
	return err
}
