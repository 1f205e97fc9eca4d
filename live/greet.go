package live

import (
	"context"
	"crypto/x509"
	"errors"

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

// Handshake is what client and server agreed on, and what the server presented.
type Handshake struct {
	Protocol     string              // "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"
	Cipher       string              // OpenSSL's name of the suite
	Certificates []*x509.Certificate // as on the wire, the server's own first
}

// Greet connects, reads the greeting and does the TLS handshake.
func Greet(ctx context.Context, a Address) (Hello, error) {
	return Hello{}, errors.New("not there yet")
}
