package harm

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Disk makes dir, which is made where it is missing, a small file system of its
// own until the test ends: size as tmpfs takes it ("1m"). Without the right to
// mount, the test is skipped.
func Disk(t *testing.T, dir, size string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("myca-test", dir, "tmpfs", 0, "size="+size+",mode=0755"); err != nil {
		t.Skipf("mounting a file system of %s needs root: %v", size, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// Fill leaves n blocks free on the file system of the file filler, which it
// makes anew.
func Fill(t *testing.T, filler string, n uint64) {
	t.Helper()
	if err := os.Remove(filler); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(filler), &st); err != nil {
		t.Fatal(err)
	}
	if st.Bfree < n {
		t.Fatalf("%d blocks are free", st.Bfree)
	}
	if err := os.WriteFile(filler, make([]byte, (st.Bfree-n)*uint64(st.Bsize)), 0o600); err != nil {
		t.Fatal(err)
	}
}
