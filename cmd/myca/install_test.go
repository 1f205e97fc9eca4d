package main

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"myca/deploy"
	"myca/live"
)

// installed runs install server at an option file and a folder of the test.
func (c *clock) install(dir string, args ...string) result {
	c.Helper()
	none := filepath.Join(dir, "none.cnf")
	write(c.T, none, "")
	write(c.T, filepath.Join(dir, "my.cnf"), "[mysqld]\nport=1\n")
	return c.run(append([]string{"install", "server", "db1", "--mycnf", filepath.Join(dir, "my.cnf"), "--deploy-dir", filepath.Join(dir, "tls"),
		"--owner", strconv.Itoa(os.Geteuid()), "--defaults-file", none, "--host", "127.0.0.1"}, args...)...)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A server that answers, and that nobody can log in to, could neither be told to
// reload nor be put back: nothing is written, wherever it fails.
func TestInstallWithoutLogin(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files are not given to owners there")
	}
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	dir := t.TempDir()
	c.install(dir, "--port", "1", "--dry-run")
	store, host := tree(t, c.dir), tree(t, dir)
	for _, test := range []struct {
		args []string
		says string
	}{
		{nil, "no user is known to log in as"},
		{[]string{"--user", "root"}, "Access denied"},
		{[]string{"--user", "root", "--dry-run"}, "Access denied"},
	} {
		r := c.install(dir, append(test.args, "--port", s.port())...)
		if r.code != exitFailed || !strings.Contains(r.talk, test.says) || !strings.Contains(r.talk, "hint: --user USER") {
			t.Errorf("%q: %d, %s", test.args, r.code, r.talk)
		}
		unchanged(t, store, c.dir)
		unchanged(t, host, dir)
	}
	if strings.Contains(c.install(dir, "--user", "root", "--port", s.port()).talk, "\x1b") {
		t.Error("a control character of the server's reached the terminal")
	}
}

// Something that listens and is no server is not taken for one that is stopped.
func TestInstallAtNoServer(t *testing.T) {
	c := checkClock(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	dir := t.TempDir()
	r := c.install(dir, "--port", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	if r.code != exitFailed || !strings.Contains(r.talk, "connecting to the server") {
		t.Errorf("%d, %s", r.code, r.talk)
	}
	if _, err := os.Stat(filepath.Join(dir, "tls")); err == nil {
		t.Error("files were installed")
	}
}

// Files of this machine are none of a server elsewhere.
func TestHere(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		address  live.Address
		hostname string
		here     bool
	}{
		{live.Address{Socket: "/s"}, own, true},
		{live.Address{Socket: "/s"}, strings.ToUpper(own), true},
		{live.Address{Socket: "/s"}, "", true},
		{live.Address{Socket: "/s"}, own + "-container", false},
		{live.Address{Host: "127.0.0.1"}, own, true},
		{live.Address{}, own, true},
		{live.Address{Host: "127.0.0.1"}, "elsewhere", false},
		{live.Address{Host: "192.0.2.1"}, own, false},
	} {
		k := &checking{server: server{address: test.address}, facts: &live.Facts{Hostname: test.hostname}}
		if err := k.here(); (err == nil) != test.here {
			t.Errorf("%s that says %q: %v", test.address, test.hostname, err)
		}
	}
}

// An owner without a group gets the user's own.
func TestOwnerOf(t *testing.T) {
	if os.Geteuid() != 0 {
		owner, err := givenOwner(strconv.Itoa(os.Geteuid()))
		if owner != nil || err != nil {
			t.Errorf("who runs this: %+v, %v", owner, err)
		}
		return
	}
	for text, want := range map[string][2]int{"root": {0, 0}, "0": {0, 0}, "0:5": {0, 5}, "4294967": {4294967, -1}} {
		owner, err := givenOwner(text)
		if err != nil || owner.UID != want[0] || owner.GID != want[1] {
			t.Errorf("%s: %+v, %v", text, owner, err)
		}
	}
	if _, err := givenOwner("nobody-of-that-name"); err == nil {
		t.Error("an unknown user is an owner")
	}
}

// A server that --mycnf says the place of runs, although nothing answers where
// clients connect.
func TestInstallWhereItListens(t *testing.T) {
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	dir := t.TempDir()
	conf, none := filepath.Join(dir, "my.cnf"), filepath.Join(dir, "none.cnf")
	write(t, none, "")
	args := []string{"install", "server", "db1", "--mycnf", conf, "--deploy-dir", filepath.Join(dir, "tls"), "--owner", strconv.Itoa(os.Geteuid())}
	told := []string{"--defaults-file", none, "--host", "127.0.0.1", "--port", "1"}
	write(t, conf, "[mysqld]\nport="+s.port()+"\nsocket="+filepath.Join(dir, "none.sock")+"\n")
	for _, further := range [][]string{nil, told} {
		r := c.run(append(args, further...)...)
		if r.code != exitFailed || !strings.Contains(r.talk, "a server answers at 127.0.0.1:"+s.port()) {
			t.Errorf("%q: %d, %s", further, r.code, r.talk)
		}
	}
	write(t, conf, "[mysqld]\nport=1\nsocket="+filepath.Join(dir, "none.sock")+"\n")
	r := c.run(append(args, told...)...)
	if r.code != exitFailed || !strings.Contains(r.talk, "error: nothing answers at 127.0.0.1:1, nor at socket "+filepath.Join(dir, "none.sock")) {
		t.Errorf("%d, %s", r.code, r.talk)
	}
	if _, err := os.Stat(filepath.Join(dir, "tls")); err == nil {
		t.Error("files were installed although nothing answers")
	}
	write(t, none, "[client]\nhost=127.0.0.1\nport=1\n")
	r = c.run(append(args, told[:2]...)...)
	if r.code != exitDone || !strings.Contains(r.talk, "nothing answered at 127.0.0.1:1, nor at socket "+filepath.Join(dir, "none.sock")+":") {
		t.Errorf("%d, %s", r.code, r.talk)
	}
}

// What was interrupted is undone even when its pair is not there any more.
func TestUndoneBeforeName(t *testing.T) {
	c := checkClock(t)
	c.done("issue", "client", "laura", "--no-password", "--key", "ec-p256")
	dir := t.TempDir()
	path := filepath.Join(dir, "interrupted")
	for kind, args := range map[string][]string{"server": {"install", "server", "none"}, "client": {"install", "client", "none"}} {
		write(t, path, "before")
		plan, err := deploy.NewPlan(nil, []deploy.File{{Path: path, Data: []byte("after")}})
		if err != nil {
			t.Fatal(err)
		}
		j, err := deploy.Begin(c.dir, plan, []byte(`{"Kind":"`+kind+`","Name":"none"}`), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		err = j.Apply()
		j.Close()
		if err != nil {
			t.Fatal(err)
		}
		if kind == "server" {
			none := filepath.Join(dir, "none.cnf")
			write(t, none, "[client]\nhost=127.0.0.1\nport=1\n")
			args = append(args, "--mycnf", none, "--defaults-file", none)
		}
		r := c.run(args...)
		if r.code != exitUsage || !strings.Contains(r.talk, "undone first") || !strings.Contains(r.talk, `no `+kind+` "none"`) {
			t.Errorf("%s: %d, %s", kind, r.code, r.talk)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "before" {
			t.Errorf("%s: %q, %v", kind, text, err)
		}
	}
}
