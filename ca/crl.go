package ca

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Revoked is an entry of a certificate revocation list.
type Revoked struct {
	Serial *big.Int
	At     time.Time
	Reason int // RFC 5280 section 5.3.1
}

// reason is a reason for a revocation.
type reason struct {
	Code int
	Name string
	Leaf bool // may be given for a server or client
}

// reasons is the table of RFC 5280 section 5.3.1, without those that only
// other kinds of lists have (certificateHold, removeFromCRL, aACompromise).
func reasons() []reason {
	return []reason{
		{0, "unspecified", true},
		{1, "key-compromise", true},
		{2, "ca-compromise", false},
		{3, "affiliation-changed", true},
		{4, "superseded", true},
		{5, "cessation-of-operation", true},
		{9, "privilege-withdrawn", true},
	}
}

// Reasons is the reasons for which a server or client can be revoked, in the
// order of a help text.
func Reasons() []string {
	var names []string
	for _, r := range reasons() {
		if r.Leaf {
			names = append(names, r.Name)
		}
	}
	return names
}

// ParseReason reads one of [Reasons], and gives its code (RFC 5280 section
// 5.3.1). The error is an *Error whose hint lists them.
func ParseReason(s string) (int, error) {
	for _, r := range reasons() {
		if r.Leaf && r.Name == s {
			return r.Code, nil
		}
	}
	return 0, &Error{Message: fmt.Sprintf("unknown reason for a revocation %q", s), Fix: "one of " + strings.Join(Reasons(), ", ")}
}

// ReasonName is the name of a reason's code, as [ParseReason] reads it, and
// ReasonCode the code of any reason's name. An unknown one is unspecified.
func ReasonName(code int) string {
	for _, r := range reasons() {
		if r.Code == code {
			return r.Name
		}
	}
	return "unspecified"
}

// ReasonCode is the code of a name: see [ReasonName].
func ReasonCode(name string) int {
	for _, r := range reasons() {
		if r.Name == name {
			return r.Code
		}
	}
	return 0
}

// CRL signs the list of what this authority revoked (RFC 5280 section 5): a
// complete version 2 list with that number, an authority key identifier that
// holds the authority's subject key identifier and nothing else, valid from
// now to next, to the second. An entry has a reason unless it is unspecified,
// which section 5.3.1 wants to be absent. The entries stand in the order
// given.
//
// The signature and the bytes have been verified when CRL returns. The error
// is an *Error with a hint for an authority without cRLSign.
func (a *Authority) CRL(number int64, revoked []Revoked, now, next time.Time) ([]byte, error) {
	if a.Certificate.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return nil, &Error{
			Message: fmt.Sprintf("authority %q cannot sign a CRL: its key usage does not have cRLSign", a.Subject),
			Fix:     "myca ca rotate begin makes a new authority that can",
		}
	}
	t := &x509.RevocationList{
		Number: big.NewInt(number), ThisUpdate: Second(now), NextUpdate: Second(next),
		SignatureAlgorithm: a.SignatureAlgorithm(),
	}
	for _, r := range revoked {
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: r.Serial, RevocationTime: Second(r.At), ReasonCode: r.Reason,
		})
	}
	der, err := x509.CreateRevocationList(rand.Reader, t, a.Certificate, a.signer)
	if err != nil {
		return nil, fmt.Errorf("signing a CRL: %w", err)
	}
	if wrong := a.lintCRL(der, t); wrong != nil {
		return nil, fmt.Errorf("the CRL is not as planned: %s", strings.Join(wrong, "; "))
	}
	return der, nil
}

// lintCRL is every way in which the signed list is not what was planned.
func (a *Authority) lintCRL(der []byte, want *x509.RevocationList) []string {
	got, err := x509.ParseRevocationList(der)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	say(!bytes.Equal(got.RawIssuer, a.Certificate.RawSubject), "issuer is %x", got.RawIssuer)
	say(!bytes.Equal(got.AuthorityKeyId, a.Certificate.SubjectKeyId), "authority key identifier is %x", got.AuthorityKeyId)
	say(got.Number == nil || got.Number.Cmp(want.Number) != 0, "number is %v, planned %v", got.Number, want.Number)
	say(got.SignatureAlgorithm != want.SignatureAlgorithm, "signature algorithm is %s", got.SignatureAlgorithm)
	say(!got.ThisUpdate.Equal(want.ThisUpdate) || !got.NextUpdate.Equal(want.NextUpdate),
		"it is valid from %s to %s", stamp(got.ThisUpdate), stamp(got.NextUpdate))
	say(len(got.RevokedCertificateEntries) != len(want.RevokedCertificateEntries), "it has %d entries", len(got.RevokedCertificateEntries))
	if wrong != nil {
		return wrong
	}
	for i, entry := range got.RevokedCertificateEntries {
		planned := want.RevokedCertificateEntries[i]
		say(entry.SerialNumber.Cmp(planned.SerialNumber) != 0 || entry.ReasonCode != planned.ReasonCode ||
			!entry.RevocationTime.Equal(planned.RevocationTime), "entry %d is of serial %s", i, SerialHex(entry.SerialNumber))
	}
	if err := got.CheckSignatureFrom(a.Certificate); err != nil {
		wrong = append(wrong, err.Error())
	}
	return wrong
}

// blockCRL is the PEM type of a CRL (RFC 7468 section 6).
const blockCRL = "X509 CRL"

// EncodeCRL writes a CRL as PEM.
func EncodeCRL(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockCRL, Bytes: der})
}

// DecodeCRLs reads every CRL of a PEM text, in order, passing over blocks of
// other types. A damaged block is an error, as is a text without CRLs.
func DecodeCRLs(data []byte) ([]*x509.RevocationList, error) {
	blocks, err := decodePEM(data)
	if err != nil {
		return nil, err
	}
	var lists []*x509.RevocationList
	for _, b := range blocks {
		if b.Type != blockCRL {
			continue
		}
		list, err := x509.ParseRevocationList(b.Bytes)
		if err != nil {
			return nil, &Error{Message: fmt.Sprintf("CRL %d of the file", len(lists)+1), Err: err}
		}
		lists = append(lists, list)
	}
	if len(lists) == 0 {
		return nil, &Error{Message: fmt.Sprintf("no CRL, but %q", blockTypes(blocks))}
	}
	return lists, nil
}
