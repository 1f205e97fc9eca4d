package optionfile

import (
	"strings"

	"myca/dialect"
)

// LineKind says what a line of an option file is.
type LineKind string

// The kinds of lines.
const (
	Blank      LineKind = "blank"
	Comment    LineKind = "comment"    // from # or ; to the end
	Group      LineKind = "group"      // [GROUP]
	Assignment LineKind = "option"     // NAME or NAME=VALUE
	Include    LineKind = "include"    // !include FILE
	IncludeDir LineKind = "includedir" // !includedir FOLDER
	// Unknown: a directive that no reader knows. It is passed over.
	Unknown LineKind = "unknown"
	// BrokenLine: the reader stops there, with an error.
	BrokenLine LineKind = "broken"
	// Unread: what MySQL does not read any more, as a line begins with a NUL.
	Unread LineKind = "unread"
)

// Line is one line of an option file, as its reader cuts the file into lines:
// at newlines, and MariaDB also after 4094 bytes; a line with a NUL goes on
// with the next for MySQL.
type Line struct {
	Raw    string // every byte of it, with the newline
	Number int    // of the file's line it begins in, from 1
	Kind   LineKind
	Group  string // of a Group line its own name, else that of the group the line stands in
	// Name is an option's name as written, or the path of an include. An option
	// can have an empty name, which no program knows.
	Name     string
	Value    string // without quotes and escapes
	HasValue bool
	Optional bool   // an include with ? (MariaDB)
	Problem  string // what is wrong with a BrokenLine or an Unknown one
}

// File is an option file, line by line: the Raw of all Lines are its bytes.
type File struct {
	Path   string
	Lines  []Line
	reader Program // who cut it into lines
}

// Parse is Program.Parse by the rules of the newest MySQL.
func Parse(path string, data []byte) File {
	return Program{Version: dialect.Version{Product: dialect.MySQL, Major: 9, Minor: -1, Patch: -1}}.Parse(path, data)
}

// Parse splits data into lines and says what each is to the program's reader.
// It never fails: what the program would not understand is a BrokenLine. Lines
// after one are read all the same.
func (p Program) Parse(path string, data []byte) File {
	r := p.rules()
	raws, texts, rest := r.split(string(data))
	f := File{Path: path, Lines: make([]Line, len(raws)), reader: p}
	s := scanner{rules: r}
	number := 1
	for i, raw := range raws {
		line := Line{Raw: raw, Number: number}
		switch {
		case rest && i == len(raws)-1:
			line.Kind, line.Group = Unread, s.group
		case r.connectorC:
			s.scanC(&line, texts[i])
		default:
			s.scan(&line, texts[i])
		}
		f.Lines[i] = line
		number += strings.Count(raw, "\n")
	}
	return f
}

// scanner says what lines are, one after the other.
type scanner struct {
	rules   rules
	group   string
	inGroup bool
	escaped bool // of Connector/C: the last line began with a backslash
}

// scan is the body of search_default_file_with_ext (mysys/my_default.c). text
// is what is seen of the line.
func (s *scanner) scan(line *Line, text string) {
	text = trimLeft(text)
	line.Group = s.group
	switch {
	case text == "":
		line.Kind = Blank
	case text[0] == '#' || text[0] == ';':
		line.Kind = Comment
	case text[0] == '!' || text[0] == '?' && s.rules.optional:
		s.include(line, text)
	case text[0] == '[':
		s.header(line, text)
	case !s.inGroup:
		line.Kind, line.Problem = BrokenLine, "an option stands before the first [group]"
	default:
		line.Kind = Assignment
		line.Name, line.Value, line.HasValue = dialect.ReadOption(text)
	}
}
