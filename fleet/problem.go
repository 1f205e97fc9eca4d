package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake of a manifest.
type Problem struct {
	File         string // as Read was told
	Line, Column int    // from 1; columns count characters
	Path         string // in the document, "servers[2].hosts[0]"; "" for the document itself
	Message      string // what is wrong, with the value quoted
	Hint         string // what to write instead, "" when there is nothing to say
}

// String is "FILE:LINE:COLUMN: PATH: MESSAGE".
func (p Problem) String() string {
	path := p.Path
	if path != "" {
		path += ": "
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", p.File, p.Line, p.Column, path, p.Message)
}

// Problems is an error that lists every mistake of a manifest, in the order of
// the document. It is never empty.
type Problems []Problem

// Error is one line a mistake.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Hint is the distinct hints, one a line, in the order of the problems.
func (p Problems) Hint() string {
	var hints []string
	seen := map[string]bool{"": true}
	for _, one := range p {
		if !seen[one.Hint] {
			seen[one.Hint] = true
			hints = append(hints, one.Hint)
		}
	}
	return strings.Join(hints, "\n")
}

// place is where something stands in the text: line and column from 1, columns
// in characters. The zero place is nowhere.
type place struct{ line, column int }

func (p place) before(q place) int {
	return cmp.Or(cmp.Compare(p.line, q.line), cmp.Compare(p.column, q.column))
}

// findings collects the mistakes of a manifest. What all the identities of a
// range have wrong at one place is one finding.
type findings struct {
	list []finding
	seen map[finding1]int // index in list
}

// finding is a mistake, and of how many identities it is one.
type finding struct {
	at            place
	path          string
	message, hint string
	shape         string
	identity      int // the first one that has it, -1 for a mistake that is of none
	count         int
}

// finding1 is what the same mistakes of several identities have in common.
type finding1 struct {
	at    place
	shape string
}

// add notes a mistake that was found while the document was read.
func (f *findings) add(at place, path, hint, format string, args ...any) {
	f.list = append(f.list, finding{at: at, path: path, message: fmt.Sprintf(format, args...), hint: hint, identity: -1, count: 1})
}

// of notes a mistake of one identity. Identities come in ascending order.
func (f *findings) of(one finding) {
	one.shape = shape(one.message)
	key := finding1{one.at, one.shape}
	if f.seen == nil {
		f.seen = map[finding1]int{}
	}
	i, known := f.seen[key]
	if !known {
		f.seen[key] = len(f.list)
		f.list = append(f.list, one)
		return
	}
	switch first := f.list[i]; {
	case one.identity < first.identity:
		one.count += first.count
		f.list[i] = one
	case one.identity > first.identity:
		f.list[i].count += one.count
	case one.message != first.message: // two of one shape in one value
		f.list = append(f.list, one)
	}
}

// merge adds what was found elsewhere.
func (f *findings) merge(other *findings) {
	for _, one := range other.list {
		if one.identity < 0 {
			f.list = append(f.list, one)
			continue
		}
		f.of(one)
	}
}

// problems is all findings, in the order of the document; nil when there is none.
func (f *findings) problems(name string) Problems {
	slices.SortStableFunc(f.list, func(a, b finding) int { return a.at.before(b.at) })
	var all Problems
	told := map[finding1]bool{} // what an alias repeats is one mistake
	for _, one := range f.list {
		same := finding1{one.at, one.message}
		if told[same] {
			continue
		}
		told[same] = true
		if one.count > 1 {
			one.message += fmt.Sprintf(" (and %d more like it)", one.count-1)
		}
		all = append(all, Problem{
			File: name, Line: one.at.line, Column: one.at.column, Path: one.path, Message: shown(one.message), Hint: shown(one.hint),
		})
	}
	return all
}

// shape is a message without what differs between the identities of a range:
// quoted values and numbers.
func shape(message string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(message); i++ {
		switch c := message[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c < '0' || c > '9'):
			b.WriteByte(c)
		}
	}
	return b.String()
}
