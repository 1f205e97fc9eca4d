package check

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cells is s as a terminal shows it, one cell a byte or character: what is not
// of one column, or not to be shown (controls, marks of writing direction,
// octets that are no characters), is \xHH for each byte.
func cells(s string) []string {
	list := make([]string, 0, len(s))
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		const wide = 0x1100 // from here on there are characters of two columns
		if r != utf8.RuneError && r < wide && unicode.IsPrint(r) && !unicode.Is(unicode.M, r) {
			list = append(list, s[:size])
		} else {
			size = 1
			list = append(list, fmt.Sprintf(`\x%02X`, s[0]))
		}
		s = s[size:]
	}
	return list
}

// safe is s with what no terminal should get as \xHH.
func safe(s string) string { return strings.Join(cells(s), "") }

// marks is what of two names is marked.
type marks int

const (
	byteMarks      marks = iota // bytes that differ
	attributeMarks              // attributes that are not in their place
	noMarks                     // nothing: all differs
)

// marksOf is how names are marked that these changes make the same.
func marksOf(c change, notation bool) marks {
	switch {
	case notation:
		return noMarks
	case c&order != 0:
		return attributeMarks
	}
	return byteMarks
}

// marked is both names, a line each, and a line of carets under what differs in
// the second; where bytes of the first are missing there, under the one that
// follows.
func marked(required, near string, how marks) string {
	a, b := cells(required), cells(near)
	names := strings.Join(a, "") + "\n" + strings.Join(b, "")
	var marks []bool
	switch how {
	case noMarks:
		return names
	case attributeMarks:
		marks = misplaced(required, near, len(b)+1)
	default:
		marks = unlike(a, b)
	}
	var carets strings.Builder
	for j, mark := range marks {
		width := 1
		if j < len(b) {
			width = utf8.RuneCountInString(b[j])
		}
		sign := " "
		if mark {
			sign = "^"
		}
		carets.WriteString(strings.Repeat(sign, width))
	}
	return names + "\n" + strings.TrimRight(carets.String(), " ")
}

// misplaced marks the attributes of near that stand elsewhere in required.
func misplaced(required, near string, size int) []bool {
	marks := make([]bool, 0, size)
	places := split(required, false)
	for i, attribute := range split(near, false) {
		elsewhere := i >= len(places) || places[i] != attribute
		marks = append(marks, false) // the slash
		for range cells(attribute) {
			marks = append(marks, elsewhere)
		}
	}
	return marks
}

// unlike marks the cells of b that have no counterpart in a by a longest common
// subsequence, and, where a has cells that b lacks, the place in b (which can be
// its end).
func unlike(a, b []string) []bool {
	marks := make([]bool, len(b)+1)
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < min(len(a), len(b))-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	a, b = a[start:len(a)-end], b[start:len(b)-end]
	if len(b) == 0 {
		marks[start] = len(a) > 0
		return marks
	}
	const limit = 1 << 20 // cells of the table; beyond, all of the middle is marked
	if len(a)*len(b) > limit {
		for j := range b {
			marks[start+j] = true
		}
		return marks
	}
	markUncommon(marks[start:], a, b)
	return marks
}

func markUncommon(marks []bool, a, b []string) {
	// common[i][j] is the length of what a[i:] and b[j:] have in common.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j, missing, added := 0, 0, false, false
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			marks[j] = marks[j] || missing && !added
			i, j, missing, added = i+1, j+1, false, false
		case j < len(b) && (i == len(a) || common[i][j+1] >= common[i+1][j]):
			marks[j], added = true, true
			j++
		default:
			missing = true
			i++
		}
	}
	marks[j] = marks[j] || missing && !added
}
