//go:build unix

package out

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// appendFile appends the bytes of a regular file, with four calls of the system;
// package os needs twice as many.
func appendFile(to []byte, path string, limit int64) ([]byte, error) {
	fd, err := again(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|openFlags, 0)
	})
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	to, err = appendOpen(to, fd, path, limit)
	if err := errors.Join(err, os.NewSyscallError("close", unix.Close(fd))); err != nil {
		return nil, err
	}
	return to, nil
}

func appendOpen(to []byte, fd int, path string, limit int64) ([]byte, error) {
	var info unix.Stat_t
	if _, err := again(func() (int, error) { return 0, unix.Fstat(fd, &info) }); err != nil {
		return nil, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	if info.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, notRegular(path)
	}
	if info.Size > limit {
		return nil, tooLong(path, limit)
	}
	start, size := len(to), int(info.Size)
	to = slices.Grow(to, size)[:start+size]
	for done := 0; done < size; {
		n, err := again(func() (int, error) { return unix.Read(fd, to[start+done:]) })
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		if n == 0 {
			return to[:start+done], nil
		}
		done += n
	}
	return to, nil
}

// again repeats a call of the system that a signal interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
