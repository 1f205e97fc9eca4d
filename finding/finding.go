// Package finding is what a diagnosis says: each kind of trouble has one
// identifier, listed with its severity, its meaning, why it matters and what
// mends it in one table (Kinds), which the commands' help and kinds.md are made
// from. Identifiers are part of the command line's contract: scripts compare
// them, so one never changes its meaning.
package finding

import "fmt"

// Severity says how bad a finding is.
type Severity string

const (
	// Error: connections fail, are not protected, or will not be soon. A
	// diagnosis with one ends with exit code 3.
	Error Severity = "error"
	// Warning: works, but not for everybody, or not for long.
	Warning Severity = "warning"
)

// By says which command finds a kind of trouble.
type By string

const (
	ByVerify By = "verify"        // in files
	ByCheck  By = "check"         // at a running server
	ByBoth   By = "verify, check" // in files, and in what a server presents
)

// Verify reports whether `myca verify` finds it.
func (b By) Verify() bool { return b != ByCheck }

// Check reports whether `myca check` finds it.
func (b By) Check() bool { return b != ByVerify }

// Kind is one row of the table.
type Kind struct {
	ID       string   // lower-case words joined by dashes
	Severity Severity //
	By       By       // which command finds it
	What     string   // what was found, in general
	Why      string   // why it matters
	Mend     string   // what to do: a command where one does it, with NAME, FILE and the like for what differs
}

// Finding is one thing that is wrong with one file, server or account.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Where    string   `json:"where"` // a path, "FILE:LINE", "server HOST:PORT", or an account
	What     string   `json:"what"`  // with the values that were found
	Why      string   `json:"why"`
	Mend     string   `json:"mend"` // a command that can be pasted where there is one
}

// New is a finding of the kind with that identifier, which must be in Kinds:
// anything else is a mistake of the program, and panics. mend "" stands for
// the kind's own.
func New(id, where, mend, what string, args ...any) Finding {
	kind, known := Lookup(id)
	if !known {
		panic("finding: no kind has the identifier " + id)
	}
	if mend == "" {
		mend = kind.Mend
	}
	if len(args) > 0 {
		what = fmt.Sprintf(what, args...)
	}
	return Finding{ID: id, Severity: kind.Severity, Where: where, What: what, Why: kind.Why, Mend: mend}
}

// Lookup is the kind with that identifier.
func Lookup(id string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.ID == id {
			return k, true
		}
	}
	return Kind{}, false
}

// Errors is how many of the findings are errors.
func Errors(list []Finding) int {
	n := 0
	for _, f := range list {
		if f.Severity == Error {
			n++
		}
	}
	return n
}
