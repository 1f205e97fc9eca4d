package acceptance

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"myca/ca"
	"myca/dn"
)

// pair is a certificate of the test's own making, with its key.
type pair struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// authorityPair is the store's CA.
func (i *installation) authorityPair(t *testing.T) pair {
	t.Helper()
	a := i.authority(t)
	certs, err := ca.DecodeCertificates([]byte(read(t, a.cert)))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ca.DecodeKey([]byte(read(t, a.key)))
	if err != nil {
		t.Fatal(err)
	}
	return pair{certs[0], key}
}

// newKey is a small key that servers take.
func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func weakKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// subjectOf is the DER of a subject written with slashes.
func subjectOf(t *testing.T, text string) []byte {
	t.Helper()
	name, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	der, err := name.DER()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// server is a sound server certificate, for change to make an unsound one of.
func server(t *testing.T, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), RawSubject: subjectOf(t, "/O=sampdb/CN=localhost"),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)},
		BasicConstraintsValid: true,
	}
	change(c)
	return c
}

// root is a sound CA's certificate, for change to make an unsound one of.
func root(t *testing.T, subject string, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	return server(t, func(c *x509.Certificate) {
		c.RawSubject, c.DNSNames, c.IPAddresses, c.ExtKeyUsage = subjectOf(t, subject), nil, nil, nil
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		change(c)
	})
}

func asIs(*x509.Certificate) {}

// authorityOf is a sound CA of that subject.
func authorityOf(t *testing.T, subject string) pair {
	t.Helper()
	return pair{}.sign(t, root(t, subject, asIs), newKey(t))
}

// sign makes a certificate like template for the key; a CA signs itself when
// there is no other.
func (p pair) sign(t *testing.T, template *x509.Certificate, key crypto.Signer) pair {
	t.Helper()
	if template.IsCA {
		spki, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		id := sha1.Sum(spki)
		template.SubjectKeyId = id[:]
	}
	if p.cert == nil {
		p = pair{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, p.cert, key.Public(), p.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{cert, key}
}

// pem is the pair's certificate as a file holds it.
func (p pair) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}))
}

// keyPEM is the pair's key as a file holds it.
func (p pair) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// crl is an empty list of the CA, current from a day ago until then.
func (p pair) crl(t *testing.T, until time.Time) string {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(7), ThisUpdate: time.Now().AddDate(0, 0, -1), NextUpdate: until}, p.cert, p.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}))
}

// deploy puts texts into the server's files of these names, which keep their
// owner and mode.
func (i *installation) deploy(t *testing.T, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(i.folder(), name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// deployPair puts a pair into the server's files; further certificates follow
// it in its file.
func (i *installation) deployPair(t *testing.T, p pair, further ...pair) {
	t.Helper()
	chain := p.pem()
	for _, f := range further {
		chain += f.pem()
	}
	i.deploy(t, map[string]string{"server-cert.pem": chain, "server-key.pem": p.keyPEM(t)})
}

// deployed makes a breakage of a pair that the store's CA signed.
func deployed(change func(*x509.Certificate)) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		i.deployPair(t, i.authorityPair(t).sign(t, server(t, change), newKey(t)))
	}
}
