package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// openRegular opens a regular file, and gives its content up to the size that it
// has: a pipe, a device, or a file of /proc, whose size is 0, would keep the
// reader waiting, some for ever. The caller closes it.
func openRegular(path string) (file *os.File, content io.Reader, err error) {
	file, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("not a regular file but a %s", kindOf(info.Mode()))}
	default:
		return file, io.LimitReader(file, info.Size()), nil
	}
	file.Close()
	return nil, nil, err
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "folder"
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// readRegular reads a regular file of at most limit bytes, and one more of a
// longer one.
func readRegular(path string, limit int64) ([]byte, error) {
	file, content, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(content, limit+1))
}
