//go:build unix

package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/out"
)

// mysql is the server's user in these tests, whoever runs them when that is not
// root.
func mysql() *out.Owner {
	if os.Geteuid() == 0 {
		return &out.Owner{UID: 4711, GID: 4712}
	}
	return &out.Owner{UID: os.Geteuid(), GID: os.Getegid()}
}

// scratch is a folder for a world: in memory where the system has /dev/shm,
// because there flushing costs nothing.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "myca-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// world makes a host in dir: option files as Debian has them, certificates in
// place, and a store.
func world(t *testing.T, dir string) string {
	t.Helper()
	for _, name := range []string{"etc/alternatives", "etc/mysql/conf.d", "data", "pki"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, f := range map[string]struct {
		mode fs.FileMode
		data string
	}{
		"etc/mysql/mariadb.cnf":  {0o640, "[mysqld]\r\nport=3306\r\n# no newline at the end"},
		"etc/mysql/conf.d/a.cnf": {0o644, "[mysqld]\n"},
		"data/ca-cert.pem":       {0o644, "old CA\n"},
		"data/server-cert.pem":   {0o644, "old certificate\n"},
		"data/server-key.pem":    {0o400, "old key \x00\xff\n"},
		"data/mode.pem":          {0o600, "only the mode changes\n"},
		"data/same.pem":          {0o644, "nothing changes\n"},
	} {
		path := filepath.Join(dir, name)
		put(t, path, f.data, f.mode)
		if err := os.Chtimes(path, time.Time{}, time.Unix(1_000_000_000, 0)); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "data") {
			if err := os.Chown(path, mysql().UID, mysql().GID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for link, to := range map[string]string{
		"etc/mysql/my.cnf":        "../alternatives/my.cnf",
		"etc/alternatives/my.cnf": filepath.Join(dir, "etc/mysql/mariadb.cnf"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wanted is what an installation puts into a world.
func wanted(dir, what string) ([]Folder, []File) {
	at := func(name string) string { return filepath.Join(dir, name) }
	text := func(s string) []byte { return []byte(what + " " + s + "\n") }
	folders := []Folder{{at("etc/mysql/myca/deep"), 0o750, mysql()}, {at("data"), 0o700, nil}}
	return folders, []File{
		{Path: at("etc/mysql/my.cnf"), Data: append([]byte("[mysqld]\r\nport=3306\r\n# no newline at the end\r\n"), text("options")...), Options: true},
		{Path: at("etc/mysql/conf.d/zz-myca.cnf"), Data: text("drop-in"), Options: true},
		{Path: at("data/ca-cert.pem"), Data: text("CA"), Mode: 0o644, Owner: mysql()},
		{Path: at("data/server-cert.pem"), Data: text("certificate"), Mode: 0o644, Owner: mysql()},
		{Path: at("data/server-key.pem"), Data: text("key"), Mode: 0o400, Owner: mysql()},
		{Path: at("data/mode.pem"), Data: []byte("only the mode changes\n"), Mode: 0o640},
		{Path: at("data/same.pem"), Data: []byte("nothing changes\n"), Mode: 0o644},
		{Path: at("etc/mysql/myca/deep/server-key.pem"), Data: text("key"), Mode: 0o400, Owner: mysql()},
		{Path: at("etc/mysql/myca/deep/server-cert.pem"), Data: text("certificate")},
	}
}

func plan(t *testing.T, dir, what string) Plan {
	t.Helper()
	p, err := NewPlan(wanted(dir, what))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// install does all of it; steps is called after each step.
func install(dir, what string, steps func(string) error) (*Journal, error) {
	p, err := NewPlan(wanted(dir, what))
	if err != nil {
		return nil, err
	}
	j, err := begin(filepath.Join(dir, "pki"), p, []byte(`{"ssl_ca":"/old"}`), time.Now(), steps)
	if err != nil {
		return nil, err
	}
	if err := j.Apply(); err != nil {
		j.Close()
		return j, err
	}
	_, err = j.Done()
	return j, err
}

// applied is an installation that is applied and not done; its process is
// alive.
func applied(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Begin(filepath.Join(dir, "pki"), plan(t, dir, "new"), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	if err := j.Apply(); err != nil {
		t.Fatal(err)
	}
	return j
}

// undoAll undoes what dead processes left, and says how many there were.
func undoAll(dir string, steps func(string) error) (int, error) {
	left, err := Unfinished(filepath.Join(dir, "pki"))
	if err != nil {
		return 0, err
	}
	for _, j := range left {
		j.fault = steps
		if err := j.Undo(nil); err != nil {
			return 0, err
		}
	}
	return len(left), nil
}

// entry is what can be seen of a file, a folder or a link.
type entry struct {
	Mode     fs.FileMode
	UID, GID int
	Data     string
	Changed  time.Time // of files: when their content was
}

// scene is everything in dir outside of the store.
func scene(t *testing.T, dir string) map[string]entry {
	t.Helper()
	all := map[string]entry{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		if d.IsDir() && d.Name() == "pki" {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		owner := out.OwnerIn(info)
		e := entry{Mode: info.Mode(), UID: owner.UID, GID: owner.GID}
		switch {
		case info.Mode().IsRegular() && d.Name() != "filler":
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			e.Data, e.Changed = string(data), info.ModTime()
		case info.Mode()&fs.ModeSymlink != 0:
			if e.Data, err = os.Readlink(path); err != nil {
				return err
			}
		}
		name, err := filepath.Rel(dir, path)
		all[name] = e
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// asBefore fails unless everything outside of the store is as in before. With
// times, the files are the very ones that were there.
func asBefore(t *testing.T, dir string, before map[string]entry, times bool) {
	t.Helper()
	now := scene(t, dir)
	if !times {
		now, before = timeless(now), timeless(before)
	}
	if diff := cmp.Diff(before, now); diff != "" {
		t.Errorf("it is not as before (-before +now):\n%s", diff)
	}
}

func timeless(all map[string]entry) map[string]entry {
	some := map[string]entry{}
	for name, e := range all {
		e.Changed = time.Time{}
		some[name] = e
	}
	return some
}

// journals are the names in the store's folder of journals, without the IDs.
func journals(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "pki", roomName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name = "*" + filepath.Ext(name)
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// steps is a list of the steps that are passed: "name:n" for the nth time.
type steps struct{ steps []string }

func (r *steps) passed(step string) error {
	n := 1
	for _, s := range r.steps {
		if strings.HasPrefix(s, step+":") {
			n++
		}
	}
	r.steps = append(r.steps, fmt.Sprintf("%s:%d", step, n))
	return nil
}

var errFault = errors.New("fault")

// faultAt lets one step fail: "name:n".
func faultAt(at string) func(string) error {
	var r steps
	return func(step string) error {
		r.passed(step)
		if r.steps[len(r.steps)-1] == at {
			return errFault
		}
		return nil
	}
}

func put(t *testing.T, path, data string, mode fs.FileMode) {
	t.Helper()
	old := syscall.Umask(0)
	err := os.WriteFile(path, []byte(data), mode)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func hint(err error) string {
	var h interface{ Hint() string }
	if !errors.As(err, &h) {
		return ""
	}
	return h.Hint()
}
