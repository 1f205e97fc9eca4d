package out

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Error is a failure of the file system that the user can do something about.
type Error struct {
	Path string
	Err  error  // names the path and has the errno in its chain
	Fix  string // what to do; hereabouts in it stands for the folder that Path is in
}

// hereabouts is in a Fix in place of a folder.
const hereabouts = "{folder}"

// Error is the operation, the path and the reason.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint is what to do about it. The folder that it names is there now: one that
// was being written may have been given up since, for it was no longer of use.
func (e *Error) Hint() string {
	if !strings.Contains(e.Fix, hereabouts) {
		return e.Fix
	}
	folder := filepath.Dir(e.Path)
	for above := filepath.Dir(folder); above != folder; above = filepath.Dir(folder) {
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		folder = above
	}
	return strings.ReplaceAll(e.Fix, hereabouts, quote(folder))
}

// explain adds the path where the error does not name it, and a hint to the
// errors that have one.
func explain(path string, err error) error {
	if err == nil || errors.As(err, new(*Error)) {
		return err
	}
	if !errors.As(err, new(*fs.PathError)) && !errors.As(err, new(*os.LinkError)) {
		err = fmt.Errorf("%q: %w", path, err)
	}
	switch {
	case errors.Is(err, errNoSpace):
		return &Error{path, err, "the file system is full: free some space (df -h " + hereabouts + ") and run the command again"}
	case errors.Is(err, errQuota):
		return &Error{path, err, "the disk quota is used up: free some space and run the command again"}
	case errors.Is(err, errReadOnly):
		return &Error{path, err, "the file system is mounted read-only: remount it writable, or name another folder with --dir"}
	case errors.Is(err, fs.ErrPermission):
		return &Error{path, err, "look at owner and mode: ls -la " + hereabouts}
	}
	return err
}

// notGiven is the error of a folder or file whose owner could not be set.
func notGiven(path string, err error) error {
	return &Error{path, err, "only root gives files to other users: run myca as root, or leave out --owner and copy the folder for that user"}
}

// quote is s as one word of a POSIX shell.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
