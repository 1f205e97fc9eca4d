package ca

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"go.step.sm/crypto/x509util"

	"myca/dn"
)

// Spec is what a new authority shall be.
type Spec struct {
	Subject dn.Name
	Key     KeyType
	// The validity, to the second. The caller backdates NotBefore (an hour is
	// usual) for the clocks of other hosts that run behind.
	NotBefore, NotAfter time.Time
	// PathLen is how many authorities may stand between this one and a server
	// or client: 0, or 1 for the root over an intermediate.
	PathLen int
	// AllowNonportable accepts a subject that TLS libraries render differently.
	AllowNonportable bool
}

// Check finds every problem of s, as Problems with the fields "subject",
// "key", "not_before", "not_after" and "pathlen"; now decides what is past. The
// notices are remarks on a subject that is accepted.
func (s Spec) Check(now time.Time) (notices []string, err error) {
	problems, notices := CheckSubject(s.Subject, s.AllowNonportable)
	if _, err := s.Key.kind(); err != nil {
		problems = append(problems, FieldProblem("key", err))
	}
	problems = append(problems, CheckValidity(s.NotBefore, s.NotAfter, now)...)
	if s.PathLen != 0 && s.PathLen != 1 {
		problems = append(problems, Problem{
			"pathlen", fmt.Sprintf("path length %d", s.PathLen),
			"0, or 1 for a root over an intermediate",
		})
	}
	return notices, problems.orNil()
}

// Create makes a key and a self-signed certificate for it, and lints what it
// signed. The certificate has the subject in exact order, a critical
// basicConstraints with the path length, a critical keyUsage of keyCertSign
// and cRLSign, and a subject key identifier; no extended key usage, which would
// limit everything under it, and no authority key identifier, which RFC 5280
// section 4.2.1.1 lets a self-signed certificate omit. keyPEM is the private
// key as PKCS#8, unencrypted.
//
// The problems of s are Problems (see [Spec.Check]); whether the end is past is
// not looked at here.
func Create(s Spec) (a *Authority, keyPEM []byte, err error) {
	if _, err := s.Check(time.Time{}); err != nil {
		return nil, nil, err
	}
	subject, err := s.Subject.DER()
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the authority's subject: %w", err)
	}
	key, err := NewKey(s.Key)
	if err != nil {
		return nil, nil, err
	}
	if keyPEM, err = EncodeKey(key, PKCS8); err != nil {
		return nil, nil, err
	}
	cert, err := selfSign(s, subject, key)
	if err != nil {
		return nil, nil, err
	}
	want := Content{
		Subject: subject, Issuer: subject, NotBefore: s.NotBefore, NotAfter: s.NotAfter,
		PublicKey: key.Public(), Signature: signatureAlgorithm(key.Public()),
		Authority: true, PathLen: s.PathLen,
		Emails: s.Subject.Values("emailAddress"),
	}
	if wrong := want.Lint(cert); wrong != nil {
		return nil, nil, fmt.Errorf("the authority's certificate is not as planned: %s", strings.Join(wrong, "; "))
	}
	if a, err = New(cert, key); err != nil {
		return nil, nil, err
	}
	return a, keyPEM, nil
}

// selfSign signs the certificate of the authority by itself.
func selfSign(s Spec, subject []byte, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := NewSerial()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, RawSubject: subject, NotBefore: s.NotBefore, NotAfter: s.NotAfter,
		SignatureAlgorithm:    signatureAlgorithm(key.Public()),
		BasicConstraintsValid: true, IsCA: true, MaxPathLen: s.PathLen, MaxPathLenZero: s.PathLen == 0,
		KeyUsage:       x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		EmailAddresses: s.Subject.Values("emailAddress"), // RFC 5280 section 4.1.2.6
	}
	cert, err := x509util.CreateCertificate(t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the authority's certificate: %w", err)
	}
	return cert, nil
}
