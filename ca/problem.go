package ca

import (
	"errors"
	"strconv"
	"strings"
)

// ErrMismatch: a private key is not that of the certificate.
var ErrMismatch = errors.New("the private key is not the certificate's")

// Error is a problem with one file or value.
type Error struct {
	Message string // what is wrong, with the file or value quoted
	Fix     string // what to do, can be pasted; "" when there is nothing to say
	Err     error  // the cause, or nil; its text follows Message
}

// Error is the message followed by the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Hint is what the user can do about it.
func (e *Error) Hint() string { return e.Fix }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Problem is one thing that is wrong with a request.
type Problem struct {
	Field   string `json:"field"`   // the part of the request: "subject", "hosts", "key", …
	Message string `json:"message"` // what is wrong, with the value quoted
	Hint    string `json:"hint"`    // what to write instead, "" when there is nothing to say
}

// FieldProblem is an error as a Problem of that field, with its hint.
func FieldProblem(field string, err error) Problem {
	p := Problem{Field: field, Message: err.Error()}
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		p.Hint = h.Hint()
	}
	return p
}

// String is "field: message".
func (p Problem) String() string { return p.Field + ": " + p.Message }

// Problems is an error that lists everything wrong with a request. One that
// is returned as an error is never empty.
type Problems []Problem

// Error is the problem, or one line for each under a heading.
func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0].String()
	}
	var b strings.Builder
	b.WriteString(strconv.Itoa(len(p)) + " problems")
	for i, one := range p {
		b.WriteString([]string{":\n  ", "\n  "}[min(i, 1)])
		b.WriteString(one.String())
	}
	return b.String()
}

// Hint is the distinct hints, one a line, in the order of the problems.
func (p Problems) Hint() string {
	var hints []string
	seen := map[string]bool{"": true}
	for _, one := range p {
		if !seen[one.Hint] {
			seen[one.Hint] = true
			hints = append(hints, one.Hint)
		}
	}
	return strings.Join(hints, "\n")
}

// orNil is p as an error, nil when there are none.
func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// shellQuote is s as one word of a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
