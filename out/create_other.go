//go:build !linux

package out

import (
	"io/fs"
	"os"
)

// create is CreateFor for a file that has the mode first until it is complete.
func create(path string, data []byte, first, mode fs.FileMode, owner *Owner, sync bool) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, first)
	if err != nil {
		return explain(path, err)
	}
	return explain(path, complete(f, data, mode, sync, func(f *os.File) error {
		if owner == nil {
			return nil
		}
		if err := owner.giveFile(f); err != nil {
			return notGiven(path, err)
		}
		return nil
	}))
}
