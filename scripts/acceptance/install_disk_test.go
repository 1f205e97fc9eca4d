package acceptance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/harm"
	"myca/scripts/servers"
)

// TestInstallOnFullDisk: with no block free, then one, then two, until the
// installation comes out well; as long as it does not, nothing changes.
func TestInstallOnFullDisk(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := unfurnished(t, bin, p, published)
		system, kept := filepath.Join(s.server.Dir, "disk"), filepath.Join(t.TempDir(), "disk")
		harm.Disk(t, system, "2m")
		harm.Disk(t, kept, "2m")
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
		harm.Fill(t, filler, free)
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
