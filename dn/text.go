package dn

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Universal tag numbers of ASN.1 (X.680 section 8.4) that this package treats
// by name. Every other number is carried as it is.
const (
	tagBitString       = 3
	tagExternal        = 8
	tagEmbeddedPDV     = 11
	tagUTF8String      = 12
	tagSequence        = 16
	tagSet             = 17
	tagNumericString   = 18
	tagPrintableString = 19
	tagT61String       = 20
	tagVideotexString  = 21
	tagIA5String       = 22
	tagGraphicString   = 25
	tagVisibleString   = 26
	tagGeneralString   = 27
	tagUniversalString = 28
	tagCharacterString = 29
	tagBMPString       = 30
)

// tagName is the name of a string type, for messages.
func tagName(tag int) string {
	switch tag {
	case tagUTF8String:
		return "UTF8String"
	case tagNumericString:
		return "NumericString"
	case tagPrintableString:
		return "PrintableString"
	case tagT61String:
		return "T61String"
	case tagVideotexString:
		return "VideotexString"
	case tagIA5String:
		return "IA5String"
	case tagGraphicString:
		return "GraphicString"
	case tagVisibleString:
		return "VisibleString"
	case tagGeneralString:
		return "GeneralString"
	case tagUniversalString:
		return "UniversalString"
	case tagBMPString:
		return "BMPString"
	case tagBitString:
		return "BIT STRING"
	case tagSequence:
		return "SEQUENCE"
	}
	return ""
}

// text is the value in UTF-8. A UTF8String that is not valid UTF-8 is returned
// as it is, so that the caller can show the wrong octets.
func (a Attribute) text() string {
	switch a.Tag {
	case tagUTF8String:
		return string(a.Value)
	case tagBMPString:
		return fromUTF16(a.Value)
	case tagUniversalString:
		return fromUTF32(a.Value)
	case tagNumericString, tagPrintableString, tagT61String, tagVideotexString,
		tagIA5String, tagGraphicString, tagVisibleString, tagGeneralString:
		return fromLatin1(a.Value)
	}
	return "#" + hex.EncodeToString(appendTLV(nil, a.Tag, a.Value))
}

// fromLatin1 reads one character an octet (ISO 8859-1).
func fromLatin1(octets []byte) string {
	var b strings.Builder
	b.Grow(len(octets))
	for _, c := range octets {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// fromUTF16 reads two octets a code unit, the higher first. BMPString has no
// surrogates by X.680, but certificates have them; a half one and an odd octet
// at the end become U+FFFD.
func fromUTF16(octets []byte) string {
	units := make([]uint16, 0, len(octets)/2+1)
	for i := 0; i+1 < len(octets); i += 2 {
		units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
	}
	if len(octets)%2 != 0 {
		units = append(units, unicode.ReplacementChar)
	}
	return string(utf16.Decode(units))
}

// fromUTF32 reads four octets a character, the highest first. What is no
// character, and octets left over, become U+FFFD.
func fromUTF32(octets []byte) string {
	var b strings.Builder
	for len(octets) >= 4 {
		b.WriteRune(rune(octets[0])<<24 | rune(octets[1])<<16 | rune(octets[2])<<8 | rune(octets[3]))
		octets = octets[4:]
	}
	if len(octets) > 0 {
		b.WriteRune(unicode.ReplacementChar)
	}
	return b.String()
}

// firstRune is the first character of a text that is not empty and its length in
// bytes. An octet that is no UTF-8 is U+FFFD with length 1; U+FFFD itself has 3.
func firstRune(text string) (rune, int) {
	return utf8.DecodeRuneInString(text)
}

// printable says whether a character may stand in a name that is typed and
// shown: no control (C0, DEL, C1), no line or paragraph separator, no mark that
// changes the direction of writing (Unicode's Bidi_Control), no wrong octet.
func printable(r rune, size int) bool {
	if r == utf8.RuneError && size == 1 {
		return false
	}
	return !unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}
