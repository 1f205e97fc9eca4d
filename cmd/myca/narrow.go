package main

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// helpWidth is how many columns a line of help has at most.
const helpWidth = 100

// narrow is a writer that folds lines of more than width columns at blanks, and
// after bars. What
// is folded goes on below the last column of a table, which two blanks precede.
// The last line is written when it has its end.
type narrow struct {
	w     io.Writer
	width int
	line  []byte // without its end yet
}

func (f *narrow) Write(p []byte) (int, error) {
	f.line = append(f.line, p...)
	end := bytes.LastIndexByte(f.line, '\n') + 1
	var folded strings.Builder
	for line := range strings.Lines(string(f.line[:end])) {
		f.fold(&folded, line)
	}
	f.line = f.line[end:]
	_, err := io.WriteString(f.w, folded.String())
	return len(p), err
}

func (f *narrow) fold(to *strings.Builder, line string) {
	indent := strings.LastIndex(strings.TrimRight(line, " \n"), "  ") + 2
	if indent < 2 || indent > f.width*2/3 {
		indent = len(line) - len(strings.TrimLeft(line, " "))
	}
	for utf8.RuneCountInString(line) > f.width+1 { // with its end
		end, rest := f.cut(line, indent)
		if rest == 0 {
			break // one long word
		}
		to.WriteString(line[:end] + "\n")
		line = strings.Repeat(" ", indent) + line[rest:]
	}
	to.WriteString(line)
}

// cut is where the first part of a line ends and the rest begins; the rest is 0
// when there is no such place after indent.
func (f *narrow) cut(line string, indent int) (end, rest int) {
	column := 0
	for i, r := range line {
		if column > f.width {
			break
		}
		switch {
		case i <= indent:
		case r == ' ':
			end, rest = i, i+1
		case r == '|' && column < f.width:
			end, rest = i+1, i+1
		}
		column++
	}
	return end, rest
}
