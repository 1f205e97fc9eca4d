package out

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// exchange lets a and b change their meaning in one step. The error wraps
// errNoExchange on a kernel (before 3.15) or file system that cannot.
func exchange(a, b string) error { return rename("exchange", a, b, unix.RENAME_EXCHANGE) }

// renameNew renames a to b, which must not be there. Errors are those of
// exchange; which file systems can do it is in renameat2(2).
func renameNew(a, b string) error { return rename("rename", a, b, unix.RENAME_NOREPLACE) }

// replace renames a to b, which may be there. (Package os looks at b before.)
func replace(a, b string) error {
	if err := unix.Renameat(unix.AT_FDCWD, a, unix.AT_FDCWD, b); err != nil {
		return &os.LinkError{Op: "rename", Old: a, New: b, Err: err}
	}
	return nil
}

func rename(operation, a, b string, flags uint) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, flags)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL), errors.Is(err, unix.EOPNOTSUPP):
		return errNoExchange
	}
	return &os.LinkError{Op: operation, Old: a, New: b, Err: err}
}
