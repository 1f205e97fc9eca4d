//go:build linux && !race

package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"myca/ledger"
	"myca/scripts/harm"
)

// The disk is full at one point of the change after the other: the error says
// so, and nothing has changed.
func TestFullDisk(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), "2m")
	dir := filepath.Join(disk, "pki")
	s := installation(t, dir)
	all := changes()
	for _, name := range []string{"issue client", "renew both", "amend both", "begin, crl", "switch", "revoke client"} {
		if name == "switch" { // the rotation began
			all[name] = func(s *Store) (prepared, error) {
				return prepared{do: func() error { return s.RotateSwitch(t.Context()) }}, nil
			}
		}
		harm.Fill(t, filepath.Join(disk, "filler"), 100)
		p, err := all[name](s)
		if err != nil {
			t.Fatal(err)
		}
		before := tree(t, dir)
		failures := 0
		for free := uint64(0); ; free++ {
			harm.Fill(t, filepath.Join(disk, "filler"), free)
			err := p.do()
			if err == nil || errors.Is(err, ErrUnfinished) {
				break
			}
			failures++
			if !strings.Contains(hint(err), "free some space") {
				t.Errorf("%s with %d blocks free: %v with hint %q", name, free, err, hint(err))
			}
			if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
				t.Fatalf("%s with %d blocks free, something changed:\n%s", name, free, diff)
			}
		}
		if failures < 5 && name != "switch" || failures == 0 {
			t.Errorf("%s failed %d times only", name, failures)
		}
		harm.Fill(t, filepath.Join(disk, "filler"), 100)
		if err := s.Recover(t.Context()); err != nil {
			t.Errorf("%s, then recovering: %v", name, err)
		}
		verify(t, dir)
	}
}

func TestFoundingOnAFullDisk(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), "1m")
	dir := filepath.Join(disk, "new", "pki")
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Found(dir, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	items := drafts(t, s, "server/db1", "client/laura")
	for free := uint64(0); ; free++ {
		harm.Fill(t, filepath.Join(disk, "filler"), free)
		err := s.Commit(t.Context(), items...)
		if err == nil {
			break
		}
		if !strings.Contains(hint(err), "free some space") {
			t.Errorf("with %d blocks free: %v with hint %q", free, err, hint(err))
		}
		if left := tree(t, disk); len(left) != 1 {
			t.Fatalf("with %d blocks free, this was left: %v", free, left)
		}
	}
	verify(t, dir)
}

// A read-only file system can be read, and says why it cannot be written.
func TestReadOnly(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), "1m")
	dir := filepath.Join(disk, "pki")
	s := installation(t, dir)
	if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
		t.Fatal(err)
	}
	rotateBegin(t, s)
	s.Close()
	if err := unix.Mount("myca-test", disk, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=1m"); err != nil {
		t.Fatal(err)
	}
	verify(t, dir)
	s = open(t, dir)
	readable(t, s)
	if list, err := s.CRL(); err != nil || list.Number != 2 {
		t.Errorf("crl.pem: %+v, %v", list, err)
	}
	if got := rotationOf(t, s); got != "begun 2:0+0 1:2+0*" {
		t.Errorf("rotation %q", got)
	}
	laura := renewal(t, s, "client/laura")
	item := draft(t, s, "client/bob")
	if err := s.Recover(t.Context()); err != nil {
		t.Errorf("with nothing to recover: %v", err)
	}
	for _, act := range []func() error{
		func() error { return s.Commit(t.Context(), item) },
		func() error { return s.Commit(t.Context(), laura) },
		func() error { return s.Revoke(t.Context(), revocable(t, s, "", "laura"), 0, time.Now()) },
		func() error { return s.WriteCRL(t.Context(), time.Now(), 7) },
		func() error {
			f, err := foundingOf()
			if err != nil {
				return err
			}
			other, err := Found(filepath.Join(disk, "other"), f)
			if err != nil {
				return err
			}
			return other.Commit(t.Context())
		},
	} {
		err := act()
		if !errors.Is(err, syscall.EROFS) || !strings.Contains(hint(err), "read-only") || strings.Contains(err.Error(), "removing") {
			t.Errorf("%v with hint %q, want EROFS alone", err, hint(err))
		}
	}
	if err := s.RotateSwitch(t.Context()); err == nil || !strings.Contains(hint(err), "read-only") { // the ledger alone
		t.Errorf("switching: %v with hint %q", err, hint(err))
	}
}

// A kill within the transaction leaves a journal that has to be rolled back;
// where that is not possible, reading says so.
func TestJournalOnAReadOnlyDisk(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), "1m")
	dir := filepath.Join(disk, "pki")
	s := installation(t, dir)
	path := s.ledger()
	s.Close()
	// The header of a journal of one page (SQLite file format, section 3), that
	// page, and its checksum: enough for a journal to be hot.
	page := []byte(read(t, path))[:4096]
	sum := uint32(0)
	for i := len(page) - 200; i > 0; i -= 200 {
		sum += uint32(page[i])
	}
	word := func(n uint32) string { return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) }
	pages := uint32(len(read(t, path)) / 4096)
	header := "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + word(1) + word(0) + word(pages) + word(512) + word(4096)
	write(t, path+"-journal", header+strings.Repeat("\x00", 512-len(header))+word(1)+string(page)+word(sum))
	if err := unix.Mount("myca-test", disk, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=1m"); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(dir); err == nil || hint(err) == "" {
		t.Errorf("Open = %v, %v with hint %q, want an error", s, err, hint(err))
	}
	if err := unix.Mount("myca-test", disk, "tmpfs", unix.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	commit(t, s, drafts(t, s, "client/bob")...)
	want := []string{"ca 1 active", "client bob active", "client laura active", "server db1 active"}
	if got := names(verify(t, dir)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if _, err := s.Ledger().Active(t.Context(), ledger.Client, "bob"); err != nil {
		t.Error(err)
	}
}
