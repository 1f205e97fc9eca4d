package dn

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says why a text is not a name in slash form.
type SyntaxError struct {
	Text    string // what was read
	Offset  int    // byte of Text where it goes wrong, from 0 to its length
	Problem string // what is wrong there, and with the values behind it
	Fix     string // the whole name as it should be written, "" when that cannot be told
}

// Error quotes the text, shortened when it is long, and names byte and problem.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("name %s, byte %d: %s", quoted(e.Text), e.Offset, e.Problem)
}

// Hint shows the whole corrected name, quoted for a shell, or else the notation.
func (e *SyntaxError) Hint() string {
	if e.Fix == "" {
		return `write a name like '/C=US/ST=WI/L=Madison/O=sampdb/CN=db1', with \/ \+ \\ for / + \ in a value`
	}
	return "write '" + strings.ReplaceAll(e.Fix, "'", `'\''`) + "'"
}

// quoted is a text in quotation marks, cut to its first characters. It is %q only
// where it must be, so that the backslashes of a name are not doubled.
func quoted(text string) string {
	const most = 120
	more := ""
	if len(text) > most {
		cut := most
		for cut > most-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text, more = text[:cut], "..."
	}
	for i := 0; i < len(text); {
		r, size := firstRune(text[i:])
		if !printable(r, size) || r == '"' {
			return fmt.Sprintf("%q%s", text, more)
		}
		i += size
	}
	return `"` + text + `"` + more
}

// Parse reads a name in slash form, such as /C=US/ST=WI/O=sampdb/CN=db1: the
// RDNs in the order of the certificate, one attribute each, repeats allowed.
// Before the equals sign stands a short name of OpenSSL, in exact case, or a
// dotted OID; the value goes to the next slash. Within values \/ \+ and \\ stand
// for / + and \, and nothing else may follow a backslash. Blanks belong to the
// value. The text is UTF-8, at most 1 MiB.
//
// Values must not be empty or blank nor hold control characters; C is two capital
// letters; lengths in characters, and what serialNumber, dnQualifier,
// emailAddress and DC may hold, are those of RFC 5280 appendix A.1 and RFC 4519.
// Values are encoded as PrintableString where its repertoire allows, else as
// UTF8String; emailAddress and DC as IA5String.
//
// The error is a *[SyntaxError] at the first problem, which names every value
// that is wrong, and whose Fix solves all of them. For a name in a comma form the fix has the order that the certificate
// needs: RFC 4514 lists a name from its end, OpenSSL from its beginning. The list
// is taken as it is when its first attribute is C, and turned round when its last
// is C; else turned round when of first and last only the last is DC, or only the
// first is CN, UID or emailAddress, and taken as it is the other way round; and
// where none of this decides, turned round when no blank stands beside commas and
// equals signs, as in RFC 4514.
func Parse(text string) (Name, error) {
	name, err := parse(text)
	if err != nil {
		err.Fix = repaired(text)
		return nil, err
	}
	return name, nil
}

// parse is Parse without a fix in the error.
func parse(text string) (Name, *SyntaxError) {
	switch {
	case text == "":
		return nil, &SyntaxError{Text: text, Problem: "the name is empty"}
	case len(text) > maxName:
		return nil, &SyntaxError{Text: text, Offset: maxName, Problem: "the name is longer than 1 MiB"}
	case text[0] != '/':
		return nil, &SyntaxError{Text: text, Problem: otherNotation(text)}
	}
	var name Name
	var wrong *SyntaxError
	for at := 1; ; at++ { // at is behind a slash
		label, oid, err := scanLabel(text, at)
		if err != nil {
			return nil, wrong.and(err)
		}
		at += len(label) + len("=")
		value, end, err := scanValue(text, at)
		if err != nil {
			return nil, wrong.and(err)
		}
		syntax := syntaxOf(oid)
		if index, problem := syntax.check(label, value); problem != "" {
			wrong = wrong.and(&SyntaxError{Text: text, Offset: at + escapedLen(text[at:], index), Problem: problem})
		}
		name = append(name, RDN{{OID: oid, Tag: syntax.stringType(value), Value: []byte(value)}})
		if at = end; at == len(text) && wrong != nil {
			return nil, wrong
		} else if at == len(text) {
			return name, nil
		}
	}
}

// and is e, or nil, with another problem of the same text.
func (e *SyntaxError) and(other *SyntaxError) *SyntaxError {
	const most = 1000 // bytes
	switch {
	case e == nil:
		return other
	case len(e.Problem) < most:
		e.Problem += fmt.Sprintf("; byte %d: %s", other.Offset, other.Problem)
	}
	return e
}

// scanLabel reads the label that begins at a byte and ends before an equals sign.
func scanLabel(text string, at int) (label, oid string, err *SyntaxError) {
	problem := func(offset int, format string, args ...any) (string, string, *SyntaxError) {
		return "", "", &SyntaxError{Text: text, Offset: offset, Problem: fmt.Sprintf(format, args...)}
	}
	segment := text[at:]
	if end := strings.IndexAny(segment, "/="); end >= 0 && segment[end] == '=' {
		label = segment[:end]
		if oid = attributeOID(label); oid == "" {
			return problem(at, "%s", unknownLabel(label))
		}
		return label, oid, nil
	} else if end > 0 {
		segment = segment[:end]
	}
	switch {
	case segment == "" && at == 1:
		return problem(0, "there is no attribute after the slash")
	case segment == "":
		return problem(at-1, "there is no attribute after the last slash")
	case segment[0] == '/' && at > 1:
		return problem(at, `two slashes in a row: a slash within a value is written \/`)
	case segment[0] == '/':
		return problem(at, "two slashes in a row")
	case at == 1:
		return problem(at, `no "=" in %s: every attribute is a label, an equals sign and a value`, quoted(segment))
	}
	return problem(at-1, `no "=" in %s after the slash: a slash within a value is written \/`, quoted(segment))
}

// scanValue reads the value that begins at a byte and ends before a slash or at
// the end of the text.
func scanValue(text string, at int) (value string, end int, err *SyntaxError) {
	problem := func(offset int, text string, format string, args ...any) (string, int, *SyntaxError) {
		return "", 0, &SyntaxError{Text: text, Offset: offset, Problem: fmt.Sprintf(format, args...)}
	}
	var b strings.Builder
	for end = at; end < len(text) && text[end] != '/'; end++ {
		switch c := text[end]; {
		case c == '+' && startsAttribute(text[end+1:]):
			return problem(end, text, `this would be a multi-valued RDN, which servers render differently: `+
				`separate attributes by a slash; a plus sign within a value is written \+`)
		case c == '+':
			return problem(end, text, `a plus sign within a value is written \+`)
		case c != '\\':
			b.WriteByte(c)
		case end+1 == len(text):
			return problem(end, text, `a backslash at the end: within a value it is written \\`)
		case strings.IndexByte(`/+\`, text[end+1]) >= 0:
			end++
			b.WriteByte(text[end])
		case startsAttribute(text[end+1:]):
			return problem(end, text, `attributes are separated by a slash, not by a backslash`)
		case hexByte(text[end+1:]):
			return problem(end, text, `%s is no escape: write the characters themselves, in UTF-8`, text[end:end+4])
		default:
			r, size := firstRune(text[end+1:])
			if !printable(r, size) {
				return problem(end, text, `only / + and \ may follow a backslash; a backslash within a value is written \\`)
			}
			return problem(end, text, `\%c is no escape, only \/ \+ \\ are; a backslash within a value is written \\`, r)
		}
	}
	return b.String(), end, nil
}

// startsAttribute reports a text that begins with a known label and an equals
// sign.
func startsAttribute(text string) bool {
	label, _, found := strings.Cut(text, "=")
	return found && attributeOID(label) != ""
}

// hexByte reports a text that begins with x and two hexadecimal digits.
func hexByte(text string) bool {
	return len(text) >= 3 && text[0] == 'x' && strings.Trim(text[1:3], "0123456789abcdefABCDEF") == ""
}

// escapedLen is the length, in the slash form that begins with raw, of the first
// count bytes of the value it stands for.
func escapedLen(raw string, count int) int {
	at := 0
	for range count {
		if raw[at] == '\\' {
			at++
		}
		at++
	}
	return at
}

// check says what is wrong with a value and at which of its bytes, "" when
// nothing is.
func (s syntax) check(label, value string) (index int, problem string) {
	if value == "" {
		return 0, label + " has no value"
	}
	for i := 0; i < len(value); {
		r, size := firstRune(value[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return i, fmt.Sprintf("byte 0x%02X in %s is not UTF-8", value[i], label)
		case !printable(r, size):
			return i, fmt.Sprintf("character U+%04X in %s is not printable", r, label)
		case s.ia5 && r > 0x7F:
			return i, fmt.Sprintf("%c in %s: it takes ASCII only", r, label)
		case s.printable && !s.country && notPrintableString(r):
			return i, fmt.Sprintf("%c in %s: it takes only letters, digits, blanks and ' ( ) + , - . / : = ?", r, label)
		}
		i += size
	}
	switch count := utf8.RuneCountInString(value); {
	case strings.TrimSpace(value) == "":
		return 0, label + " is blank"
	case s.country && !(len(value) == 2 && letter(value[0]) && letter(value[1])):
		return 0, fmt.Sprintf("%s is the two letters of a country (ISO 3166), not %s", label, quoted(value))
	case s.country && value != strings.ToUpper(value):
		return 0, fmt.Sprintf("%s is written in capital letters: %s", label, strings.ToUpper(value))
	case s.max > 0 && count > s.max:
		return 0, fmt.Sprintf("%s has %d characters, RFC 5280 allows %d", label, count, s.max)
	}
	return 0, ""
}

// letter reports an ASCII letter.
func letter(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z'
}
