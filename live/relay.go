package live

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"sync/atomic"
	"time"
)

// relayed is the driver's end of a connection with TLS. The driver does TLS
// itself, so that what the server sends could not be seen beneath it: here it
// does it with a relay within this process, which does it with the server.
type relayed struct {
	net.Conn
	server net.Conn
	ended  chan struct{}
}

// closeTime is how long a server has to take what is still to be sent when the
// session is closed.
const closeTime = time.Second

// Close ends both connections.
func (r relayed) Close() error {
	err := r.Conn.Close()
	r.server.SetDeadline(time.Now().Add(closeTime))
	<-r.ended
	return err
}

// relay starts a relay on conn. The context bounds the handshakes.
func (d *dialer) relay(ctx context.Context, conn *heard) (net.Conn, error) {
	certificate, err := throwaway()
	if err != nil {
		return nil, err
	}
	drivers, ours := net.Pipe()
	r := relayed{Conn: drivers, server: conn.Conn, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		defer conn.Close()
		defer ours.Close()
		d.pass(ctx, ours, conn, certificate)
	}()
	return r, nil
}

// pass hands greeting, handshake and packets on. What ends it is noted, unless it
// is the driver.
func (d *dialer) pass(ctx context.Context, driver net.Conn, conn *heard, certificate tls.Certificate) {
	greeting := conn.again
	conn.again = nil
	if _, err := driver.Write(greeting); err != nil {
		return
	}
	request := make([]byte, 4+32) // for TLS
	if _, err := io.ReadFull(driver, request); err != nil {
		return
	}
	if _, err := conn.Write(request); err != nil {
		d.note(err)
		return
	}
	server := tls.Client(conn, d.tlsConfig())
	if err := server.HandshakeContext(ctx); err != nil {
		d.note(err)
		return
	}
	// Without tickets: the driver does not read while it writes.
	local := tls.Server(driver, &tls.Config{Certificates: []tls.Certificate{certificate}, SessionTicketsDisabled: true, MinVersion: tls.VersionTLS13})
	if err := local.HandshakeContext(ctx); err != nil {
		return
	}
	var over atomic.Bool // the driver has closed
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		io.Copy(server, local)
		over.Store(true)
		server.Close()
	}()
	_, err := io.Copy(local, newGuard(server))
	if err == nil {
		err = io.EOF
	}
	if !over.Load() {
		d.note(err)
	}
	driver.Close()
	<-sent
}

// throwaway is a certificate for the relay; nobody looks at it.
func throwaway() (tls.Certificate, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
