package optionfile

import (
	"strings"

	"myca/dialect"
)

// rules is what differs between the readers of the versions.
type rules struct {
	// read is how many bytes of a line the reader takes at once.
	read int
	// joined: what was read without a newline at its end is joined with what is
	// read next; otherwise it is a line of its own.
	joined bool
	// optional: lines with ? are directives too.
	optional bool
	// comment: a comment after the path of an include is cut off, and the path
	// is whole at the end of the file.
	comment bool
	// firstDot: the ending of a file's name begins at its first dot.
	firstDot bool
	// depth is how deep files can be included.
	depth int
	// connectorC: the reader of MariaDB Connector/C.
	connectorC bool
}

// rules are those of the program's version.
//
//   - Lines over 4094 bytes (with the newline) were two lines, in MariaDB still
//     are (mysys/my_default.c reads into 4096 bytes with sizeof-1); MySQL joins
//     what it read without a newline (mysql_file_getline of my_default.cc: in
//     8.0.27, not yet in the sources of 2020).
//   - A comment after an include: MySQL 9.7 (tried), not in the sources of 8.
//   - ?include and ?includedir: MariaDB 11.4.10, 11.8.6 (MariaDB documentation,
//     "Configuring MariaDB with Option Files"), and 12.1 on.
//   - The ending of a name: fn_ext of MySQL before 5.6 and of MariaDB before
//     10.2 (mysys/mf_fn_ext.c) takes the first dot, later ones the last.
func (p Program) rules() rules {
	v := p.Version
	maria := v.Product == dialect.MariaDB
	switch {
	case p.ConnectorC:
		return rules{read: 4094, depth: 64, connectorC: true}
	case maria:
		optional := v.AtLeast(12, 1, 0) || v.AtLeast(11, 8, 6) && !v.AtLeast(12, 0, 0) ||
			v.AtLeast(11, 4, 10) && !v.AtLeast(11, 5, 0)
		return rules{read: 4094, depth: maxDepth, optional: optional, firstDot: !v.AtLeast(10, 2, 0)}
	case v.AtLeast(8, 0, 27):
		return rules{read: 4095, depth: maxDepth, joined: true, comment: v.AtLeast(9, 0, 0)}
	}
	return rules{read: 4094, depth: maxDepth, firstDot: !v.AtLeast(5, 6, 0)}
}

// maxDepth is max_recursion_level of my_default: the file that was named and
// ten levels below it.
const maxDepth = 10

// isOptionFile reports whether !includedir reads a file of that name.
func (r rules) isOptionFile(name string) bool {
	if r.firstDot {
		_, ending, dot := strings.Cut(name, ".")
		return dot && ending == "cnf"
	}
	return strings.HasSuffix(name, ".cnf")
}

// split cuts data into what the reader takes for lines. raws are the bytes,
// which together are data, and texts what the reader sees of them: strings of C
// end at a NUL. rest says that the last one is what MySQL never reads: it takes
// a NUL at the beginning of a line for the end of the file.
func (r rules) split(data string) (raws, texts []string, rest bool) {
	for data != "" {
		raw, text, ok := r.next(data)
		if !ok {
			return append(raws, data), append(texts, ""), true
		}
		raws, texts = append(raws, raw), append(texts, text)
		data = data[len(raw):]
	}
	return raws, texts, false
}

// next is the first line of data: its bytes, and what is seen of them.
func (r rules) next(data string) (raw, text string, ok bool) {
	if !r.joined {
		raw = r.chunk(data)
		text, _, _ = strings.Cut(raw, "\x00")
		return raw, text, true
	}
	// mysql_file_getline: until a read ends with a newline before its first NUL
	var b strings.Builder
	n := 0
	for n < len(data) {
		chunk := r.chunk(data[n:])
		n += len(chunk)
		seen, _, _ := strings.Cut(chunk, "\x00")
		if seen == "" {
			return data[:n], b.String(), b.Len() > 0
		}
		b.WriteString(seen)
		if seen[len(seen)-1] == '\n' {
			break
		}
	}
	return data[:n], b.String(), true
}

// chunk is what fgets takes at once.
func (r rules) chunk(data string) string {
	n := min(len(data), r.read)
	if end := strings.IndexByte(data[:n], '\n'); end >= 0 {
		n = end + 1
	}
	return data[:n]
}
