package out

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"syscall"
)

// Attributes is what a file has beside its name and content.
type Attributes struct {
	Mode  fs.FileMode // permission bits
	Owner Owner       // -1, -1 where the system does not tell

	// Extended are the extended attributes that belong to the file rather than
	// to its content, by name: on Linux its access control list
	// (system.posix_acl_access), its SELinux label (security.selinux) and
	// user.*; elsewhere none.
	Extended map[string][]byte
}

// Like says whether mode and owner are the same; -1 in b is anybody.
func (a Attributes) Like(b Attributes) bool {
	return a.Mode == b.Mode && a.Owner.like(b.Owner)
}

func (o Owner) like(b Owner) bool {
	return (b.UID < 0 || o.UID == b.UID) && (b.GID < 0 || o.GID == b.GID)
}

// WithoutList is a without its access control list.
func (a Attributes) WithoutList() Attributes {
	a.Extended = maps.Clone(a.Extended)
	delete(a.Extended, accessList)
	return a
}

// accessList is the name of the attribute that is an access control list.
const accessList = "system.posix_acl_access"

// Look reads the regular file path as ReadFile does, and its attributes.
func Look(path string, limit int64) ([]byte, Attributes, error) {
	f, info, err := openRegular(path)
	if err != nil {
		return nil, Attributes{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, Attributes{}, explain(path, err)
	}
	if int64(len(data)) > limit {
		return nil, Attributes{}, fmt.Errorf("%q is longer than %d bytes", path, limit)
	}
	extended, err := extendedOf(f)
	if err != nil {
		return nil, Attributes{}, explain(path, err)
	}
	return data, Attributes{Mode: info.Mode().Perm(), Owner: OwnerIn(info), Extended: extended}, nil
}

// openRegular opens a regular file for reading, nothing else.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, nil, explain(path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, explain(path, errors.Join(err, f.Close()))
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.Join(fmt.Errorf("%q is not a regular file", path), f.Close())
	}
	return f, info, nil
}

// CreateLike makes the file path with data and exactly those attributes, and
// flushes it to the disk; its name is durable when its folder is synced. An
// error leaves no file behind; it wraps fs.ErrExist when there is something at
// path, which is then untouched.
func CreateLike(path string, data []byte, a Attributes) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, a.Mode&0o600)
	if err != nil {
		return explain(path, err)
	}
	return explain(path, complete(f, data, a.Mode, true, a.give))
}

// give sets owner and extended attributes of f where they differ: only root may
// give files away or label them, but nobody needs to be root to keep them. An
// access control list that f has from its folder and that is not in a goes.
func (a Attributes) give(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if owner := a.Owner; !OwnerIn(info).like(owner) {
		if err := owner.giveFile(f); err != nil {
			return &Error{f.Name(), err, fmt.Sprintf("only root gives files to other users (this one to user %d, group %d): run the command as root", owner.UID, owner.GID)}
		}
	}
	has, err := extendedOf(f)
	if err != nil {
		return err
	}
	if _, listed := has[accessList]; listed && a.Extended[accessList] == nil {
		if err := removeExtended(f, accessList); err != nil {
			return fmt.Errorf("%q: extended attribute %q: %w", f.Name(), accessList, err)
		}
	}
	for name, value := range a.Extended {
		if there, ok := has[name]; ok && bytes.Equal(there, value) {
			continue
		}
		if err := setExtended(f, name, value); err != nil {
			return fmt.Errorf("%q: extended attribute %q: %w", f.Name(), name, err)
		}
	}
	return nil
}

// MkdirFor makes the folder path with that mode, given to owner where owner is
// not nil. An error leaves no folder behind, or it wraps fs.ErrExist.
func MkdirFor(path string, mode fs.FileMode, owner *Owner) error {
	if err := Mkdir(path); err != nil {
		return err
	}
	var err error
	if owner != nil {
		if err = ofFolder(path, owner.giveFile); err != nil {
			err = &Error{path, err, fmt.Sprintf("only root gives folders to other users (this one to user %d): run the command as root", owner.UID)}
		}
	}
	if err == nil {
		err = setFolderMode(path, mode)
	}
	if err != nil {
		return explain(path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// Unlink removes one name: of a file, a link, or an empty folder. That it is
// missing already is no error, not even on a read-only file system; of a folder
// with something in it the error wraps fs.ErrExist.
func Unlink(path string) error {
	there, err := Exists(path)
	if errors.Is(err, syscall.ENOTDIR) { // a file where a folder was
		return nil
	}
	if err != nil || !there {
		return err
	}
	return explain(path, os.Remove(path))
}

// Link gives the file path another name beside it. The error wraps fs.ErrExist
// when that is taken; some file systems have no second names at all.
func Link(path, name string) error { return explain(path, os.Link(path, name)) }
