package optionfile

import (
	"strings"

	"myca/dialect"
)

// header reads "[GROUP]". Blanks before ] go, those after [ stay.
func (s *scanner) header(line *Line, text string) {
	name, _, closed := strings.Cut(text[1:], "]")
	if !closed {
		line.Kind, line.Problem = BrokenLine, "a group without ]"
		return
	}
	s.group, s.inGroup = trimRight(name), true
	line.Kind, line.Group = Group, s.group
}

// include reads a directive, "!include FILE" or "!includedir FOLDER".
func (s *scanner) include(line *Line, text string) {
	line.Optional = text[0] == '?'
	rest := trimLeft(text[1:])
	if after, found := strings.CutPrefix(rest, "includedir"); found && beginsBlank(after) {
		line.Kind, rest = IncludeDir, after
	} else if after, found := strings.CutPrefix(rest, "include"); found && beginsBlank(after) {
		line.Kind, rest = Include, after
	} else {
		line.Kind, line.Problem = Unknown, "only include and includedir are directives"
		return
	}
	line.Name = s.rules.path(rest)
	if line.Name == "" {
		line.Kind, line.Problem = BrokenLine, "a directive without a path"
	}
}

// path is the argument of an include (get_argument of my_default). Older
// readers cut the last byte off, which is taken for the newline.
func (r rules) path(text string) string {
	text = trimLeft(text)
	switch {
	case r.comment:
		text = dialect.CutOptionComment(text)
	case text != "":
		text = text[:len(text)-1]
	}
	return trimRight(text)
}

func beginsBlank(text string) bool { return text != "" && dialect.OptionBlank(text[0]) }

func trimLeft(text string) string {
	for beginsBlank(text) {
		text = text[1:]
	}
	return text
}

func trimRight(text string) string {
	for text != "" && dialect.OptionBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}
