package out

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// Lists of access rights and labels go with a file; what is about its content
// or the file system does not.
func TestExtendedAttributes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "x")
	set := func(name string, value []byte) {
		t.Helper()
		if err := unix.Setxattr(path, name, value, 0); err != nil {
			t.Skipf("no extended attribute %s here: %v", name, err)
		}
	}
	// Version 2; the owner rw-, user 4711 r--, the group ---, mask r--, others
	// ---: see acl(5) and linux/posix_acl_xattr.h.
	acl := []byte{2, 0, 0, 0,
		1, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,
		2, 0, 4, 0, 0x67, 0x12, 0, 0,
		4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		16, 0, 4, 0, 0xff, 0xff, 0xff, 0xff,
		32, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}
	set("user.long", bytes.Repeat([]byte("l"), 1000))
	set("system.posix_acl_access", acl)
	if os.Geteuid() == 0 {
		set("trusted.of-the-file-system", []byte("x"))
	}
	_, has, err := Look(path, 10)
	if err != nil {
		t.Fatal(err)
	}
	if has.Mode != 0o640 { // the mask stands for the group
		t.Errorf("mode %v", has.Mode)
	}
	for _, mode := range []os.FileMode{0o640, 0o660} {
		has.Mode = mode
		again := path + mode.String()
		if err := CreateLike(again, []byte("y"), has); err != nil {
			t.Fatal(err)
		}
		_, got, err := Look(again, 10)
		if err != nil || !got.Like(has) || !bytes.Equal(got.Extended["user.long"], has.Extended["user.long"]) {
			t.Errorf("it has %+v, %v", got, err)
		}
		if mode == 0o640 && !bytes.Equal(got.Extended["system.posix_acl_access"], acl) {
			t.Errorf("access control list %x", got.Extended["system.posix_acl_access"])
		}
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(got.Extended)), func(s string) bool { return s == "security.selinux" })
		if want := []string{"system.posix_acl_access", "user.long"}; !slices.Equal(names, want) {
			t.Errorf("extended attributes %q, want %q", names, want)
		}
	}
}
