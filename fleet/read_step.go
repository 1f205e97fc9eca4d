package fleet

import (
	"fmt"
	"slices"
)

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
	for _, t := range e.singles() {
		do(t.text, t.field, memberPath(e.path(), t.field))
	}
	for _, list := range e.lists() {
		for i := range list.list {
			_, path := e.elementSpot(list.field, i)
			do(&list.list[i], list.field, path)
		}
	}
}
