package issue

import (
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/dn"
)

// testNow is around now for verifiers that ask the clock themselves.
func testNow() time.Time { return time.Now().Truncate(time.Second) }

func mustName(t testing.TB, text string) dn.Name {
	t.Helper()
	n, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// testAuthority is valid from two hours ago for ten years.
func testAuthority(t testing.TB, subject string, key ca.KeyType) *ca.Authority {
	t.Helper()
	a, _, err := ca.Create(ca.Spec{
		Subject: mustName(t, subject), Key: key, AllowNonportable: true,
		NotBefore: testNow().Add(-2 * time.Hour), NotAfter: testNow().AddDate(10, 0, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const sampdb = "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb"

// serverRequest and clientRequest have no problem.
func serverRequest() Request {
	return Request{
		Kind: Server, Name: "db1", SANs: []string{"db1.example.com", "10.0.0.1"}, Key: ca.ECP256,
		NotBefore: testNow().Add(-time.Hour), NotAfter: testNow().AddDate(0, 0, 825),
	}
}

func clientRequest() Request {
	return Request{
		Kind: Client, Name: "laura", CommonName: "laura", Key: ca.ECP256,
		NotBefore: testNow().Add(-time.Hour), NotAfter: testNow().AddDate(0, 0, 825),
	}
}

func mustCheck(t testing.TB, a *ca.Authority, r Request) Plan {
	t.Helper()
	p, err := r.Check(a, testNow())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustMake(t testing.TB, a *ca.Authority, r Request) *Pair {
	t.Helper()
	pair, err := Make(a, mustCheck(t, a, r))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// problemsOf is what Check finds wrong.
func problemsOf(t *testing.T, a *ca.Authority, r Request) Problems {
	t.Helper()
	plan, err := r.Check(a, testNow())
	if err == nil {
		return nil
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("%v (%T), want Problems", err, err)
	}
	if plan.Subject != nil || plan.DNS != nil {
		t.Errorf("a plan beside the error: %+v", plan)
	}
	return problems
}

func writeCertificate(t *testing.T, dir, name string, certs ...*x509.Certificate) string {
	t.Helper()
	var text []byte
	for _, c := range certs {
		text = append(text, ca.EncodeCertificate(c)...)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// needs skips the test where a program is not installed.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed: apt-get install openssl gnutls-bin", program)
	}
}

// output runs a program and returns all it prints and whether it succeeded.
func output(t *testing.T, program string, args ...string) (string, bool) {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(out), "\n"), err == nil
}
