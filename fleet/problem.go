package fleet

import (
	"fmt"
	"strings"
)

// Problem is one mistake of a manifest.
type Problem struct {
	File         string // as Read was told
	Line, Column int    // from 1; columns count characters
	Path         string // in the document, "servers[2].hosts[0]"
	Message      string // what is wrong, with the value quoted
	Hint         string // what to write instead, "" when there is nothing to say
}

// String is "FILE:LINE:COLUMN: PATH: MESSAGE".
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Path, p.Message)
}

// Problems is an error that lists every mistake of a manifest, in the order of
// the document. It is never empty.
type Problems []Problem

// Error is one line a mistake.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}
