package dn

import (
	"fmt"
	"slices"
	"strings"
)

// maxStored is the longest string that mysql.user keeps of a requirement (the
// columns x509_issuer and x509_subject are BLOB), in bytes.
const maxStored = 1<<16 - 1

// Portable is every reason why servers would not all read n alike, nil when they
// do. A portable name has single-valued RDNs of C, ST, L, O, OU, CN, emailAddress
// (and DC, UID, serialNumber, see [Notes]) with values of printable ASCII without
// / + and \ in PrintableString, UTF8String or IA5String. OpenSSL of every release
// from 0.9.7, wolfSSL and yaSSL render it as the same string, which is its slash
// form. Two portable names give the same string only when they differ in nothing
// but string types.
func Portable(n Name) []string {
	if len(n) == 0 {
		return []string{"the name is empty"}
	}
	var reasons []string
	attributes := 0
	for i, rdn := range n {
		switch {
		case len(rdn) == 0:
			reasons = append(reasons, fmt.Sprintf("RDN %d is empty", i+1))
		case len(rdn) > 1:
			reasons = append(reasons, fmt.Sprintf("RDN %d has %d attributes (%s...): "+
				`OpenSSL 3 puts "+" between them, other libraries "/"`, i+1, len(rdn), attributeLabel(rdn[0].OID)))
		}
		for _, a := range rdn {
			reasons = append(reasons, a.unportable()...)
		}
		attributes += len(rdn)
	}
	if size := len(n.OneLine(OpenSSL3)); size > maxStored || size == 0 && attributes > 0 {
		reasons = append(reasons, fmt.Sprintf("the name is longer than the %d bytes a server keeps of a requirement", maxStored))
	}
	return reasons
}

// unportable is the reasons that lie in one attribute.
func (a Attribute) unportable() []string {
	var reasons []string
	label, value := attributeLabel(a.OID), a.text()
	add := func(format string, args ...any) {
		reasons = append(reasons, fmt.Sprintf(format, args...))
	}
	switch label {
	case "C", "ST", "L", "O", "OU", "CN", "emailAddress", "DC", "UID", "serialNumber":
	case "uid":
		add("uid is the uniqueIdentifier of X.500, which some libraries leave out (the user identifier is UID)")
	case "SN":
		add("SN is the surname, not a serial number (that is serialNumber)")
	default:
		add("%s is an attribute that some libraries leave out or call otherwise", label)
	}
	switch a.Tag {
	case tagPrintableString, tagUTF8String, tagIA5String:
	default:
		add("%s is a %s: only PrintableString, UTF8String and IA5String are read alike", label, typeName(a.Tag))
		return reasons
	}
	if value == "" {
		add("%s is empty", label)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		add(`%s %s has characters outside printable ASCII: OpenSSL writes their bytes as \xHH, wolfSSL and yaSSL as they are`,
			label, quoted(value))
	}
	if strings.ContainsAny(value, "/+") {
		add(`%s %s has a slash or plus sign: OpenSSL 3 puts a backslash before it, other libraries do not, `+
			`and then one name can be read as another`, label, quoted(value))
	}
	if strings.Contains(value, `\`) {
		add(`%s %s has a backslash: libraries write it as it is, like one they put in themselves, `+
			`and an account statement with it depends on the server's sql_mode`, label, quoted(value))
	}
	return reasons
}

// typeName is the name of a string type, or its tag.
func typeName(tag int) string {
	if name := tagName(tag); name != "" {
		return name
	}
	return fmt.Sprintf("value with tag %d", tag)
}

// Notes is what is worth a remark in n though it does not make n unportable, nil
// when nothing is.
func Notes(n Name) []string {
	var notes, left []string
	attributes := 0
	for _, rdn := range n {
		for _, a := range rdn {
			notes = append(notes, a.notes()...)
			switch label := attributeLabel(a.OID); label {
			case "DC", "UID", "serialNumber":
				if !slices.Contains(left, label) {
					left = append(left, label)
				}
			}
			attributes++
		}
	}
	if len(left) > 0 {
		notes = append(notes, fmt.Sprintf("servers built with yaSSL (MySQL before 5.6.46 and 5.7.28, MariaDB before 10.2) "+
			"leave out %s, so names that differ only there are one to them", strings.Join(left, ", ")))
	}
	const yaSSLLimit, wolfSSLLimit = 256, 13 // ASN_NAME_MAX and WC_MAX_NAME_ENTRIES of earlier releases
	if size := n.contentLen(yaSSLLimit); size >= yaSSLLimit {
		notes = append(notes, fmt.Sprintf("the RDNs take %d bytes: servers built with yaSSL (MySQL before 5.6.46 and 5.7.28, "+
			"MariaDB before 10.2) read at most 511, early ones 255", size))
	}
	if attributes > wolfSSLLimit {
		notes = append(notes, fmt.Sprintf("the name has %d attributes: servers built with wolfSSL (MariaDB for Windows, "+
			"generic Linux binaries) read at most 16, early ones 13", attributes))
	}
	return notes
}

// notes is the remarks that concern one attribute.
func (a Attribute) notes() []string {
	var notes []string
	label, value := attributeLabel(a.OID), a.text()
	if value != strings.Trim(value, " ") {
		notes = append(notes, fmt.Sprintf("%s %s begins or ends with a blank, which counts in the comparison",
			label, quoted(value)))
	}
	if next := hiddenAttribute(value); next != "" {
		notes = append(notes, fmt.Sprintf("%s %s is one value: commas do not separate attributes, "+
			"a slash before %s would", label, quoted(value), quoted(next)))
	}
	return notes
}

// hiddenAttribute is the part of a value behind a comma that looks like the next
// attribute of a comma form, "" when there is none.
func hiddenAttribute(value string) string {
	parts := splitCommas(value)
	for _, part := range parts[1:] {
		part = strings.TrimLeft(part, " ")
		if label, _, found := strings.Cut(part, "="); found && attributeOID(strings.TrimRight(label, " ")) != "" {
			return part
		}
	}
	return ""
}
