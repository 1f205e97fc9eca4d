package fleet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// kind is what a node is.
type kind int

const (
	lostNode kind = iota // could not be read, which is a finding already
	nullNode
	textNode
	integerNode
	floatNode
	boolNode
	listNode
	mapNode
)

// node is a value of the document, without anchors, aliases, merge keys and
// tags.
type node struct {
	kind  kind
	at    place
	text  string  // of a scalar, as written but for quotes
	bare  bool    // of null: nothing is written
	items []*node // of a list
	pairs []pair  // of a map, each key once; its own first, then merged ones
	twice []pair  // of a map: keys that were there already
	below int     // how many nodes it holds, those of aliases counted where they stand
}

// pair is a key of a map with its value.
type pair struct {
	key   string
	at    place // of the key
	value *node
}

// String says what a node is, in a message.
func (n *node) String() string {
	switch n.kind {
	case nullNode:
		return "nothing"
	case integerNode, floatNode:
		return "the number " + n.text
	case boolNode:
		return n.text
	case listNode:
		return "a list"
	case mapNode:
		return "a map"
	}
	const most = 60 // characters
	if runes := []rune(n.text); len(runes) > most {
		return fmt.Sprintf("the text %q…", string(runes[:most]))
	}
	return fmt.Sprintf("the text %q", n.text)
}

// find is the pair of a key, nil when there is none.
func (n *node) find(key string) *pair {
	for i := range n.pairs {
		if n.pairs[i].key == key {
			return &n.pairs[i]
		}
	}
	return nil
}

// trail is the way to a node: the keys and numbers that lead there.
type trail struct {
	up    *trail // nil: the document
	key   string // of a map
	index int    // in a list, where key is ""
}

// String is the path, "servers[2].hosts[0]".
func (t *trail) String() string {
	switch {
	case t == nil:
		return ""
	case t.key == "":
		return elementPath(t.up.String(), t.index)
	}
	return memberPath(t.up.String(), t.key)
}

// convert makes a node of a syntax tree. at is the place of what holds it, for
// values of which nothing is written, and way leads to it.
func (d *document) convert(from ast.Node, at place, way *trail) *node {
	switch n := from.(type) {
	case nil:
		return &node{kind: nullNode, at: at, bare: true}
	case *ast.MappingNode:
		at = d.mapPlace(n)
		return d.convertMap(n.Values, at, way)
	case *ast.MappingValueNode:
		return d.convertMap([]*ast.MappingValueNode{n}, d.place(n.Key.GetToken()), way)
	case *ast.SequenceNode:
		list := &node{kind: listNode, at: d.place(n.Start)}
		for i, value := range n.Values {
			entry := list.at
			if i < len(n.Entries) && n.Entries[i].Start != nil {
				entry = d.place(n.Entries[i].Start)
			}
			item := d.convert(value, entry, &trail{up: way, index: i})
			list.items = append(list.items, item)
			list.below += 1 + item.below
		}
		return list
	case *ast.AnchorNode:
		value := d.convert(n.Value, d.place(n.Start), way)
		d.anchors[n.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		return d.alias(n, way)
	case *ast.TagNode:
		return d.tagged(n, at, way)
	case *ast.LiteralNode:
		return d.readable(&node{kind: textNode, at: d.place(n.Start), text: d.unmask(strings.TrimRight(n.Value.Value, "\n"))})
	}
	return d.scalar(from, at, way)
}

// mapPlace is where a map begins: its bracket or its first key.
func (d *document) mapPlace(n *ast.MappingNode) place {
	if n.IsFlowStyle || len(n.Values) == 0 {
		return d.place(n.Start)
	}
	return d.place(n.Values[0].Key.GetToken())
}

func (d *document) scalar(from ast.Node, at place, way *trail) *node {
	tk := from.GetToken()
	n := &node{text: d.unmask(tk.Value)}
	switch s := from.(type) {
	case *ast.NullNode:
		n.kind, n.bare = nullNode, tk.Type == token.ImplicitNullType
	case *ast.StringNode:
		n.kind, n.text = textNode, d.unmask(s.Value)
	case *ast.IntegerNode:
		n.kind = integerNode
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.kind = floatNode
	case *ast.BoolNode:
		n.kind = boolNode
	default:
		n.at = d.place(tk)
		d.found.add(n.at, way.String(), "texts, lists and maps", "%s cannot stand here", from.Type())
		return n
	}
	if n.bare {
		n.at = at
		return n
	}
	n.at = d.place(tk)
	return d.readable(n)
}

// readable is n, or a lost node when n has what stands for something that was
// cut out.
func (d *document) readable(n *node) *node {
	if n.kind == textNode && strings.ContainsRune(n.text, d.lost) {
		n.kind = lostNode
	}
	return n
}

// alias is the node of an anchor that stands above.
func (d *document) alias(n *ast.AliasNode, way *trail) *node {
	name, at := n.Value.GetToken().Value, d.place(n.Start)
	if value := d.anchors[name]; value != nil {
		if !d.repeats(1+value.below, at, way) {
			return &node{at: at}
		}
		return value
	}
	if d.unread == nil {
		d.found.add(at, way.String(), fmt.Sprintf("an anchor above it: %q", "&"+name), "the alias %q has no anchor", "*"+name)
	}
	return &node{at: at}
}

// tagged is a value with a tag, of which there is one that means something
// here: !!str makes a text of a scalar.
func (d *document) tagged(n *ast.TagNode, at place, way *trail) *node {
	tag := n.Start.Value
	value := d.convert(n.Value, at, way)
	here := d.place(n.Start)
	switch {
	case value.kind == lostNode:
		return value
	case tag == "!!str" && value.kind > nullNode && value.kind < listNode:
		text := *value // an alias may share it
		text.kind = textNode
		return &text
	case tag == "!!seq" && value.kind == listNode, tag == "!!map" && value.kind == mapNode:
		return value
	}
	d.found.add(here, way.String(), "leave it out", "the tag %q means nothing here", tag)
	return &node{at: here}
}

// convertMap makes a map. Merged maps are copied in, which goes from anchor to
// alias and so is done once for each map.
func (d *document) convertMap(values []*ast.MappingValueNode, at place, way *trail) *node {
	m := &node{kind: mapNode, at: at}
	known := map[string]bool{}
	var merged []*node
	for _, one := range values {
		key, keyAt := d.key(one.Key, way)
		if _, merge := one.Key.(*ast.MergeKeyNode); merge {
			merged = append(merged, d.merged(one.Value, keyAt, &trail{up: way, key: "<<"})...)
			continue
		}
		p := pair{key: key, at: keyAt, value: d.convert(one.Value, keyAt, &trail{up: way, key: key})}
		if strings.ContainsRune(key, d.lost) {
			continue
		}
		if known[key] {
			m.twice = append(m.twice, p)
			continue
		}
		known[key] = true
		m.pairs = append(m.pairs, p)
		m.below += 1 + p.value.below
	}
	for _, other := range merged {
		for _, p := range other.pairs {
			if !known[p.key] {
				known[p.key] = true
				m.pairs = append(m.pairs, p)
				m.below += 1 + p.value.below
			}
		}
	}
	return m
}

// merged is the maps that a merge key names: one, or a list of them.
func (d *document) merged(value ast.Node, at place, way *trail) []*node {
	n := d.convert(value, at, way)
	nodes := []*node{n}
	if n.kind == listNode {
		nodes = n.items
	}
	var maps []*node
	for _, one := range nodes {
		switch one.kind {
		case mapNode:
			maps = append(maps, one)
		case lostNode:
		default:
			d.found.add(one.at, way.String(), "<<: *ANCHOR, or a list of them", "only maps can be merged, not %s", one)
		}
	}
	return maps
}

// key is the text of a key.
func (d *document) key(from ast.MapKeyNode, way *trail) (string, place) {
	switch k := from.(type) {
	case *ast.StringNode:
		return d.unmask(k.Value), d.place(k.Token)
	case *ast.MappingKeyNode:
		if n := d.convert(k.Value, d.place(k.Start), way); n.kind > nullNode && n.kind < listNode {
			return n.text, n.at
		}
	case *ast.AnchorNode:
		n := d.convert(k, place{1, 1}, way)
		return n.text, n.at
	case *ast.AliasNode:
		n := d.alias(k, way)
		return n.text, d.place(k.Start)
	}
	return d.unmask(from.GetToken().Value), d.place(from.GetToken())
}

// number is a whole number: decimal, or behind 0x or 0o (YAML 1.2 section 10.3.2).
// With a mere zero in front it would be octal to some readers of YAML and decimal
// to others, so that is none.
func (n *node) number() (int64, error) {
	if based := strings.HasPrefix(n.text, "0x") || strings.HasPrefix(n.text, "0o"); based {
		return strconv.ParseInt(n.text, 0, 64)
	}
	if len(n.text) > 1 && n.text[0] == '0' {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(n.text, 10, 64)
}
