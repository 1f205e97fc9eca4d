package dn

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pair is an attribute as somebody meant it: a label of the slash form and a
// plain value.
type pair struct{ label, value string }

// Nobody types more than this; what is longer is not repaired.
const (
	maxTyped = 1 << 14 // bytes
	maxParts = 100     // attributes
)

// repaired is the name in slash form that a text was probably meant to be, ""
// when that cannot be told. It is always a name that parse accepts.
func repaired(text string) string {
	if len(text) > maxTyped {
		return ""
	}
	slashes, list, listed := bothReadings(tidied(text))
	readings := [][]pair{slashes, list.pairs}
	switch {
	case listed && list.unfit != "":
		return ""
	case listed:
		readings = [][]pair{list.pairs, slashes}
	case list.unfit != "" || len(list.pairs) < 2:
		readings = [][]pair{slashes}
	}
	for _, pairs := range readings {
		if fixed := usable(slashForm(pairs)); fixed != "" {
			return fixed
		}
	}
	return ""
}

// bothReadings reads a text as a slash form and as a comma form, and says whether
// it looks more like the latter.
func bothReadings(text string) (slashes []pair, list commas, listed bool) {
	slashes, list = slashPairs(text), readCommas(text)
	n := len(list.pairs)
	return slashes, list, n > 1 && (n > len(slashes) || n == len(slashes) && !strings.HasPrefix(text, "/"))
}

// usable is a text that parse accepts, "" for others.
func usable(text string) string {
	if _, err := parse(text); err != nil {
		return ""
	}
	return text
}

// slashForm writes pairs in slash form, leaving out those without a value.
func slashForm(pairs []pair) string {
	var b strings.Builder
	for _, p := range pairs {
		if value := p.corrected(); value != "" {
			b.WriteString("/" + p.label + "=" + escape(value))
		}
	}
	return b.String()
}

// corrected is the value without what must not be in it and can be told to be
// meant otherwise: controls, blanks around a country in small letters.
func (p pair) corrected() string {
	value := p.value
	if !utf8.ValidString(value) {
		value = fromLatin1([]byte(value))
	}
	value = strings.TrimFunc(value, func(r rune) bool { return !printable(r, 0) })
	value = strings.Map(func(r rune) rune {
		switch {
		case printable(r, 0):
			return r
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return ' '
	}, value)
	if syntaxOf(attributeOID(p.label)).country {
		value = strings.ToUpper(strings.TrimSpace(value))
	}
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return value
}

// tidied is a text without what programs and shells put around a name: line
// ends, quotation marks, "subject=", and the path that Git Bash on Windows makes
// of a leading slash (C:/Program Files/Git/C=US). Octets that are not UTF-8 are
// read as ISO 8859-1.
func tidied(text string) string {
	if !utf8.ValidString(text) {
		text = fromLatin1([]byte(text))
	}
	text = strings.TrimLeft(text, " \t\r\n\uFEFF")
	text = strings.TrimRight(text, "\t\r\n\x00")
	for _, mark := range []string{`'`, `"`, "`"} {
		if inner, found := strings.CutPrefix(text, mark); found && strings.HasSuffix(inner, mark) {
			text = strings.TrimSuffix(inner, mark)
		}
	}
	for _, prefix := range []string{"subject=", "issuer=", "subject:", "issuer:"} {
		if len(text) > len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			text = strings.TrimLeft(text[len(prefix):], " \t")
		}
	}
	if windowsPath(text) {
		for i := 2; i < len(text); i++ {
			if text[i] == '/' && startsAttribute(text[i+1:]) {
				return text[i:]
			}
		}
	}
	return text
}

// windowsPath reports a text that begins with a drive, a colon and a slash.
func windowsPath(text string) bool {
	return len(text) > 3 && letter(text[0]) && text[1] == ':' && text[2] == '/'
}

// slashPairs reads a text as a slash form with mistakes. A part between slashes
// that is no attribute belongs to the value before it, with its slashes.
func slashPairs(text string) []pair {
	var pairs []pair
	empty := 0 // slashes since the last part that was not empty
	parts := splitUnescaped(text, '/')
	if len(parts) > maxParts {
		return nil
	}
	for _, part := range parts {
		if part == "" {
			empty++
			continue
		}
		label, value, found := strings.Cut(part, "=")
		if found {
			label = nearLabel(label)
		}
		switch last := len(pairs) - 1; {
		case found && label != "":
			pairs = append(pairs, loosePairs(label, value)...)
		case last < 0:
			return nil
		default:
			rest := loosePairs(pairs[last].label, part)
			rest[0].value = pairs[last].value + strings.Repeat("/", empty+1) + rest[0].value
			pairs = append(pairs[:last], rest...)
		}
		empty = 0
	}
	return pairs
}

// splitUnescaped splits a text at a separator that no backslash precedes.
func splitUnescaped(text string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// loosePairs reads a value with the escapes of any notation. An unescaped plus
// sign or backslash before another attribute begins that attribute.
func loosePairs(label, raw string) []pair {
	pairs := []pair{{label: label}}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		next := raw[i+1:]
		switch c := raw[i]; {
		case (c == '+' || c == '\\') && startsAttribute(next):
			pairs[len(pairs)-1].value = b.String()
			b.Reset()
			label, _, _ := strings.Cut(next, "=")
			pairs = append(pairs, pair{label: label})
			i += len(label) + len("=")
		case c == '\\' && hexByte(next):
			b.WriteByte(unhex(next[1])<<4 | unhex(next[2]))
			i += 3
		case c == '\\' && next != "" && strings.IndexByte(`/+\,=";<>#' `, next[0]) >= 0:
			b.WriteByte(next[0])
			i++
		default:
			b.WriteByte(c)
		}
	}
	pairs[len(pairs)-1].value = b.String()
	return pairs
}

// unhex is the value of a hexadecimal digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
