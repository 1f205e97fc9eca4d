//go:build unix && !race

package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"myca/ledger"
)

// The tests of this file start hundreds of processes, and SQLite is 30 times
// slower under the race detector, which sees nothing across processes anyway:
// they run without -race only.

// killable builds this test binary with the kill points in it.
func killable(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "killable")
	c := exec.Command("go", "test", "-c", "-tags", "killpoint", "-o", binary, ".")
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("building with the tag killpoint: %v\n%s", err, text)
	}
	return binary
}

// killAt runs the program and fails unless it was killed after step.
func killAt(t *testing.T, binary, step, run string, args ...string) {
	t.Helper()
	c, talk := start(binary, run, args...)
	c.Env = append(c.Env, "MYCA_KILL_AFTER="+step)
	err := c.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("%s %s: it was not killed after %s: %v\n%s", run, args, step, err, talk)
	}
}

// A process is killed after each step of each kind of change; then what is
// there can be read, and the next command makes it whole.
func TestKilledAfterEachStep(t *testing.T) {
	binary := killable(t)
	t.Run("found", func(t *testing.T) { testFoundingKilled(t, binary) })
	tests := []struct {
		name string
		run  string
		args []string
	}{
		{"issue a server", "issue", []string{"server/db2"}},
		{"issue a client", "issue", []string{"client/bob"}},
		{"issue a batch", "issue", []string{"client/c1", "server/s1", "client/c2", "client/c3", "client/c4"}},
		{"force a server", "force", []string{"server/db1"}},
		{"force a client", "force", []string{"client/laura"}},
		{"force several", "force", []string{"client/laura", "server/db1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, step := range stepsOf(t, installation(t, scratch(t)), test.run, test.args) {
				dir := scratch(t)
				installation(t, dir).Close()
				killAt(t, binary, step, test.run, append([]string{dir}, test.args...)...)
				afterKill(t, dir, test.run, test.args)
				if t.Failed() {
					t.Fatalf("killed after %s", step)
				}
			}
		})
	}
}

// afterKill checks a store in which a process was killed.
func afterKill(t *testing.T, dir, run string, args []string) {
	t.Helper()
	s := open(t, dir)
	readable(t, s)
	commit(t, s, drafts(t, s, "client/next")...)
	rows := verify(t, dir)
	for _, name := range args {
		kind, name, _ := strings.Cut(name, "/")
		n := len(rowsOf(rows, kind, name, ""))
		if n > 2 || run == "issue" && n > 1 {
			t.Errorf("%s %q has %d rows", kind, name, n)
		}
		if run == "force" && len(rowsOf(rows, kind, name, ledger.Active)) != 1 {
			t.Errorf("%s %q has no active certificate", kind, name)
		}
	}
	if password, err := s.Password("laura"); password == nil || *password != "Old-1" || err != nil {
		t.Errorf("laura's password: %v, %v", password, err)
	}
	// The same command again either works or says that it was done.
	err := program(t.Context(), run, dir, args)
	if run == "issue" && len(rowsOf(rows, "", strings.Split(args[0], "/")[1], "")) > 0 {
		if !errors.Is(err, ErrExists) {
			t.Errorf("again: %v, want ErrExists", err)
		}
	} else if err != nil {
		t.Errorf("again: %v", err)
	}
	verify(t, dir)
}

func rowsOf(rows []ledger.Row, kind, name string, state ledger.State) []ledger.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r ledger.Row) bool {
		return kind != "" && r.Kind != kind || r.Name != name || state != "" && r.State != state
	})
}

// stepsOf is the steps that a run passes, "name:n" each.
func stepsOf(t *testing.T, s *Store, run string, args []string) []string {
	t.Helper()
	return passesOf(t, s, func() error {
		if run == "force" {
			return programCommit(t.Context(), s, args, forced)
		}
		return programCommit(t.Context(), s, args)
	})
}

// testFoundingKilled kills a founding after each step; the same command again
// finishes it or begins anew.
func testFoundingKilled(t *testing.T, binary string) {
	pairs := []string{"server/db1", "client/laura"}
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Found(scratch(t), f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, step := range stepsOf(t, s, "found", pairs) {
		dir := filepath.Join(scratch(t), "new", "pki")
		args := append([]string{dir}, pairs...)
		killAt(t, binary, step, "found", args...)
		recorded := false
		if s, err := Open(dir); err == nil {
			recorded = true
			readable(t, s)
			s.Close()
		} else if !errors.Is(err, ErrNoStore) {
			t.Errorf("killed after %s: %v, want a store or none", step, err)
		}
		// A second process dies as well, at the next possible moment.
		if !recorded {
			killAt(t, binary, "stage:2", "found", args...)
		}
		if err := program(t.Context(), "found", dir, pairs); err != nil {
			t.Errorf("killed after %s, then again: %v", step, err)
		}
		if rows := verify(t, dir); len(rows) != 3 {
			t.Errorf("killed after %s: %d rows", step, len(rows))
		}
		if t.Failed() {
			t.Fatalf("killed after %s", step)
		}
	}
}

// Processes that issue and replace are killed at any moment.
func TestKilledAtRandom(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := scratch(t)
	installation(t, dir).Close()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	for n := range 60 {
		run, args := "many", []string{dir, fmt.Sprint(n), "100"}
		if n%2 == 1 {
			run, args = "force", []string{dir, "client/laura", "server/db1"}
		}
		c, talk := start(binary, run, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if killSoon(t, c, talk, random) {
			killed++
		}
		s := open(t, dir)
		readable(t, s)
		if err := s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Close()
		verify(t, dir)
		if t.Failed() {
			t.Fatalf("killed in round %d", n)
		}
	}
	if killed == 0 {
		t.Error("no process was killed")
	}
}

// killSoon kills a process that was started, within 40 ms, and says whether it
// was still running.
func killSoon(t *testing.T, c *exec.Cmd, talk *strings.Builder, random *rand.Rand) bool {
	t.Helper()
	time.Sleep(time.Duration(random.Int64N(int64(40 * time.Millisecond))))
	if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	err := c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("it failed before it was killed: %v\n%s", err, talk)
	}
	return err != nil
}

// Foundings are killed at any moment, each again and again until it succeeds.
func TestFoundingKilledAtRandom(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	for n := range 20 {
		dir := filepath.Join(scratch(t), "new", "pki")
		pairs := []string{"server/db1", "client/laura"}
		for range 5 {
			c, talk := start(binary, "found", append([]string{dir}, pairs...)...)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if killSoon(t, c, talk, random) {
				killed++
			}
			if s, err := Open(dir); err == nil {
				readable(t, s)
				s.Close()
			} else if !errors.Is(err, ErrNoStore) {
				t.Errorf("a store or none, not %v", err)
			}
		}
		if err := program(t.Context(), "found", dir, pairs); err != nil {
			t.Error(err)
		}
		if rows := verify(t, dir); len(rows) != 3 {
			t.Errorf("%d rows, want 3", len(rows))
		}
		if t.Failed() {
			t.Fatalf("in round %d", n)
		}
	}
	if killed == 0 {
		t.Error("no process was killed")
	}
}
