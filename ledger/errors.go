package ledger

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Error is a failure of the ledger that the user can do something about.
type Error struct {
	Err error
	Fix string
}

// Error names the ledger and the reason.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint is what to do about it.
func (e *Error) Hint() string { return e.Fix }

// repair is what to do about a damaged file.
func (l *Ledger) repair() string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	return "put back the last good copy of " + quote(l.path) + "; without one, make it again from the certificates: mv " +
		quote(l.path) + " " + quote(l.path+".damaged") + " && myca --dir " + quote(filepath.Dir(l.path)) + " ca rebuild"
}

// explain says in which operation on which file err happened, and gives the
// failures of SQLite their meaning and a hint.
func (l *Ledger) explain(operation string, err error) error {
	if errors.Is(err, ErrNotFound) || errors.As(err, new(*Error)) {
		return err
	}
	wrapped := fmt.Errorf("%s ledger %q: %w", operation, l.path, err)
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return wrapped
	}
	switch failure.Code() & 0xff { // the low byte is the primary code
	case lib.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %w", ErrConflict, wrapped)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_ERROR:
		return &Error{fmt.Errorf("%w: %w", ErrDamaged, wrapped), l.repair()}
	case lib.SQLITE_FULL:
		return &Error{wrapped, "the file system is full: free some space and run the command again"}
	case lib.SQLITE_READONLY:
		return &Error{wrapped, "the file or its file system is read-only; to finish or undo a change that was cut short there, myca must be able to write"}
	case lib.SQLITE_BUSY:
		return &Error{wrapped, "another program holds the ledger: end it and run the command again"}
	}
	return wrapped
}
