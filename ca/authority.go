package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"go.step.sm/crypto/keyutil"
	"go.step.sm/crypto/x509util"

	"myca/dn"
)

// minRSABits is the smallest RSA modulus that TLS libraries accept at the
// security level Debian, Ubuntu and Red Hat set (SECLEVEL 2 of OpenSSL).
const minRSABits = 2048

// Authority is a certificate of an authority with its private key. It is safe
// for use by several goroutines at once.
type Authority struct {
	Certificate *x509.Certificate
	Subject     dn.Name // of Certificate, from its bytes

	signer crypto.Signer
}

// New checks that certificate and key belong together and can sign for MySQL
// and MariaDB: a v3 certificate with CA:TRUE and keyCertSign (RFC 5280 section
// 4.2.1.3), a subject key identifier, a subject, an extended key usage that
// allows servers and clients if there is one at all, and a key that TLS
// libraries accept: RSA of 2048 bits or more, P-256, P-384, P-521, Ed25519.
// The error is an *Error that names every reason.
func New(cert *x509.Certificate, key crypto.Signer) (*Authority, error) {
	subject, err := dn.FromDER(cert.RawSubject)
	if err != nil {
		return nil, fmt.Errorf("reading the authority's subject: %w", err)
	}
	reasons := strings.Join(unfit(cert, subject), "; ")
	err = keyutil.VerifyPair(cert.PublicKey, key)
	switch {
	case err != nil && reasons != "":
		err = fmt.Errorf("%w; %s", ErrMismatch, reasons)
	case err != nil:
		err = ErrMismatch
	case reasons != "":
		err = errors.New(reasons)
	default:
		return &Authority{Certificate: cert, Subject: subject, signer: key}, nil
	}
	return nil, &Error{Message: fmt.Sprintf("%q cannot be an authority", subject), Err: err}
}

// unfit is every reason why a certificate cannot be an authority's.
func unfit(cert *x509.Certificate, subject dn.Name) []string {
	var reasons []string
	if !cert.BasicConstraintsValid || !cert.IsCA {
		reasons = append(reasons, "the certificate is not one of an authority (no basicConstraints CA:TRUE)")
	}
	if cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		reasons = append(reasons, "its key usage does not have keyCertSign")
	}
	if len(cert.SubjectKeyId) == 0 {
		reasons = append(reasons, "it has no subject key identifier")
	}
	if len(subject) == 0 {
		reasons = append(reasons, "its subject is empty")
	}
	if !servesBoth(cert) {
		reasons = append(reasons, "its extended key usage excludes TLS servers or clients, and so that of all it signs")
	}
	if !acceptedKey(cert.PublicKey) {
		reasons = append(reasons, fmt.Sprintf("its key is of type %s, which TLS libraries refuse", KeyTypeOf(cert.PublicKey)))
	}
	return reasons
}

// servesBoth says whether the extended key usage, if there is one, allows
// certificates of servers and of clients: OpenSSL applies it to the chain.
func servesBoth(cert *x509.Certificate) bool {
	if len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 0 {
		return true
	}
	var server, client bool
	for _, usage := range cert.ExtKeyUsage {
		server = server || usage == x509.ExtKeyUsageServerAuth || usage == x509.ExtKeyUsageAny
		client = client || usage == x509.ExtKeyUsageClientAuth || usage == x509.ExtKeyUsageAny
	}
	return server && client
}

func acceptedKey(pub crypto.PublicKey) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize >= 256
	case ed25519.PublicKey:
		return true
	}
	return false
}

// SignatureAlgorithm is what the authority signs with: SHA-256 with RSA and
// P-256, SHA-384 with P-384, SHA-512 with P-521, Ed25519 as it is.
func (a *Authority) SignatureAlgorithm() x509.SignatureAlgorithm {
	return signatureAlgorithm(a.Certificate.PublicKey)
}

func signatureAlgorithm(pub crypto.PublicKey) x509.SignatureAlgorithm {
	switch KeyTypeOf(pub) {
	case ECP256:
		return x509.ECDSAWithSHA256
	case ECP384:
		return x509.ECDSAWithSHA384
	case "ec-p521":
		return x509.ECDSAWithSHA512
	case Ed25519:
		return x509.PureEd25519
	}
	return x509.SHA256WithRSA
}

// Sign makes the certificate that tmpl describes for the holder of pub and
// returns it parsed back from its own bytes; tmpl stays as it is. RawSubject
// must be set (an encoded Name; Subject is not looked at). A nil SerialNumber
// becomes a new random one, a nil SubjectKeyId the SHA-1 of the key, and
// AuthorityKeyId is always the authority's subject key identifier.
//
// The signature has been verified when Sign returns (crypto/x509 does that),
// nothing else has: package issue decides what is in tmpl and lints the result.
func (a *Authority) Sign(tmpl *x509.Certificate, pub crypto.PublicKey) (*x509.Certificate, error) {
	if len(tmpl.RawSubject) == 0 {
		return nil, errors.New("signing a certificate: no encoded subject")
	}
	t := *tmpl
	t.AuthorityKeyId = a.Certificate.SubjectKeyId
	t.SignatureAlgorithm = a.SignatureAlgorithm()
	if t.SerialNumber == nil {
		serial, err := NewSerial()
		if err != nil {
			return nil, err
		}
		t.SerialNumber = serial
	}
	cert, err := x509util.CreateCertificate(&t, a.Certificate, pub, a.signer)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	return cert, nil
}
