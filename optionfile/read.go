package optionfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Read reads the files, one after the other and each with what it includes, as
// the program does with a file it is told (--defaults-file), and returns the
// options of the program's groups. Such a file has to be there. Relative paths,
// also of includes, are relative to the working folder of who reads; the
// programs do the same, so an include should have an absolute path.
//
// Three things keep it from reading for ever or without end what the programs
// would: it reads regular files only, and not more than 16 MiB in all, where a
// file counts as 4 KiB at least each time it is read.
func Read(sys System, p Program, files ...string) Result { return NewReader(sys).Read(p, files...) }

// Reader reads option files for several programs, and each file once for all that
// have the same rules: what is changed meanwhile is not seen. It is for one
// goroutine.
type Reader struct {
	sys    System
	parsed map[parsedAs]File
}

// parsedAs is a file as a reader with these rules understands it.
type parsedAs struct {
	path  string
	rules rules
}

// NewReader is a Reader of that machine's files.
func NewReader(sys System) *Reader { return &Reader{sys: sys, parsed: map[parsedAs]File{}} }

// parse is a file as the program understands it.
func (all *Reader) parse(p Program, path string) (File, error) {
	key := parsedAs{path, p.rules()}
	file, known := all.parsed[key]
	if known {
		return file, nil
	}
	data, err := all.sys.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	file = p.Parse(path, data)
	all.parsed[key] = file
	return file, nil
}

// Read is the function of that name.
func (all *Reader) Read(p Program, files ...string) Result {
	r := newReader(all, p)
	for _, file := range files {
		if !r.named(file) {
			break
		}
	}
	return r.result
}

// ReadStandard reads the option files that the program reads without being
// told any (Standard, with the program's Home). Those need not be there.
func ReadStandard(sys System, p Program) Result {
	r := newReader(NewReader(sys), p)
	for _, file := range p.Standard(p.Home) {
		if _, err := sys.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if outcome := r.file(file, place{}); outcome == stopped {
			break
		}
	}
	return r.result
}

// budget is how many bytes are read at most, and least what a file counts.
const (
	budget = 16 << 20
	least  = 4 << 10
)

type reader struct {
	all    *Reader
	sys    System
	p      Program
	rules  rules
	groups []string
	parsed map[string]File
	left   int
	result Result
}

func newReader(all *Reader, p Program) *reader {
	return &reader{all: all, sys: all.sys, p: p, rules: p.rules(), groups: p.Groups(), parsed: map[string]File{}, left: budget}
}

// place is where a file is included, the zero place for one that is named.
type place struct {
	file     string
	line     int
	depth    int
	optional bool
}

// outcome is what search_default_file_with_ext returns.
type outcome int

const (
	done    outcome = iota // 0: read, or ignored
	absent                 // 1: not found, or not readable
	stopped                // -1: an error in it
)

// problem notes one. With depth 0 what stops the reader stops the program.
func (r *reader) problem(kind ProblemKind, file string, line int, fatal bool, format string, args ...any) {
	r.result.Problems = append(r.result.Problems,
		Problem{Kind: kind, File: file, Line: line, Fatal: fatal, Message: fmt.Sprintf(format, args...)})
}

// named reads a file that the program was told to read.
func (r *reader) named(path string) bool {
	out := r.file(path, place{})
	if n := len(r.result.Problems); out == absent && n > 0 {
		r.result.Problems[n-1].Fatal = !r.p.ConnectorC
	}
	return out == done || r.p.ConnectorC
}

// file reads one file and what it includes. at is where it is included.
func (r *reader) file(path string, at place) outcome {
	// FN_REFLEN-3 of my_default: such a path is passed over without a word
	if len(path) >= maxPath && !r.p.ConnectorC {
		r.absent(Passed, at, path, "the path is too long")
		return done
	}
	path = r.expand(path)
	info, err := r.sys.Stat(path)
	if err != nil {
		return r.failed(at, path, err)
	}
	mode := info.Mode()
	switch {
	case mode.IsRegular() && mode.Perm()&0o002 != 0 && !r.p.ConnectorC:
		r.problem(Ignored, path, 0, false, "%q can be written by everybody, so it is ignored", path)
		return done
	case !mode.IsRegular():
		r.problem(Unreadable, path, 0, false, "%q is no regular file", path)
		return done
	}
	parsed, known := r.parsed[path]
	if !known {
		if info.Size() > int64(r.left) {
			return r.exhausted(path)
		}
		if parsed, err = r.all.parse(r.p, path); err != nil {
			return r.failed(at, path, err)
		}
		r.parsed[path] = parsed
		r.result.Files = append(r.result.Files, path)
	}
	return r.lines(parsed, at.depth)
}

// maxPath is FN_REFLEN-3: a path has to be shorter.
const maxPath = 512 - 3

func (r *reader) exhausted(path string) outcome {
	r.left = 0
	r.problem(Depth, path, 0, true, "%q: more than %d MiB of option files", path, budget>>20)
	return stopped
}

// failed notes that a file is not there or cannot be read.
func (r *reader) failed(at place, path string, err error) outcome {
	kind, what := Unreadable, "cannot be read"
	if errors.Is(err, fs.ErrNotExist) {
		kind, what = Missing, "does not exist"
	}
	if !at.optional {
		r.absent(kind, at, path, what)
	}
	return absent
}

// absent notes a file that is not read, at the line that includes it.
func (r *reader) absent(kind ProblemKind, at place, path, what string) {
	file := at.file
	if file == "" {
		file = path
	}
	r.problem(kind, file, at.line, false, "%q %s", path, what)
}

// expand puts the home folder in the place of ~ (unpack_filename of mysys).
func (r *reader) expand(path string) string {
	if rest, found := strings.CutPrefix(path, "~/"); found && r.p.Home != "" && !r.p.ConnectorC {
		return filepath.Join(r.p.Home, rest)
	}
	return path
}

// lines takes the options of a file, and follows its includes.
func (r *reader) lines(f File, depth int) outcome {
	size := least
	for _, line := range f.Lines {
		size += len(line.Raw)
	}
	if r.left -= size; r.left < 0 {
		return r.exhausted(f.Path)
	}
	for _, line := range f.Lines {
		switch line.Kind {
		case BrokenLine:
			r.problem(Broken, f.Path, line.Number, depth == 0 && !r.p.ConnectorC, "%s", line.Problem)
			return stopped
		case Unknown:
			r.problem(Passed, f.Path, line.Number, false, "%s", line.Problem)
		case Unread:
			r.problem(Passed, f.Path, line.Number, false, "the line begins with a NUL, where the program stops to read")
		case Assignment:
			r.option(f.Path, line)
		case Include, IncludeDir:
			if r.include(f.Path, line, depth) == stopped {
				return stopped
			}
		}
	}
	return done
}

func (r *reader) option(path string, line Line) {
	if !r.p.takes(r.groups, line.Group) {
		return
	}
	switch {
	case r.p.ConnectorC && !line.HasValue:
		r.problem(Passed, path, line.Number, false, "Connector/C does not understand an option without a value")
		return
	case line.Name == "":
		r.problem(Broken, path, line.Number, true, "an option without a name")
	}
	r.result.Options = append(r.result.Options, Option{Group: line.Group, Name: line.Name, Value: line.Value,
		HasValue: line.HasValue, File: path, Line: line.Number})
}

// include follows a directive. What goes wrong in the files it names stops
// only those; a folder that cannot be read stops the file of the directive.
func (r *reader) include(path string, line Line, depth int) outcome {
	at := place{file: path, line: line.Number, depth: depth + 1, optional: line.Optional}
	if depth >= r.rules.depth {
		r.problem(Depth, path, line.Number, false, "%q is included %d levels deep, so it is not read", line.Name, at.depth)
		return done
	}
	if line.Kind == Include {
		r.file(line.Name, at)
		return r.outOfBudget()
	}
	dir := r.expand(line.Name)
	names, err := r.sys.ReadDir(dir)
	if err != nil {
		return r.noFolder(dir, at, err)
	}
	slices.Sort(names) // my_dir sorts by bytes
	for _, name := range names {
		if r.rules.isOptionFile(name) {
			r.file(filepath.Join(dir, name), at)
		}
	}
	return r.outOfBudget()
}

// outOfBudget stops everything when too much was read.
func (r *reader) outOfBudget() outcome {
	if r.left <= 0 {
		return stopped
	}
	return done
}

// noFolder notes a folder that cannot be read. With ?includedir MariaDB goes
// on where it may not read the folder, and stops where there is none (tried
// with 11.8.6).
func (r *reader) noFolder(dir string, at place, err error) outcome {
	kind, what := Unreadable, "cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind, what = Missing, "does not exist"
	case at.optional:
		return done
	}
	r.problem(kind, at.file, at.line, at.depth == 1 && !r.p.ConnectorC, "the folder %q %s", dir, what)
	return stopped
}
