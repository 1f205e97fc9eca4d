//go:build unix && !race

package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/ledger"
)

// Processes that make changes of every kind without end are killed at any
// moment, 500 of them: after each, what is there can be read, the next command
// works, and everything is as the ledger says.
func TestKilledAtRandom(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const stores, kills = 25, 20 // a store grows, and checking it takes longer
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	phases, states := map[Phase]int{}, map[ledger.State]int{}
	for range stores {
		dir := scratch(t)
		installation(t, dir).Close()
		for n := range kills {
			killAlive(t, binary, dir, random)
			s := open(t, dir)
			readable(t, s)
			if n%2 == 0 { // else the next process recovers
				rotation, rows := whole(t, s)
				phases[rotation.Phase]++
				for _, r := range rows {
					states[r.State]++
				}
			}
			s.Close()
			if t.Failed() {
				t.Fatalf("kill %d in %s", n, dir)
			}
		}
		s := open(t, dir)
		whole(t, s)
		if list, err := s.CRL(); err != nil || list.Number != list.Recorded {
			t.Errorf("crl.pem: %+v, %v", list, err)
		}
	}
	if len(phases) != 3 || len(states) != 3 {
		t.Errorf("not everything was seen: %v, %v", phases, states)
	}
}

// killAlive starts a process that lives in dir and kills it.
func killAlive(t *testing.T, binary, dir string, random *rand.Rand) {
	t.Helper()
	c, talk := start(binary, "live", dir, fmt.Sprint(random.Uint32()))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if !killSoon(t, c, talk, random) {
		t.Fatalf("it ended by itself:\n%s", talk)
	}
}

// whole recovers a store, fails unless it is whole, and tells about it.
func whole(t *testing.T, s *Store) (Rotation, []ledger.Row) {
	t.Helper()
	if err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	rotation, err := s.Rotation(t.Context(), time.Now())
	if err != nil || len(rotation.Stale) > 0 {
		t.Errorf("the rotation: %+v, %v", rotation, err)
	}
	if password, err := s.Password("laura"); password == nil || *password != "Old-1" || err != nil {
		t.Errorf("laura's password: %v, %v", password, err)
	}
	agree(t, s)
	return rotation, verify(t, s.Dir())
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
