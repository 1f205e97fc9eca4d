package dn

import (
	"slices"
	"strings"
)

// commas is what a text says as a comma form: RFC 4514 (CN=db1,O=sampdb,C=US),
// its older version with semicolons, quotation marks and blanks, or what openssl
// prints (C = US, O = sampdb, CN = db1).
type commas struct {
	pairs   []pair // in the order the certificate needs, nil when the text is no comma form
	fromEnd bool   // the text lists them the other way round
	unfit   string // why the slash form cannot say the same, "" when it can
}

// readCommas reads a text as a comma form. A part between commas that is no
// attribute belongs to the value before it.
func readCommas(text string) commas {
	text = strings.TrimPrefix(text, "/")
	parts := splitCommas(text)
	if len(parts) > maxParts {
		return commas{}
	}
	var labels, raws []string
	for i, part := range parts {
		label, raw, found := strings.Cut(part, "=")
		if found {
			label = nearLabel(label)
		}
		if label == "uid" {
			label = "UID" // RFC 4514 section 3; in the slash form they differ
		}
		switch {
		case found && label != "":
			labels, raws = append(labels, label), append(raws, raw)
		case i == 0:
			return commas{}
		case strings.Trim(part, " \t\r") != "":
			raws[len(raws)-1] += "," + part
		}
	}
	var c commas
	for i, raw := range raws {
		value, unfit := commaValue(trimmed(raw))
		if unfit != "" {
			c.unfit = unfit
		}
		c.pairs = append(c.pairs, pair{labels[i], value})
	}
	spaced := strings.Contains(text, ", ") || strings.Contains(text, " = ") || strings.Contains(text, "; ")
	if c.fromEnd = fromTheEnd(labels, spaced); c.fromEnd {
		slices.Reverse(c.pairs)
	}
	return c
}

// splitCommas splits at commas, semicolons and line ends that stand neither
// behind a backslash nor in quotation marks.
func splitCommas(text string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ',', ';', '\n':
			if !quoted {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}

// trimmed is a value without the blanks around it, except one behind a backslash.
func trimmed(raw string) string {
	raw = strings.TrimLeft(raw, " \t\r")
	short := strings.TrimRight(raw, " \t\r")
	if escapes := len(short) - len(strings.TrimRight(short, `\`)); escapes%2 == 1 && len(short) < len(raw) {
		short = raw[:len(short)+1]
	}
	return short
}

// commaValue is the plain value of a comma form: without quotation marks around
// it, with \HH read as an octet and a backslash dropped before anything else. It
// is unfit for the slash form when it is in hex or another attribute follows a
// plus sign.
func commaValue(raw string) (value, unfit string) {
	if strings.HasPrefix(raw, "#") {
		return "", "a value in hex"
	}
	if len(raw) > 1 && raw[0] == '"' && raw[len(raw)-1] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		next := raw[i+1:]
		switch c := raw[i]; {
		case c == '+' && startsAttribute(strings.TrimLeft(strings.Replace(next, " =", "=", 1), " ")):
			return "", "several attributes in an RDN"
		case c == '\\' && hexByte("x"+next):
			b.WriteByte(unhex(next[0])<<4 | unhex(next[1]))
			i += 2
		case c == '\\' && next != "":
			b.WriteByte(next[0])
			i++
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// fromTheEnd says whether a list of attributes begins with the end of the name,
// by the rules that Parse documents.
func fromTheEnd(labels []string, spaced bool) bool {
	if len(labels) < 2 {
		return false
	}
	first, last := labels[0], labels[len(labels)-1]
	own := func(label string) bool { return label == "CN" || label == "UID" || label == "emailAddress" }
	switch {
	case first == "C" || last == "C":
		return first != "C"
	case (first == "DC") != (last == "DC"):
		return last == "DC"
	case own(first) != own(last):
		return own(first)
	}
	return !spaced
}

// otherNotation says what a text that does not begin with a slash is.
func otherNotation(text string) string {
	if len(text) > maxTyped {
		return "the name does not begin with a slash"
	}
	tidy := tidied(text)
	_, list, listed := bothReadings(tidy)
	switch {
	case windowsPath(text):
		return "begins with a Windows path, not a slash: Git Bash puts it before arguments " +
			"that begin with a slash unless MSYS_NO_PATHCONV=1 is set"
	case strings.HasPrefix(tidy, "/") && strings.ContainsAny(text[:1], "'\"`"):
		return "the name stands in quotation marks"
	case strings.HasPrefix(tidy, "/"):
		return "the name does not begin with its slash"
	case listed && list.unfit != "":
		return "this is a comma form with " + list.unfit + ", which the slash form does not have"
	case listed && list.fromEnd:
		return "this is a comma form that lists the name from its end (RFC 4514), not the slash form"
	case listed:
		return "this is a comma form, as openssl prints it, not the slash form"
	}
	return "the name does not begin with a slash"
}
