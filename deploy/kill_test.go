//go:build unix

package deploy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"myca/scripts/harm"
)

// A process is killed after each step of an installation: until it is done,
// undoing it makes everything as it was; then it stays.
func TestKilledAfterEachStep(t *testing.T) {
	binary := harm.Killable(t)
	var all steps
	if _, err := install(world(t, scratch(t)), "new", all.passed); err != nil {
		t.Fatal(err)
	}
	over := false
	for _, step := range all.steps {
		dir := world(t, scratch(t))
		before := scene(t, dir)
		killAt(t, binary, step, "install", dir, "new")
		over = over || step == "done:1"
		n, err := undoAll(dir, nil)
		if err != nil || over && n > 0 {
			t.Errorf("killed after %s: %d unfinished, %v", step, n, err)
		}
		if !over {
			asBefore(t, dir, before, true)
		}
		// The next installation finds nothing in its way and leaves nothing.
		if _, err := install(dir, "next", nil); err != nil {
			t.Errorf("killed after %s, then again: %v", step, err)
		}
		complete(t, dir, "next")
		want := "*.done lock"
		if over {
			want = "*.done " + want
		}
		if got := journals(t, dir); got != want {
			t.Errorf("killed after %s: journals %q", step, got)
		}
		if t.Failed() {
			t.Fatalf("killed after %s", step)
		}
	}
	if !over {
		t.Error("there is no step done")
	}
	t.Logf("%d steps", len(all.steps))
}

// complete fails unless everything is as what wants it, and nothing is left
// beside it.
func complete(t *testing.T, dir, what string) {
	t.Helper()
	if p := plan(t, dir, what); !p.Empty() {
		t.Errorf("of %q these are not in place: %+v", what, p)
	}
	for name := range scene(t, dir) {
		if strings.HasPrefix(filepath.Base(name), ".myca-") {
			t.Errorf("%s is left", name)
		}
	}
}

// A process is killed after each step of undoing an installation that was
// itself killed after one of its steps, with and without second names of the
// old files; then it is undone, killed after any other step once more, and
// everything is as before.
func TestUndoKilledAfterEachStep(t *testing.T) {
	binary := harm.Killable(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	kills := 0
	for _, at := range []string{"begin:1", "new folder:1", "folder:2", "new file:4", "link:4", "file:4", "file:8"} {
		for _, links := range []bool{true, false} {
			prepare := func() (string, map[string]entry) {
				dir := world(t, scratch(t))
				before := scene(t, dir)
				killAt(t, binary, at, "install", dir, "new")
				if !links {
					unlinkAll(t, dir)
				}
				return dir, before
			}
			var all steps
			dir, _ := prepare()
			if _, err := undoAll(dir, all.passed); err != nil {
				t.Fatal(err)
			}
			for _, step := range all.steps {
				dir, before := prepare()
				killAt(t, binary, step, "undo", dir)
				c, _ := child(binary, "undo", dir)
				c.Env = append(c.Env, "MYCA_KILL_AFTER="+all.steps[random.IntN(len(all.steps))])
				_ = c.Run() // it may not come to that step any more
				if _, err := undoAll(dir, nil); err != nil {
					t.Errorf("undoing: %v", err)
				}
				asBefore(t, dir, before, links)
				if got := journals(t, dir); got != "lock" && got != "*.undone lock" {
					t.Errorf("journals %q", got)
				}
				if kills++; t.Failed() {
					t.Fatalf("install killed after %s, undo after %s, second names: %t", at, step, links)
				}
			}
		}
	}
	t.Logf("%d kills", kills)
}

// unlinkAll removes the second names of old files in a world.
func unlinkAll(t *testing.T, dir string) {
	t.Helper()
	for name := range scene(t, dir) {
		if strings.HasSuffix(name, ".old") {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Processes that install without end are killed at any moment: after each,
// undoing makes everything as one of the installations wants it, or as it was
// before the first.
func TestKilledAtRandom(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := world(t, scratch(t))
	before := scene(t, dir)
	undone := 0
	for n := range 100 {
		c, talk := child(binary, "live", dir)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(40 * time.Millisecond))))
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.Exited() {
			t.Fatalf("it ended by itself: %v\n%s", err, talk)
		}
		left, err := undoAll(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		undone += left
		text := get(t, filepath.Join(dir, "data/server-key.pem"))
		if what, found := strings.CutSuffix(text, " key\n"); found {
			// Names beside the files are left when it died between the end of
			// an installation and its tidying: the next one removes them.
			j, err := Begin(filepath.Join(dir, "pki"), Plan{}, nil, time.Now())
			if err == nil {
				err = j.Undo(nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			complete(t, dir, what)
		} else {
			asBefore(t, dir, before, true)
		}
		if t.Failed() {
			t.Fatalf("kill %d", n)
		}
	}
	if done := strings.Count(journals(t, dir), ".done"); undone == 0 || done == 0 {
		t.Errorf("%d were undone, %d done: not everything was seen", undone, done)
	}
	if p := mustUnfinished(t, dir); len(p) > 0 {
		t.Errorf("unfinished: %v", p)
	}
}

func mustUnfinished(t *testing.T, dir string) []*Journal {
	t.Helper()
	left, err := Unfinished(filepath.Join(dir, "pki"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// Of processes that install at once, each wins or is told that another one is
// at it; whoever is killed with the lock does not keep it.
func TestProcessesExcludeEachOther(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := world(t, scratch(t))
	var running []*exec.Cmd
	var talks []*strings.Builder
	for n := range 6 {
		c, talk := child(binary, "install", dir, fmt.Sprint("process ", n))
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		running, talks = append(running, c), append(talks, talk)
	}
	var won []string
	for n, c := range running {
		err := c.Wait()
		switch {
		case err == nil:
			won = append(won, fmt.Sprint("process ", n))
		case c.ProcessState.ExitCode() != exitLater:
			t.Errorf("process %d: %v\n%s", n, err, talks[n])
		}
	}
	what, _ := strings.CutSuffix(get(t, filepath.Join(dir, "data/server-key.pem")), " key\n")
	if !slices.Contains(won, what) {
		t.Errorf("%q is in place, but %q succeeded", what, won)
	}
	if got := strings.Count(journals(t, dir), ".done"); got != len(won) || len(mustUnfinished(t, dir)) > 0 {
		t.Errorf("%d installations are done, %d succeeded", got, len(won))
	}
	complete(t, dir, what)
}
