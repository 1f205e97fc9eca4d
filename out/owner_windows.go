package out

import (
	"errors"
	"io/fs"
	"os"
)

var errNoOwners = errors.New("this system does not give files to other users")

// setFolderMode does nothing but for the read-only flag, as os.Chmod.
func setFolderMode(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }

func (o *Owner) giveFile(*os.File) error { return errNoOwners }

// Foreign says whether path belongs to another user than the one running;
// on this system it cannot be told and is never so.
func Foreign(path string) (uid int, foreign bool, err error) {
	_, err = os.Stat(path)
	return 0, false, explain(path, err)
}

// OwnerOf is nil: files on Windows are given to nobody here.
func OwnerOf(string) (*Owner, error) { return nil, nil }

// OwnerIn is -1, -1: owners on Windows are not numbers.
func OwnerIn(fs.FileInfo) Owner { return Owner{UID: -1, GID: -1} }

// Names is 1: the system does not tell how many names a file has.
func Names(fs.FileInfo) int { return 1 }
