package live

import (
	"context"
	"fmt"
	"net"
	"time"

	"myca/dialect"
)

// Hello is what a server says and shows before any login.
type Hello struct {
	Banner    string          // the version as SELECT VERSION() has it: "10.11.19-MariaDB-log"
	Version   dialect.Version // of Banner; the zero Version when it cannot be told
	OffersTLS bool
	// Handshake is nil when there was none. When Err is set too, the handshake
	// failed after the server had presented its certificates: Protocol and
	// Cipher are then empty.
	Handshake *Handshake
	Err       error // why the TLS handshake failed
}

// Greet connects, reads the greeting, and does the TLS handshake where the
// server offers one, accepting whatever it presents. It does not log in, and
// hangs up: the server counts that as an interrupted connection
// (Aborted_connects), and after max_connect_errors of them in a row, 100 in
// newer versions and 10 in older, without a login in between, blocks the host
// (1129). Loopback is never blocked.
//
// The error says why there was no greeting; it is a *ServerError when the
// server sent one in its place. A handshake that fails is in Hello.Err. The
// context bounds everything; give it a deadline, as what listens there may be
// silent.
func Greet(ctx context.Context, a Address) (Hello, error) {
	conn, g, err := a.greeted(ctx)
	if err != nil {
		return Hello{}, err
	}
	defer conn.Close()
	hello := Hello{Banner: g.banner, Version: g.version(), OffersTLS: g.capabilities&clientSSL != 0}
	if !hello.OffersTLS {
		return hello, nil
	}
	stop := hangUp(ctx, conn)
	defer stop()
	if _, err := conn.Conn.Write(g.sslRequest()); err != nil {
		hello.Err = plain(err)
		return hello, nil
	}
	hello.Handshake, hello.Err = shakeHands(ctx, conn.Conn, a.hostName())
	if hello.Err != nil && ctx.Err() != nil {
		hello.Err = fmt.Errorf("the server was silent in the handshake: %w", ctx.Err())
	}
	return hello, nil
}

// heard is a connection whose greeting was read and is given to its reader
// once more. Writing to a server that has closed it is no error: why it did, an
// alert of TLS or an error, can still be read.
type heard struct {
	net.Conn
	again []byte
}

// Read gives the greeting first.
func (h *heard) Read(p []byte) (int, error) {
	if len(h.again) > 0 {
		n := copy(p, h.again)
		h.again = h.again[n:]
		return n, nil
	}
	return h.Conn.Read(p)
}

// Write sends.
func (h *heard) Write(p []byte) (int, error) {
	n, err := h.Conn.Write(p)
	if err != nil && hungUp(err) {
		return len(p), nil
	}
	return n, err
}

// greeted connects and reads the greeting.
func (a Address) greeted(ctx context.Context) (*heard, greeting, error) {
	conn, err := a.dial(ctx)
	if err != nil {
		return nil, greeting{}, fmt.Errorf("connect to %s: %w", a, plain(err))
	}
	stop := hangUp(ctx, conn)
	g, raw, err := readGreeting(conn)
	stop()
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("it sent no greeting: %w", ctx.Err())
		}
		return nil, greeting{}, fmt.Errorf("connect to %s: %w", a, err)
	}
	return &heard{conn, raw}, g, nil
}

// hangUp makes reads and writes on conn fail once ctx is done, until stop.
func hangUp(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}
