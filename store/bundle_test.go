package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/ledger"
	"myca/out"
)

// The bundles of many folders are rewritten, of those that are what they
// should be only, and belong to whom their folders belong.
func TestBundles(t *testing.T) {
	s := found(t, scratch(t), "server/db1")
	var items []*Item
	for n := range rewriteBatch + 3 {
		items = append(items, draft(t, s, fmt.Sprintf("client/c%d", n)))
	}
	commit(t, s, items...)
	gone, mine := s.place(ledger.Client, "c1"), s.place(ledger.Client, "c2")
	if err := errors.Join(os.RemoveAll(gone), os.RemoveAll(mine)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(mine, bundleFile), "mine")
	server := s.place(ledger.Server, "db1")
	if os.Geteuid() == 0 {
		if err := os.Chown(server, 4711, 4712); err != nil {
			t.Fatal(err)
		}
	}
	rotateBegin(t, s)
	want := read(t, s.bundle())
	if strings.Count(want, "BEGIN") != 2 {
		t.Fatalf("the bundle:\n%s", want)
	}
	for _, i := range items {
		if folder := s.Folder(i.Row); folder != gone && folder != mine && read(t, filepath.Join(folder, bundleFile)) != want {
			t.Errorf("%s has another bundle", folder)
		}
	}
	if read(t, filepath.Join(mine, bundleFile)) != "mine" || read(t, filepath.Join(server, bundleFile)) != want {
		t.Error("a folder of somebody else was written to, or the server's was not")
	}
	if _, err := os.Lstat(gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that was removed: %v", err)
	}
	if os.Geteuid() == 0 {
		if owner, err := out.OwnerOf(filepath.Join(server, bundleFile)); err != nil || *owner != (out.Owner{UID: 4711, GID: 4712}) {
			t.Errorf("the server's bundle belongs to %+v, %v", owner, err)
		}
	}
	if left, err := os.ReadDir(s.staging()); len(left) > 0 || err != nil {
		t.Errorf("left staged: %v, %v", left, err)
	}
}

// A folder that was put back from a copy has an old bundle: that is told, and
// the switch is refused once.
func TestStaleBundle(t *testing.T) {
	s := installation(t, scratch(t))
	path := filepath.Join(s.place(ledger.Client, "laura"), bundleFile)
	old := read(t, path)
	rotateBegin(t, s)
	write(t, path, old)
	rotation, err := s.Rotation(t.Context(), time.Now())
	if err != nil || len(rotation.Stale) != 1 || rotation.Stale[0] != filepath.Dir(path) {
		t.Errorf("stale is %q, %v", rotation.Stale, err)
	}
	if err := s.RotateSwitch(t.Context()); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), filepath.Dir(path)) || hint(err) == "" {
		t.Errorf("switching: %v with hint %q", err, hint(err))
	}
	if err := s.RotateSwitch(t.Context()); err != nil {
		t.Error(err)
	}
	verify(t, s.Dir())
}
