//go:build unix

package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

func TestFoundingAndIssuing(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o777} {
		dir := filepath.Join(t.TempDir(), "new", `odd #1 %41?&'ü"`)
		old := syscall.Umask(umask)
		s := found(t, dir, "server/db1", "client/laura")
		if _, err := s.Ledger().Active(t.Context(), ledger.Client, "laura"); err != nil {
			t.Errorf("after the first commit: %v", err)
		}
		again := open(t, dir)
		commit(t, again, drafts(t, again, "client/bob")...)
		commit(t, s, drafts(t, s, "client/db1")...)
		syscall.Umask(old)
		want := []string{"ca 1 active", "client bob active", "client db1 active", "client laura active", "server db1 active"}
		if diff := cmp.Diff(want, names(verify(t, dir))); diff != "" {
			t.Errorf("umask %04o (-want +got):\n%s", umask, diff)
		}
		if got := again.Target().String(); got != "mysql-8.4" {
			t.Errorf("target %s", got)
		}
		if n := again.Notices(); n != nil {
			t.Errorf("notices %q", n)
		}
	}
}

func TestOwner(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir)
	if _, err := tryDraft(s, "server/db1", func(o *Order) { o.Spec.Owner = "nobody-of-that-name" }); hint(err) == "" {
		t.Errorf("an unknown owner: %v", err)
	}
	item := draft(t, s, "server/db1", func(o *Order) { o.Spec.Owner = "4711:4712" })
	before := tree(t, dir)
	err := s.Commit(t.Context(), item)
	if os.Geteuid() != 0 {
		if hint(err) == "" {
			t.Errorf("without the right to give files away: %v", err)
		}
		if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", bundleFile, "server-cert.pem", "server-key.pem", mycnfFile} {
		uid, _, err := out.Foreign(filepath.Join(dir, "servers", "db1", name))
		if uid != 4711 || err != nil {
			t.Errorf("servers/db1/%s belongs to %d, %v", name, uid, err)
		}
	}
	commit(t, s, draft(t, s, "server/db1", forced))
	verify(t, dir)
	if uid, _, err := out.Foreign(filepath.Join(dir, "servers", "db1")); uid != os.Geteuid() || err != nil {
		t.Errorf("replaced without an owner, it belongs to %d, %v", uid, err)
	}
}

func TestNoticesOfModes(t *testing.T) {
	dir := t.TempDir()
	found(t, dir)
	for path, mode := range map[string]os.FileMode{dir: 0o770, filepath.Join(dir, "ca", "1", ca.KeyFile): 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir)
	if _, err := s.Authority(); err != nil {
		t.Fatal(err)
	}
	if n := s.Notices(); len(n) != 2 || !strings.Contains(n[0], "chmod") || !strings.Contains(n[1], "chmod") {
		t.Errorf("notices %q, want two with chmod", n)
	}
}
