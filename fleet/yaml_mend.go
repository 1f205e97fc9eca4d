package fleet

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxParsed bounds in bytes what is parsed altogether while broken parts are
// cut out, and maxMended how many those are.
const (
	maxParsed = 32 << 20
	maxMended = 100
)

// parse parses d.lines. A part that is not YAML, an entry or else a section, is
// a finding, and is cut out so that the rest can be read. nil: nothing could
// be.
func (d *document) parse(size int) *ast.File {
	for tries := 0; ; tries++ {
		file, failed := d.tree()
		if failed == nil {
			return file
		}
		if tries == 0 {
			d.known = d.hasSection()
		}
		begin, end, path := d.part(failed.at.line - 1)
		first := d.lines[begin]
		if !strings.ContainsRune(first, d.lost) {
			d.found.add(failed.at, path, syntaxHint(failed.message), "%s", failed.message)
		}
		d.unread = append(d.unread, d.unmask(strings.Join(d.lines[begin:end], "\n")))
		if tries == maxMended || (tries+1)*size > maxParsed || strings.ContainsRune(first, d.lost) || strings.TrimSpace(first) == "" {
			return nil
		}
		d.lines[begin] = d.replacement(first)
		for i := begin + 1; i < end; i++ {
			d.lines[i] = ""
		}
	}
}

// syntaxHint is what to do about an error of the parser.
func syntaxHint(message string) string {
	switch {
	case strings.Contains(message, `'\t'`):
		return "indent with blanks"
	case strings.Contains(message, "reserved character"):
		return "quote the text"
	case strings.Contains(message, "unknown escape"):
		return "a backslash in double quotes is written twice; in single quotes it is one"
	case strings.Contains(message, "end character"):
		return "close the quote"
	case strings.Contains(message, "is not closed"), strings.Contains(message, "not found"), strings.Contains(message, "could not find flow mapping end"):
		return "close the bracket"
	}
	return "quote texts that hold : # , [ ] { } or begin with a sign"
}

// part is the lines, from begin to before end, of the entry that line is in;
// outside entries, of its section. The path is that of either, "" when it is not
// known.
func (d *document) part(line int) (begin, end int, path string) {
	begin = line
	for begin > 0 && !d.isHeader(begin) {
		begin--
	}
	end = line + 1
	for end < len(d.lines) && !d.isHeader(end) {
		end++
	}
	key, _, ok := strings.Cut(d.lines[begin], ":")
	if i := indexOf(manifestFields(), key); ok && i >= 0 {
		path = key
	}
	dash := slices.IndexFunc(d.lines[begin:end], isEntry)
	if dash < 0 || begin+dash > line {
		return begin, end, path
	}
	depth := indentation(d.lines[begin+dash])
	entry := func(i int) bool { return isEntry(d.lines[i]) && indentation(d.lines[i]) == depth }
	first, last := begin+dash, end
	for begin = line; !entry(begin); {
		begin--
	}
	for end = line + 1; end < last && !entry(end); {
		end++
	}
	if path != "" {
		before := 0
		for i := first; i < begin; i++ {
			if entry(i) {
				before++
			}
		}
		path = elementPath(path, before)
	}
	return begin, end, path
}

// hasSection says whether a line begins a section of a manifest; in flow style
// that may be indented.
func (d *document) hasSection() bool {
	fields := manifestFields()
	flow := slices.ContainsFunc(d.lines, func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "{") })
	for i, line := range d.lines {
		key, _, found := strings.Cut(strings.TrimLeft(line, " {"), ":")
		if found && (flow || d.isHeader(i)) && isSection(strings.Trim(key, `"' `), fields) {
			return true
		}
	}
	return false
}

// isSection says whether a key is one of a manifest, or was meant to be.
func isSection(key string, fields []field) bool {
	return indexOf(fields, key) >= 0 || nearest(key, fields) != nil
}

// isHeader says whether a line begins a section.
func (d *document) isHeader(i int) bool {
	line := d.lines[i]
	return line != "" && !strings.ContainsAny(line[:1], " \t#-]}") && strings.Contains(line, ":")
}

// isEntry says whether a line begins an entry of a list.
func isEntry(line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	return trimmed == "-" || strings.HasPrefix(trimmed, "- ")
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// replacement stands for what was cut out, so that the others keep their
// numbers.
func (d *document) replacement(first string) string {
	lost := string(d.lost)
	if isEntry(first) {
		return strings.ReplaceAll(first[:indentation(first)], "\t", " ") + "- " + lost
	}
	if key, _, ok := strings.Cut(first, ":"); ok && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz") == "" {
		return key + ": " + lost
	}
	return lost + ": " + lost
}
