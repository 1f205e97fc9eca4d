package dn

import (
	_ "embed"
	"strings"
)

// objects has a line "OID short-name" for every object OpenSSL 3.0 knows
// (OBJ_nid2sn), the common attribute types of names first, because it is searched
// from the front. Its first line is empty; testdata/oneline.c prints the others.
//
// Compared with the libraries of Debian: OpenSSL 3.5 and 3.6 name the same
// attribute types alike; they add OIDs of other kinds (algorithms, CMP) and
// rename one (1.3.6.1.5.5.7.1.4). 1.1.1 has every attribute type of X.520 here.
//
//go:embed objects.txt
var objects string

// shortName is OpenSSL's short name of an OID, "" when it has none.
func shortName(oid string) string {
	_, after, found := strings.Cut(objects, "\n"+oid+" ")
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(after, "\n")
	return name
}

// attributeLabel is how the slash form calls an OID: the short name when it is an
// attribute type, else the OID.
func attributeLabel(oid string) string {
	if isAttributeType(oid) {
		if name := shortName(oid); name != "" {
			return name
		}
	}
	return oid
}

// oidOf is the OID of a label: a short name of any object, or a dotted OID, which
// is returned as it is. It is "" for other labels.
func oidOf(label string) string {
	if strings.ContainsAny(label, " \n") || label == "" {
		return ""
	}
	before, _, found := strings.Cut(objects, " "+label+"\n")
	if found {
		return before[strings.LastIndexByte(before, '\n')+1:]
	}
	if _, err := parseOID(label); err == nil {
		return label
	}
	return ""
}

// attributeOID is oidOf for the labels of the slash form: short names of
// attribute types only, so that a mistyped label (ORG, which OpenSSL knows as
// 1.3) is not taken for something else.
func attributeOID(label string) string {
	oid := oidOf(label)
	if oid != label && !isAttributeType(oid) {
		return ""
	}
	return oid
}

// isAttributeType says whether an OID is in one of the arcs that hold attribute
// types of names: X.520, RFC 4524, PKCS #9 (RFC 2985 section 5.2), personal data
// of RFC 3739, jurisdictions of CA/Browser Forum certificates, Russian numbers.
func isAttributeType(oid string) bool {
	for _, arc := range []string{
		"2.5.4.", "0.9.2342.19200300.100.1.", "1.3.6.1.4.1.311.60.2.1.", "1.3.6.1.5.5.7.9.",
	} {
		if last, found := strings.CutPrefix(oid, arc); found && !strings.Contains(last, ".") {
			return true
		}
	}
	switch oid {
	case "1.2.840.113549.1.9.1", "1.2.840.113549.1.9.2", "1.2.840.113549.1.9.8",
		"1.2.643.100.1", "1.2.643.100.3", "1.2.643.100.5", "1.2.643.3.131.1.1":
		return true
	}
	return false
}

// syntax is what the value of an attribute type may be.
type syntax struct {
	max       int  // characters, 0 for no bound
	country   bool // two letters of ISO 3166
	printable bool // PrintableString only
	ia5       bool // IA5String only
}

// syntaxOf is the syntax of a type: the upper bounds and string types of RFC 5280
// appendix A.1, IA5String for DC by RFC 4519 section 2.4.
func syntaxOf(oid string) syntax {
	switch attributeLabel(oid) {
	case "C", "jurisdictionC":
		return syntax{max: 2, country: true, printable: true}
	case "serialNumber":
		return syntax{max: 64, printable: true}
	case "dnQualifier":
		return syntax{printable: true}
	case "emailAddress":
		return syntax{max: 255, ia5: true}
	case "DC":
		return syntax{ia5: true}
	case "CN", "O", "OU", "title":
		return syntax{max: 64}
	case "L", "ST", "jurisdictionL", "jurisdictionST", "pseudonym":
		return syntax{max: 128}
	case "SN", "GN", "name", "initials", "generationQualifier":
		return syntax{max: 32768}
	}
	return syntax{}
}

// stringType is the string type a value of this syntax is encoded in:
// PrintableString where its repertoire allows, else UTF8String, as RFC 5280
// section 4.1.2.4 asks; IA5String where the type demands it.
func (s syntax) stringType(value string) int {
	switch {
	case s.ia5:
		return tagIA5String
	case strings.ContainsFunc(value, notPrintableString):
		return tagUTF8String
	}
	return tagPrintableString
}

// notPrintableString reports a character outside the repertoire of
// PrintableString (X.680 section 41.4).
func notPrintableString(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune(" '()+,-./:=?", r)
}
