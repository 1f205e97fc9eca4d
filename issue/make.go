package issue

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"

	"myca/ca"
	"myca/dn"
)

// Pair is a certificate with its key.
type Pair struct {
	Certificate     *x509.Certificate
	Subject, Issuer dn.Name // from the certificate's bytes
	KeyPEM, CertPEM []byte  // the key unencrypted, in the plan's format
	Notices         []string
}

// Make makes the key, or takes the one to be used again, signs the certificate and lints it. p must come from
// [Request.Check] with the same authority.
//
// The signature is verified once, in [ca.Authority.Sign].
func Make(a *ca.Authority, p Plan) (*Pair, error) {
	key, err := keyOf(p.Request)
	if err != nil {
		return nil, err
	}
	keyPEM, err := ca.EncodeKey(key, p.Request.KeyFormat)
	if err != nil {
		return nil, err
	}
	cert, err := sign(a, p, key.Public())
	if err != nil {
		return nil, err
	}
	if err := lint(cert, a, p, key.Public()); err != nil {
		return nil, err
	}
	subject, err := dn.FromDER(cert.RawSubject)
	if err != nil {
		return nil, fmt.Errorf("reading the subject of the new certificate: %w", err)
	}
	return &Pair{
		Certificate: cert, Subject: subject, Issuer: a.Subject,
		KeyPEM: keyPEM, CertPEM: ca.EncodeCertificate(cert), Notices: p.Notices,
	}, nil
}

// keyOf is a new key, or the one to be used again.
func keyOf(r Request) (crypto.Signer, error) {
	if r.ReuseKey == nil {
		return ca.NewKey(r.Key)
	}
	key, err := ca.DecodeKey(r.ReuseKey)
	if err != nil {
		return nil, fmt.Errorf("the key to be used again: %w", err)
	}
	return key, nil
}

// sign fills the certificate and has it signed.
func sign(a *ca.Authority, p Plan, pub crypto.PublicKey) (*x509.Certificate, error) {
	subject, err := p.Subject.DER()
	if err != nil {
		return nil, fmt.Errorf("encoding the subject: %w", err)
	}
	t := &x509.Certificate{
		RawSubject: subject, NotBefore: p.Request.NotBefore, NotAfter: p.NotAfter,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           p.Request.Profile.usages(),
		DNSNames:              p.DNS, IPAddresses: p.IPs,
		EmailAddresses: p.Subject.Values("emailAddress"), // RFC 5280 section 4.1.2.6
	}
	_, isRSA := pub.(*rsa.PublicKey)
	if isRSA && p.Request.Profile != ProfileClient { // RFC 5280 section 4.2.1.12
		t.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	return a.Sign(t, pub)
}

// usages is the extended key usage of a profile, nil for an unknown one.
func (p Profile) usages() []x509.ExtKeyUsage {
	switch p {
	case ProfileServer:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	case ProfileClient:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case ProfilePeer:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	return nil
}

// Lint compares the signed bytes of a certificate with the plan and verifies
// the signature. It checks every rule of [ca.Content.Lint] for a leaf of this
// plan and authority, and those that hold for every leaf: an end after the
// beginning and not after the authority's, a key of the type planned, an
// extended key usage, a SAN for a server, a subject that is not the
// authority's.
//
// cert must be as x509.ParseCertificate returned it. The error names all that
// is wrong.
func Lint(cert *x509.Certificate, a *ca.Authority, p Plan) error {
	if err := lint(cert, a, p, cert.PublicKey); err != nil {
		return err
	}
	if err := cert.CheckSignatureFrom(a.Certificate); err != nil {
		return lintError([]string{"the signature is not the authority's: " + err.Error()})
	}
	return nil
}

// lint is Lint for the certificate of a known key, without the signature.
func lint(cert *x509.Certificate, a *ca.Authority, p Plan, pub crypto.PublicKey) error {
	subject, err := p.Subject.DER()
	if err != nil {
		return lintError([]string{"the planned subject: " + err.Error()})
	}
	want := ca.Content{
		Subject: subject, Issuer: a.Certificate.RawSubject,
		NotBefore: p.Request.NotBefore, NotAfter: p.NotAfter,
		PublicKey: pub, Signature: a.SignatureAlgorithm(), AuthorityKeyID: a.Certificate.SubjectKeyId,
		ExtKeyUsage: p.Request.Profile.usages(), DNS: p.DNS, IPs: p.IPs,
		Emails: p.Subject.Values("emailAddress"),
	}
	wrong := want.Lint(cert)
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	say(!cert.NotAfter.After(cert.NotBefore), "the end is not after the beginning")
	say(cert.NotAfter.After(a.Certificate.NotAfter), "the end is after the authority's")
	say(ca.KeyTypeOf(pub) != p.Request.Key, "the key is of type %s, planned %s", ca.KeyTypeOf(pub), p.Request.Key)
	say(want.ExtKeyUsage == nil, "the profile %q has no extended key usage", p.Request.Profile)
	say(p.Request.Kind == Server && len(p.DNS)+len(p.IPs) == 0, "a server without a SAN")
	say(sameName(p.Subject, a.Subject), "the subject is the authority's")
	return lintError(wrong)
}

func lintError(wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	return &ca.Error{Message: "the signed certificate is not as planned: " + strings.Join(wrong, "; ")}
}
