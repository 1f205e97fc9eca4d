// Package out writes key material so that a crash, a full disk or another
// process finds either nothing or all of it.
//
// What it guarantees:
//
//   - A folder it makes has mode 0700 and a file exactly the mode asked for,
//     whatever the umask. A file is made with at most 0600, but in a folder that
//     is made with it, and widened only when it is complete; it is never made over
//     something that exists.
//   - Symbolic links are never written through: files are made with O_EXCL,
//     owner and mode are set on the open file or folder. Links above it are
//     followed: what lies below a folder of another user is written with that
//     user's rights ([As]).
//   - [Place] changes what a name stands for in one step where the system can
//     exchange two names (Linux, renameat2(2)); elsewhere in two renames,
//     between which the name is missing for a moment.
//   - Nothing is durable before [Sync], [SyncAll] or the sync argument of
//     [MakeFolder] says so; a rename is durable once its folder is synced.
//
// Errors of the file system keep their errno for errors.Is; a full or
// read-only file system and missing permissions come with a hint.
package out

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FolderMode is the mode of every folder that is made.
const FolderMode fs.FileMode = 0o700

// File is a file to be made.
type File struct {
	Name string // one path element
	Data []byte
	Mode fs.FileMode // permission bits, set exactly
}

// MakeFolder makes the folder path (mode 0700) with the files in it, all given
// to owner where owner is not nil. With sync, every file and the folder are
// flushed to the disk; the folder's own name is durable only when its parent
// is synced. An error leaves the folder half made: it is the caller's to remove.
// It wraps fs.ErrExist when there is something at path.
func MakeFolder(path string, files []File, owner *Owner, sync bool) error {
	if err := Mkdir(path); err != nil {
		return err
	}
	for _, f := range files {
		// Nobody else gets into the folder yet: its files have their mode at once.
		if err := create(filepath.Join(path, f.Name), f.Data, f.Mode, f.Mode, owner, sync); err != nil {
			return err
		}
	}
	if owner != nil {
		if err := ofFolder(path, owner.giveFile); err != nil {
			return notGiven(path, err)
		}
	}
	if sync {
		return Sync(path)
	}
	return nil
}

// Mkdir makes the folder path with mode 0700 exactly. The error wraps
// fs.ErrExist when there is something at path.
func Mkdir(path string) error {
	if err := os.Mkdir(path, FolderMode); err != nil {
		return explain(path, err)
	}
	// It has another mode after a strange umask, below a folder with the
	// set-group-ID bit, or one with a default access control list.
	info, err := os.Lstat(path)
	if err == nil && info.Mode() != fs.ModeDir|FolderMode {
		err = setFolderMode(path, FolderMode)
	}
	if err != nil {
		return explain(path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// ofFolder calls set with the open folder path, which no link stands for.
func ofFolder(path string, set func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_RDONLY|folderFlags, 0)
	if err != nil {
		return err
	}
	return errors.Join(set(f), f.Close())
}

// Create makes the file path with data and exactly that mode. With sync, its
// bytes are flushed to the disk. An error leaves no file behind; it wraps
// fs.ErrExist when there is something at path, which is then untouched.
func Create(path string, data []byte, mode fs.FileMode, sync bool) error {
	return create(path, data, mode&0o600, mode, nil, sync)
}

// CreateFor is Create for a file that is given to owner, nil for nobody else.
func CreateFor(path string, data []byte, mode fs.FileMode, owner *Owner, sync bool) error {
	return create(path, data, mode&0o600, mode, owner, sync)
}

// complete writes, gives away, and closes f, or removes it. The mode comes last,
// because a change of owner clears set-id bits, an access control list has the
// mode of the group in it, and a reader must not see half a file.
func complete(f *os.File, data []byte, mode fs.FileMode, sync bool, give func(*os.File) error) error {
	_, err := f.Write(data)
	if err == nil {
		err = give(f)
	}
	if err == nil {
		err = setMode(f, mode)
	}
	if err == nil && sync {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// setMode sets the mode of f unless it is that already: a look costs less than a
// change.
func setMode(f *os.File, mode fs.FileMode) error {
	if info, err := f.Stat(); err != nil || info.Mode() == mode {
		return err
	}
	return f.Chmod(mode)
}

// Remove removes path and everything below it; that it is missing already is
// no error, not even on a read-only file system.
func Remove(path string) error {
	if there, err := Exists(path); err != nil || !there {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return explain(path, err)
	}
	return nil
}

// Exists says whether there is something at path, a dangling link included.
func Exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, explain(path, err)
}

// ReadFile reads the regular file path, at most limit bytes. A link, a device,
// a pipe or a longer file is an error: the folders it reads in may belong to
// somebody else. The error wraps fs.ErrNotExist when there is nothing.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, explain(path, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%q is longer than %d bytes", path, limit)
	}
	return data, nil
}
