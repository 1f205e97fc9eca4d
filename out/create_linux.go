package out

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// create is CreateFor for a file that has the mode first until it is complete. It
// makes the system calls itself: package os asks for each file it opens whether the
// network poller can watch it, and a fleet has tens of thousands of small ones.
func create(path string, data []byte, first, mode fs.FileMode, owner *Owner, sync bool) error {
	fd, err := restarted(func() (int, error) {
		return unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, uint32(first.Perm()))
	})
	if err != nil {
		return explain(path, &fs.PathError{Op: "open", Path: path, Err: err})
	}
	f := rawFile{fd, path}
	err = f.fill(data, mode, owner, sync)
	if closed := unix.Close(fd); closed != nil {
		err = errors.Join(err, f.failed("close", closed))
	}
	if err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return explain(path, err)
}

// rawFile is an open file.
type rawFile struct {
	fd   int
	path string
}

func (f rawFile) failed(operation string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: operation, Path: f.path, Err: err}
}

// fill is what complete does, in the same order.
func (f rawFile) fill(data []byte, mode fs.FileMode, owner *Owner, sync bool) error {
	for len(data) > 0 {
		n, err := restarted(func() (int, error) { return unix.Write(f.fd, data) })
		if err == nil && n == 0 {
			err = io.ErrShortWrite
		}
		if err != nil {
			return f.failed("write", err)
		}
		data = data[n:]
	}
	if owner != nil {
		if err := unix.Fchown(f.fd, owner.UID, owner.GID); err != nil {
			return notGiven(f.path, f.failed("chown", err))
		}
	}
	if err := f.setMode(uint32(mode.Perm())); err != nil {
		return f.failed("chmod", err)
	}
	if !sync {
		return nil
	}
	_, err := restarted(func() (int, error) { return 0, unix.Fsync(f.fd) })
	return f.failed("sync", err)
}

// setMode is the function of that name for permission bits.
func (f rawFile) setMode(mode uint32) error {
	var now unix.Stat_t
	if err := unix.Fstat(f.fd, &now); err != nil || now.Mode&^unix.S_IFMT == mode {
		return err
	}
	return unix.Fchmod(f.fd, mode)
}

// restarted makes a system call until no signal interrupts it.
func restarted(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); err != unix.EINTR {
			return n, err
		}
	}
}
