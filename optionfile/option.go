package optionfile

import "strings"

// Option is one option as a program gets it from a file.
type Option struct {
	Group string // the group it stands in, without brackets; "" for one from mysqld-auto.cnf
	Name  string // as written
	// Value is the value without quotes and escapes; "" too when there is none.
	Value    string
	HasValue bool
	Hidden   bool // Settings took the value away, or, of a password, it is not to be told
	File     string
	Line     int // from 1; 0 for one from mysqld-auto.cnf
}

// Key is the name in one form: with - for each _, without loose-. Letter case
// stays, as it counts.
func (o Option) Key() string {
	key := strings.ReplaceAll(o.Name, "_", "-")
	for strings.HasPrefix(key, loose) {
		key = key[len(loose):]
	}
	return key
}

const loose = "loose-"

// Loose reports whether the name begins with loose-: a program that does not
// know the option only warns.
func (o Option) Loose() bool {
	return strings.HasPrefix(strings.ReplaceAll(o.Name, "_", "-"), loose)
}

// Arg is the option as --print-defaults prints it: "--name=value" or "--name".
// It may hold a password.
func (o Option) Arg() string {
	if o.HasValue {
		return "--" + o.Name + "=" + o.Value
	}
	return "--" + o.Name
}

// ProblemKind says what is wrong with an option file.
type ProblemKind string

const (
	// Broken: a line that the reader does not understand. It does not read the
	// rest of that file.
	Broken ProblemKind = "broken"
	// Ignored: a file that anybody can write, so it is not read.
	Ignored ProblemKind = "ignored"
	// Missing: a file or folder that was named is not there.
	Missing ProblemKind = "missing"
	// Unreadable: a file or folder that is there and cannot be read.
	Unreadable ProblemKind = "unreadable"
	// Depth: an include below ten others, which is not followed.
	Depth ProblemKind = "depth"
	// Passed: a line that the reader passes over, and probably should not.
	Passed ProblemKind = "passed"
)

// Problem is something in the files that the reader stumbles over.
type Problem struct {
	Kind    ProblemKind
	File    string // the file concerned; of an include that fails, the one it stands in
	Line    int    // the line of it, from 1; 0 for the file as a whole
	Message string // names paths, never values
	Fatal   bool   // the program does not start
}

// Result is what a program gets from its option files.
type Result struct {
	Options  []Option // in the order the program gets them: the last one wins
	Files    []string // the files that were read, each once, in order
	Problems []Problem
}

// Then is r followed by what is read later.
func (r Result) Then(later Result) Result {
	return Result{
		Options:  append(r.Options[:len(r.Options):len(r.Options)], later.Options...),
		Files:    append(r.Files[:len(r.Files):len(r.Files)], later.Files...),
		Problems: append(r.Problems[:len(r.Problems):len(r.Problems)], later.Problems...),
	}
}

// Fatal reports whether one of the problems keeps the program from starting.
func (r Result) Fatal() bool {
	for _, p := range r.Problems {
		if p.Fatal {
			return true
		}
	}
	return false
}
