//go:build linux && !race

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"myca/scripts/harm"
)

const diskSize = "4m"

func remount(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	if err := unix.Mount("myca-test", dir, "tmpfs", unix.MS_REMOUNT|flags, "size="+diskSize); err != nil {
		t.Fatal(err)
	}
}

// clean takes away what fill made.
func clean(t *testing.T, disk string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(disk, "filler")); err != nil {
		t.Fatal(err)
	}
}

// The disk is full, then has one free block, then two, until the command is
// done. As long as it fails nothing changes, unless it says that the change is
// recorded: then the next command that writes finishes it. Reading needs no
// space at all.
func TestFullDisk(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), diskSize)
	made := stores(t)
	for _, a := range writingActs() {
		t.Run(a.String(), func(t *testing.T) {
			dir := cloned(t, made[a.state], filepath.Join(disk, "pki"))
			defer os.RemoveAll(dir)
			before := tree(t, dir)
			harm.Fill(t, filepath.Join(disk, "filler"), 0)
			for _, args := range readingActs() {
				done(t, dir, args...)
			}
			failures, recorded := 0, false
			for free := uint64(0); !recorded; free++ {
				harm.Fill(t, filepath.Join(disk, "filler"), free)
				r := program(dir, a.args...)
				if r.code == exitDone {
					break
				}
				failures++
				complaint(t, r, exitFailed, disk, "free some space")
				if recorded = strings.Contains(r.talk, "recorded, but not in place yet"); !recorded {
					unchanged(t, before, dir)
				}
				if t.Failed() {
					t.Fatalf("with %d blocks free", free)
				}
			}
			if failures == 0 {
				t.Error("it never failed")
			}
			clean(t, disk)
			if recorded {
				done(t, dir, "issue", "client", "next", "--no-password", "--key", "ec-p256")
			}
			wholeStore(t, dir)
			if stale := done(t, dir, "ca", "rotate", "status").out; strings.Contains(stale, "not rewritten") {
				t.Error(stale)
			}
		})
	}
}

// A store that cannot be written can be read; what writes says why it cannot.
func TestReadOnlyStore(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), diskSize)
	made := stores(t)
	for state, from := range made {
		dir := cloned(t, from, filepath.Join(disk, state))
		before := tree(t, dir)
		remount(t, disk, unix.MS_RDONLY)
		for _, args := range readingActs() {
			done(t, dir, args...)
		}
		for _, a := range writingActs() {
			if a.state == state {
				complaint(t, program(dir, a.args...), exitFailed, dir, "read-only")
			}
		}
		unchanged(t, before, dir)
		remount(t, disk, 0)
		for _, a := range writingActs() {
			if a.state == state {
				done(t, dir, a.args...)
				break
			}
		}
		wholeStore(t, dir)
	}
}

// A store cannot be founded on a full or read-only disk, and nothing stays of
// the attempt.
func TestFoundingWithoutADisk(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), diskSize)
	dir := filepath.Join(disk, "new", "pki")
	create := []string{"ca", "create", "--key", "ec-p256"}
	bootstrap := []string{"bootstrap", "--yes", "--host", "db1", "--user", "laura", "--random-password", "--key", "ec-p256", "--ca-key", "ec-p256"}
	for _, args := range [][]string{create, bootstrap} {
		remount(t, disk, unix.MS_RDONLY)
		complaint(t, program(dir, args...), exitFailed, disk, "read-only")
		remount(t, disk, 0)
		for free := uint64(0); ; free++ {
			harm.Fill(t, filepath.Join(disk, "filler"), free)
			r := program(dir, args...)
			if r.code == exitDone {
				break
			}
			complaint(t, r, exitFailed, disk, "free some space")
			clean(t, disk)
			if left := tree(t, disk); len(left) != 1 {
				t.Fatalf("with %d blocks free, this was left: %v", free, left)
			}
			if t.Failed() {
				t.Fatalf("with %d blocks free", free)
			}
		}
		clean(t, disk)
		wholeStore(t, dir)
		if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
			t.Fatal(err)
		}
	}
}

// A run of apply that fails when all is issued has printed a whole object by then.
func TestApplyJSONIsWhole(t *testing.T) {
	dir := t.TempDir()
	path := written(t, "ca: {subject: /CN=acme, key: ec-p256}\nclients: [{account: \"app-{1..3}@%\", key: ec-p256, password: none, target: mysql-8.4}]\n")
	output := harm.Disk(t, filepath.Join(dir, "out"), "4k")
	r := program(filepath.Join(dir, "pki"), "--json", "apply", path, "--output", output)
	var p planOf
	jsonOf(t, r.out, &p)
	if r.code == exitDone || p.Summary.Create != 3 || len(p.Changes) != 3 || p.Outputs != nil {
		t.Errorf("exit code %d, %s%s", r.code, r.out, r.talk)
	}
	var failure errorJSON
	jsonOf(t, r.talk, &failure)
	if !strings.Contains(failure.Error, "3 of 3 done") {
		t.Errorf("%s", failure.Error)
	}
}
