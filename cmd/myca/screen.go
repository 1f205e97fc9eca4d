package main

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// screenWriter is the terminal as promptui should see it. It drops the bell
// that readline rings at every backspace and arrow, and keeps every line within
// the width of the terminal: promptui moves up one row for each line to draw it
// again, so that a line that wraps would stand there once for every key.
type screenWriter struct{ w io.Writer }

func (s *screenWriter) Write(p []byte) (int, error) {
	lines := strings.SplitAfter(strings.ReplaceAll(string(p), "\a", ""), "\n")
	columns := s.columns()
	for i, line := range lines {
		lines[i] = fit(line, columns)
	}
	_, err := io.WriteString(s.w, strings.Join(lines, ""))
	return len(p), err
}

func (*screenWriter) Close() error { return nil }

func (s *screenWriter) columns() int {
	if file, ok := s.w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 20 {
			return width
		}
	}
	return 80
}

// fit shortens a line that is wider than the terminal: an ellipsis takes the
// place of its middle, so that the question and the end of the answer, where
// the cursor is, stay. Escape sequences have no width and stay all.
func fit(line string, columns int) string {
	width := 0
	eachRune(line, func(string) { width++ })
	excess := width - (columns - 1)
	if excess <= 0 {
		return line
	}
	from := min(20, columns/3) // of the question
	var b strings.Builder
	n, rest := 0, line
	for rest != "" {
		escape, visible, after := nextRune(rest)
		b.WriteString(escape)
		switch {
		case n == from:
			b.WriteString("…")
		case n < from || n > from+excess:
			b.WriteString(visible)
		}
		if visible != "" {
			n++
		}
		rest = after
	}
	return b.String()
}

func eachRune(line string, do func(string)) {
	for rest := line; rest != ""; {
		var visible string
		if _, visible, rest = nextRune(rest); visible != "" {
			do(visible)
		}
	}
}

// nextRune splits the next rune that takes a column off text, with what stands
// before it and takes none: escape sequences (ESC [ … letter) and controls.
func nextRune(text string) (escape, visible, rest string) {
	i := 0
	for i < len(text) {
		switch {
		case strings.HasPrefix(text[i:], "\x1b["):
			i += 2
			for i < len(text) && (text[i] < '@' || text[i] > '~') {
				i++
			}
			i = min(i+1, len(text))
		case text[i] < ' ':
			i++
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			return text[:i], text[i : i+size], text[i+size:]
		}
	}
	return text, "", ""
}
