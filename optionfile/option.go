package optionfile

// Option is one option as a program gets it from a file.
type Option struct {
	Group string // the group it stands in, without brackets; "" for one from mysqld-auto.cnf
	Name  string // as written
	// Value is the value without quotes and escapes; "" too when there is none.
	Value    string
	HasValue bool
	File     string
	Line     int // from 1; 0 for one from mysqld-auto.cnf
}

// Key is the name in one form: with - for each _, without loose-.
func (o Option) Key() string { return o.Name }

// Loose reports whether the name begins with loose-: a program that does not
// know the option only warns.
func (o Option) Loose() bool { return false }

// Arg is the option as --print-defaults prints it: "--name=value" or "--name".
func (o Option) Arg() string {
	if o.HasValue {
		return "--" + o.Name + "=" + o.Value
	}
	return "--" + o.Name
}

// ProblemKind says what is wrong with an option file.
type ProblemKind string

const (
	// Broken: a line that the reader does not understand.
	Broken ProblemKind = "broken"
	// Ignored: a file that anybody can write, so it is not read.
	Ignored ProblemKind = "ignored"
	// Missing: a file or folder that was named is not there.
	Missing ProblemKind = "missing"
	// Unreadable: a file or folder that is there and cannot be read.
	Unreadable ProblemKind = "unreadable"
	// Depth: an include below ten others, which is not read.
	Depth ProblemKind = "depth"
)

// Problem is something in the files that the reader stumbles over.
type Problem struct {
	Kind    ProblemKind
	File    string // the file or folder concerned
	Line    int    // the line of it, from 1; 0 for the file as a whole
	Message string
	Fatal   bool // the program does not start
}

// Result is what a program gets from its option files.
type Result struct {
	Options  []Option // in the order the program gets them: the last one wins
	Files    []string // the files that were read, in order
	Problems []Problem
}
