//go:build unix && !race

package store

import (
	"errors"
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

// Eight processes issue, renew and revoke at once: no CRL loses what another
// one revoked.
func TestEightProcessesRevoke(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir)
	for n := range 8 {
		commit(t, s, draft(t, s, fmt.Sprint("client/c", n)))
	}
	together(t, 8, func(n int) []string { return []string{"renew", dir, fmt.Sprint("client/c", n)} }, 8)
	together(t, 8, func(n int) []string { return []string{"revoke", dir, fmt.Sprint("client/c", n)} }, 8)
	verify(t, dir)
	if list, err := s.CRL(); err != nil || list.Number != 8 || list.Revoked != 16 {
		t.Errorf("number %d with %d certificates, %v; want 8 with 16", list.Number, list.Revoked, err)
	}
}

// Of processes that take the same step of a rotation, one takes it.
func TestRacesOfARotation(t *testing.T) {
	dir := t.TempDir()
	s := installation(t, dir)
	together(t, 4, func(int) []string { return []string{"begin", dir} }, 1)
	together(t, 4, func(int) []string { return []string{"switch", dir} }, 4)
	if err := renewAll(s); err != nil && !errors.Is(err, ErrChanged) {
		t.Fatal(err)
	}
	if err := renewAll(s); err != nil { // it knows now who signs
		t.Fatal(err)
	}
	together(t, 4, func(int) []string { return []string{"finish", dir} }, 1)
	verify(t, dir)
	if got := rotationOf(t, s); got != "none 2:2+0*" {
		t.Errorf("rotation %q", got)
	}
}
