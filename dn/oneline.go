package dn

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"strings"
)

// Library is a TLS library that a server may be built with; each makes its own
// one-line form of a name.
type Library int

const (
	// OpenSSL3 is OpenSSL from 3.0 on: MySQL from 5.7.28 and 8.0 and MariaDB on
	// current systems, whichever release of OpenSSL 3 or later they link.
	OpenSSL3 Library = iota
	// OpenSSL1 is OpenSSL from 0.9.7 to 1.1.1, and LibreSSL.
	OpenSSL1
	// WolfSSL is the library of MariaDB's own binaries for Windows and of its
	// generic Linux ones.
	WolfSSL
	// YaSSL is the library of MySQL's own binaries until 5.6.45 and 5.7.27 and
	// of MariaDB's until 10.1.
	YaSSL
)

// ParseLibrary reads what [Library.String] prints: openssl3, openssl1, wolfssl,
// yassl. The error has a method Hint.
func ParseLibrary(s string) (Library, error) {
	for l := OpenSSL3; l <= YaSSL; l++ {
		if s == l.String() {
			return l, nil
		}
	}
	return 0, unknownLibrary(s)
}

// String is the name that [ParseLibrary] reads.
func (l Library) String() string {
	switch l {
	case OpenSSL3:
		return "openssl3"
	case OpenSSL1:
		return "openssl1"
	case WolfSSL:
		return "wolfssl"
	case YaSSL:
		return "yassl"
	}
	return fmt.Sprintf("Library(%d)", int(l))
}

// OneLine is n as the library renders it and the server compares it with REQUIRE
// SUBJECT and REQUIRE ISSUER (acl_check_ssl in the sources of MySQL and MariaDB,
// with strcmp). The string holds the bytes of the certificate: on wolfSSL and
// yaSSL they need not be UTF-8. It is "" for the empty name, and where the
// library gives up on the name (OpenSSL over 1 MiB, yaSSL from 512 bytes), when
// no account can require it.
//
// OpenSSL3 and OpenSSL1 follow X509_NAME_oneline (crypto/x509/x509_obj.c):
// octets as in the certificate whatever the string type, those outside printable
// ASCII as \xHH; OpenSSL 3 puts a backslash before / and + in values and joins
// the attributes of an RDN with +, earlier ones do neither. WolfSSL and YaSSL are
// documented at their functions.
func (n Name) OneLine(lib Library) string {
	switch lib {
	case WolfSSL:
		return n.wolfSSL()
	case YaSSL:
		return n.yaSSL()
	}
	return n.openSSL(lib == OpenSSL3)
}

// openSSL is X509_NAME_oneline; modern is its form from 3.0 on.
func (n Name) openSSL(modern bool) string {
	var b strings.Builder
	for _, rdn := range n {
		for i, a := range rdn {
			if i > 0 && modern {
				b.WriteByte('+')
			} else {
				b.WriteByte('/')
			}
			b.WriteString(openSSLLabel(a.OID))
			b.WriteByte('=')
			writeOctets(&b, openSSLValue(a), modern)
			if b.Len() > maxName {
				return "" // X509_R_NAME_TOO_LONG
			}
		}
	}
	return b.String()
}

// openSSLLabel is the short name, or the OID cut to what a buffer of 80 bytes
// holds. For an OID of more than 586 octets it is nothing (OBJ_obj2txt since
// 3.0.9 and 1.1.1u, CVE-2023-2650).
func openSSLLabel(oid string) string {
	if name := shortName(oid); name != "" {
		return name
	}
	if len(oid) >= 80 {
		if content, err := parseOID(oid); err == nil && len(content) > 586 {
			return ""
		}
		return oid[:79]
	}
	return oid
}

// writeOctets writes a value as X509_NAME_oneline does.
func writeOctets(b *strings.Builder, value []byte, escaped bool) {
	const hex = "0123456789ABCDEF"
	for _, c := range value {
		switch {
		case c < ' ' || c > '~':
			b.WriteString(`\x`)
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&0x0F])
			continue
		case escaped && (c == '/' || c == '+'):
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
}

// openSSLValue is the octets that OpenSSL keeps of a value: of a BIT STRING those
// after the count of unused bits, these cleared; of a SEQUENCE or SET the whole
// element; of other constructed types the contents of the innermost elements; of
// a GeneralString that looks like characters of four octets, every fourth.
func openSSLValue(a Attribute) []byte {
	switch a.Tag {
	case tagBitString:
		return bits(a.Value)
	case tagSequence, tagSet:
		return appendTLV(nil, a.Tag, a.Value)
	case tagExternal, tagEmbeddedPDV, tagCharacterString:
		return leaves(a.Value, 5)
	case tagGeneralString:
		return everyFourth(a.Value)
	}
	return a.Value
}

// bits is the octets of a BIT STRING.
func bits(content []byte) []byte {
	if len(content) < 2 {
		return nil
	}
	octets := bytes.Clone(content[1:])
	octets[len(octets)-1] &= 0xFF << (content[0] & 7)
	return octets
}

// leaves joins the contents of the elements that have none within them, to a
// depth of 5 (ASN1_MAX_STRING_NEST), below which OpenSSL refuses the name.
// Octets that are no elements are dropped.
func leaves(content []byte, depth int) []byte {
	var joined []byte
	for len(content) > 0 {
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(content, &raw)
		switch {
		case err != nil:
			return joined
		case !raw.IsCompound:
			joined = append(joined, raw.Bytes...)
		case depth > 0:
			joined = append(joined, leaves(raw.Bytes, depth-1)...)
		}
		content = rest
	}
	return joined
}

// everyFourth is the last octet of each four when all the others are zero.
func everyFourth(value []byte) []byte {
	if len(value)%4 != 0 {
		return value
	}
	kept := make([]byte, 0, len(value)/4)
	for i, c := range value {
		if i%4 == 3 {
			kept = append(kept, c)
		} else if c != 0 {
			return value
		}
	}
	return kept
}

// wolfSSL is the string that wolfSSL, built as MariaDB builds it (OPENSSL_ALL),
// keeps for X509_NAME_oneline: GetRDN in wolfcrypt/src/asn.c picks the attribute
// types, AddAllEntry in src/x509.c joins them. Every attribute begins with a
// slash, nothing is escaped, each value ends at its first zero octet, and types
// it has no name for are left out; 2.5.4.18 (postOfficeBox) is called UID by a
// slip of its table. Certificates with more than 13 of these attributes in a name
// (WC_MAX_NAME_ENTRIES; 16 in later releases), empty values, or a type of
// 0.9.2342.19200300.100.1 other than those named here are refused by it before
// any comparison. From its sources; not compared with a running one.
func (n Name) wolfSSL() string {
	var b strings.Builder
	for _, rdn := range n {
		for _, a := range rdn {
			label := wolfSSLLabel(a.OID)
			if label == "" {
				continue
			}
			value, _, _ := bytes.Cut(a.Value, []byte{0})
			b.WriteByte('/')
			b.WriteString(label)
			b.WriteByte('=')
			b.Write(value)
		}
	}
	return b.String()
}

// wolfSSLLabel is wolfSSL's name of an attribute type, "" for the types it
// leaves out.
func wolfSSLLabel(oid string) string {
	switch name := shortName(oid); name {
	case "C", "ST", "L", "O", "OU", "CN", "SN", "serialNumber", "street", "businessCategory",
		"postalCode", "emailAddress", "DC", "UID", "favouriteDrink", "jurisdictionC", "jurisdictionST":
		return name
	case "postOfficeBox":
		return "UID"
	case "mail":
		return "rfc822Mailbox"
	}
	return ""
}

// yaSSL is the string of CertDecoder::GetName in extra/yassl/taocrypt/src/asn.cpp
// of MySQL 5.5 to 5.7: raw octets after the names of seven types, every OID that
// begins with the octets 2A 86 called emailAddress, all other types left out,
// and the whole cut at the first zero octet by strcmp. A name of 512 octets or
// more is not read (256 in the older releases). From its sources; not compared
// with a running one.
func (n Name) yaSSL() string {
	const limit = 512
	var b strings.Builder
	for _, rdn := range n {
		for _, a := range rdn {
			if label := yaSSLLabel(a.OID); label != "" {
				b.WriteString("/" + label + "=")
				b.Write(a.Value)
			}
		}
	}
	if n.contentLen(limit) >= limit || b.Len() >= limit {
		return ""
	}
	line, _, _ := strings.Cut(b.String(), "\x00")
	return line
}

// yaSSLLabel is yaSSL's name of an attribute type, "" for the types it leaves
// out.
func yaSSLLabel(oid string) string {
	switch name := shortName(oid); name {
	case "C", "ST", "L", "O", "OU", "CN", "SN":
		return name
	}
	if content, err := parseOID(oid); err == nil && bytes.HasPrefix(content, []byte{0x2A, 0x86}) {
		return "emailAddress"
	}
	return ""
}

// unknownLibrary is the name of no library.
type unknownLibrary string

func (u unknownLibrary) Error() string { return fmt.Sprintf("unknown TLS library %q", string(u)) }

// Hint lists the libraries.
func (u unknownLibrary) Hint() string {
	return "the TLS libraries are openssl3, openssl1, wolfssl and yassl"
}
