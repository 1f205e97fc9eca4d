package optionfile

import (
	"strings"

	"myca/dialect"
)

// scanC is the body of _mariadb_read_options_from_file of MariaDB Connector/C
// (libmariadb/ma_default.c): blanks are those of C, a line that begins with a
// quote is passed over, there are no comments after a value, an include has
// exactly one blank before its path, and an option needs a value: without one
// its newline counts as part of the name.
func (s *scanner) scanC(line *Line, text string) {
	line.Group = s.group
	text = strings.TrimLeft(text, blanksC)
	quoted := !s.escaped && text != "" && (text[0] == '"' || text[0] == '\'')
	switch {
	case quoted:
		line.Kind = Comment
		return
	case text != "" && text[0] == '!':
		s.includeC(line, text[1:])
		return
	case text == "":
		line.Kind = Blank
		return
	case text[0] == '#' || text[0] == ';':
		line.Kind = Comment
		return
	}
	s.escaped = text[0] == '\\'
	switch {
	case text[0] == '[':
		s.headerC(line, text)
	case !s.inGroup:
		line.Kind, line.Problem = BrokenLine, "an option stands before the first [group]"
	default:
		s.optionC(line, text)
	}
}

const blanksC = "\t\n\v\f\r "

func (s *scanner) includeC(line *Line, text string) {
	keyword, path, _ := strings.Cut(text, " ")
	line.Name = strings.TrimRight(path, blanksC)
	switch keyword {
	case "include":
		line.Kind = Include
	case "includedir":
		line.Kind = IncludeDir
	default:
		line.Kind, line.Problem = Unknown, "only include and includedir are directives, with a blank after them"
	}
}

func (s *scanner) headerC(line *Line, text string) {
	name, _, closed := strings.Cut(text[1:], "]")
	if !closed {
		line.Kind, line.Problem = BrokenLine, "a group without ]"
		return
	}
	s.group, s.inGroup = strings.TrimRight(name, blanksC), true
	line.Kind, line.Group = Group, s.group
}

func (s *scanner) optionC(line *Line, text string) {
	line.Kind = Assignment
	name, value, hasValue := strings.Cut(text, "=")
	line.Name, line.HasValue = strings.TrimRight(name, blanksC), hasValue
	if !hasValue {
		line.Name = text
		return
	}
	value = strings.Trim(value, blanksC)
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		value = value[1:]
		if n := len(value); n > 0 && (value[n-1] == '"' || value[n-1] == '\'') {
			value = value[:n-1]
		}
	}
	line.Value = dialect.UnescapeOption(value)
}
