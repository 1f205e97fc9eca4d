//go:build unix && !race

package store

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"myca/ledger"
)

// Eight processes issue 25 certificates each.
func TestEightProcesses(t *testing.T) {
	dir := t.TempDir()
	found(t, dir)
	together(t, 8, func(n int) []string { return []string{"many", dir, fmt.Sprint("p", n), "25"} }, 8)
	serials := map[string]bool{}
	for _, r := range verify(t, dir) {
		if r.Kind == ledger.Client && r.State == ledger.Active {
			serials[r.Serial] = true
		}
	}
	folders, err := os.ReadDir(filepath.Join(dir, clientsName))
	if len(serials) != 200 || len(folders) != 200 || err != nil {
		t.Errorf("%d serials, %d folders, %v; want 200", len(serials), len(folders), err)
	}
}

// Of processes that want one name, or found one store, one wins; the others
// are told so, and leave nothing behind.
func TestRaces(t *testing.T) {
	dir := t.TempDir()
	found(t, dir)
	together(t, 8, func(int) []string { return []string{"issue", dir, "client/laura", "server/db1"} }, 1)
	if rows := verify(t, dir); len(rows) != 3 {
		t.Errorf("%d rows, want 3", len(rows))
	}
	for range 5 {
		dir := filepath.Join(t.TempDir(), "new", "pki")
		together(t, 4, func(int) []string { return []string{"found", dir, "client/laura"} }, 0)
		if rows := verify(t, dir); len(rows) != 2 {
			t.Errorf("%d rows, want 2", len(rows))
		}
	}
}

// together runs n processes at once, of which winners shall succeed (0: any
// number but none) and the others find the name taken.
func together(t *testing.T, n int, args func(n int) []string, winners int) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var running []*exec.Cmd
	var talks []*strings.Builder
	for i := range n {
		a := args(i)
		c, talk := start(binary, a[0], a[1:]...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		running, talks = append(running, c), append(talks, talk)
	}
	won := 0
	for i, c := range running {
		err := c.Wait()
		switch {
		case err == nil:
			won++
		case c.ProcessState.ExitCode() != exitExists:
			t.Errorf("process %d: %v\n%s", i, err, talks[i])
		}
	}
	if won == 0 || winners > 0 && won != winners {
		t.Errorf("%d processes succeeded, want %d", won, winners)
	}
}
