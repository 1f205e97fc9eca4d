package dialect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token kinds, beside the signs, which are their own kind.
const (
	tokenEnd    = 0
	tokenPlain  = 'a'
	tokenQuoted = '`'
	tokenWrong  = '!'
)

// grantParser is a recursive-descent parser with one token of lookahead. After
// the first problem it sees only the end.
type grantParser struct {
	text    string
	offset  int    // of what follows the token
	kind    rune   // of the token
	at      int    // offset of the token
	value   string // of a name or word
	problem string
	failed  int // offset of what the problem is about
}

// next reads the next token.
func (p *grantParser) next() {
	rest := strings.TrimLeft(p.text[p.offset:], " \t\r\n")
	p.at = len(p.text) - len(rest)
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case p.problem != "" || rest == "":
		p.kind, size = tokenEnd, 0
	case r == '`':
		p.quoted(rest)
		return
	case plainRune(r):
		size = len(rest) - len(strings.TrimLeftFunc(rest, plainRune))
		p.kind, p.value = tokenPlain, rest[:size]
	case strings.ContainsRune("*.,()", r):
		p.kind = r
	default:
		p.kind = tokenWrong
	}
	p.offset = p.at + size
}

// quoted reads a name in back quotes.
func (p *grantParser) quoted(rest string) {
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] != '`':
			b.WriteByte(rest[i])
		case i+1 < len(rest) && rest[i+1] == '`':
			b.WriteByte('`')
			i++
		default:
			p.kind, p.value, p.offset = tokenQuoted, b.String(), p.at+i+1
			return
		}
	}
	p.fail("the back quote at byte %d has no second one", p.at)
}

func plainRune(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r == '$', r == '_', r == '-':
		return true
	}
	return r >= 0x80 && r <= 0xffff && unicode.IsLetter(r)
}

func (p *grantParser) fail(format string, values ...any) {
	if p.problem == "" {
		p.problem, p.failed = fmt.Sprintf(format, values...), p.at
	}
	p.kind = tokenEnd
}

// unexpected reports the token that stands where something else has to.
func (p *grantParser) unexpected(wanted string) {
	if p.kind == tokenEnd {
		p.fail("it ends early, expected %s", wanted)
		return
	}
	end := p.offset
	if p.kind == tokenWrong {
		_, size := utf8.DecodeRuneInString(p.text[p.at:])
		end = p.at + size
	}
	p.fail("%q at byte %d, expected %s", p.text[p.at:end], p.at, wanted)
}

// word reports whether the token is that keyword.
func (p *grantParser) word(keyword string) bool {
	return p.kind == tokenPlain && strings.EqualFold(p.value, keyword)
}

// take moves past a token of that kind, or fails.
func (p *grantParser) take(kind rune, wanted string) {
	if p.kind != kind {
		p.unexpected(wanted)
		return
	}
	p.next()
}
