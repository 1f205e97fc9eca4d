package main

import (
	"fmt"
	"strings"
)

// tally keeps notices, those that say the same of many pairs once, and of those
// that ask for nothing to be run no more than mostNotices.
type tally struct {
	whole bool // each is kept, with --verbose
	list  []tallied
	known map[string]int // the number in list of a notice
	plain int            // how many in list ask for nothing to be run
	other int            // how many are not in list
}

// tallied is a line about the first pair of which a notice is true.
type tallied struct {
	line string
	more int
}

const mostNotices = 20

// add adds notice, which line says of one pair.
func (t *tally) add(notice, line string) {
	at, known := t.known[notice]
	run := asksToRun(notice)
	switch {
	case known && !t.whole:
		t.list[at].more++
		return
	case !run && !t.whole && t.plain == mostNotices:
		t.other++
		return
	case !run:
		t.plain++
	}
	if t.known == nil {
		t.known = map[string]int{}
	}
	t.known[notice] = len(t.list)
	t.list = append(t.list, tallied{line: line})
}

// lines is what is printed. What a run left out its user sees no more.
func (t *tally) lines(dryRun bool) []string {
	var lines []string
	for _, one := range t.list {
		if one.more > 0 {
			one.line += fmt.Sprintf(" (and so for %d more)", one.more)
		}
		lines = append(lines, one.line)
	}
	switch {
	case t.other > 0 && dryRun:
		lines = append(lines, plural(t.other, "notice")+" more: --verbose lists each")
	case t.other > 0:
		lines = append(lines, plural(t.other, "notice")+" more, which --verbose lists, also with --dry-run beforehand")
	}
	return lines
}

// asksToRun says whether a text has a statement or a command that somebody is to
// run: such a text is printed in full, as it comes only once.
func asksToRun(text string) bool {
	for _, begin := range []string{"DROP USER ", "REVOKE ", "ALTER USER ", "SET PASSWORD ", "GRANT ", "myca "} {
		if strings.Contains(text, begin) {
			return true
		}
	}
	return false
}
