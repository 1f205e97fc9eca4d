package store

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that callers tell apart, with errors.Is. Each comes with a hint.
var (
	// ErrExists: there is something of that name already.
	ErrExists = errors.New("exists already")
	// ErrNoStore: the folder is missing, empty, or something else.
	ErrNoStore = errors.New("no store")
	// ErrChanged: another process changed what a draft was based on; nothing
	// was done, and the command can be run again.
	ErrChanged = errors.New("changed meanwhile")
	// ErrDamaged: the store lacks something, or something in it does not fit.
	ErrDamaged = errors.New("damaged store")
	// ErrForeign: the store belongs to another user.
	ErrForeign = errors.New("belongs to another user")
	// ErrInUse: what is to be given up is needed still.
	ErrInUse = errors.New("in use")
	// ErrUnfinished: the change is recorded, but not everything is in place.
	ErrUnfinished = errors.New("recorded, but not in place yet")
)

// Error is a failure with something that the user can do about it.
type Error struct {
	Message string
	Fix     string
	Err     error // the kind of error, or its cause; may be nil
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap gives kind and cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint is what to do about it.
func (e *Error) Hint() string { return e.Fix }

// refuse is an error of one of the kinds above.
func refuse(kind error, fix, format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...), Fix: fix, Err: kind}
}

// unfinished says that what happened after the change was recorded. The
// cause's own hint comes first.
func unfinished(cause error) error {
	if cause == nil {
		return nil
	}
	fixes := []string{}
	var hint interface{ Hint() string }
	if errors.As(cause, &hint) && hint.Hint() != "" {
		fixes = append(fixes, hint.Hint())
	}
	fixes = append(fixes, "the certificates are in the ledger and staged completely: the next command that writes puts them in place")
	return &Error{
		Message: fmt.Sprintf("%v: %v", ErrUnfinished, cause),
		Fix:     strings.Join(fixes, "\n"),
		Err:     errors.Join(ErrUnfinished, cause),
	}
}
