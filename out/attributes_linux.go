package out

import (
	"errors"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// kept says which extended attributes go with a file whose content is
// replaced. Not security.ima and security.evm, which are checksums of the old
// content, nor what belongs to the file system (trusted.*, btrfs.*).
func kept(name string) bool {
	return slices.Contains([]string{accessList, label}, name) || strings.HasPrefix(name, "user.")
}

// extendedOf is nil where the file system has no extended attributes.
func extendedOf(f *os.File) (map[string][]byte, error) {
	fd := int(f.Fd())
	names, err := grown(func(b []byte) (int, error) { return unix.Flistxattr(fd, b) })
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) {
		return nil, nil
	}
	if err != nil {
		return nil, &os.PathError{Op: "listxattr", Path: f.Name(), Err: err}
	}
	var found map[string][]byte
	for name := range strings.SplitSeq(string(names), "\x00") {
		if !kept(name) {
			continue
		}
		value, err := grown(func(b []byte) (int, error) { return unix.Fgetxattr(fd, name, b) })
		if errors.Is(err, unix.ENODATA) { // removed meanwhile
			continue
		}
		if err != nil {
			return nil, &os.PathError{Op: "getxattr", Path: f.Name(), Err: err}
		}
		if found == nil {
			found = map[string][]byte{}
		}
		found[name] = value
	}
	return found, nil
}

// grown calls get with a buffer that is large enough: names and values are at
// most 64 KiB each (xattr(7)).
func grown(get func([]byte) (int, error)) ([]byte, error) {
	for size := 256; ; size *= 2 {
		b := make([]byte, size)
		n, err := get(b)
		if errors.Is(err, unix.ERANGE) && size < 1<<16 {
			continue
		}
		return b[:max(n, 0)], err
	}
}

// label is the name of the attribute that is the label of SELinux.
const label = "security.selinux"

// setExtended sets an attribute. A label is left out where no SELinux is there
// to set it, as only root could then, with a capability that is not about files
// (cap_inode_setxattr of security/commoncap.c); an SELinux that refuses one says
// EACCES (selinux_inode_setxattr of security/selinux/hooks.c).
func setExtended(f *os.File, name string, value []byte) error {
	err := unix.Fsetxattr(int(f.Fd()), name, value, 0)
	if name == label && errors.Is(err, unix.EPERM) {
		return nil
	}
	return err
}

func removeExtended(f *os.File, name string) error { return unix.Fremovexattr(int(f.Fd()), name) }
