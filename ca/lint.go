package ca

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"

	"go.step.sm/crypto/keyutil"
	"go.step.sm/crypto/x509util"
)

// Content is what a certificate has to be made of, to the byte. [Content.Lint]
// compares it with signed bytes.
type Content struct {
	Subject, Issuer     []byte // encoded Names
	NotBefore, NotAfter time.Time
	PublicKey           crypto.PublicKey
	Signature           x509.SignatureAlgorithm
	AuthorityKeyID      []byte // nil: no such extension, for a self-signed certificate

	Authority bool // CA:TRUE with PathLen, to sign certificates and CRLs; else a leaf
	PathLen   int

	ExtKeyUsage []x509.ExtKeyUsage // serverAuth, clientAuth; nil: no such extension
	DNS         []string           // the SANs, names before addresses
	IPs         []net.IP
	Emails      []string // every emailAddress of the subject: RFC 5280 section 4.1.2.6
}

// Lint is every way in which a certificate is not c, nil when it is: version
// 3, a serial number of 1 to 20 octets above zero, subject and issuer byte for byte,
// times to the second in the form RFC 5280 section 4.1.2.5 asks for, key,
// signature algorithm, and exactly the extensions that c calls for, each with
// exactly the bytes it shall have. The signature itself is not verified.
//
// cert must be as x509.ParseCertificate returned it.
func (c Content) Lint(cert *x509.Certificate) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	if !bytes.Equal(cert.RawSubject, c.Subject) {
		say("subject is %x, planned %x", cert.RawSubject, c.Subject)
	}
	if !bytes.Equal(cert.RawIssuer, c.Issuer) {
		say("issuer is %x, planned %x", cert.RawIssuer, c.Issuer)
	}
	if !keyutil.Equal(cert.PublicKey, c.PublicKey) {
		say("public key is not the one planned")
	}
	if cert.SignatureAlgorithm != c.Signature {
		say("signature algorithm is %s, planned %s", cert.SignatureAlgorithm, c.Signature)
	}
	if cert.SerialNumber.Sign() <= 0 || cert.SerialNumber.BitLen() > maxSerialBits {
		say("serial number %s is not a positive number of at most 20 octets", SerialHex(cert.SerialNumber))
	}
	wrong = append(wrong, c.lintHead(cert.RawTBSCertificate)...)
	return append(wrong, c.lintExtensions(cert)...)
}

// tbsHead is the beginning of a TBSCertificate (RFC 5280 section 4.1): what
// crypto/x509 does not tell about the bytes.
type tbsHead struct {
	Version   int `asn1:"optional,explicit,default:0,tag:0"`
	Serial    *big.Int
	Signature asn1.RawValue
	Issuer    asn1.RawValue
	Validity  struct{ NotBefore, NotAfter asn1.RawValue }
	Subject   asn1.RawValue
	PublicKey asn1.RawValue
	IssuerID  asn1.BitString `asn1:"optional,tag:1"`
	SubjectID asn1.BitString `asn1:"optional,tag:2"`
}

// lintHead checks the version, the times, and that the unique identifiers,
// which RFC 5280 section 4.1.2.8 forbids, are absent.
func (c Content) lintHead(tbs []byte) []string {
	var head tbsHead
	if _, err := asn1.Unmarshal(tbs, &head); err != nil {
		return []string{"the certificate cannot be read: " + err.Error()}
	}
	var wrong []string
	if head.Version != 2 {
		wrong = append(wrong, fmt.Sprintf("version is %d, not 3", head.Version+1))
	}
	if head.IssuerID.Bytes != nil || head.SubjectID.Bytes != nil {
		wrong = append(wrong, "there is a unique identifier")
	}
	if got, want := head.Validity.NotBefore.FullBytes, derTime(c.NotBefore); !bytes.Equal(got, want) {
		wrong = append(wrong, fmt.Sprintf("notBefore is %q, planned %q", got, want))
	}
	if got, want := head.Validity.NotAfter.FullBytes, derTime(c.NotAfter); !bytes.Equal(got, want) {
		wrong = append(wrong, fmt.Sprintf("notAfter is %q, planned %q", got, want))
	}
	return wrong
}

// derTime is the encoding RFC 5280 section 4.1.2.5 asks for: UTCTime through
// the year 2049, GeneralizedTime from 2050.
func derTime(t time.Time) []byte {
	if t = t.UTC(); t.Year() < 2050 {
		return der(asn1.TagUTCTime, []byte(t.Format("060102150405Z")))
	}
	return der(asn1.TagGeneralizedTime, []byte(t.Format("20060102150405Z")))
}

// der is one value with its tag octet and length.
func der(tag byte, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	out := []byte{tag}
	if n := len(body); n < 0x80 {
		out = append(out, byte(n))
	} else {
		size := big.NewInt(int64(n)).Bytes()
		out = append(append(out, 0x80|byte(len(size))), size...)
	}
	return append(out, body...)
}

// lintExtensions compares the extensions with those planned, as sets: their
// order has no meaning, and crypto/x509 refuses one that is there twice.
func (c Content) lintExtensions(cert *x509.Certificate) []string {
	planned, err := c.extensions()
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	left := append([]pkix.Extension(nil), cert.Extensions...)
	for _, want := range planned {
		at := -1
		for i := range left {
			if left[i].Id.Equal(want.Id) {
				at = i
			}
		}
		if at < 0 {
			wrong = append(wrong, extensionName(want.Id)+" is missing")
			continue
		}
		got := left[at]
		left = append(left[:at], left[at+1:]...)
		if got.Critical != want.Critical {
			wrong = append(wrong, fmt.Sprintf("%s: critical is %t, planned %t", extensionName(want.Id), got.Critical, want.Critical))
		}
		if !bytes.Equal(got.Value, want.Value) {
			wrong = append(wrong, fmt.Sprintf("%s is %x, planned %x", extensionName(want.Id), got.Value, want.Value))
		}
	}
	for _, extra := range left {
		wrong = append(wrong, fmt.Sprintf("%s %x is not planned", extensionName(extra.Id), extra.Value))
	}
	return wrong
}

// extensionOID is an extension of RFC 5280 section 4.2.1: 2.5.29 and n.
func extensionOID(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, n} }

// The last arcs of the extensions that certificates of ours have.
const (
	extSubjectKeyID     = 14
	extKeyUsage         = 15
	extSubjectAltName   = 17
	extBasicConstraints = 19
	extAuthorityKeyID   = 35
	extExtKeyUsage      = 37
)

func extensionName(id asn1.ObjectIdentifier) string {
	names := map[int]string{
		extSubjectKeyID: "subjectKeyIdentifier", extKeyUsage: "keyUsage", extSubjectAltName: "subjectAltName",
		extBasicConstraints: "basicConstraints", extAuthorityKeyID: "authorityKeyIdentifier", extExtKeyUsage: "extKeyUsage",
	}
	if len(id) == 4 && extensionOID(id[3]).Equal(id) && names[id[3]] != "" {
		return names[id[3]]
	}
	return "extension " + id.String()
}

// extensions is what the certificate has to carry. The values are written here
// octet by octet, not by the code that makes the certificate.
func (c Content) extensions() ([]pkix.Extension, error) {
	ski, err := x509util.GenerateSubjectKeyID(c.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("subject key identifier: %w", err)
	}
	list := []pkix.Extension{
		{Id: extensionOID(extSubjectKeyID), Value: der(0x04, ski)},
		{Id: extensionOID(extKeyUsage), Critical: true, Value: c.keyUsage()},
		{Id: extensionOID(extBasicConstraints), Critical: true, Value: c.basicConstraints()},
	}
	if c.AuthorityKeyID != nil {
		list = append(list, pkix.Extension{
			Id: extensionOID(extAuthorityKeyID), Value: der(0x30, der(0x80, c.AuthorityKeyID)),
		})
	}
	if c.ExtKeyUsage != nil {
		list = append(list, pkix.Extension{Id: extensionOID(extExtKeyUsage), Value: c.extKeyUsage()})
	}
	if len(c.DNS)+len(c.Emails)+len(c.IPs) > 0 {
		list = append(list, pkix.Extension{Id: extensionOID(extSubjectAltName), Value: c.subjectAltName()})
	}
	return list, nil
}

// keyUsage is keyCertSign and cRLSign (bits 5 and 6) for an authority;
// digitalSignature (0) for a leaf, and keyEncipherment (2) for the RSA key of a
// server: RFC 5280 section 4.2.1.12 has it for serverAuth only.
func (c Content) keyUsage() []byte {
	_, isRSA := c.PublicKey.(*rsa.PublicKey)
	switch {
	case c.Authority:
		return []byte{0x03, 0x02, 0x01, 0x06}
	case isRSA && slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth):
		return []byte{0x03, 0x02, 0x05, 0xa0}
	}
	return []byte{0x03, 0x02, 0x07, 0x80}
}

func (c Content) basicConstraints() []byte {
	if !c.Authority {
		return []byte{0x30, 0x00}
	}
	return []byte{0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, byte(c.PathLen)}
}

// extKeyUsage knows serverAuth (1.3.6.1.5.5.7.3.1) and clientAuth (…3.2).
func (c Content) extKeyUsage() []byte {
	var oids []byte
	for _, usage := range c.ExtKeyUsage {
		last := map[x509.ExtKeyUsage]byte{x509.ExtKeyUsageServerAuth: 1, x509.ExtKeyUsageClientAuth: 2}[usage]
		oids = append(oids, der(0x06, []byte{0x2b, 6, 1, 5, 5, 7, 3, last})...)
	}
	return der(0x30, oids)
}

// subjectAltName is dNSName [2], rfc822Name [1] and iPAddress [7] (RFC 5280 section 4.2.1.6).
func (c Content) subjectAltName() []byte {
	var names []byte
	for _, name := range c.DNS {
		names = append(names, der(0x82, []byte(name))...)
	}
	for _, address := range c.Emails {
		names = append(names, der(0x81, []byte(address))...)
	}
	for _, ip := range c.IPs {
		if v4 := ip.To4(); v4 != nil {
			ip = v4
		}
		names = append(names, der(0x87, ip)...)
	}
	return der(0x30, names)
}
