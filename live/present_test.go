package live

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
)

// TestPresent: what a server does with a certificate is told in every version of
// TLS, and a server that was not accepted is not shown it.
func TestPresent(t *testing.T) {
	certificate := pair(t, "laura")
	asks := &tls.Config{Certificates: []tls.Certificate{pair(t, "db1")}, ClientAuth: tls.RequestClientCert}
	refuses := asks.Clone()
	refuses.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) != 1 {
			return nil
		}
		return errors.New("no")
	}
	silent := asks.Clone()
	silent.ClientAuth = tls.NoClientCert
	only := func(c *tls.Config, version uint16) *tls.Config {
		c = c.Clone()
		c.MinVersion, c.MaxVersion = version, version
		return c
	}
	modern := greeting41("8.4.3", ofMySQL|clientSSL)
	another := func(tls.ConnectionState) error { return errors.New("another server") }
	tests := []struct {
		what        string
		server      fake
		verify      func(tls.ConnectionState) error
		in, refused bool
		text        string
	}{
		{"taken", fake{greeting: modern, tls: asks}, nil, true, false, ""},
		{"taken in TLS 1.2", fake{greeting: modern, tls: only(asks, tls.VersionTLS12)}, nil, true, false, ""},
		{"taken in TLS 1.3", fake{greeting: modern, tls: only(asks, tls.VersionTLS13)}, nil, true, false, ""},
		{"refused", fake{greeting: modern, tls: refuses}, nil, false, true, "bad certificate"},
		{"refused in TLS 1.1", fake{greeting: modern, tls: only(refuses, tls.VersionTLS11)}, nil, false, true, "bad certificate"},
		{"refused in TLS 1.3", fake{greeting: modern, tls: only(refuses, tls.VersionTLS13)}, nil, false, true, "bad certificate"},
		{"not asked", fake{greeting: modern, tls: silent}, nil, false, true, ErrNotAsked.Error()},
		{"not asked in TLS 1.3", fake{greeting: modern, tls: only(silent, tls.VersionTLS13)}, nil, false, true, ErrNotAsked.Error()},
		{"no TLS", fake{greeting: greeting41("8.4.3", ofMySQL)}, nil, false, true, ErrNoTLS.Error()},
		{"hung up in the handshake", fake{greeting: modern}, nil, false, false, "closed the connection"},
		{"another server", fake{greeting: modern, tls: refuses}, another, false, false, "another server"},
	}
	for _, test := range tests {
		got := Present(within(t), test.server.start(t), Login{Certificate: &certificate, Verify: test.verify})
		if got.In != test.in || got.Refused != test.refused || (got.Err == nil) != test.in ||
			got.Err != nil && !strings.Contains(got.Err.Error(), test.text) {
			t.Errorf("%s: %+v", test.what, got)
		}
	}
}
