//go:build unix

package out

import "golang.org/x/sys/unix"

const (
	errNoSpace  = unix.ENOSPC
	errQuota    = unix.EDQUOT
	errReadOnly = unix.EROFS

	// openFlags keep ReadFile from following a link and from waiting for a pipe.
	openFlags = unix.O_NOFOLLOW | unix.O_NONBLOCK

	// waitNot keeps the opening from waiting for the writer of a pipe.
	waitNot = unix.O_NONBLOCK

	folderFlags = unix.O_NOFOLLOW | unix.O_DIRECTORY
)
