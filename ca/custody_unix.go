//go:build unix

package ca

import (
	"fmt"
	"io/fs"
	"syscall"
)

// custody says who but the caller (uid) and root can get at a private key.
func custody(path string, info fs.FileInfo, uid int) []string {
	var notices []string
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		notices = append(notices, fmt.Sprintf("private key %q can be accessed by other users (mode %04o): chmod 600 %s",
			path, mode, shellQuote(path)))
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != uid && st.Uid != 0 {
		notices = append(notices, fmt.Sprintf("private key %q belongs to another user (uid %d): chown %d %s",
			path, st.Uid, uid, shellQuote(path)))
	}
	return notices
}
