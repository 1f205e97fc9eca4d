package deploy

import (
	"errors"
	"fmt"
	"io/fs"

	"myca/out"
)

// File is a file outside the store that shall have that content, mode and owner.
type File struct {
	Path  string
	Data  []byte
	Mode  fs.FileMode // permission bits, set exactly; 0: as the file there has them, 0644 for a new one
	Owner *out.Owner  // nil: whose the file there is, whoever runs for a new one

	// Options says that it is an option file, which belongs to others too:
	// where Path is a symbolic link, the link stays and the file that it leads
	// to is replaced. It is replaced after everything that it names. Any other
	// file that is a link is refused.
	Options bool

	// From is what Data was made from, nil where that does not matter: a file
	// that holds something else when the plan is made is refused (ErrChanged).
	// Fresh is the same for a file that is to be made: there must be none.
	From  []byte
	Fresh bool

	// Was is the file that is replaced, nil for a new one. NewPlan sets it.
	Was *State
}

// File is the option file that e changes, for owner; nil for whose it is.
func (e Edit) File(owner *out.Owner) File {
	return File{Path: e.Path, Data: e.New, Mode: e.Mode, Owner: owner, Options: true, From: e.Old, Fresh: e.Created}
}

// State is a file as it was found.
type State struct {
	Data []byte
	out.Attributes
}

// Folder is a folder outside the store that shall be there. One that is there
// keeps its mode and owner. Missing folders above it are made too, with mode
// 0755 and the owner of the folder that they are made in.
type Folder struct {
	Path  string
	Mode  fs.FileMode // permission bits, set exactly; 0: 0755
	Owner *out.Owner  // nil: whoever runs
}

// Errors that callers tell apart, with errors.Is. Each comes with a hint.
var (
	// ErrRefused: something is in the way; nothing was written.
	ErrRefused = errors.New("refused")
	// ErrChanged: a file is not any more what the plan was made from.
	ErrChanged = errors.New("changed meanwhile")
	// ErrBusy: another process is installing.
	ErrBusy = errors.New("another process is installing")
	// ErrUnfinished: a dead process left an installation that has to be undone
	// first (Unfinished, Journal.Undo).
	ErrUnfinished = errors.New("an installation was interrupted")
	// ErrEdited: everything was put back but what somebody else changed meanwhile.
	ErrEdited = errors.New("edited meanwhile")
	// ErrDamaged: a journal or a saved copy is not what was written.
	ErrDamaged = errors.New("damaged journal")
)

// Error is a failure with something that the user can do about it.
type Error struct {
	Message string
	Fix     string
	Err     error // one of the errors above, or the cause
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap gives kind and cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint is what to do about it.
func (e *Error) Hint() string { return e.Fix }

// fail is an error of one of the kinds above.
func fail(kind error, fix, format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...), Fix: fix, Err: kind}
}
