package deploy

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"

	"myca/optionfile"
)

// Diff is the change of an option file in the unified format, with secrets as
// ***** and control characters as escapes; "" when nothing changes. Old is nil
// for a file that is made.
func Diff(path string, old, changed []byte) string {
	from := path
	if old == nil {
		from = "/dev/null"
	}
	text := string(diff.Diff(from, old, path, changed))
	if text == "" {
		return ""
	}
	_, text, _ = strings.Cut(text, "\n") // "diff OLD NEW"
	var b strings.Builder
	headers := 2 // --- and +++
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if headers--; headers < 0 {
			line = masked(line)
		}
		b.WriteString(visible(line) + "\n")
	}
	return b.String()
}

// masked is a line of a hunk with ***** for what may be secret: the value of an
// option, commented out or not, or what follows the first word of a comment.
func masked(line string) string {
	if line == "" || line[0] == '@' || line[0] == '\\' {
		return line
	}
	text := strings.TrimLeft(line[1:], " \t\r\v\f")
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "!") {
		return line
	}
	option := strings.TrimLeft(text, "#; \t\r\v\f")
	const between = "=: \t\r\v\f"
	name := option
	if i := strings.IndexAny(option, between); i >= 0 {
		name = option[:i]
	}
	value := strings.TrimLeft(option[len(name):], between)
	if value == "" || !optionfile.Secret(name, value) {
		return line
	}
	return strings.TrimSuffix(line, value) + "*****"
}

// visible is the line with what a terminal might act on written as an escape.
func visible(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, line[i])
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' && r != '\t', r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}
