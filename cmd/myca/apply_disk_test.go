//go:build linux && !race

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/harm"
)

// apply on a disk that is full, then has some more blocks free each time: as long
// as it fails it says why, the store is whole, and pairs are all there or none,
// since they are one batch. What is there in the end is what the manifest says.
func TestApplyOnFullDisk(t *testing.T) {
	disk := harm.Disk(t, t.TempDir(), diskSize)
	dir := filepath.Join(disk, "pki")
	done(t, dir, "ca", "create", "--key", "ec-p256")
	manifest := filepath.Join(t.TempDir(), "fleet.yaml")
	text := `
defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: random}
servers:
  - {name: db1, hosts: [db1.example.com], deploy_dir: /etc/mysql/myca}
clients:
  - {account: "app-{01..11}@10.%", grants: ["SELECT ON app.*"]}
`
	if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	apply := []string{"apply", manifest, "--archive", "tar.gz"}
	const pairs, step = 12, 3
	partly := 0
	for free := uint64(0); ; free += step {
		harm.Fill(t, filepath.Join(disk, "filler"), free)
		r := program(dir, apply...)
		if r.code == exitDone {
			break
		}
		if r.code != exitFailed || !strings.Contains(r.talk, "myca: error: ") || !strings.Contains(r.talk, "free some space") {
			t.Errorf("exit code %d\n%s", r.code, r.talk)
		}
		done(t, dir, "list")
		late := strings.Contains(r.talk, "recorded, but not in place yet") // the next run puts them there
		if !late {
			rows := wholeStore(t, dir)
			if late = len(rows) > 1; late && len(rows) != 1+pairs {
				t.Errorf("%d rows", len(rows))
			}
		}
		if late {
			partly++
		}
		if t.Failed() {
			t.Fatalf("with %d blocks free: %s", free, r.talk)
		}
	}
	if partly == 0 {
		t.Error("the outputs never failed after the pairs were there")
	}
	clean(t, disk)
	if rows := wholeStore(t, dir); len(rows) != 1+pairs {
		t.Errorf("%d rows in the end", len(rows))
	}
	before := tree(t, dir)
	done(t, dir, append(apply, "--dry-run")...)
	done(t, dir, apply...)
	unchanged(t, before, dir)
}
