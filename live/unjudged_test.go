package live

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
)

// TestGreetUnjudged: a certificate that crypto/x509 does not read says nothing of
// other clients; any other end of the handshake does.
func TestGreetUnjudged(t *testing.T) {
	unreadable := pair(t, "db1")
	unreadable.Certificate = [][]byte{{0x30, 3, 2, 1, 1}}
	hello, err := Greet(within(t), fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL), tls: &tls.Config{Certificates: []tls.Certificate{unreadable}}}.start(t))
	if err != nil || !errors.Is(hello.Err, ErrUnjudged) || !strings.Contains(hello.Err.Error(), "x509: malformed") {
		t.Errorf("%v, %v", hello.Err, err)
	}
	hello, err = Greet(within(t), fake{greeting: greeting41("8.4.3", ofMySQL|clientSSL)}.start(t))
	if err != nil || hello.Err == nil || errors.Is(hello.Err, ErrUnjudged) {
		t.Errorf("%v, %v", hello.Err, err)
	}
}
