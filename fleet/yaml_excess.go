package fleet

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// maxDepth bounds how deep brackets, dashes and keys stand in each other: the
// parser calls itself for each. maxKeys bounds the keys of a map in block style,
// for each of which the parser copies those before.
const (
	maxDepth = 64
	maxKeys  = 1000
)

// aliasFloor is how many nodes aliases may stand for in any manifest; in a longer
// one it is twice as many as it has octets, so that what is read grows with what
// is written.
const aliasFloor = 100_000

// repeats counts what an alias stands for, which whoever reads the document goes
// through again. Of an alias that goes over the bound, once, it is a finding.
func (d *document) repeats(nodes int, at place, way *trail) bool {
	d.repeated += nodes
	most := max(aliasFloor, 2*d.size)
	if d.repeated > most && !d.excessive {
		d.excessive = true
		d.found.add(at, way.String(), "shorter lists and maps behind anchors; ranges such as app-{001..500} stand for many entries",
			"the aliases up to here stand for %d values and more; %d are the most in a manifest of this size", d.repeated, most)
	}
	return !d.excessive
}

// excess is what the parser would take too long for, or too much memory; nil
// for a text of reasonable shape.
func (d *document) excess(tokens token.Tokens) *syntaxError {
	var s nesting
	for _, tk := range tokens {
		s.read(tk)
		if len(s.blocks)+s.flow+s.run > maxDepth {
			return &syntaxError{d.place(tk), fmt.Sprintf("lists and maps stand in each other more than %d deep", maxDepth)}
		}
		if n := len(s.blocks); n > 0 && s.blocks[n-1].keys > maxKeys {
			return &syntaxError{d.place(tk), fmt.Sprintf("a map has more than %d keys", maxKeys)}
		}
	}
	return nil
}

// nesting is how deep a token stands.
type nesting struct {
	flow   int     // brackets around it
	run    int     // dashes, anchors and tags right before it
	blocks []block // lists and maps in block style around it, with ascending columns
}

// block is a list or map in block style.
type block struct {
	column int
	keys   int
}

func (s *nesting) read(tk *token.Token) {
	column, dash := 0, false
	switch tk.Type {
	case token.SequenceStartType, token.MappingStartType:
		s.flow++
	case token.SequenceEndType, token.MappingEndType:
		s.flow = max(s.flow-1, 0)
	case token.SequenceEntryType, token.MappingKeyType:
		s.run++
		column, dash = tk.Position.Column, true
	case token.TagType, token.AnchorType:
		s.run++
		return
	case token.MappingValueType:
		if tk.Prev != nil {
			column = tk.Prev.Position.Column
		}
	}
	if !dash {
		s.run = 0
	}
	if column == 0 || s.flow > 0 {
		return
	}
	n := len(s.blocks)
	for n > 0 && s.blocks[n-1].column > column {
		n--
	}
	if s.blocks = s.blocks[:n]; n == 0 || s.blocks[n-1].column < column {
		s.blocks = append(s.blocks, block{column: column})
		n++
	}
	if !dash {
		s.blocks[n-1].keys++
	}
}
