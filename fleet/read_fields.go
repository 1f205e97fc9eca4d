package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
	case n.kind == mapNode && namesFile(n):
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

// namesFile says whether a map has the key file, one that was meant to be it, or
// none at all.
func namesFile(n *node) bool {
	return len(n.pairs) == 0 || slices.ContainsFunc(n.pairs, func(p pair) bool {
		return p.key == secretFile || nearest(p.key, passwordField().fields) != nil
	})
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
