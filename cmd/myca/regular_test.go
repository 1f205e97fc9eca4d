//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes, and a file of /proc that gives nothing, end with a
// message and not in waiting.
func TestFilesThatWait(t *testing.T) {
	c := checkClock(t)
	s := serveGreetings(t, "8.4.3", c.pair("db1"))
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	options := filepath.Join(t.TempDir(), "my.cnf")
	if err := os.WriteFile(options, []byte("[client]\nssl-cert="+pipe+"\nssl-key="+pipe+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--ca", pipe}, {"--public-keys", pipe}, {"--ca", filepath.Dir(pipe)}} {
		r := c.run(append([]string{"check", "--host", "127.0.0.1", "--port", s.port()}, args...)...)
		if r.code == exitDone || !strings.Contains(r.talk, "not a regular file") {
			t.Errorf("%q: exit code %d, %s", args, r.code, r.talk)
		}
	}
	r := c.run("check", "--host", "127.0.0.1", "--port", s.port(), "--defaults-file", options)
	if r.code != exitDone || !strings.Contains(r.out+r.talk, "not a regular file but a pipe") {
		t.Errorf("exit code %d, %s%s", r.code, r.out, r.talk)
	}
	if _, err := os.Stat("/proc/kmsg"); err == nil && os.Geteuid() == 0 {
		if raw, err := readRegular("/proc/kmsg", 1<<20); len(raw) > 0 {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
	}
}
