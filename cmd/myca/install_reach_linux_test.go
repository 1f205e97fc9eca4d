package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// listenAs listens at a socket as another user. What connects is counted by what
// it sends: it waits for a greeting that never comes, and is hung up on.
func listenAs(t *testing.T, uid int, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root listens for others")
	}
	type made struct {
		net.Listener
		err error
	}
	ready := make(chan made)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			ready <- made{nil, errno}
			return
		}
		unix.RawSyscall(unix.SYS_SETFSUID, 0, 0, 0) // the folder is root's
		listener, err := net.Listen("unix", path)
		ready <- made{listener, err}
	}()
	listener := <-ready
	if listener.err != nil {
		t.Fatal(listener.err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			_ = conn.Close()
		}
	}()
}

// A command that changes something talks to root's or the server's user's
// program only; who that is the option file may say.
func TestWhoListens(t *testing.T) {
	c := checkClock(t)
	c.done("issue", "client", "laura", "--no-password", "--key", "ec-p256")
	dir := t.TempDir()
	socket := filepath.Join(dir, "impostor.sock")
	listenAs(t, 4711, socket)
	none, conf := filepath.Join(dir, "none.cnf"), filepath.Join(dir, "my.cnf")
	write(t, none, "")
	write(t, conf, "[mysqld]\n")
	install := []string{"install", "server", "db1", "--mycnf", conf, "--deploy-dir", filepath.Join(dir, "tls"), "--defaults-file", none, "--socket", socket}
	for _, args := range [][]string{install, append(install, "--dry-run"), {"install", "server", "--replace-boilerplate", "--mycnf", conf, "--deploy-dir", filepath.Join(dir, "tls"), "--defaults-file", none, "--socket", socket},
		{"grant", "laura", "--new", "--apply", "--defaults-file", none, "--socket", socket}} {
		r := c.run(args...)
		if r.code != exitFailed || !strings.Contains(r.talk, "somebody else listens there: user 4711") || !strings.Contains(r.talk, "user=") {
			t.Errorf("%q: %d, %s", args, r.code, r.talk)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "tls")); err == nil {
		t.Error("files were installed")
	}
	write(t, conf, "[mysqld]\nuser=4711\n")
	if r := c.run(install...); strings.Contains(r.talk, "somebody else") || r.code != exitFailed {
		t.Errorf("the server's user: %d, %s", r.code, r.talk)
	}
}
