package ca

import (
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"myca/dn"
)

// the validity of test certificates: around any clock that runs the tests.
var (
	testBegin = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	testEnd   = time.Date(2060, 1, 2, 3, 4, 5, 0, time.UTC)
)

func mustName(t *testing.T, text string) dn.Name {
	t.Helper()
	n, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustDER(t *testing.T, text string) []byte {
	t.Helper()
	der, err := mustName(t, text).DER()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func testSpec(t *testing.T, subject string, key KeyType) Spec {
	t.Helper()
	return Spec{Subject: mustName(t, subject), Key: key, NotBefore: testBegin, NotAfter: testEnd}
}

func mustCreate(t *testing.T, s Spec) (*Authority, []byte) {
	t.Helper()
	a, keyPEM, err := Create(s)
	if err != nil {
		t.Fatal(err)
	}
	return a, keyPEM
}

// leafTemplate is a client's certificate, to be signed.
func leafTemplate(t *testing.T, subject string) *x509.Certificate {
	t.Helper()
	return &x509.Certificate{
		RawSubject: mustDER(t, subject), NotBefore: testBegin, NotAfter: testEnd,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

func writeFile(t *testing.T, dir, name string, data []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
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

// run runs a program that must succeed and returns all it prints.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}
