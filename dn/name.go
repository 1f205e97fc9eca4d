// Package dn reads, writes and renders distinguished names in exact order.
//
// MySQL and MariaDB check REQUIRE SUBJECT and REQUIRE ISSUER by comparing, byte
// for byte, the string their TLS library makes of the certificate's name. This
// package makes the same string from the same bytes. It guarantees:
//
//   - A [Name] holds what a certificate holds: RDNs in their order, repeated
//     attributes, multi-valued RDNs, any string type, any OID. [FromDER] followed
//     by [Name.DER] gives back the same bytes.
//   - [Parse] reads the slash form, /C=US/O=sampdb/CN=db1, and keeps the order
//     written. What it refuses, it refuses with the byte where it went wrong and,
//     where the meaning can be told, the corrected name.
//   - [Name.OneLine] is what the server compares: X509_NAME_oneline of OpenSSL,
//     or what wolfSSL and yaSSL make in its place.
//   - [Portable] says whether all of these agree on a name.
//
// The package is pure: no input or output, no clock, no randomness, nothing
// shared between calls. Names are not modified by any method.
package dn

import (
	"fmt"
	"slices"
	"strings"
)

// Name is a distinguished name: its RDNs in the order of the certificate. A nil
// or empty Name is the empty name, which certificates may have.
type Name []RDN

// RDN is one relative distinguished name: usually one attribute, several when it
// is multi-valued, in the order of the certificate (DER sorts them as a SET OF).
// An RDN without attributes is malformed but occurs in no harmful way; it is kept.
type RDN []Attribute

// Attribute is one type and value of a name as the certificate encodes it.
type Attribute struct {
	OID   string // dotted decimal, arcs of any size
	Tag   int    // ASN.1 universal tag number of the value, such as 12 for UTF8String
	Value []byte // content octets as in the certificate (BMPString: 2 bytes a character)
}

// Values is the text of every attribute of a type, in the order of n, nil when
// there is none. The label is a short name (CN) or a dotted OID. The text is
// decoded to UTF-8 as [Name.String] documents; octets that are no characters in
// their string type become U+FFFD, and a value of a type that is no string is
// "#" and its DER in hex, as in RFC 4514 section 2.4.
func (n Name) Values(label string) []string {
	oid := oidOf(label)
	var values []string
	for _, rdn := range n {
		for _, a := range rdn {
			if a.OID == oid {
				values = append(values, strings.ToValidUTF8(a.text(), "\uFFFD"))
			}
		}
	}
	return values
}

// With is a copy of n with one more RDN at the end, of one attribute. The label
// is a short name or a dotted OID and the value is plain text, without escapes.
// The checks are those of [Parse]; the error is a *[SyntaxError] whose Text and
// Fix are the new RDN in slash form.
func (n Name) With(label, value string) (Name, error) {
	text := "/" + label + "=" + escape(value)
	if attributeOID(label) == "" {
		return nil, &SyntaxError{Text: text, Offset: 1, Problem: unknownLabel(label),
			Fix: usable(slashForm([]pair{{nearLabel(label), value}}))}
	}
	added, err := parse(text)
	if err != nil {
		err.Fix = usable(slashForm([]pair{{label, value}}))
		return nil, err
	}
	return append(slices.Clone(n), added...), nil
}

// Select is the single-valued RDNs of n whose attribute is of one of the types,
// in n's order. Labels are short names or dotted OIDs.
func (n Name) Select(labels ...string) Name {
	oids := make([]string, len(labels))
	for i, label := range labels {
		oids[i] = oidOf(label)
	}
	var selected Name
	for _, rdn := range n {
		if len(rdn) == 1 && slices.Contains(oids, rdn[0].OID) {
			selected = append(selected, rdn)
		}
	}
	return selected
}

// String is the slash form of n, for people to read. For a name that [Parse] can
// make, Parse reads it back as the same name; for a portable name it equals
// OneLine(OpenSSL3).
//
// Text is decoded from its string type: UTF8String as UTF-8, BMPString as UTF-16,
// UniversalString as UTF-32, every other string as ISO 8859-1 (which is ASCII for
// the types limited to it; T61String is treated so by OpenSSL too). The
// characters / + \ are escaped. What would be dangerous or invisible on a
// terminal (controls, marks of writing direction, octets that are no characters)
// is printed as \xHH, which Parse refuses, so that no name is mistaken for
// another. Attributes of a multi-valued RDN are joined by +. The labels are those
// Parse knows, and dotted OIDs otherwise.
func (n Name) String() string {
	var b strings.Builder
	for _, rdn := range n {
		for i, a := range rdn {
			if i == 0 {
				b.WriteByte('/')
			} else {
				b.WriteByte('+')
			}
			b.WriteString(attributeLabel(a.OID))
			b.WriteByte('=')
			writeShown(&b, a.text())
		}
	}
	return b.String()
}

// writeShown writes text with the escapes of Parse and, for what Parse refuses,
// every byte as \xHH.
func writeShown(b *strings.Builder, text string) {
	for len(text) > 0 {
		r, size := firstRune(text)
		switch {
		case !printable(r, size):
			for i := range size {
				fmt.Fprintf(b, `\x%02X`, text[i])
			}
		case r == '/' || r == '+' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
}

// escape writes a plain value as it stands in the slash form.
func escape(value string) string {
	if !strings.ContainsAny(value, `\/+`) {
		return value // a Replacer takes longer to make than to use
	}
	return strings.NewReplacer(`\`, `\\`, `/`, `\/`, `+`, `\+`).Replace(value)
}
