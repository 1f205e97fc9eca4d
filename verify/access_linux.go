package verify

import (
	"os"
	"slices"
	"syscall"
)

// hasList is whether the path, or what a link leads to, has an access control
// list (acl(5), in the extended attribute of that name).
func hasList(path string) bool {
	size, err := syscall.Getxattr(path, "system.posix_acl_access", nil)
	return err == nil && size > 0
}

// madeUp is whether the file is of a file system that the kernel makes up (the
// numbers of linux/magic.h: procfs, sysfs, debugfs, tracefs). Some of their files
// wait for what is to come, and give it to one reader only.
func madeUp(file *os.File) bool {
	conn, err := file.SyscallConn()
	if err != nil {
		return false
	}
	var system syscall.Statfs_t
	var failed error
	if err := conn.Control(func(fd uintptr) { failed = syscall.Fstatfs(int(fd), &system) }); err != nil || failed != nil {
		return false
	}
	return slices.Contains([]int64{0x9fa0, 0x62656572, 0x64626720, 0x74726163}, int64(system.Type))
}
