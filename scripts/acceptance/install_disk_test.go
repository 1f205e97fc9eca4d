package acceptance

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"myca/scripts/servers"
)

// disk makes the folder dir a small file system of its own.
func disk(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("myca-test", dir, "tmpfs", 0, "size=2m,mode=0755"); err != nil {
		t.Skipf("mounting a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill leaves n blocks free on the file system of dir. What it fills it with is
// not in dir itself, where it would be seen.
func fill(t *testing.T, filler string, n uint64) {
	t.Helper()
	if err := os.Remove(filler); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(filler), &st); err != nil {
		t.Fatal(err)
	}
	if st.Bfree <= n {
		t.Fatalf("%d blocks are free", st.Bfree)
	}
	if err := os.WriteFile(filler, make([]byte, (st.Bfree-n)*uint64(st.Bsize)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestInstallOnFullDisk: with no block free, then one, then two, until the
// installation comes out well; as long as it does not, nothing changes.
func TestInstallOnFullDisk(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := unfurnished(t, bin, p, published)
		system, kept := filepath.Join(s.server.Dir, "disk"), filepath.Join(t.TempDir(), "disk")
		disk(t, system)
		disk(t, kept)
		s.store = filepath.Join(kept, "pki")
		if err := errors.Join(os.Mkdir(filepath.Join(system, "etc"), 0o755), os.Symlink("disk/etc", s.etc())); err != nil {
			t.Fatal(err)
		}
		s.furnish(t, "")
		s.start(t)
		s.settle(t)
		s.issueServer(t)
		loop := s.loop(t, 2)
		s.fillUp(t, filepath.Join(system, "filler"), 3)
		s.myca(t, "renew", "server/localhost")
		s.fillUp(t, filepath.Join(kept, "filler"), 1)
		loop.wantUnbroken(t, "installations on a full disk of "+p.Target)
		s.wantInstalled(t, "at last")
	})
}

// fillUp tries the installation with more and more space, which has to fail that
// often at least; the other disk has enough of it.
func (s *site) fillUp(t *testing.T, filler string, least int) {
	t.Helper()
	failures := 0
	for free := uint64(0); ; free++ {
		before := s.state(t)
		fill(t, filler, free)
		result := s.tryMyca(s.named()...)
		if result.OK() {
			break
		}
		failures++
		if result.Code != 1 || !strings.Contains(result.Stderr, "no space left on device") {
			t.Errorf("%s, %d blocks free: exit %d, %s", filler, free, result.Code, result.Stderr)
		}
		s.wantState(t, filler+" is full", before)
		if t.Failed() {
			return
		}
	}
	if failures < least {
		t.Errorf("%s: failed %d times only", filler, failures)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
}
