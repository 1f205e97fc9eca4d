package fleet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// decode is a text as it is parsed: UTF-8 without a byte order mark, lines
// ended by \n alone. Octets that are no characters are findings, one a line,
// and become letters, so that the rest can be read. ok is false when nothing
// of it can be.
func (d *document) decode(text []byte) (plain string, ok bool) {
	if len(text) > maxText {
		d.found.add(place{1, 1}, "", "ranges instead of many entries, or several manifests", "the manifest has %d bytes; %d are the most", len(text), maxText)
		return "", false
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(text, []byte("\xfe\xff")) || bytes.HasPrefix(text, []byte("\xff\xfe")) {
		d.found.add(place{1, 1}, "", "save it as UTF-8", "the manifest is UTF-16 text, not UTF-8")
		return "", false
	}
	plain = strings.ReplaceAll(string(text), "\r\n", "\n")
	plain = strings.ReplaceAll(plain, "\r", "\n")
	if utf8.ValidString(plain) {
		return plain, true
	}
	lines := strings.Split(plain, "\n")
	for i, line := range lines {
		if utf8.ValidString(line) {
			continue
		}
		lines[i] = d.repair(line, i+1)
	}
	return strings.Join(lines, "\n"), true
}

// repair replaces the octets of a line that are no characters.
func (d *document) repair(line string, number int) string {
	var b strings.Builder
	column, told := 1, false
	for i := 0; i < len(line); column++ {
		r, size := utf8.DecodeRuneInString(line[i:])
		if r == utf8.RuneError && size == 1 {
			if !told {
				d.found.add(place{number, column}, "", "save it as UTF-8", "the octet 0x%02x is not UTF-8 text", line[i])
			}
			told = true
			r = 'x'
		}
		b.WriteRune(r)
		i += size
	}
	return b.String()
}

// controls reports the control characters that stand where nothing else is
// wrong: YAML allows none but tabs and line breaks (YAML 1.2.2 section 5.1).
func (d *document) controls() {
	told := map[int]bool{}
	for _, one := range d.found.list {
		told[one.at.line] = true
	}
	for i, line := range d.lines {
		if told[i+1] {
			continue
		}
		column := 1
		for _, r := range line {
			if r < ' ' && r != '\t' || r == 0x7f {
				d.found.add(place{i + 1, column}, "", "leave it out", "the control character %q cannot stand in a manifest", r)
				break
			}
			column++
		}
	}
}

// columns corrects the columns of tokens. The scanner's are one too small from
// a tag on, and after tabs.
func columns(tokens token.Tokens, lines []string) map[*token.Token]int {
	fixed := map[*token.Token]int{}
	var line []rune
	number, cursor := 0, 1 // cursor is the first column behind the last token
	for _, tk := range tokens {
		first := firstWord(tk)
		p := tk.Position
		if first == nil || p.Line < 1 || p.Line > len(lines) {
			continue
		}
		if p.Line != number {
			number, cursor, line = p.Line, 1, []rune(lines[p.Line-1])
		}
		column := p.Column
		if column < cursor || !stands(line, column, first) {
			column = cursor
			for column <= len(line) && (line[column-1] == ' ' || line[column-1] == '\t') {
				column++
			}
			if !stands(line, column, first) {
				continue
			}
			fixed[tk] = column
		}
		raw, _, _ := strings.Cut(strings.TrimLeft(tk.Origin, " \t\n"), "\n")
		cursor = column + utf8.RuneCountInString(strings.TrimRight(raw, " \t"))
	}
	return fixed
}

// stands says whether a text stands at a column of a line.
func stands(line []rune, column int, text []rune) bool {
	if column < 1 || column-1+len(text) > len(line) {
		return false
	}
	for i, r := range text {
		if line[column-1+i] != r {
			return false
		}
	}
	return true
}

// firstWord is what a token begins with in the text, nil when that is not known.
func firstWord(tk *token.Token) []rune {
	switch tk.Type {
	case token.DoubleQuoteType:
		return []rune{'"'}
	case token.SingleQuoteType:
		return []rune{'\''}
	case token.CommentType:
		return []rune{'#'}
	case token.InvalidType, token.ImplicitNullType:
		return nil
	case token.StringType:
		if before := tk.Prev; before != nil && (before.Type == token.LiteralType || before.Type == token.FoldedType) {
			return nil // the lines of a block
		}
	}
	word, _, _ := strings.Cut(tk.Value, "\n")
	word, _, _ = strings.Cut(word, " ")
	if word == "" {
		return nil
	}
	return []rune(word)
}
