package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// liar signs something else than it is given.
type liar struct{ crypto.Signer }

func (l liar) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	other := append([]byte(nil), digest...)
	other[0] ^= 1
	return l.Signer.Sign(r, other, opts)
}

// TestSignVerifies is what package issue relies on: a wrong signature does not
// come out of Sign.
func TestSignVerifies(t *testing.T) {
	for _, kt := range []KeyType{RSA2048, ECP256, Ed25519} {
		key := testKey(t, kt)
		a := authorityOf(t, key, nil)
		if a, err := New(a.Certificate, liar{key}); err != nil {
			t.Fatal(err)
		} else if cert, err := a.Sign(leafTemplate(t, "/CN=x"), key.Public()); err == nil || cert != nil {
			t.Errorf("%s: a wrong signature was returned", kt)
		}
	}
}

// authorityOf makes an authority with a certificate by crypto/x509, changed.
func authorityOf(t *testing.T, key crypto.Signer, change func(*x509.Certificate)) *Authority {
	t.Helper()
	a, err := New(caCertificate(t, key, change), key)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func caCertificate(t *testing.T, key crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(7), RawSubject: mustDER(t, "/CN=test CA"),
		NotBefore: testBegin, NotAfter: testEnd,
		BasicConstraintsValid: true, IsCA: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if change != nil {
		change(tmpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestNewRefuses(t *testing.T) {
	good := testKey(t, ECP256)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsa1024, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		certKey, key crypto.Signer
		change       func(*x509.Certificate)
		want         string // "": accepted
	}{
		"good":           {good, good, nil, ""},
		"P-521":          {p521, p521, nil, ""},
		"other key":      {good, testKey(t, ECP256), nil, "the private key is not the certificate's"},
		"other type":     {good, testKey(t, Ed25519), nil, "the private key is not the certificate's"},
		"no CA":          {good, good, func(c *x509.Certificate) { c.IsCA = false; c.SubjectKeyId = []byte{1} }, "CA:TRUE"},
		"no constraints": {good, good, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false; c.SubjectKeyId = []byte{1} }, "CA:TRUE"},
		"key usage":      {good, good, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }, "keyCertSign"},
		"no key usage":   {good, good, func(c *x509.Certificate) { c.KeyUsage = 0 }, "keyCertSign"},
		"no CRLs":        {good, good, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }, ""},
		"no subject":     {good, good, func(c *x509.Certificate) { c.RawSubject = []byte{0x30, 0} }, "subject is empty"},
		"server only":    {good, good, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, "extended key usage"},
		"unknown use":    {good, good, func(c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} }, "extended key usage"},
		"both uses": {good, good, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
		}, ""},
		"any use":  {good, good, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }, ""},
		"rsa-1024": {rsa1024, rsa1024, nil, "rsa-1024, which TLS libraries refuse"},
		"ec-p224":  {p224, p224, nil, "ec-p224, which TLS libraries refuse"},
		"no identifier": {good, good, func(c *x509.Certificate) {
			c.IsCA = false // crypto/x509 makes an identifier for an authority
			c.ExtraExtensions = []pkix.Extension{{Id: extensionOID(extBasicConstraints), Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}}
		}, "no subject key identifier"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := New(caCertificate(t, tt.certKey, tt.change), tt.key)
			if tt.want == "" {
				if err != nil || a == nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var e *Error
			if a != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want %q", a, err, tt.want)
			}
		})
	}
}

// TestNewNamesEveryReason reads one error for a leaf with another's key.
func TestNewNamesEveryReason(t *testing.T) {
	cert := caCertificate(t, testKey(t, ECP256), func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.RawSubject = false, x509.KeyUsageDigitalSignature, mustDER(t, "/CN=leaf")
	})
	_, err := New(cert, testKey(t, ECP256))
	want := `"/CN=leaf" cannot be an authority: the private key is not the certificate's; ` +
		`the certificate is not one of an authority (no basicConstraints CA:TRUE); ` +
		`its key usage does not have keyCertSign; it has no subject key identifier`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestSignatureAlgorithm(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, key := range map[x509.SignatureAlgorithm]crypto.Signer{
		x509.SHA256WithRSA: testKey(t, RSA2048), x509.ECDSAWithSHA256: testKey(t, ECP256),
		x509.ECDSAWithSHA384: testKey(t, ECP384), x509.ECDSAWithSHA512: p521, x509.PureEd25519: testKey(t, Ed25519),
	} {
		a := authorityOf(t, key, nil)
		leaf, err := a.Sign(leafTemplate(t, "/CN=x"), testKey(t, ECP256).Public())
		if err != nil {
			t.Fatal(err)
		}
		if leaf.SignatureAlgorithm != want || a.SignatureAlgorithm() != want {
			t.Errorf("signed with %s, says %s, want %s", leaf.SignatureAlgorithm, a.SignatureAlgorithm(), want)
		}
	}
}

func TestSign(t *testing.T) {
	a, _ := mustCreate(t, testSpec(t, "/CN=test CA", ECP256))
	pub := testKey(t, RSA2048).Public()
	tmpl := leafTemplate(t, "/CN=x/C=US")
	leaf, err := a.Sign(tmpl, pub)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(leafTemplate(t, "/CN=x/C=US"), tmpl); diff != "" {
		t.Error("the template was changed:", diff)
	}
	if leaf.SerialNumber.BitLen() > 128 || len(leaf.SubjectKeyId) != 20 {
		t.Errorf("serial %s, subject key identifier %x", leaf.SerialNumber, leaf.SubjectKeyId)
	}
	tmpl.SerialNumber, tmpl.AuthorityKeyId = big.NewInt(99), []byte("another")
	tmpl.SignatureAlgorithm = x509.SHA256WithRSA
	if leaf, err = a.Sign(tmpl, pub); err != nil {
		t.Fatal(err)
	}
	if leaf.SerialNumber.Int64() != 99 || string(leaf.AuthorityKeyId) != string(a.Certificate.SubjectKeyId) {
		t.Errorf("serial %s, authority key identifier %x", leaf.SerialNumber, leaf.AuthorityKeyId)
	}
}

// TestSignKeepsIdentifier is for a leaf with the authority's own name, where
// crypto/x509 leaves the authority key identifier out.
func TestSignKeepsIdentifier(t *testing.T) {
	a, _ := mustCreate(t, testSpec(t, "/CN=test CA", ECP256))
	leaf, err := a.Sign(leafTemplate(t, "/CN=test CA"), testKey(t, ECP256).Public())
	if err != nil {
		t.Fatal(err)
	}
	if string(leaf.AuthorityKeyId) != string(a.Certificate.SubjectKeyId) {
		t.Errorf("authority key identifier %x", leaf.AuthorityKeyId)
	}
}

func TestSignRefuses(t *testing.T) {
	a, _ := mustCreate(t, testSpec(t, "/CN=test CA", ECP256))
	pub := testKey(t, ECP256).Public()
	for name, change := range map[string]func(*x509.Certificate){
		"no encoded subject": func(c *x509.Certificate) { c.RawSubject, c.Subject.CommonName = nil, "x" },
		"negative serial":    func(c *x509.Certificate) { c.SerialNumber = big.NewInt(-1) },
		"a name not ASCII":   func(c *x509.Certificate) { c.DNSNames = []string{"bücher.example"} },
	} {
		tmpl := leafTemplate(t, "/CN=x")
		change(tmpl)
		if cert, err := a.Sign(tmpl, pub); err == nil {
			t.Errorf("%s: signed %v", name, cert.Subject)
		}
	}
	if _, err := a.Sign(leafTemplate(t, "/CN=x"), "no key"); err == nil {
		t.Error("signed a string as a key")
	}
}
