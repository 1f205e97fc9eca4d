//go:build unix

package deploy

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/optionfile"
	"myca/out"
	"myca/templates"
)

// home makes a home folder in a machine with a store, for whoever runs the test,
// or for somebody else when that is root.
func home(t *testing.T) (dir string, c Client) {
	t.Helper()
	dir = scratch(t)
	if err := os.Chmod(dir, 0o755); err != nil { // the user has to get to the home folder
		t.Fatal(err)
	}
	at := filepath.Join(dir, "home/laura")
	for _, path := range []string{at, filepath.Join(dir, "pki")} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c = Client{Name: "laura", Material: newCA(t, "new CA").pair(t, "laura"), Folder: filepath.Join(at, ".mysql"), UID: os.Geteuid(), Login: "laura", Asked: true}
	if os.Geteuid() == 0 {
		c.UID, c.Owner = mysql().UID, mysql()
		if err := os.Chown(at, c.UID, c.Owner.GID); err != nil {
			t.Fatal(err)
		}
	}
	bundle, cert, key := ClientPaths(c.Folder)
	v := version(t, "mysql-8.4")
	text, err := templates.ClientOptions{Target: v, CA: bundle, Cert: cert, Key: key, User: "laura", Password: "topsecret", Host: "db1.example.com", Name: "laura"}.OptionFile()
	if err != nil {
		t.Fatal(err)
	}
	c.Options = ClientOptions{System: optionfile.OS(), Version: v, Home: at, Text: text}
	return dir, c
}

// give makes a file of the user of c.
func (c Client) give(t *testing.T, path, data string, mode os.FileMode) {
	t.Helper()
	put(t, path, data, mode)
	if c.Owner != nil {
		if err := os.Chown(path, c.Owner.UID, c.Owner.GID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInstallClient(t *testing.T) {
	for _, test := range []struct {
		name  string
		old   string
		mode  os.FileMode // of ~/.my.cnf; 0: there is none
		tells string
	}{
		{"without option file", "", 0, ""},
		{"with one of its own", "[mysql]\r\nauto-rehash\r\n", 0o600, ""},
		{"that others can read", "[client]\npassword=old", 0o644, "0644 and gets 0600"},
	} {
		dir, c := home(t)
		file := filepath.Join(c.Options.Home, ".my.cnf")
		if test.mode != 0 {
			c.give(t, file, test.old, test.mode)
		}
		p, err := c.Plan()
		if err != nil {
			t.Fatalf("%s: %v (%s)", test.name, err, hint(err))
		}
		if test.tells != "" && !mentions(p.Notices, test.tells) {
			t.Errorf("%s: notices %q", test.name, p.Notices)
		}
		done, err := c.Install(t.Context(), filepath.Join(dir, "pki"), p, today())
		if err != nil || done.Backup == "" {
			t.Fatalf("%s: %+v, %v", test.name, done, err)
		}
		if got := get(t, file); !strings.HasPrefix(got, test.old) || !strings.Contains(got, "topsecret") {
			t.Errorf("%s: the option file is %q", test.name, got)
		}
		for name, mode := range map[string]os.FileMode{".my.cnf": 0o600, ".mysql": 0o700, ".mysql/ca-cert.pem": 0o644, ".mysql/client-cert.pem": 0o644, ".mysql/client-key.pem": 0o600} {
			info, err := os.Stat(filepath.Join(c.Options.Home, name))
			if err != nil || info.Mode().Perm() != mode || out.OwnerIn(info).UID != c.UID {
				t.Errorf("%s: %s is %v, %v", test.name, name, info, err)
			}
		}
		before := scene(t, dir)
		if p, err = c.Plan(); err != nil || !p.Disk.Empty() {
			t.Errorf("%s: the second time: %+v, %v", test.name, p, err)
		}
		done, err = c.Install(t.Context(), filepath.Join(dir, "pki"), p, today())
		if err != nil || done.Backup != "" || done.Activated != Unchanged {
			t.Errorf("%s: the second time: %+v, %v", test.name, done, err)
		}
		asBefore(t, dir, before, true)
	}
}

// Root is not led to anybody else's files.
func TestClientRefusedPlaces(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has files of other users to make")
	}
	for _, test := range []struct {
		name, says string
		change     func(home string) error
	}{
		{"another user's home", "belongs to user 0", func(home string) error { return os.Chown(home, 0, 0) }},
		{"another user's option file", "belongs to user 0", func(home string) error { return os.WriteFile(filepath.Join(home, ".my.cnf"), nil, 0o644) }},
		{"another user's option file that this one cannot read", "permission denied", func(home string) error { return os.WriteFile(filepath.Join(home, ".my.cnf"), nil, 0o600) }},
		{"a link out of home", "outside of the home folder", func(home string) error { return os.Symlink("/etc/hosts", filepath.Join(home, ".my.cnf")) }},
		{"another user's folder", "belongs to user 0", func(home string) error { return os.Mkdir(filepath.Join(home, ".mysql"), 0o755) }},
		{"a link in place of the folder", "symbolic link", func(home string) error { return os.Symlink("/etc", filepath.Join(home, ".mysql")) }},
		{"no home", "no such file", os.Remove},
	} {
		dir, c := home(t)
		if err := test.change(c.Options.Home); err != nil {
			t.Fatal(err)
		}
		before := scene(t, dir)
		if _, err := c.Plan(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
		asBefore(t, dir, before, true)
	}
}

// A command that is interrupted leaves nothing behind.
func TestClientInterrupted(t *testing.T) {
	dir, c := home(t)
	before := scene(t, dir)
	p, err := c.Plan()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Install(ctx, filepath.Join(dir, "pki"), p, today()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	asBefore(t, dir, before, true)
	if got := journals(t, dir); got != "lock" {
		t.Errorf("journals %q", got)
	}
}

// What a killed installation left is undone with the rights that it had.
func TestClientUndoneWithSameRights(t *testing.T) {
	dir, c := home(t)
	before := scene(t, dir)
	p, err := c.Plan()
	if err != nil {
		t.Fatal(err)
	}
	j, err := Begin(filepath.Join(dir, "pki"), p.Disk, nil, today())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Apply(); err != nil {
		t.Fatal(err)
	}
	j.Close()
	left, err := Unfinished(filepath.Join(dir, "pki"))
	if err != nil || len(left) != 1 {
		t.Fatalf("%v, %v", left, err)
	}
	if as := left[0].record.As; c.Owner != nil && (as == nil || *as != rights{c.Owner.UID, c.Owner.GID}) || c.Owner == nil && as != nil {
		t.Errorf("the rights are %+v, of %+v", as, c.Owner)
	}
	if err := left[0].Undo(nil); err != nil {
		t.Error(err)
	}
	asBefore(t, dir, before, true)
}
