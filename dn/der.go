package dn

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

// maxName is the longest encoding of a name and the longest one-line form that
// OpenSSL handles, in bytes (X509_NAME_MAX and NAME_ONELINE_MAX in its
// crypto/x509).
const maxName = 1 << 20

// FromDER reads the DER encoding of a Name (RFC 5280 section 4.1.2.4) of at most
// 1 MiB. It takes any OID and any universal tag, RDNs whose attributes are not
// in DER order, and empty RDNs, because certificates have them and servers accept
// them. Encodings that are not DER otherwise (indefinite or padded lengths,
// strings in pieces), tags that are not universal, and bytes after the name are
// errors; OpenSSL refuses most of these certificates too.
func FromDER(der []byte) (Name, error) {
	if len(der) > maxName {
		return nil, fmt.Errorf("name of %d bytes: more than %d", len(der), maxName)
	}
	rdns, rest, err := element(der, tagSequence)
	if err != nil {
		return nil, fmt.Errorf("name: %w", err)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("name: %d bytes follow it", len(rest))
	}
	name := Name{}
	for len(rdns) > 0 {
		var set []byte
		if set, rdns, err = element(rdns, tagSet); err != nil {
			return nil, fmt.Errorf("name: RDN %d: %w", len(name)+1, err)
		}
		rdn := RDN{}
		for len(set) > 0 {
			var a Attribute
			if a, set, err = attribute(set); err != nil {
				return nil, fmt.Errorf("name: RDN %d: attribute %d: %w", len(name)+1, len(rdn)+1, err)
			}
			rdn = append(rdn, a)
		}
		name = append(name, rdn)
	}
	return name, nil
}

// attribute reads one AttributeTypeAndValue from the front of der.
func attribute(der []byte) (a Attribute, rest []byte, err error) {
	pair, rest, err := element(der, tagSequence)
	if err != nil {
		return a, nil, err
	}
	oid, pair, err := element(pair, asn1.TagOID)
	if err != nil {
		return a, nil, err
	}
	if a.OID, err = formatOID(oid); err != nil {
		return a, nil, err
	}
	value, left, err := anyElement(pair)
	if err != nil {
		return a, nil, fmt.Errorf("value of %s: %w", a.OID, err)
	}
	if len(left) > 0 {
		return a, nil, fmt.Errorf("value of %s: %d bytes follow it", a.OID, len(left))
	}
	a.Tag, a.Value = value.Tag, append([]byte{}, value.Bytes...)
	return a, rest, nil
}

// element takes the element of one universal tag from the front of der: its
// content and what follows it.
func element(der []byte, tag int) (content, rest []byte, err error) {
	raw, rest, err := anyElement(der)
	if err != nil {
		return nil, nil, err
	}
	if raw.Tag != tag {
		return nil, nil, fmt.Errorf("tag %d where %d is due", raw.Tag, tag)
	}
	return raw.Bytes, rest, nil
}

// anyElement takes one element of any universal tag from the front of der,
// constructed only where the type demands it.
func anyElement(der []byte) (raw asn1.RawValue, rest []byte, err error) {
	if len(der) == 0 {
		return raw, nil, errors.New("ends too early")
	}
	rest, err = asn1.Unmarshal(der, &raw)
	if err != nil {
		return raw, nil, err
	}
	if raw.Class != asn1.ClassUniversal || raw.Tag == 0 {
		return raw, nil, fmt.Errorf("class %d, tag %d: not a universal type", raw.Class, raw.Tag)
	}
	if raw.IsCompound != constructed(raw.Tag) {
		return raw, nil, fmt.Errorf("tag %d: not encoded as DER", raw.Tag)
	}
	return raw, rest, nil
}

// constructed says whether DER encodes the type as elements within it.
func constructed(tag int) bool {
	switch tag {
	case tagExternal, tagEmbeddedPDV, tagSequence, tagSet, tagCharacterString:
		return true
	}
	return false
}

// DER is the encoding of n: RDNs and attributes in the order they have in n,
// values with the tag and the octets they have. A name from FromDER gives the
// bytes it was read from; one whose multi-valued RDNs were built by hand is DER
// if these were in DER order. OIDs that are no OIDs, tags that are not positive,
// and encodings over 1 MiB are errors.
func (n Name) DER() ([]byte, error) {
	var rdns, set, pair []byte
	for i, rdn := range n {
		set = set[:0]
		for _, a := range rdn {
			oid, err := parseOID(a.OID)
			if err != nil {
				return nil, fmt.Errorf("name: RDN %d: %w", i+1, err)
			}
			if a.Tag <= 0 {
				return nil, fmt.Errorf("name: RDN %d: tag %d of %s is no universal type", i+1, a.Tag, a.OID)
			}
			pair = appendTLV(appendTLV(pair[:0], asn1.TagOID, oid), a.Tag, a.Value)
			set = appendTLV(set, tagSequence, pair)
		}
		rdns = appendTLV(rdns, tagSet, set)
	}
	der := appendTLV(nil, tagSequence, rdns)
	if len(der) > maxName {
		return nil, fmt.Errorf("name of %d bytes: more than %d", len(der), maxName)
	}
	return der, nil
}

// contentLen is the number of octets of the encoded RDNs, without the tag and
// length of the name; 0 when n cannot be encoded, or they are certainly fewer than
// least.
func (n Name) contentLen(least int) int {
	const headers = 40 // of set, sequence, OID and value, at most; an OID is longer as text
	most := 0
	for _, rdn := range n {
		most += headers
		for _, a := range rdn {
			most += headers + len(a.OID) + len(a.Value)
		}
	}
	if most < least {
		return 0
	}
	der, err := n.DER()
	if err != nil {
		return 0
	}
	rdns, _, err := element(der, tagSequence)
	if err != nil {
		return 0
	}
	return len(rdns)
}

// appendTLV appends one element of a universal type in DER.
func appendTLV(der []byte, tag int, content []byte) []byte {
	form := byte(0)
	if constructed(tag) {
		form = 0x20
	}
	if tag < 31 {
		der = append(der, form|byte(tag))
	} else {
		der = appendBase128(append(der, form|0x1F), int64(tag))
	}
	switch size := len(content); {
	case size < 1<<7:
		der = append(der, byte(size))
	case size < 1<<8:
		der = append(der, 0x81, byte(size))
	case size < 1<<16:
		der = append(der, 0x82, byte(size>>8), byte(size))
	case size < 1<<24:
		der = append(der, 0x83, byte(size>>16), byte(size>>8), byte(size))
	default:
		der = append(der, 0x84, byte(size>>24), byte(size>>16), byte(size>>8), byte(size))
	}
	return append(der, content...)
}

// FromCertificate reads the subject and the issuer of a certificate in DER. It
// looks at nothing else, so it also reads certificates that crypto/x509 refuses,
// such as those with a UniversalString in a name or a short key.
func FromCertificate(der []byte) (subject, issuer Name, err error) {
	certificate, rest, err := element(der, tagSequence)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes follow it", len(rest))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("certificate: %w", err)
	}
	fields, err := tbsFields(certificate)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate: %w", err)
	}
	if issuer, err = FromDER(fields[2]); err != nil {
		return nil, nil, fmt.Errorf("issuer: %w", err)
	}
	if subject, err = FromDER(fields[4]); err != nil {
		return nil, nil, fmt.Errorf("subject: %w", err)
	}
	return subject, issuer, nil
}

// tbsFields splits the front of a TBSCertificate (RFC 5280 section 4.1): after
// the version, which may be absent, serial number, signature algorithm, issuer,
// validity and subject, each with its tag and length.
func tbsFields(certificate []byte) ([][]byte, error) {
	rest, _, err := element(certificate, tagSequence)
	if err != nil {
		return nil, err
	}
	var fields [][]byte
	for len(fields) < 5 {
		var raw asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &raw); err != nil {
			return nil, fmt.Errorf("field %d: %w", len(fields)+1, err)
		}
		if len(fields) == 0 && raw.Class == asn1.ClassContextSpecific && raw.Tag == 0 {
			continue // version
		}
		fields = append(fields, raw.FullBytes)
	}
	return fields, nil
}
