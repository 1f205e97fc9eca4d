package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// table is rows of text that are printed in columns, two blanks apart and with
// none at the end of a line. On a terminal that is narrower, the column cut is
// shortened, down to narrowest: an ellipsis is its end then.
type table struct {
	rows    [][]string
	columns int // of the terminal; 0: there is none, and nothing is shortened
	cut     int
}

// narrowest is how many columns a text is not shortened below.
const narrowest = 12

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(w io.Writer) error {
	widths := t.widths()
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			if i == t.cut {
				cell = shortened(cell, widths[i])
			}
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// widths is how wide each column is.
func (t *table) widths() []int {
	var widths []int
	total := 0
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
				total += 2
			}
			if more := utf8.RuneCountInString(cell) - widths[i]; more > 0 {
				widths[i] += more
				total += more
			}
		}
	}
	if excess := total - 2 - t.columns; t.columns > 0 && excess > 0 && t.cut < len(widths) {
		widths[t.cut] = max(widths[t.cut]-excess, min(widths[t.cut], narrowest))
	}
	return widths
}

// shortened is text in at most that many columns.
func shortened(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// columns is how wide the terminal is that the result goes to, 0 when it goes to
// none.
func (t *tool) columns() int {
	out := t.out
	if checked, ok := out.(*checkedWriter); ok {
		out = checked.w
	}
	if file, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	return 0
}
