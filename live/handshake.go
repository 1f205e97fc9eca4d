package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// Handshake is what client and server agreed on, and what the server presented.
type Handshake struct {
	Protocol     string              // "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", as the servers name them
	Cipher       string              // OpenSSL's name of the suite
	Certificates []*x509.Certificate // as on the wire, the server's own first
}

// tlsConfig takes part in any handshake that crypto/tls can do, from TLS 1.0 on
// and with every suite, and accepts whatever the server presents: it is for
// telling what a server does. A host's name goes into the handshake (SNI).
func tlsConfig(host string) *tls.Config {
	c := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
	if host != "" && net.ParseIP(host) == nil {
		c.ServerName = host
	}
	for _, suites := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, suite := range suites {
			c.CipherSuites = append(c.CipherSuites, suite.ID)
		}
	}
	return c
}

// shakeHands does the TLS handshake on conn. When it fails after the server
// has presented certificates, these come with the error.
func shakeHands(ctx context.Context, conn net.Conn, host string) (*Handshake, error) {
	var h *Handshake
	config := tlsConfig(host)
	config.VerifyPeerCertificate = func(raw [][]byte, _ [][]*x509.Certificate) error {
		h = &Handshake{}
		for _, der := range raw {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return err
			}
			h.Certificates = append(h.Certificates, certificate)
		}
		return nil
	}
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		return h, unjudged(plain(err))
	}
	state := client.ConnectionState()
	h = &Handshake{Protocol: protocolName(state.Version), Cipher: suiteName(state.CipherSuite), Certificates: state.PeerCertificates}
	client.CloseWrite()
	return h, nil
}

// ErrUnjudged is about a handshake that ends on this side, as the certificate
// that the server presents cannot be read here. Clients with another TLS library
// may well read it.
var ErrUnjudged = errors.New("the certificate cannot be judged here")

// unjudged makes an ErrUnjudged of what crypto/tls says of a certificate that it
// does not read, or whose key it has no use for (verifyServerCertificate in
// handshake_client.go, which has no types for these).
func unjudged(err error) error {
	said := strings.TrimPrefix(err.Error(), "tls: ")
	for _, text := range []string{"failed to parse certificate from server: ", "server's certificate contains an unsupported type of public key: ",
		"server sent certificate containing RSA key larger than "} {
		if strings.HasPrefix(said, text) {
			return fmt.Errorf("%w: %s", ErrUnjudged, strings.TrimPrefix(said, "failed to parse certificate from server: "))
		}
	}
	return err
}

// plain is the cause of a network error in words, without the addresses of the
// connection, which the caller names.
func plain(err error) error {
	var op *net.OpError
	switch {
	case alert(err):
		errors.As(err, &op)
		return fmt.Errorf("the server answered with the TLS alert %q", strings.TrimPrefix(op.Err.Error(), "tls: "))
	case hungUp(err):
		return errors.New("the server closed the connection")
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

// alert tells whether the other side ended TLS with an alert.
func alert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// hungUp tells whether the other side closed the connection, as it is seen by
// reading, and by writing.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// protocolName is the version as servers name it in Ssl_version.
func protocolName(version uint16) string {
	switch version {
	case tls.VersionTLS10:
		return "TLSv1"
	case tls.VersionTLS11:
		return "TLSv1.1"
	case tls.VersionTLS12:
		return "TLSv1.2"
	case tls.VersionTLS13:
		return "TLSv1.3"
	}
	return tls.VersionName(version)
}

// suiteName is OpenSSL's name of a cipher suite, which is what Ssl_cipher and
// REQUIRE CIPHER hold: the standard names in TLS 1.3, and names of its own
// before (openssl-ciphers(1)), where plain RSA key exchange is left out, the
// key size follows the cipher without a dash, CBC is not named, nor is the hash
// of ChaCha20.
func suiteName(id uint16) string {
	name := tls.CipherSuiteName(id)
	exchange, cipher, ok := strings.Cut(strings.TrimPrefix(name, "TLS_"), "_WITH_")
	if !ok {
		return name
	}
	cipher = strings.NewReplacer("AES_128_CBC_", "AES128_", "AES_256_CBC_", "AES256_",
		"AES_128_", "AES128_", "AES_256_", "AES256_", "3DES_EDE_CBC_", "DES_CBC3_",
		"RC4_128_", "RC4_", "POLY1305_SHA256", "POLY1305").Replace(cipher)
	if exchange != "RSA" {
		cipher = exchange + "_" + cipher
	}
	return strings.ReplaceAll(cipher, "_", "-")
}
