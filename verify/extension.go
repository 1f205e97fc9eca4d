package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf16"

	"myca/dn"
)

// What OpenSSL takes from a certificate's extensions. The rules are those of
// ossl_x509v3_cache_extensions, check_ca and check_purpose_ssl_* in its
// crypto/x509/v3_purp.c, of version 3.

func oid(arcs ...int) asn1.ObjectIdentifier { return arcs }

func extension(c *x509.Certificate, id asn1.ObjectIdentifier) (value []byte, has bool) {
	return extensionIn(c.Extensions, id)
}

func extensionIn(list []pkix.Extension, id asn1.ObjectIdentifier) (value []byte, has bool) {
	for _, e := range list {
		if e.Id.Equal(id) {
			return e.Value, true
		}
	}
	return nil, false
}

// usageAllows reports whether the key usage, where there is one, has one of the bits.
func usageAllows(c *x509.Certificate, bits x509.KeyUsage) bool {
	_, has := extension(c, oid(2, 5, 29, 15))
	return !has || c.KeyUsage&bits != 0
}

// purposeAllows reports whether the extended key usage, where there is one,
// allows the role; anyExtendedKeyUsage does not count for OpenSSL.
func purposeAllows(c *x509.Certificate, role Role) bool {
	if _, has := extension(c, oid(2, 5, 29, 37)); !has {
		return true
	}
	if role == Client {
		return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	return slices.ContainsFunc(c.ExtKeyUsage, func(u x509.ExtKeyUsage) bool {
		return u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageNetscapeServerGatedCrypto || u == x509.ExtKeyUsageMicrosoftServerGatedCrypto
	})
}

// The bits of Netscape's certificate type.
const (
	netscapeClient = 0x80
	netscapeServer = 0x40
	netscapeTLSCA  = 0x04
	netscapeAnyCA  = 0x07
)

// netscapeType is the extension that was there before extended key usage.
func netscapeType(c *x509.Certificate) (bits byte, has bool) {
	value, has := extension(c, oid(2, 16, 840, 1, 113730, 1, 1))
	if !has {
		return 0, false
	}
	var flags asn1.BitString
	if _, err := asn1.Unmarshal(value, &flags); err != nil || len(flags.Bytes) == 0 {
		return 0, true
	}
	return flags.Bytes[0], true
}

// whyNotCA says what c lacks to sign certificates, "" when it is a CA's.
func whyNotCA(c *x509.Certificate) string {
	netscape, hasNetscape := netscapeType(c)
	_, hasUsage := extension(c, oid(2, 5, 29, 15))
	switch {
	case !usageAllows(c, x509.KeyUsageCertSign):
		return "its key usage lacks keyCertSign"
	case c.BasicConstraintsValid && !c.IsCA:
		return "it says CA:FALSE"
	case c.BasicConstraintsValid, c.Version == 1 && selfSigned(c), hasUsage, hasNetscape && netscape&netscapeTLSCA != 0:
		return ""
	case hasNetscape && netscape&netscapeAnyCA != 0:
		return "its Netscape certificate type has no SSL CA"
	}
	return "it does not say CA:TRUE"
}

// whyUnfit says why c cannot be used in the role of Server or Client, "" when it can.
func whyUnfit(c *x509.Certificate, role Role) string {
	netscape, hasNetscape := netscapeType(c)
	bits, words, netscapeBit := x509.KeyUsageDigitalSignature|x509.KeyUsageKeyAgreement, "digitalSignature", byte(netscapeClient)
	if role == Server {
		bits, words, netscapeBit = bits|x509.KeyUsageKeyEncipherment, "digitalSignature and keyEncipherment", netscapeServer
	}
	switch {
	case !purposeAllows(c, role):
		return "its extended key usage lacks " + string(role) + "Auth"
	case !usageAllows(c, bits):
		return "its key usage lacks " + words
	case hasNetscape && netscape&netscapeBit == 0:
		return "its Netscape certificate type is not for a " + string(role)
	}
	return ""
}

// unknownCritical is the critical extensions that OpenSSL does not know
// (X509_supported_extension), by their object identifiers.
func unknownCritical(c *x509.Certificate) []string {
	known := []string{
		"2.16.840.1.113730.1.1", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.32", "2.5.29.31", "2.5.29.37",
		"1.3.6.1.5.5.7.1.7", "1.3.6.1.5.5.7.1.8", "2.5.29.36", "1.3.6.1.5.5.7.1.14", "2.5.29.30", "2.5.29.33", "2.5.29.54",
		"2.5.29.28", "2.5.29.14", "2.5.29.35",
	}
	var unknown []string
	for _, e := range c.Extensions {
		if id := e.Id.String(); e.Critical && !slices.Contains(known, id) {
			unknown = append(unknown, id)
		}
	}
	return unknown
}

// authorityKeyID is what a certificate says of the key that signed it (RFC 5280
// section 4.2.1.1).
type authorityKeyID struct {
	KeyID  []byte        `asn1:"optional,tag:0"`
	Issuer asn1.RawValue `asn1:"optional,tag:1"`
	Serial *big.Int      `asn1:"optional,tag:2"`
}

// keyIDsAgree reports whether what a certificate or CRL with these extensions
// says of its issuer's key does not contradict what ca is (X509_check_akid).
func keyIDsAgree(extensions []pkix.Extension, ca *x509.Certificate) bool {
	value, has := extensionIn(extensions, oid(2, 5, 29, 35))
	if !has {
		return true
	}
	var id authorityKeyID
	if _, err := asn1.Unmarshal(value, &id); err != nil {
		return true
	}
	if id.KeyID != nil && len(ca.SubjectKeyId) > 0 && !bytes.Equal(id.KeyID, ca.SubjectKeyId) {
		return false
	}
	if id.Serial != nil && id.Serial.Cmp(ca.SerialNumber) != 0 {
		return false
	}
	name := directoryName(id.Issuer.Bytes)
	return name == nil || sameName(name, ca.RawIssuer)
}

// directoryName is the first distinguished name among GeneralNames, nil for none.
func directoryName(names []byte) []byte {
	for len(names) > 0 {
		var one asn1.RawValue
		rest, err := asn1.Unmarshal(names, &one)
		if err != nil {
			return nil
		}
		if one.Class == asn1.ClassContextSpecific && one.Tag == 4 {
			return one.Bytes
		}
		names = rest
	}
	return nil
}

// selfNamed reports whether subject and issuer are the same name.
func selfNamed(c *x509.Certificate) bool { return sameName(c.RawSubject, c.RawIssuer) }

// selfSigned reports whether OpenSSL takes c for self-signed, which it tells
// from names, key identifiers and the kind of key, not from the signature.
func selfSigned(c *x509.Certificate) bool {
	return selfNamed(c) && keyIDsAgree(c.Extensions, c) && keyCanSign(c.PublicKey, c.SignatureAlgorithm)
}

// sameName compares two encoded names as X509_NAME_cmp does: the letter case of
// ASCII, string types, and blanks in excess do not count.
func sameName(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := dn.FromDER(a)
	y, errY := dn.FromDER(b)
	if errX != nil || errY != nil || len(x) != len(y) {
		return false
	}
	for i := range x {
		same := slices.EqualFunc(x[i], y[i], func(p, q dn.Attribute) bool {
			return p.OID == q.OID && canonical(p) == canonical(q)
		})
		if !same {
			return false
		}
	}
	return true
}

// nameKey is equal for names that are the same to sameName.
func nameKey(raw []byte) string {
	name, err := dn.FromDER(raw)
	if err != nil {
		return "DER " + string(raw)
	}
	var b strings.Builder
	for _, set := range name {
		b.WriteString("/")
		for _, a := range set {
			fmt.Fprintf(&b, "+%s=%q", a.OID, canonical(a))
		}
	}
	return b.String()
}

// canonical is a value as asn1_string_canon of crypto/x509/x_name.c makes it.
func canonical(a dn.Attribute) string {
	text := string(a.Value)
	switch a.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, 26: // VisibleString
	case asn1.TagT61String:
		letters := make([]rune, len(a.Value))
		for i, octet := range a.Value {
			letters[i] = rune(octet)
		}
		text = string(letters)
	case asn1.TagBMPString:
		units := make([]uint16, len(a.Value)/2)
		for i := range units {
			units[i] = uint16(a.Value[2*i])<<8 | uint16(a.Value[2*i+1])
		}
		text = string(utf16.Decode(units))
	default:
		return string(rune(a.Tag)) + text
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' })
	return lowerASCII(strings.Join(words, " "))
}
