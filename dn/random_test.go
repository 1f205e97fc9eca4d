package dn_test

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"myca/dn"
)

// decodedTags are the universal tags OpenSSL decodes in a name (B_ASN1_PRINTABLE
// of its asn1.h), the usual ones more often.
var decodedTags = []int{12, 12, 12, 19, 19, 19, 22, 20, 20, 30, 30, 28, 18, 3, 16, 7, 8, 9, 11, 13, 14, 15, 29}

// otherTags are those it refuses, but renders, and those whose text it refuses
// when it is none (it compares names as UTF-8).
var otherTags = []int{1, 2, 4, 5, 6, 10, 21, 23, 24, 25, 26, 27, 27, 27, 27, 12, 28, 30}

// labelledOIDs have short names; the others have none.
var labelledOIDs = []string{
	"2.5.4.6", "2.5.4.8", "2.5.4.7", "2.5.4.10", "2.5.4.11", "2.5.4.3", "1.2.840.113549.1.9.1",
	"0.9.2342.19200300.100.1.25", "0.9.2342.19200300.100.1.1", "2.5.4.5", "2.5.4.4", "2.5.4.12",
	"2.5.4.45", "2.5.4.97", "2.5.4.100", "1.3.6.1.4.1.311.60.2.1.3", "1.2.840.113549.1.9.2",
	"0.9.2342.19200300.100.1.44", "1.2.643.100.3", "1.3.6.1.5.5.7.3.1", "1.2.840.113549.1.1.15",
}

// randomName is up to 6 RDNs of up to 3 attributes, sorted as DER demands.
func randomName(random *rand.Rand, tags []int) dn.Name {
	name := dn.Name{}
	for range random.IntN(7) {
		rdn := dn.RDN{}
		for range max(1, random.IntN(8)-4) {
			rdn = append(rdn, randomAttribute(random, tags))
		}
		slices.SortFunc(rdn, func(a, b dn.Attribute) int { return bytes.Compare(encoded(a), encoded(b)) })
		name = append(name, rdn)
	}
	return name
}

// encoded is an attribute as an element of its RDN.
func encoded(a dn.Attribute) []byte {
	der, err := dn.Name{{a}}.DER()
	if err != nil {
		panic(err)
	}
	var name, rdn asn1.RawValue
	if _, err := asn1.Unmarshal(der, &name); err != nil {
		panic(err)
	}
	if _, err := asn1.Unmarshal(name.Bytes, &rdn); err != nil {
		panic(err)
	}
	return rdn.Bytes
}

// randomAttribute has any OID and a value of one of the tags. With decodedTags
// the value is one that OpenSSL decodes, with others it is any octets.
func randomAttribute(random *rand.Rand, tags []int) dn.Attribute {
	a := dn.Attribute{OID: randomOID(random), Tag: tags[random.IntN(len(tags))], Value: randomValue(random)}
	switch {
	case a.Tag == 27 && random.IntN(2) == 0: // characters of four octets, or nearly
		wide := []byte{}
		for _, c := range a.Value {
			wide = append(wide, 0, 0, 0, c)
		}
		if a.Value = wide; len(wide) > 0 && random.IntN(3) == 0 {
			a.Value[random.IntN(len(wide))]++
		}
	case a.Tag == 3:
		a.Value = append([]byte{byte(random.IntN(8))}, a.Value...)
	case a.Tag == 8, a.Tag == 11, a.Tag == 16, a.Tag == 29:
		a.Value = randomElements(random, 3)
	case &tags[0] == &decodedTags[0]:
		a.Value = asText(a.Tag, a.Value)
	}
	return a
}

// asText makes text of a string type from octets: a character from each.
func asText(tag int, octets []byte) []byte {
	text := []byte{}
	for i, c := range octets {
		r := rune(c)
		if i%3 == 0 {
			r = r<<6 + '/'
		}
		switch tag {
		case 12:
			text = utf8.AppendRune(text, r)
		case 30:
			text = append(text, byte(r>>8), byte(r))
		case 28:
			text = append(text, 0, byte(r>>16), byte(r>>8), byte(r))
		default:
			return octets
		}
	}
	return text
}

// randomOID is one of those with a short name, or has none.
func randomOID(random *rand.Rand) string {
	if random.IntN(4) > 0 {
		return labelledOIDs[random.IntN(len(labelledOIDs))]
	}
	oid := [...]string{"1.3.6.1.4.1.99999", "2.999", "0.39.1234567", "1.39", "2.5.4.200", "2.48"}[random.IntN(6)]
	for range random.IntN(4) {
		oid += fmt.Sprintf(".%d", random.Uint64()>>random.IntN(64))
	}
	if random.IntN(8) == 0 {
		oid += ".1" + strings.Repeat("0123456789", random.IntN(12))
	}
	return oid
}

// randomValue is up to 40 octets: any, or printable ones with those that matter.
func randomValue(random *rand.Rand) []byte {
	value := make([]byte, random.IntN(40))
	kind := random.IntN(3)
	for i := range value {
		switch {
		case kind == 0:
			value[i] = byte(random.IntN(256))
		case kind == 1 && random.IntN(4) == 0:
			value[i] = `/+\=,"'# xX0`[random.IntN(12)]
		default:
			value[i] = byte(' ' + random.IntN(95))
		}
	}
	return value
}

// randomElements are up to 3 elements within each other.
func randomElements(random *rand.Rand, depth int) []byte {
	var elements []byte
	for range random.IntN(4) {
		raw := asn1.RawValue{Tag: 4, Bytes: randomValue(random)}
		if depth > 0 && random.IntN(3) == 0 {
			raw = asn1.RawValue{Tag: 16, IsCompound: true, Bytes: randomElements(random, depth-1)}
		}
		der, err := asn1.Marshal(raw)
		if err != nil {
			panic(err)
		}
		elements = append(elements, der...)
	}
	return elements
}
