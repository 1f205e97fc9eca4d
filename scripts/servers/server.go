package servers

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Options says how a server is started.
type Options struct {
	// DefaultsFile is the one option file that the server reads; "" for none.
	DefaultsFile string
	// Args are further options, after the ones of this package.
	Args []string
	// Bulk trades safety for speed: no binary log, no flushing, no
	// performance schema.
	Bulk bool
}

// Server is a running server with a private data folder.
type Server struct {
	Product Product
	// Dir is the server's private folder in /tmp, readable by its user:
	// data, socket, error log.
	Dir string
	// Port is the TCP port at 127.0.0.1 and 127.0.0.2, the same at every start.
	Port int
	// Socket is the path of the Unix socket.
	Socket string

	command *exec.Cmd
	exited  chan error // what Wait returned, once
	guard   *exec.Cmd  // stops the server should this process die
	pipe    io.Closer  // the guard's stdin
}

// Start starts a server and stops it when the test ends. A server that does
// not start fails the test with its error log.
func Start(t testing.TB, p Product, o Options) *Server {
	t.Helper()
	s, err := New(t, p)
	if err == nil {
		err = s.Run(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// New prepares a server with a fresh data folder and does not start it. The
// folder is removed, and a server started in it is stopped, when the test ends.
func New(t testing.TB, p Product) (*Server, error) {
	t.Helper()
	pristine, err := p.pristine()
	if err != nil {
		return nil, err
	}
	uid, gid, err := userIDs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("/tmp", "myca-"+p.Target+"-")
	if err != nil {
		return nil, err
	}
	s := &Server{Product: p, Dir: dir, Port: freePort(), Socket: filepath.Join(dir, "run", "socket")}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the error log of %s:\n%s", p.Target, lastLines(s.Log(), 10))
		}
		s.Stop()
		os.RemoveAll(dir)
	})
	err = errors.Join(os.Chmod(dir, 0o755), os.Mkdir(filepath.Join(dir, "run"), 0o755),
		os.Chown(filepath.Join(dir, "run"), uid, gid),
		copyTree(pristine, filepath.Join(dir, "data"), uid, gid, false))
	if err == nil {
		// MySQL's servers refuse to replicate from one with their own UUID.
		err = os.RemoveAll(filepath.Join(dir, "data", "auto.cnf"))
	}
	if err == nil && p.Tree != "" {
		// The server's user may be unable to reach the cache folder.
		for _, part := range []string{"share/mysql", "share/mariadb", "lib/mysql"} {
			from := filepath.Join(p.Tree, "usr", part)
			if _, missing := os.Stat(from); missing == nil {
				err = errors.Join(err, copyTree(from, filepath.Join(dir, "base", part), 0, 0, true))
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("prepare %s in %q: %w", p.Target, dir, err)
	}
	return s, nil
}

// Run starts the prepared or stopped server and waits until it takes
// connections. The error of a server that does not start holds its error log.
func (s *Server) Run(o Options) error {
	log, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.command = s.Product.Command(s.Product.serverName(), s.arguments(o)...)
	s.command.Stdout, s.command.Stderr, s.command.Dir = log, log, "/"
	if err := s.command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.Product.Target, err)
	}
	command, exited := s.command, make(chan error, 1)
	go func() { exited <- command.Wait() }()
	s.exited = exited
	if err := s.watch(); err != nil {
		s.Stop()
		return err
	}
	return s.wait()
}

// arguments returns the server's command line.
func (s *Server) arguments(o Options) []string {
	first := "--no-defaults"
	if o.DefaultsFile != "" {
		first = "--defaults-file=" + o.DefaultsFile
	}
	args := []string{first, "--user=" + serverUser, "--datadir=" + filepath.Join(s.Dir, "data"),
		"--socket=" + s.Socket, "--pid-file=" + filepath.Join(s.Dir, "run", "pid"),
		"--port=" + strconv.Itoa(s.Port), "--bind-address=127.0.0.1,127.0.0.2",
		"--innodb-buffer-pool-size=32M"}
	if s.Product.Tree != "" {
		base := filepath.Join(s.Dir, "base")
		args = append(args, "--basedir="+base, "--plugin-dir="+filepath.Join(base, "lib/mysql/plugin"))
	}
	if s.Product.MySQL() {
		args = append(args, "--mysqlx=OFF", "--secure-file-priv=", "--innodb-redo-log-capacity=16M")
	} else {
		args = append(args, "--innodb-log-file-size=8M")
	}
	if o.Bulk {
		args = append(args, "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0",
			"--innodb-doublewrite=0", "--performance-schema=OFF")
	}
	return append(args, o.Args...)
}

// wait returns when the server has said that it is ready, or with its error
// log when it ended or was silent for two minutes.
func (s *Server) wait() error {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		if strings.Contains(s.Log(), "ready for connections") {
			return nil
		}
		select {
		case err := <-s.exited:
			s.command = nil
			s.unwatch()
			return fmt.Errorf("%s did not start (%v), its error log:\n%s", s.Product.Target, err, s.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.Stop()
	return fmt.Errorf("%s was not ready after two minutes, its error log:\n%s", s.Product.Target, s.Log())
}

// Stop ends the server as an init system does, with SIGTERM, and kills it
// when it is still there after a minute. Stopping twice does nothing.
func (s *Server) Stop() {
	if s.command == nil {
		return
	}
	s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(time.Minute):
		s.command.Process.Kill()
		<-s.exited
	}
	s.command = nil
	s.unwatch()
}

// watch starts a guard that kills the server and removes its folder when this
// process dies without stopping it, as on a timeout of go test.
func (s *Server) watch() error {
	s.guard = exec.Command("/bin/sh", "-c", `read -r _; kill -9 "$1"; rm -rf "$2"`, "guard",
		strconv.Itoa(s.command.Process.Pid), s.Dir)
	pipe, err := s.guard.StdinPipe()
	if err != nil {
		return err
	}
	s.pipe = pipe
	return s.guard.Start()
}

// unwatch ends the guard before it can do anything.
func (s *Server) unwatch() {
	if s.guard == nil || s.guard.Process == nil {
		return
	}
	s.guard.Process.Kill()
	s.guard.Wait()
	s.pipe.Close()
	s.guard = nil
}

// Log returns the error log since the last start.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// lastLines returns the last n lines of text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func (s *Server) logPath() string { return filepath.Join(s.Dir, "error.log") }

// freePort returns a TCP port that nobody listens on at 127.0.0.1 and
// 127.0.0.2, outside of the range that outgoing connections take theirs from.
func freePort() int {
	for {
		port := 20000 + rand.IntN(12000)
		if vacant("127.0.0.1", port) && vacant("127.0.0.2", port) {
			return port
		}
	}
}

func vacant(host string, port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// userIDs returns the numbers of the servers' user and its group.
func userIDs() (uid, gid int, err error) {
	account, err := user.Lookup(serverUser)
	if err != nil {
		return 0, 0, err
	}
	uid, err = strconv.Atoi(account.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(account.Gid)
	return uid, gid, err
}
