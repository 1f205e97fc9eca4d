package optionfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// A marked block is what myca wrote into an option file, between two comments:
//
//	# myca: begin NAME (sum 0123456789ab)
//	…
//	# myca: end NAME
//
// The sum is over the lines between them: the first 12 hex digits of the
// SHA-256 of the lines, each with a newline alone at its end, so that a
// conversion of the file's line ends does not count. ", newline" after the sum
// says that the newline before the block came with it. A block with other
// lines than those of its sum is damaged, and so is one without its end:
// somebody edited it, and what is whose cannot be told.
var (
	beginMark = regexp.MustCompile(`^# myca: begin (.+) \(sum ([0-9a-f]{12})(, newline)?\)$`)
	anyMark   = regexp.MustCompile(`^\s*[#;]\s*myca:\s*(begin|end)\b\s*(.*?)\s*$`)
)

// Block is where a marked block stands in a file.
type Block struct {
	First, Last int      // the lines of its two comments, from 1
	Lines       []string // what stands between them, without line ends

	start, end int  // its bytes
	newline    bool // the newline before it is part of it
}

// BlockError says what is wrong with the marked block of a file.
type BlockError struct {
	Path    string
	Line    int
	Name    string
	Problem string
	Fix     string
}

// Error names the file, the line and the block.
func (e *BlockError) Error() string {
	return fmt.Sprintf("%q line %d: the block %q: %s", e.Path, e.Line, e.Name, e.Problem)
}

// Hint is what to do about it.
func (e *BlockError) Hint() string { return e.Fix }

// Bytes is the content of the file.
func (f File) Bytes() []byte {
	var b strings.Builder
	for _, line := range f.Lines {
		b.WriteString(line.Raw)
	}
	return []byte(b.String())
}

// fileLine is a line of the file as an editor shows it, whatever the reader
// makes of it.
type fileLine struct {
	text       string // without the line's end
	start, end int    // its bytes, with the line's end
}

func (f File) fileLines() []fileLine {
	var lines []fileLine
	start := 0
	for raw := range strings.Lines(string(f.Bytes())) {
		text := strings.TrimSuffix(strings.TrimSuffix(raw, "\n"), "\r")
		lines = append(lines, fileLine{text, start, start + len(raw)})
		start += len(raw)
	}
	return lines
}

// Block finds the marked block of that name. A damaged one is a *BlockError.
func (f File) Block(name string) (block Block, found bool, err error) {
	begin := 0
	var mark []string
	for i, line := range f.fileLines() {
		number := i + 1
		broken := func(problem string) error {
			return &BlockError{f.Path, number, name, problem,
				"look at the comments of myca in that file; what you want to keep goes outside of them, the rest can be deleted, both comments too"}
		}
		if begin > 0 && !found {
			if line.text == "# myca: end "+name {
				block.Last, block.end, found = number, line.end, true
				if sum(block.Lines) != mark[2] {
					return Block{}, false, broken(fmt.Sprintf("it was edited after myca wrote it (it begins in line %d)", begin))
				}
				continue
			}
			block.Lines = append(block.Lines, line.text)
		}
		any := anyMark.FindStringSubmatch(line.text)
		if any == nil || !names(any[2], name) {
			continue
		}
		m := beginMark.FindStringSubmatch(line.text)
		switch {
		case begin > 0:
			return Block{}, false, broken(fmt.Sprintf("a second comment of it, after the one in line %d", begin))
		case any[1] == "end":
			return Block{}, false, broken("an end without a begin")
		case m == nil || m[1] != name:
			return Block{}, false, broken("the comment at its begin was edited")
		}
		begin, mark = number, m
		block = Block{First: number, start: line.start, newline: m[3] != ""}
	}
	if begin > 0 && !found {
		return Block{}, false, &BlockError{f.Path, begin, name, "a begin without an end",
			"put the comment \"# myca: end " + name + "\" back after the lines that myca wrote, or delete them and the comment"}
	}
	return block, found, nil
}

// names reports whether the rest of a mark is about the block of that name.
func names(rest, name string) bool {
	after, found := strings.CutPrefix(rest, name)
	return found && (after == "" || strings.HasPrefix(strings.TrimLeft(after, " \t"), "("))
}

// sum is over the lines of a block.
func sum(lines []string) string {
	h := sha256.New()
	for _, line := range lines {
		h.Write([]byte(line + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// WithBlock is the file with the marked block of that name holding these
// lines (without line ends, and none of them a comment of a block): in the
// place of the one it has, else at its end. All other bytes stay, but a last
// line without newline gets one. The block's lines end as the file's last
// one does, with a newline in a file without any.
//
// A *BlockError: the block is damaged, or options after it would change their
// group.
func (f File) WithBlock(name string, lines []string) (File, error) {
	block, found, err := f.Block(name)
	if err != nil {
		return File{}, err
	}
	data := string(f.Bytes())
	eol := lineEnd(data)
	if !found {
		block = Block{start: len(data), end: len(data), newline: data != "" && !strings.HasSuffix(data, "\n")}
		if block.newline {
			data += eol
			block.start, block.end = len(data), len(data)
		}
	}
	note := ""
	if block.newline {
		note = ", newline"
	}
	all := append([]string{fmt.Sprintf("# myca: begin %s (sum %s%s)", name, sum(lines), note)}, lines...)
	all = append(all, "# myca: end "+name, "")
	return f.replaced(name, block, data[:block.start]+strings.Join(all, eol)+data[block.end:])
}

// WithoutBlock is the file without the marked block of that name: what it was
// before WithBlock. A *BlockError as there.
func (f File) WithoutBlock(name string) (File, error) {
	block, found, err := f.Block(name)
	if err != nil || !found {
		return f, err
	}
	data := string(f.Bytes())
	before, after := data[:block.start], data[block.end:]
	if block.newline && after == "" {
		before = strings.TrimSuffix(before, lineEnd(strings.TrimSuffix(before, "\n")))
	}
	return f.replaced(name, block, before+after)
}

// replaced is the file with the new content, in which only what stands before
// the end of the block differs. What follows has to stay in its groups.
func (f File) replaced(name string, block Block, data string) (File, error) {
	edited := f.reader.Parse(f.Path, []byte(data))
	for i, j := len(f.Lines)-1, len(edited.Lines)-1; i >= 0 && j >= 0; i, j = i-1, j-1 {
		old, now := f.Lines[i], edited.Lines[j]
		if old.Number <= block.Last || block.Last == 0 || old.Raw != now.Raw {
			break
		}
		if old.Kind == Assignment && (now.Kind != Assignment || lower(old.Group) != lower(now.Group)) {
			return File{}, &BlockError{f.Path, old.Number, name, fmt.Sprintf("the option %q stands after it, in the group of the block", old.Name),
				fmt.Sprintf("write [%s] in a line of its own after the end of the block", old.Group)}
		}
	}
	return edited, nil
}

// lineEnd is how the last complete line of data ends.
func lineEnd(data string) string {
	if end := strings.LastIndexByte(data, '\n'); end > 0 && data[end-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
