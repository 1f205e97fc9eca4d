package check

import (
	"fmt"
	"strings"
	"testing"

	"myca/live"
)

// TestUnjudged: a certificate that cannot be read here is no finding.
func TestUnjudged(t *testing.T) {
	s := Server{Where: "server db1:3306", Hello: live.Hello{Banner: "8.4.3", OffersTLS: true, Err: fmt.Errorf("%w: x509: unsupported elliptic curve", live.ErrUnjudged)}}
	if found := s.Findings(); len(found) > 0 {
		t.Errorf("%v", found)
	}
	const want = "the server's certificate: the certificate cannot be judged here: x509: unsupported elliptic curve"
	if unseen := strings.Join(s.Unseen(), "\n"); !strings.Contains(unseen, want) {
		t.Errorf("%s", unseen)
	}
}
