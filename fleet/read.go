package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"myca/ca"
	"myca/dialect"
	"myca/issue"
)

// Read reads a manifest; name is what messages call it. The error is Problems.
//
// What could be read is checked even where other parts are no YAML. Every
// identity is checked, on all processors.
func Read(name string, text []byte, g Ground) (*Manifest, error) {
	r := &reader{ground: g, found: &findings{}, ranges: newRangeReader(), owners: map[string]error{}}
	r.m.Name = name
	r.single = r.checks()
	d := &document{found: r.found, anchors: map[string]*node{}}
	if root := d.read(text); root != nil {
		r.unread = d.unread
		r.manifest(root)
		r.check()
	}
	d.controls()
	if problems := r.found.problems(name); problems != nil {
		return nil, problems
	}
	return &r.m, nil
}

// reader makes a manifest of the nodes of a document.
type reader struct {
	ground   Ground
	found    *findings
	m        Manifest
	defaults entry
	ranges   rangeReader
	unread   []string         // of the document, where names of servers may stand
	fixed    bool             // no ranges here
	e        *entry           // that is read
	prefix   string           // of the fields of e that are read
	owner    sync.Mutex       // of owners
	owners   map[string]error // what is known of them
	signer   *ca.Authority    // that identities are checked with
	single   map[string]func(string) error
}

// object is a map with the fields of a table.
type object struct {
	path   string
	fields []field
	values []*node
}

// get is the value of a field, nil when it is not there.
func (o object) get(name string) *node {
	for i := range o.fields {
		if o.fields[i].name == name {
			return o.values[i]
		}
	}
	return nil
}

// object reads a map: it reports keys that are not known, that are there twice,
// and that are missing. A misspelt key counts as the one that was meant.
func (r *reader) object(n *node, path string, fields []field) (object, bool) {
	o := object{path: path, fields: fields, values: make([]*node, len(fields))}
	switch n.kind {
	case lostNode:
		return o, false
	case mapNode:
	case nullNode:
		r.found.add(n.at, path, names(fields), "%s is empty", lastOf(path))
		return o, false
	default:
		r.found.add(n.at, path, names(fields), "%s is %s where a map is due", lastOf(path), n)
		return o, false
	}
	for _, p := range n.twice {
		r.found.add(p.at, memberPath(path, p.key), "leave one of them out", "the key %q is there already, in line %d", p.key, n.find(p.key).at.line)
	}
	var unknown []pair
	for _, p := range n.pairs {
		if i := indexOf(fields, p.key); i >= 0 {
			o.values[i] = p.value
		} else {
			unknown = append(unknown, p)
		}
	}
	for _, p := range unknown {
		hint := names(fields)
		if meant := nearest(p.key, fields); meant != nil {
			hint = meant.name
			if i := indexOf(fields, meant.name); o.values[i] == nil {
				o.values[i] = p.value
			}
		}
		r.found.add(p.at, memberPath(path, p.key), hint, "there is no key %q here", p.key)
	}
	for i, f := range fields {
		if f.required && o.values[i] == nil {
			r.found.add(n.at, path, f.name+": "+f.about, "the key %q is missing", f.name)
			o.values[i] = &node{at: n.at}
		}
	}
	return o, true
}

func indexOf(fields []field, name string) int {
	for i := range fields {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

// lastOf is what a path leads to, in a message.
func lastOf(path string) string {
	switch {
	case path == "":
		return "the manifest"
	case strings.HasSuffix(path, "]") && !strings.Contains(path, "."):
		return "the entry"
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}

// spoil notes that a field of what is read is wrong.
func (r *reader) spoil(name string) { r.e.spoil(r.prefix + name) }

// text reads a field that is a text.
func (r *reader) text(o object, name string) text {
	n := o.get(name)
	if n == nil {
		return text{template: template{count: 1}}
	}
	t, ok := r.scalar(n, memberPath(o.path, name))
	if !ok {
		r.spoil(name)
	}
	return t
}

// scalar reads a text; ok is false when it is none, which is a finding.
func (r *reader) scalar(n *node, path string) (t text, ok bool) {
	t = text{where: n.at, from: r.scope(), template: template{count: 1}}
	what := lastOf(path)
	switch {
	case n.kind == lostNode:
		return t, false
	case n.kind == nullNode:
		r.found.add(n.at, path, "leave it out, or write a text", "%s is empty", what)
		return t, false
	case n.kind != textNode:
		hint := "write one text"
		if n.kind < listNode {
			hint = "quote it: " + strconv.Quote(n.text)
		}
		r.found.add(n.at, path, hint, "%s is %s where a text is due", what, n)
		return t, false
	case strings.TrimSpace(n.text) == "":
		r.found.add(n.at, path, "leave it out, or write a text", "%s is empty", what)
		return t, false
	}
	template, err := r.ranges.read(n.text)
	if err != nil {
		r.found.add(n.at, path, hintOf(err), "%s", err)
		return t, false
	}
	if r.fixed && !template.constant() {
		r.found.add(n.at, path, "ranges in the entries of servers and clients", "%q has a range, which only entries can have", n.text)
		return t, false
	}
	t.template = template
	return t, true
}

func (r *reader) scope() scope {
	if r.e == &r.defaults {
		return inherited
	}
	return own
}

// texts reads a field that is a list of texts. An account may be one text.
func (r *reader) texts(o object, name string) textList {
	n, path := o.get(name), memberPath(o.path, name)
	if n == nil {
		return textList{}
	}
	t := textList{where: n.at, from: r.scope()}
	items := n.items
	switch {
	case n.kind == lostNode:
		r.spoil(name)
		return t
	case n.kind == textNode && o.fields[indexOf(o.fields, name)].shape == textOrs:
		items, t.plain = []*node{n}, true
	case n.kind != listNode && n.kind != nullNode:
		due, hint := "a list", "a list: [a, b]"
		if n.kind < listNode {
			hint = fmt.Sprintf("a list: [%q]", n.text)
		}
		if o.fields[indexOf(o.fields, name)].shape == textOrs {
			due, hint = "a text or a list of them", strings.TrimPrefix(hint, "a list: ")
		}
		r.found.add(n.at, path, hint, "%s is %s where %s is due", name, n, due)
		r.spoil(name)
		return t
	case len(items) == 0:
		r.found.add(n.at, path, "leave it out, or write what belongs there", "%s is empty", name)
		r.spoil(name)
		return t
	}
	for i, item := range items {
		at := path
		if !t.plain {
			at = elementPath(path, i)
		}
		one, ok := r.scalar(item, at)
		if !ok {
			r.spoil(name)
		}
		t.list = append(t.list, one)
	}
	if t.constant() {
		for i := range t.list {
			t.fixed = append(t.fixed, t.list[i].text)
		}
	}
	return t
}

// flag reads a field that is true or false.
func (r *reader) flag(o object, name string) bool {
	n := o.get(name)
	if n == nil || n.kind == lostNode {
		return false
	}
	if n.kind != boolNode {
		r.found.add(n.at, memberPath(o.path, name), "true or false, without quotes", "%s is %s where true or false is due", name, n)
		r.spoil(name)
		return false
	}
	return strings.EqualFold(n.text, "true")
}

// maxDays bounds a validity: a hundred years, as on the command line.
const maxDays = 36525

// days reads the field days.
func (r *reader) days(o object) number {
	n := o.get(fieldDays)
	if n == nil {
		return number{}
	}
	hint := fieldDays + ": 365"
	days := number{where: n.at, from: r.scope()}
	if n.kind == integerNode {
		value, err := n.number()
		if err == nil && value >= 1 && value <= maxDays {
			days.value = int(value)
			return days
		}
	}
	switch n.kind {
	case lostNode:
	case integerNode, floatNode:
		r.found.add(n.at, memberPath(o.path, fieldDays), hint, "days is %s, which is not a whole number from 1 to %d", n, maxDays)
	default:
		r.found.add(n.at, memberPath(o.path, fieldDays), hint, "days is %s where a whole number from 1 to %d is due", n, maxDays)
	}
	r.spoil(fieldDays)
	return days
}

const passwordHint = "password: none (the certificate alone opens the account), random (one is made and kept), or {file: PATH}"

// password reads the field password. What is there instead may be a password,
// so it is not repeated.
func (r *reader) password(o object) secret {
	n := o.get(fieldPassword)
	if n == nil {
		return secret{}
	}
	path := memberPath(o.path, fieldPassword)
	s := secret{where: n.at, from: r.scope()}
	switch {
	case n.kind == lostNode:
		r.spoil(fieldPassword)
	case n.kind == textNode && (n.text == secretNone || n.text == secretRandom):
		s.mode = n.text
	case n.kind == mapNode:
		s.mode = secretFile
		inner, _ := r.object(n, path, passwordField().fields)
		before := len(r.found.list)
		r.prefix = fieldPassword + "."
		s.file = r.text(inner, secretFile)
		r.prefix = ""
		file := s.file.at(0)
		if strings.ContainsFunc(file, isControl) {
			r.found.add(s.file.where, memberPath(path, secretFile), "a path without control characters", "the path %q has a control character", file)
		}
		if len(r.found.list) > before || r.e.bad[fieldPasswordFile] {
			r.spoil(fieldPassword)
		}
	default:
		r.found.add(n.at, path, passwordHint, "password is none of: none, random, {file: PATH}; a password itself never stands in a manifest")
		r.spoil(fieldPassword)
	}
	return s
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// manifest reads the document.
func (r *reader) manifest(root *node) {
	before := len(r.found.list)
	o, ok := r.object(root, "", manifestFields())
	if !ok {
		return
	}
	r.fixed = true
	r.authority(o.get("ca"))
	r.e = &r.defaults
	if n := o.get("defaults"); n != nil {
		if inner, ok := r.object(n, "defaults", defaultFields()); ok {
			r.common(inner, &r.defaults)
			r.defaults.count = 1
			r.settle(&r.defaults)
		} else {
			r.spoilDefaults()
		}
	}
	r.fixed = false
	servers, clients := o.get("servers"), o.get("clients")
	if o.get("ca") == nil && servers == nil && clients == nil && len(r.found.list) == before && r.unread == nil {
		r.found.add(root.at, "", "servers: and clients:, each with a list", "the manifest has neither servers nor clients, nor an authority")
	}
	r.section(servers, "servers", issue.Server, serverFields())
	r.section(clients, "clients", issue.Client, clientFields())
}

// spoilDefaults notes that nothing is known of the defaults.
func (r *reader) spoilDefaults() {
	for _, f := range defaultFields() {
		r.defaults.spoil(f.name)
	}
}

// section reads the entries of servers or clients.
func (r *reader) section(n *node, name string, kind issue.Kind, fields []field) {
	switch {
	case n == nil || n.kind == lostNode:
		return
	case n.kind == nullNode:
		r.found.add(n.at, name, "leave it out, or write []", "%s is empty", name)
		return
	case n.kind != listNode:
		r.found.add(n.at, name, "a list: each entry begins with a dash", "%s is %s where a list is due", name, n)
		return
	}
	total := r.m.Len()
	for i, item := range n.items {
		e := r.entry(item, kind, i, fields)
		if e.count == 0 {
			continue
		}
		if total+e.count > maxIdentities {
			r.found.add(e.where, e.path(), "several manifests, each with a store of its own",
				"the manifest has more than %d servers and clients, counted up to here", maxIdentities)
			r.m.entries = nil
			return
		}
		e.first = total
		total += e.count
		r.m.entries = append(r.m.entries, e)
	}
}

// step finds how many identities the ranges of an entry make. What has another
// length than most of them is wrong.
func (r *reader) step(e *entry) {
	var ranged []spanned
	each(e, func(t *text, field, path string) {
		if !t.constant() && t.from == own {
			ranged = append(ranged, spanned{t, field, path})
		}
	})
	if len(ranged) == 0 {
		return
	}
	slices.SortStableFunc(ranged, func(a, b spanned) int { return a.t.where.before(b.t.where) })
	most := 0
	votes := map[int]int{}
	for i, one := range ranged {
		votes[one.t.count]++
		if n := ranged[most].t.count; i > 0 && votes[one.t.count] > votes[n] {
			most = i
		}
	}
	e.count = ranged[most].t.count
	for _, one := range ranged {
		if one.t.count == e.count {
			continue
		}
		r.found.add(one.t.where, one.path, fmt.Sprintf("ranges of %d values", e.count),
			"the range has %d values, that in line %d, column %d has %d; the ranges of an entry go in step",
			one.t.count, ranged[most].t.where.line, ranged[most].t.where.column, e.count)
		one.t.template = template{count: 1}
		e.spoil(one.field)
	}
}

// spanned is a text with ranges.
type spanned struct {
	t           *text
	field, path string
}

// each goes through the texts of an entry.
func each(e *entry, do func(t *text, field, path string)) {
	for field, t := range e.singles() {
		do(t, field, memberPath(e.path(), field))
	}
	for field, list := range e.lists() {
		for i := range list.list {
			_, path := e.elementSpot(field, i)
			do(&list.list[i], field, path)
		}
	}
}

// target is what holds where neither an entry nor the defaults name one.
func (r *reader) target() dialect.Version {
	if r.ground.Target.Product == "" {
		return dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}
	}
	return r.ground.Target
}
