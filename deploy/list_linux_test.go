package deploy

import (
	"bytes"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"myca/out"
)

// list is an access control list: the owner rw-, user 4799 r--, the group ---,
// the mask and others as given (acl(5), linux/posix_acl_xattr.h).
func list(mask, others byte) []byte {
	return []byte{2, 0, 0, 0,
		1, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,
		2, 0, 4, 0, 0xbf, 0x12, 0, 0,
		4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		16, 0, mask, 0, 0xff, 0xff, 0xff, 0xff,
		32, 0, others, 0, 0xff, 0xff, 0xff, 0xff}
}

// A file that keeps its mode keeps its access control list, without which the
// mask would be the right of the group; one with another mode has none, neither
// its old one nor one that the folder gives to new files.
func TestAccessListsStay(t *testing.T) {
	dir := world(t, t.TempDir())
	at := func(name string) string { return filepath.Join(dir, "data", name) }
	for _, a := range []struct {
		path, name string
		list       []byte
	}{
		{at("ca-cert.pem"), "system.posix_acl_access", list(4, 4)}, // 0644, as is wanted
		{at("mode.pem"), "system.posix_acl_access", list(0, 0)},    // 0600, and 0640 is wanted
		{at(""), "system.posix_acl_default", list(4, 4)},
	} {
		if err := unix.Setxattr(a.path, a.name, a.list, 0); err != nil {
			t.Skipf("no access control lists here: %v", err)
		}
	}
	applied(t, dir)
	for name, want := range map[string][]byte{"ca-cert.pem": list(4, 4), "mode.pem": nil, "server-cert.pem": nil, "server-key.pem": nil} {
		_, has, err := out.Look(at(name), maxFile)
		if err != nil {
			t.Fatal(err)
		}
		if got := has.Extended["system.posix_acl_access"]; !bytes.Equal(got, want) {
			t.Errorf("%s has %x, want %x", name, got, want)
		}
	}
}
