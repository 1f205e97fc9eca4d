package fleet

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxText bounds a manifest in bytes: the parser takes a hundred times that in
// memory.
const maxText = 32 << 20

// document reads the YAML of a manifest into nodes.
//
// The braces of ranges may stand in plain texts everywhere, which YAML allows
// in block style only, if at all: before the text is parsed, characters of the
// private use area that it does not have take their place. Each is one
// character, so columns stay.
type document struct {
	lines          []string // of the text that is parsed, without line breaks
	opened, closed rune     // in place of braces
	comma          rune     // in place of a comma between them
	lost           rune     // in place of what could not be parsed
	widths         []int    // in characters and one more, 0: not known yet
	found          *findings
	unread         []string             // parts that could not be parsed
	known          bool                 // of a text with such parts: a line begins a section of a manifest
	anchors        map[string]*node     // by name
	columns        map[*token.Token]int // of tokens whose own column is wrong
	size           int                  // of the text, in octets
	repeated       int                  // nodes that aliases stand for
	excessive      bool                 // those are too many
}

// read reads a text. The node is nil when there is none, and then there is at
// least one finding; where aliases go over their bound there is nothing else to
// say.
func (d *document) read(text []byte) *node {
	plain, ok := d.decode(text)
	if !ok {
		return nil
	}
	marks := privateUse(plain)
	d.opened, d.closed, d.comma, d.lost = marks[0], marks[1], marks[2], marks[3]
	d.lines = strings.Split(d.mask(plain), "\n")
	file := d.parse(len(text))
	if file == nil {
		return nil
	}
	d.size = len(text)
	root := d.single(file)
	if d.excessive {
		return nil
	}
	d.columns, d.anchors = nil, nil // they would keep the syntax tree
	if root == nil && d.unread == nil {
		d.found.add(place{1, 1}, "", "servers: and clients:, each with a list", "the manifest is empty")
	}
	return root
}

// single is the one document of a file, nil when it is empty.
func (d *document) single(file *ast.File) *node {
	var root *node
	documents := 0
	for _, doc := range file.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); directive {
			continue
		}
		documents++
		if documents > 1 {
			at := place{1, 1}
			if doc.Start != nil {
				at = d.place(doc.Start)
			} else if doc.Body != nil {
				at = d.convert(doc.Body, at, nil).at
			}
			d.found.add(at, "", "one manifest a file", "a second document begins here")
			return root
		}
		if doc.Body != nil {
			root = d.convert(doc.Body, place{1, 1}, nil)
		}
	}
	return root
}

// mask puts private characters in the place of the braces of ranges and lists,
// and of the commas of lists: what stands in braces and has two dots, or a comma
// and no colon and no quote, which no map of a manifest can be.
func (d *document) mask(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	ranges := regexp.MustCompile(`\{[^{}\[\]:"'\n]*(?:\.\.|,)[^{}\[\]:"'\n]*\}`)
	marks := strings.NewReplacer("{", string(d.opened), "}", string(d.closed), ",", string(d.comma))
	return ranges.ReplaceAllStringFunc(text, marks.Replace)
}

// unmask gives the signs back.
func (d *document) unmask(text string) string {
	if !strings.ContainsRune(text, d.opened) && !strings.ContainsRune(text, d.closed) {
		return text
	}
	return strings.NewReplacer(string(d.opened), "{", string(d.closed), "}", string(d.comma), ",").Replace(text)
}

// privateUse is four characters of the private use area that a text has
// neither as they are nor as an escape.
func privateUse(text string) [4]rune {
	used := map[rune]bool{}
	for _, r := range text {
		if unicode.Is(unicode.Co, r) {
			used[r] = true
		}
	}
	if strings.Contains(text, `\u`) || strings.Contains(text, `\U`) {
		for _, digits := range regexp.MustCompile(`(?i)[ef][0-9a-f]{3}`).FindAllString(text, -1) {
			if r, err := strconv.ParseUint(digits, 16, 32); err == nil {
				used[rune(r)] = true
			}
		}
	}
	var marks [4]rune
	n := 0
	for r := rune(0xE000); n < len(marks); r++ {
		if !used[r] {
			marks[n] = r
			n++
		}
	}
	return marks
}

// syntaxError is where and why a text is not YAML.
type syntaxError struct {
	at      place
	message string
}

// tree parses the text as it is in d.lines.
func (d *document) tree() (file *ast.File, failed *syntaxError) {
	tokens := lexer.Tokenize(strings.Join(d.lines, "\n"))
	d.columns, d.widths = columns(tokens, d.lines), nil
	if failed := d.excess(tokens); failed != nil {
		return nil, failed
	}
	defer func() {
		if r := recover(); r != nil { // the parser gives up on some texts by a panic
			file, failed = nil, &syntaxError{place{1, 1}, fmt.Sprintf("the text cannot be parsed: %v", r)}
		}
	}()
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err == nil {
		return file, nil
	}
	var s interface {
		error
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &s) || s.GetToken() == nil {
		return nil, &syntaxError{place{1, 1}, d.unmask(err.Error())}
	}
	return nil, d.syntax(s.GetToken(), s.GetMessage())
}

// syntax is the parser's error. Where it misses the end of a bracket on a later
// line, the bracket is the place.
func (d *document) syntax(tk *token.Token, message string) *syntaxError {
	e := &syntaxError{d.place(tk), shown(d.unmask(message))}
	depth := 0
	for at := tk.Prev; at != nil; at = at.Prev {
		switch at.Type {
		case token.SequenceEndType, token.MappingEndType:
			depth++
		case token.SequenceStartType, token.MappingStartType:
			if depth--; depth >= 0 {
				continue
			}
			if begin := d.place(at); begin.line < e.at.line {
				return &syntaxError{begin, fmt.Sprintf("%q is not closed", at.Value)}
			}
			return e
		}
	}
	return e
}

// shown is a message in which characters that cannot be seen are escaped.
func shown(message string) string {
	var b strings.Builder
	for _, r := range message {
		if unicode.IsGraphic(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// place is where a token stands.
func (d *document) place(tk *token.Token) place {
	p := place{min(max(tk.Position.Line, 1), len(d.lines)), max(tk.Position.Column, 1)}
	if column, ok := d.columns[tk]; ok {
		p.column = column
	}
	if d.widths == nil {
		d.widths = make([]int, len(d.lines))
	}
	width := &d.widths[p.line-1]
	if *width == 0 {
		*width = utf8.RuneCountInString(d.lines[p.line-1]) + 1
	}
	p.column = min(p.column, *width)
	return p
}
