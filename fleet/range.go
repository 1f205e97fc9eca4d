package fleet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxIdentities bounds a manifest.
const maxIdentities = 1_000_000

// template is a text of a manifest. A text with ranges, {1..3} or {eu,us},
// stands for as many texts as each of them has values: they go in step.
type template struct {
	text  string // without ranges; "" when there are some
	parts []part // nil when there are none
	count int    // how many texts it stands for; 1 without ranges
}

// part is a piece of a text: as it is, or a range.
type part struct {
	literal string
	first   int      // of a range of numbers
	width   int      // of its numbers, filled with zeros; 0: as they are
	list    []string // of a list
	count   int      // 0: not a range
}

// rangeError says what is wrong with the range of a text.
type rangeError struct{ message, fix string }

func (e *rangeError) Error() string { return e.message }

// Hint is what to write instead.
func (e *rangeError) Hint() string { return e.fix }

const rangeHint = `a range is {1..3} or {001..500}, a list {eu,us}; \{ is a plain brace`

// numbers and almost are a range of numbers, and what somebody might take for
// one.
const (
	numbersPattern = `^([0-9]+)\.\.([0-9]+)$`
	almostPattern  = `^[^{}]*\.\.`
)

// rangeReader reads the ranges of texts.
type rangeReader struct{ numbers, almost *regexp.Regexp }

func newRangeReader() rangeReader {
	return rangeReader{regexp.MustCompile(numbersPattern), regexp.MustCompile(almostPattern)}
}

// read reads a text: {FIRST..LAST} is a range of numbers, zeros in front of
// either give all the longer one's width; {A,B,…} is a list, whose texts have
// no blanks at their ends; \{ is a brace; other braces are themselves. A
// backslash before another character stays, and \\{ does not begin with \{, so
// that the escapes of names and patterns keep their meaning. The error is a
// *rangeError.
func (r rangeReader) read(text string) (template, error) {
	if !strings.Contains(text, "{") {
		return template{text: text, count: 1}, nil
	}
	t := template{count: 1}
	var plain strings.Builder
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, `\{`):
			plain.WriteByte('{')
			i += 2
			continue
		case strings.HasPrefix(rest, `\\`):
			plain.WriteString(`\\`)
			i += 2
			continue
		case rest[0] != '{':
			plain.WriteByte(rest[0])
			i++
			continue
		}
		one, size, err := r.one(rest)
		if err != nil {
			return template{}, err
		}
		if one.count == 0 {
			plain.WriteByte('{')
			i++
			continue
		}
		if t.parts != nil && t.count != one.count {
			return template{}, &rangeError{
				fmt.Sprintf("the ranges of %q have %d and %d values; they go in step", text, t.count, one.count), "ranges of the same length",
			}
		}
		t.count = one.count
		t.parts = append(t.parts, part{literal: plain.String()}, one)
		plain.Reset()
		i += size
	}
	if t.parts == nil {
		t.text = plain.String()
		return t, nil
	}
	t.parts = append(t.parts, part{literal: plain.String()})
	return t, nil
}

// one reads what begins with a brace: a range and its size in the text, or a
// part without count when it is none.
func (r rangeReader) one(text string) (part, int, error) {
	inner, _, closed := strings.Cut(text[1:], "}")
	if !closed || strings.Contains(inner, "{") {
		if r.almost.MatchString(inner) {
			return part{}, 0, &rangeError{fmt.Sprintf("the range %q is not closed", text), rangeHint}
		}
		return part{}, 0, nil
	}
	size := len(inner) + 2
	if ends := r.numbers.FindStringSubmatch(inner); ends != nil {
		p, err := numberRange(text[:size], ends[1], ends[2])
		return p, size, err
	}
	if strings.Contains(inner, ",") {
		list := strings.Split(inner, ",")
		for i := range list {
			if list[i] = strings.TrimSpace(list[i]); list[i] == "" {
				return part{}, 0, &rangeError{fmt.Sprintf("the list %q has an empty element", text[:size]), rangeHint}
			}
		}
		return part{list: list, count: len(list)}, size, nil
	}
	if strings.Contains(inner, "..") {
		return part{}, 0, &rangeError{fmt.Sprintf("%q is no range: it goes from one whole number to another", text[:size]), rangeHint}
	}
	return part{}, 0, nil
}

func numberRange(text, from, to string) (part, error) {
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil {
		return part{}, &rangeError{fmt.Sprintf("the range %q has numbers that are too large", text), rangeHint}
	}
	if last < first {
		return part{}, &rangeError{fmt.Sprintf("the range %q descends", text), fmt.Sprintf("{%s..%s}", to, from)}
	}
	if last-first >= maxIdentities {
		return part{}, &rangeError{fmt.Sprintf("the range %q has more than %d values", text, maxIdentities), "several manifests, each with a store of its own"}
	}
	p := part{first: first, count: last - first + 1}
	if padded(from) || padded(to) {
		p.width = max(len(from), len(to))
	}
	return p, nil
}

func padded(number string) bool { return len(number) > 1 && number[0] == '0' }

// constant says whether the text has no ranges.
func (t template) constant() bool { return t.parts == nil }

// at is the text for the value i of the ranges, from 0.
func (t template) at(i int) string {
	if t.parts == nil {
		return t.text
	}
	var b []byte
	for _, p := range t.parts {
		switch {
		case p.list != nil:
			b = append(b, p.list[i]...)
		case p.count > 0:
			number := strconv.Itoa(p.first + i)
			for n := len(number); n < p.width; n++ {
				b = append(b, '0')
			}
			b = append(b, number...)
		default:
			b = append(b, p.literal...)
		}
	}
	return string(b)
}
