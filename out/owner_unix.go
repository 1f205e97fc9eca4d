//go:build unix

package out

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// setFolderMode sets the mode of the folder path, never of what a link points
// to. One that its owner cannot open, as umask 0777 makes it, has its mode set
// by fchmodat(2) without following links, which Linux has from 6.6 on.
func setFolderMode(path string, mode fs.FileMode) error {
	err := ofFolder(path, func(f *os.File) error { return f.Chmod(mode) })
	if errors.Is(err, fs.ErrPermission) {
		if unix.Fchmodat(unix.AT_FDCWD, path, uint32(mode.Perm()), unix.AT_SYMLINK_NOFOLLOW) == nil {
			return nil
		}
	}
	return err
}

// giveFile makes o the owner of an open file.
func (o *Owner) giveFile(f *os.File) error { return f.Chown(o.UID, o.GID) }

// Foreign says whether path belongs to another user than the one running,
// and who that is: a user number.
func Foreign(path string) (uid int, foreign bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false, explain(path, err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false, fmt.Errorf("%q: the system does not tell its owner", path)
	}
	return int(st.Uid), int(st.Uid) != os.Geteuid(), nil
}

// OwnerOf is whom path belongs to, for files that are to be made beside it; nil
// unless root is running, who alone can give files away.
func OwnerOf(path string) (*Owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, explain(path, err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, fmt.Errorf("%q: the system does not tell its owner", path)
	}
	return &Owner{UID: int(st.Uid), GID: int(st.Gid)}, nil
}

// OwnerIn is whom the file belongs to that info is about.
func OwnerIn(info fs.FileInfo) Owner {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return Owner{UID: int(st.Uid), GID: int(st.Gid)}
	}
	return Owner{UID: -1, GID: -1}
}

// Names is how many names (hard links) the file has that info is about.
func Names(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Nlink)
	}
	return 1
}
