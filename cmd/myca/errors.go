package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/manifoldco/promptui"

	"myca/ca"
	"myca/fleet"
	"myca/ledger"
	"myca/out"
	"myca/store"
	"myca/templates"
)

// Exit codes; part of the command line's contract.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitFound       = 3
	exitInterrupted = 130
)

// errFound ends a diagnosis that found something: its result is on standard
// output, and nothing more is to be said.
var errFound = errors.New("found")

// usageError is wrong use, bad input, or a name that does not exist or exists
// already: exit code 2.
type usageError struct {
	message string
	hint    string
	cause   error
}

func (e *usageError) Error() string { return e.message }
func (e *usageError) Hint() string  { return e.hint }
func (e *usageError) Unwrap() error { return e.cause }

func usagef(hint, format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...), hint: hint}
}

// badInput marks err, which a package returned for something the user wrote,
// as wrong use. Its message and hint stay.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{message: err.Error(), hint: hintOf(err), cause: err}
}

// problems collects what is wrong with a command line, so that one run tells
// all of it.
type problems struct {
	list    ca.Problems
	damaged error // the first that is none of the command line's: the store is damaged
}

// add records err, if there is one, against the flag or argument field.
func (p *problems) add(field string, err error) {
	switch several := problemsIn(err); {
	case err == nil:
	case damaged(err):
		p.damaged = cmp.Or(p.damaged, err)
	case several != nil:
		for _, one := range several {
			p.addOne(one)
		}
	default:
		p.addOne(ca.Problem{Field: field, Message: err.Error(), Hint: hintOf(err)})
	}
}

// addOne adds a problem once, also when many pairs have it.
func (p *problems) addOne(one ca.Problem) {
	if !slices.Contains(p.list, one) {
		p.list = append(p.list, one)
	}
}

// damaged reports errors about a store that is not whole, which nobody's command
// line is the reason of. A key that is not its certificate's is not damage:
// somebody put it there.
func damaged(err error) bool {
	if errors.Is(err, ca.ErrMismatch) {
		return false
	}
	return errors.Is(err, store.ErrDamaged) || errors.Is(err, ledger.ErrDamaged)
}

func (p *problems) addf(field, hint, format string, args ...any) {
	p.add(field, usagef(hint, format, args...))
}

// err is nil without problems; one problem is reported plainly, several as a
// list. A damaged store comes before them all.
func (p *problems) err() error {
	if p.damaged != nil {
		return p.damaged
	}
	if len(p.list) == 0 {
		return nil
	}
	return p.list
}

// problemsIn are the problems that err lists, nil when it is of another kind.
func problemsIn(err error) ca.Problems {
	var list ca.Problems
	var text templates.Problems
	if errors.As(err, &text) {
		for _, one := range text {
			list = append(list, ca.Problem(one))
		}
		return list
	}
	errors.As(err, &list)
	return list
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, promptui.ErrInterrupt), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, errFound):
		return exitFound
	case damaged(err):
		return exitFailed
	case errors.As(err, &usage), problemList(err) != nil, refused(err):
		return exitUsage
	}
	return exitFailed
}

// errorJSON is the shape of an error on standard error under --json.
type errorJSON struct {
	Error    string    `json:"error"`
	Hint     string    `json:"hint"`
	Problems []problem `json:"problems"`
}

// problem is one of several things that are wrong. Of a manifest it has its
// place there, and Field is the path in the document.
type problem struct {
	ca.Problem
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// plain is the message with its place.
func (p problem) plain() string {
	if p.Line == 0 {
		return p.Message
	}
	return fleet.Problem{File: p.File, Line: p.Line, Column: p.Column, Path: p.Field, Message: p.Message}.String()
}

// problemList is the problems that err lists, nil when it is of another kind.
func problemList(err error) []problem {
	var list []problem
	var manifest fleet.Problems
	if errors.As(err, &manifest) {
		for _, one := range manifest {
			list = append(list, problem{ca.Problem{Field: one.Path, Message: one.Message, Hint: one.Hint}, one.File, one.Line, one.Column})
		}
		return list
	}
	for _, one := range problemsIn(err) {
		list = append(list, problem{Problem: one})
	}
	return list
}

// printError writes err once, at the very end of a run.
func printError(w io.Writer, err error, asJSON bool) {
	list := problemList(err)
	e := errorJSON{Error: err.Error(), Hint: hintOf(err), Problems: list}
	switch {
	case errors.Is(err, promptui.ErrInterrupt), errors.Is(err, context.Canceled):
		if own := (*usageError)(nil); !errors.As(err, &own) {
			e.Error = "interrupted: nothing was changed"
		}
	case len(list) == 1:
		e.Error, e.Hint = list[0].plain(), list[0].Hint
	case len(list) > 1:
		e.Error = fmt.Sprintf("%d problems", len(list))
	}
	if asJSON {
		if e.Problems == nil {
			e.Problems = []problem{}
		}
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(e) // standard error gone: the exit code still tells
		return
	}
	if len(list) > 1 {
		for _, p := range list {
			printPlain(w, p.plain(), p.Hint)
		}
		return
	}
	printPlain(w, e.Error, e.Hint)
}

// printPlain prints lines; a server, a file or a name may have put control
// characters into them.
func printPlain(w io.Writer, message, hint string) {
	lead := "myca: error: "
	for line := range strings.Lines(message) {
		fmt.Fprintf(w, "%s%s\n", lead, printable(strings.TrimRight(line, "\n")))
		lead = ""
	}
	for line := range strings.Lines(hint) {
		fmt.Fprintf(w, "hint: %s\n", printable(strings.TrimRight(line, "\n")))
	}
}

// refused reports errors that are wrong use rather than a failure: nothing is
// broken, the command does not apply here, or to these files.
func refused(err error) bool {
	var file *ca.Error
	if errors.As(err, &file) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return true
	}
	var owner *out.OwnerError
	var refusal *store.Error
	if errors.As(err, &refusal) && refusal.Err == nil {
		return true // it does not apply to the store as it is
	}
	return errors.As(err, &owner) || errors.Is(err, store.ErrInUse) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNoStore) || errors.Is(err, store.ErrForeign) ||
		errors.Is(err, ledger.ErrNotFound)
}
