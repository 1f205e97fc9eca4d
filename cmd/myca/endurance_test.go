//go:build !race

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"myca/ledger"
)

// Eight administrators' scripts issue a hundred certificates each on one store
// at once, every certificate by a process of its own.
func TestEightProcessesIssue(t *testing.T) {
	const workers, each = 8, 100
	dir := foundStore(t, filepath.Join(t.TempDir(), "pki"))
	var working sync.WaitGroup
	for w := range workers {
		working.Go(func() {
			for n := range each {
				args := []string{"issue", "client", fmt.Sprintf("app-%d-%d", w, n), "--no-password", "--key", "ec-p256"}
				if n%4 == 0 {
					args = []string{"issue", "server", fmt.Sprintf("host-%d-%d", w, n), "--key", "ec-p256"}
				}
				if r := program(dir, args...); r.code != 0 || r.out == "" {
					t.Errorf("%v ends with %d: %s", args, r.code, r.talk)
					return
				}
			}
		})
	}
	working.Wait()
	rows := wholeStore(t, dir)
	serials, issued := map[string]bool{}, 0
	for _, row := range rows {
		serials[row.Serial] = true
		if row.Kind != ledger.CA && row.Name != "laura" && row.Name != "db1" {
			issued++
		}
	}
	if issued != workers*each || len(serials) != len(rows) {
		t.Errorf("%d rows were issued, and there are %d serials in %d rows", issued, len(serials), len(rows))
	}
	folders := 0
	for _, kind := range []string{"servers", "clients"} {
		entries, err := os.ReadDir(filepath.Join(dir, kind))
		if err != nil {
			t.Fatal(err)
		}
		folders += len(entries)
	}
	if folders != workers*each+2 { // those of foundStore
		t.Errorf("%d folders", folders)
	}
}
