package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// attacked is a home folder whose user exchanges the folder d, in which all
// files lie, for a link to root's folder victim, in which there are files of the
// same names.
type attacked struct {
	Client
	dir          string
	d, aside, to string
	steps        int
	at           []int // the steps after which the folder is exchanged, there and back
	now          int
}

func newAttacked(t *testing.T, at ...int) *attacked {
	t.Helper()
	dir, c := home(t)
	a := &attacked{Client: c, dir: dir, d: filepath.Join(c.Options.Home, "d"), aside: filepath.Join(c.Options.Home, "aside"),
		to: filepath.Join(dir, "victim"), at: at}
	for _, path := range []string{a.d, filepath.Join(a.d, "tls"), a.to, filepath.Join(a.to, "tls")} {
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{a.d, filepath.Join(a.d, "tls")} {
		if err := os.Chown(path, c.UID, c.Owner.GID); err != nil {
			t.Fatal(err)
		}
	}
	a.Folder = filepath.Join(a.d, "tls")
	_, cert, key := ClientPaths("tls")
	for _, name := range []string{"my.cnf", cert, key} {
		c.give(t, filepath.Join(a.d, name), "evil: ::0:0\n", 0o644)
		put(t, filepath.Join(a.to, name), "root's\n", 0o640)
	}
	c.give(t, filepath.Join(a.d, "my.cnf"), "#evil\n", 0o644)
	if err := os.Symlink("d/my.cnf", filepath.Join(c.Options.Home, ".my.cnf")); err != nil {
		t.Fatal(err)
	}
	return a
}

// passed exchanges the folder after some steps.
func (a *attacked) passed(string) error {
	a.steps++
	for _, at := range a.at {
		if at != a.steps {
			continue
		}
		var err error
		if there, _ := os.Readlink(a.d); there != "" {
			err = errors.Join(os.Remove(a.d), os.Rename(a.aside, a.d))
		} else {
			err = errors.Join(os.Rename(a.d, a.aside), os.Symlink(a.to, a.d))
		}
		if err != nil {
			return fmt.Errorf("the exchange: %w", err)
		}
		a.now++
	}
	return nil
}

// run installs, and undoes it or not.
func (a *attacked) run(t *testing.T, undo bool) {
	t.Helper()
	p, err := a.Plan()
	if err != nil {
		t.Fatal(err)
	}
	j, err := begin(filepath.Join(a.dir, "pki"), p.Disk, nil, time.Now(), a.passed)
	if err != nil {
		return
	}
	defer j.Close()
	if err := j.Apply(); err == nil && !undo {
		_, _ = j.Done() // it may fail: it must only harm nobody
		return
	}
	_ = j.Undo(nil)
}

// A user who exchanges folders for links while root installs in the home folder
// leads root to nobody else's files: whichever step it is after, and whichever
// after that they are as they were.
func TestUserExchangesFolders(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root installs for other users")
	}
	for _, undo := range []bool{false, true} {
		plain := newAttacked(t)
		plain.run(t, undo)
		if plain.steps < 15 {
			t.Fatalf("%d steps", plain.steps)
		}
		exchanges := 0
		for first := 1; first <= plain.steps; first++ {
			for second := first + 1; second <= plain.steps+1; second++ {
				a := newAttacked(t, first, second)
				before := scene(t, a.to)
				folder, err := os.Lstat(a.to)
				if err != nil {
					t.Fatal(err)
				}
				a.run(t, undo)
				asBefore(t, a.to, before, true)
				if now, err := os.Lstat(a.to); err != nil || now.Mode() != folder.Mode() {
					t.Errorf("the folder: %v, %v", now, err)
				}
				if exchanges += a.now; t.Failed() {
					t.Fatalf("undo %t, exchanged after step %d and after step %d", undo, first, second)
				}
				os.RemoveAll(a.dir)
			}
		}
		if exchanges < plain.steps*plain.steps/2 {
			t.Errorf("undo %t: %d exchanges in %d steps", undo, exchanges, plain.steps)
		}
		t.Logf("undo %t: %d exchanges", undo, exchanges)
	}
}
