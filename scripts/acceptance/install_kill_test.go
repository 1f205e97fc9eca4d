package acceptance

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/live"
	"myca/scripts/servers"
)

// TestKilledInstall: an installation that is killed after each of its steps, or
// at any moment, leaves the server on its old certificate; the next run puts
// everything back as it was, byte for byte, also when it is killed itself; and a
// further one succeeds. Clients are not refused at any time.
func TestKilledInstall(t *testing.T) {
	needAny(t)
	bin := buildKillable(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := newSite(t, bin, p, published)
		s.issueServer(t)
		kept := filepath.Join(t.TempDir(), "etc")
		copyFolder(t, s.host, s.etc(), kept)
		loop := s.loop(t, 2)
		s.killedAfterSteps(t)
		s.killedAfterReload(t)
		s.undoKilledAfterSteps(t)
		s.killedAtRandom(t, kept)
		loop.wantUnbroken(t, "killed installations on "+p.Target)
		s.wantInstalled(t, "after all that was killed")
		s.wantIdempotent(t)
	})
}

// buildKillable is build with the steps to be killed after.
func buildKillable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	output, err := exec.Command("go", "build", "-tags", "killpoint", "-o", filepath.Join(dir, "myca"), "myca/cmd/myca").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return dir
}

// killed runs an installation that is killed after the Nth time of a step, and
// reports whether it got there; else code is its exit code.
func (s *site) killed(step string, n int, args []string) (killed bool, code int) {
	kept := s.env
	defer func() { s.env = kept }()
	s.env = append(kept[:len(kept):len(kept)], fmt.Sprintf("MYCA_KILL_AFTER=%s:%d", step, n))
	result := s.tryMyca(args...)
	return result.Code == -1, result.Code // the shell became myca
}

// kill is killed for a step that is reached.
func (s *site) kill(t *testing.T, step string, n int) {
	t.Helper()
	if killed, code := s.killed(step, n, s.named()); !killed {
		t.Fatalf("not killed after %s:%d: exit %d", step, n, code)
	}
}

// killedAfterSteps: every step before anything is in force, each time that it
// is passed. The next run undoes what was begun; it is killed when that is over.
func (s *site) killedAfterSteps(t *testing.T) {
	t.Helper()
	before := s.state(t)
	for _, step := range []string{"lock", "new", "copy", "record", "begin", "new folder", "folder", "new file", "link", "file"} {
		for n := range s.passes(step) {
			when := fmt.Sprintf("killed after %s:%d", step, n+1)
			s.kill(t, step, n+1)
			if got := s.presents(t); got != before.Presented {
				t.Errorf("%s: the server presents %q, not %q", when, got, before.Presented)
			}
			if len(s.unfinished(t)) > 0 {
				s.kill(t, "undone", 1)
			}
			s.wantState(t, when+" and undone", before)
			if t.Failed() {
				return
			}
		}
	}
}

// passes is how often an installation passes a step: files are the CA's, the
// server's two, and an option file where paths change; folders are made where
// the files are not replaced in their places.
func (s *site) passes(step string) int {
	inPlace := map[string]int{"copy": 3, "new folder": 0, "folder": 0, "new file": 3, "link": 3, "file": 3}
	elsewhere := map[string]int{"copy": 4, "new folder": 1, "folder": 1, "new file": 4, "link": 0, "file": 4}
	counts := elsewhere
	if s.inPlace() {
		counts = inPlace
	}
	if n, counted := counts[step]; counted {
		return n
	}
	return 1
}

// undoKilledAfterSteps: an installation that was killed when all files were in
// place is undone by runs that are killed themselves. They stop at an option
// file that is none as soon as nothing is to be undone any more.
func (s *site) undoKilledAfterSteps(t *testing.T) {
	t.Helper()
	before := s.state(t)
	broken := filepath.Join(t.TempDir(), "my.cnf")
	write(t, broken, "user=mysql\n")
	undo := with(s.named(), "--mycnf", broken)
	seen := 0
	for _, step := range []string{"back", "removed", "put back", "folder removed", "clean", "server"} {
		for n, killed := 1, true; killed; n++ {
			when := fmt.Sprintf("undoing killed after %s:%d", step, n)
			s.kill(t, "file", s.passes("file"))
			var code int
			if killed, code = s.killed(step, n, undo); killed {
				seen++
				_, code = s.killed("", 0, undo)
			}
			if code != 1 && code != 2 {
				t.Fatalf("%s: exit %d with an option file that is none", when, code)
			}
			s.wantState(t, when+" and undone", before)
			if t.Failed() {
				return
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d steps of undoing", seen)
	}
}

// killedAfterReload: when the server has the new certificate in force, and the
// installation is not done.
func (s *site) killedAfterReload(t *testing.T) {
	t.Helper()
	before := s.state(t)
	socket, reloaded := s.gate(t, before.Presented)
	cmd := s.command(with(s.named(), "--socket", socket))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-reloaded:
		cmd.Process.Kill()
		<-ended
	case err := <-ended:
		t.Fatalf("the installation ended without looking at what the server presents: %v", err)
	}
	if got, want := s.presents(t), s.issuedSerial(t); got != want {
		t.Errorf("killed after the reload: the server presents %q, want %q", got, want)
	}
	s.kill(t, "undone", 1)
	s.wantState(t, "killed after the reload and undone", before)
}

// gate is a socket before the server's. When a connection comes and the server
// does not present that serial number any more, it is left to wait, and the
// channel is closed.
func (s *site) gate(t *testing.T, serial string) (socket string, changed chan struct{}) {
	t.Helper()
	socket, changed = filepath.Join(t.TempDir(), "socket"), make(chan struct{})
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	ctx := inMinutes(t)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			hello, err := live.Greet(ctx, live.Address{Socket: s.server.Socket})
			if err == nil && hello.Handshake != nil && ca.SerialHex(hello.Handshake.Certificates[0].SerialNumber) != serial {
				close(changed)
				return
			}
			server, err := net.Dial("unix", s.server.Socket)
			if err != nil {
				client.Close()
				continue
			}
			go func() { io.Copy(server, client); server.Close() }()
			go func() { io.Copy(client, server); client.Close() }()
		}
	}()
	return socket, changed
}

// killedAtRandom: at any moment of the time that it takes.
func (s *site) killedAtRandom(t *testing.T, kept string) {
	t.Helper()
	before := s.state(t)
	start := time.Now()
	s.myca(t, s.named()...)
	took := time.Since(start)
	after := s.presents(t)
	for range 6 {
		s.revert(t, kept, before)
		delay := time.Duration(rand.Int64N(int64(took)))
		s.killedWithin(t, delay)
		if got := s.presents(t); got != before.Presented && got != after {
			t.Fatalf("killed after %v: the server presents %q", delay, got)
		}
		s.myca(t, s.named()...)
		s.wantInstalled(t, fmt.Sprintf("killed after %v, then installed", delay))
		if left := s.unfinished(t); len(left) != 0 {
			t.Errorf("killed after %v: left %q", delay, left)
		}
	}
}

// killedWithin kills an installation after that time.
func (s *site) killedWithin(t *testing.T, delay time.Duration) {
	t.Helper()
	cmd := s.command(s.named())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(delay)
	cmd.Process.Kill() // it may have ended
	cmd.Wait()
}

// command is myca itself, without a shell.
func (s *site) command(args []string) *exec.Cmd {
	path := ""
	for _, setting := range s.env {
		if folders, found := strings.CutPrefix(setting, "PATH="); found {
			path = filepath.Join(strings.SplitN(folders, ":", 2)[0], "myca")
		}
	}
	cmd := exec.Command(path, append([]string{"--dir", s.store, "--target", s.product.Target}, args...)...)
	cmd.Env, cmd.Dir = s.env, s.server.Dir
	return cmd
}

// revert takes the server back to its old certificate by hand.
func (s *site) revert(t *testing.T, kept string, before state) {
	t.Helper()
	if err := os.RemoveAll(s.etc()); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, s.host, kept, s.etc())
	if s.product.MySQL() {
		var assignments []string
		for line := range strings.Lines(before.Variables) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "\t")
			if name == "ssl_ca" || name == "ssl_cert" || name == "ssl_key" {
				assignments = append(assignments, "GLOBAL "+name+" = '"+value+"'")
			}
		}
		s.server.SQL(t, "SET "+strings.Join(assignments, ", "))
	}
	s.server.ReloadTLS(t)
	if got := s.presents(t); got != before.Presented {
		t.Fatalf("reverted, the server presents %q, not %q", got, before.Presented)
	}
}
