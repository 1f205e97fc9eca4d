package out

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A label that was made by an SELinux that is off now is no obstacle, and
// neither root's groups nor its capabilities go along.
func TestAsHasNothingOfRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes the rights of other users")
	}
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755), os.Chown(dir, 4711, 4712)); err != nil {
		t.Fatal(err)
	}
	err := As(nobody(), func() error {
		groups, err := unix.Getgroups()
		if err != nil || len(groups) != 1 || groups[0] != 4712 {
			t.Errorf("groups %v, %v", groups, err)
		}
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var has [2]unix.CapUserData
		if err := unix.Capget(&header, &has[0]); err != nil || has != [2]unix.CapUserData{} {
			t.Errorf("capabilities %+v, %v", has, err)
		}
		return CreateLike(filepath.Join(dir, "x"), nil, Attributes{Mode: 0o600, Owner: *nobody(), Extended: map[string][]byte{label: []byte("system_u:object_r:x_t:s0\x00")}})
	})
	if err != nil && !errors.Is(err, unix.ENOTSUP) {
		t.Error(err)
	}
	if groups, err := unix.Getgroups(); err != nil || len(groups) == 1 && groups[0] == 4712 {
		t.Errorf("afterwards, groups %v, %v", groups, err)
	}
}
