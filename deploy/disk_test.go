//go:build linux

package deploy

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"myca/scripts/harm"
)

// The disk is full at one point of an installation after the other: of the
// store, of the files, or of both, which are one then. Everything is put back
// while the disk is still full.
func TestFullDisk(t *testing.T) {
	for name, full := range map[string]string{"one disk": ".", "the store's": "pki", "the files'": "data"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			disk := harm.Disk(t, filepath.Join(dir, full), "1m")
			world(t, dir)
			harm.Fill(t, filepath.Join(disk, "filler"), 100) // so that the filler is in what was before
			before := scene(t, dir)
			failures := 0
			for free := uint64(0); ; free++ {
				harm.Fill(t, filepath.Join(disk, "filler"), free)
				_, err := install(dir, "new", nil)
				if err == nil {
					break
				}
				if failures++; !errors.Is(err, syscall.ENOSPC) || !strings.Contains(hint(err), "free some space") {
					t.Errorf("with %d blocks free: %v with hint %q", free, err, hint(err))
				}
				if _, err := undoAll(dir, nil); err != nil {
					t.Errorf("with %d blocks free, then undoing: %v", free, err)
				}
				asBefore(t, dir, before, true)
				if t.Failed() {
					t.Fatalf("with %d blocks free", free)
				}
			}
			if failures < 3 {
				t.Errorf("it failed %d times only", failures)
			}
			complete(t, dir, "new")
		})
	}
}

// What cannot be written makes the installation fail, with the reason, and all
// is as before.
func TestReadOnly(t *testing.T) {
	for _, part := range []string{"pki", "data", "etc/mysql/conf.d"} {
		dir := t.TempDir()
		disk := harm.Disk(t, filepath.Join(dir, part), "1m")
		world(t, dir)
		before := scene(t, dir)
		if err := unix.Mount("myca-test", disk, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=1m"); err != nil {
			t.Fatal(err)
		}
		if _, err := install(dir, "new", nil); !errors.Is(err, syscall.EROFS) || !strings.Contains(hint(err), "read-only") {
			t.Errorf("%s is read-only: %v with hint %q", part, err, hint(err))
		}
		if _, err := undoAll(dir, nil); err != nil {
			t.Errorf("%s is read-only, then undoing: %v", part, err)
		}
		asBefore(t, dir, before, true)
	}
}

// A file that is mounted by itself, as into a container, cannot be replaced.
func TestMountedFile(t *testing.T) {
	dir := harm.Disk(t, t.TempDir(), "1m")
	world(t, dir)
	path := filepath.Join(dir, "etc/mysql/mariadb.cnf")
	outside := filepath.Join(t.TempDir(), "my.cnf")
	put(t, outside, "[mysqld]\n", 0o644)
	if err := unix.Mount(outside, path, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	before := scene(t, dir)
	if _, err := install(dir, "new", nil); !errors.Is(err, syscall.EBUSY) || !strings.Contains(hint(err), "container") {
		t.Errorf("a mounted file: %v with hint %q", err, hint(err))
	}
	if _, err := undoAll(dir, nil); err != nil {
		t.Errorf("undoing: %v", err)
	}
	asBefore(t, dir, before, true)
}
