//go:build !race

// promptui writes its cursor in a goroutine of readline while Run reads it: under
// -race every prompt is reported, so these tests run without it.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// screen is myca running on a pseudo-terminal, as an administrator sees it.
type screen struct {
	t       *testing.T
	command *exec.Cmd
	master  *os.File

	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // one token when text has grown or the program has closed the terminal
	done bool
}

// onTerminal starts myca with standard input, output and error on a new
// pseudo-terminal, which is its controlling one: Ctrl-C is a signal.
func onTerminal(t *testing.T, args ...string) *screen {
	t.Helper()
	master, slave := openTerminal(t)
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), runAsMyca+"=1", "TERM=xterm")
	command.Stdin, command.Stdout, command.Stderr = slave, slave, slave
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	s := &screen{t: t, command: command, master: master, more: make(chan struct{}, 1)}
	go s.read()
	t.Cleanup(func() { master.Close(); command.Process.Kill() })
	return s
}

func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 100}); err != nil {
		t.Fatal(err)
	}
	return master, slave
}

func (s *screen) read() {
	buffer := make([]byte, 4096)
	for {
		n, err := s.master.Read(buffer)
		s.mu.Lock()
		s.text.Write(buffer[:n])
		s.done = s.done || err != nil
		s.mu.Unlock()
		select {
		case s.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// await waits until the screen shows text after what was awaited before.
func (s *screen) await(text string) {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for {
		s.mu.Lock()
		seen, done := s.text.String(), s.done
		if i := strings.Index(seen, text); i >= 0 {
			s.text.Next(i + len(text))
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		if done {
			s.t.Fatalf("the program ended without %q; the screen:\n%s", text, seen)
		}
		select {
		case <-s.more:
		case <-deadline:
			s.t.Fatalf("%q does not come; the screen:\n%s", text, seen)
		}
	}
}

func (s *screen) typed(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// answer waits for a question and types the answer and Enter.
func (s *screen) answer(question, keys string) {
	s.t.Helper()
	s.await(question)
	s.typed(keys + "\r")
}

func (s *screen) exitCode() int {
	s.t.Helper()
	err := s.command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return s.command.ProcessState.ExitCode()
}

func wantGone(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%q is there: %v", dir, err)
	}
}

func TestWizardAsks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "bootstrap", "--key", "ec-p256", "--ca-key", "ec-p256")
	s.answer("Server [", "mariadb-11.8")
	s.answer("CA subject", "/O=acme/CN=acme CA")
	s.answer("names and addresses", "db1 localhost,127.0.0.1")
	s.answer("Account, USER", "laura@%")
	s.answer("Another account", "")
	s.answer("Privileges", "SELECT ON finance.*")
	s.answer("Privileges", "")
	s.answer("demands", "")
	s.answer("Password of the accounts", "")
	s.await("/O=acme/CN=laura")
	s.answer("Is this right", "y")
	s.await("made in")
	if code := s.exitCode(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	sql, err := os.ReadFile(filepath.Join(dir, "sql", "laura.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GRANT SELECT ON", "IDENTIFIED BY", "SUBJECT '/O=acme/CN=laura'"} {
		if !strings.Contains(string(sql), want) {
			t.Errorf("laura.sql has no %q:\n%s", want, sql)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "servers", "db1", "server-key.pem")); err != nil {
		t.Error(err)
	}
}

// Whoever knows the questions may type all answers before the first one shows.
func TestWizardTypedAhead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "--target", "mysql-9.7", "bootstrap", "--key", "ec-p256", "--ca-key", "ec-p256", "--require", "issuer,subject", "--random-password")
	s.typed("/O=acme/CN=acme CA\ndb1\nlaura@%\npaul@localhost\n\nSELECT ON finance.*\n\ny\n")
	s.await("made in")
	if code := s.exitCode(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for _, name := range []string{"laura", "paul"} {
		if _, err := os.Stat(filepath.Join(dir, "clients", name, "client-cert.pem")); err != nil {
			t.Error(err)
		}
	}
}

func TestWizardStops(t *testing.T) {
	all := []string{"bootstrap", "--key", "ec-p256", "--ca-key", "ec-p256", "--target", "mysql-8.4", "--subject", "/CN=x-ca", "--host", "db1", "--user", "laura", "--grant", "ALL ON x.*", "--require", "issuer,subject", "--random-password"}
	for _, test := range []struct {
		name     string
		args     []string
		question string
		keys     string
		code     int
		says     string
	}{
		{"Ctrl-C at the first question", []string{"bootstrap"}, "Server [", "\x03", 130, "interrupted"},
		{"Ctrl-C at a choice", []string{"bootstrap", "--target", "mysql-8.4", "--subject", "/CN=x-ca", "--host", "db1", "--user", "laura", "--grant", "ALL ON x.*"}, "demands", "\x03", 130, "interrupted"},
		{"Ctrl-C at the confirmation", all, "Is this right", "\x03", 130, "interrupted"},
		{"Ctrl-D at the first question", []string{"bootstrap"}, "Server [", "\x04", 2, "the input ended"},
		{"no", all, "Is this right", "n\r", 1, "nothing was made"},
		{"Enter is no", all, "Is this right", "\r", 1, "nothing was made"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "pki")
			s := onTerminal(t, append([]string{"--dir", dir}, test.args...)...)
			s.await(test.question)
			s.typed(test.keys)
			s.await(test.says)
			if code := s.exitCode(); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			wantGone(t, dir)
		})
	}
}

// A wrong answer is told at once, and the question stays.
func TestWizardChecksAnswers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "bootstrap", "--target", "mysql-8.4")
	s.answer("CA subject", "CN=x")
	s.await(">>")
	s.typed("\x03")
	s.await("interrupted")
	if code := s.exitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	wantGone(t, dir)
}

func TestWizardNeverAsksWithYes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "bootstrap", "--yes", "--key", "ec-p256", "--ca-key", "ec-p256", "--host", "db1")
	s.await("no --user")
	if code := s.exitCode(); code != 2 {
		t.Errorf("exit code %d", code)
	}
	wantGone(t, dir)
}

// A signal from elsewhere ends the wizard and gives the terminal back.
func TestWizardTerminated(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "bootstrap", "--target", "mysql-8.4")
	s.await("CA subject")
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.await("interrupted")
	if code := s.exitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	wantGone(t, dir)
}

// Delete does nothing; a long answer stays in one row.
func TestWizardKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "bootstrap", "--target", "mysql-8.4", "--key", "ec-p256", "--ca-key", "ec-p256", "--host", "db1", "--user", "laura", "--grant", "ALL ON x.*", "--require", "issuer,subject", "--random-password")
	s.await("CA subject")
	s.typed("\x1b[3~/C=US/ST=WI/L=Madison/O=the sampdb historical society/OU=certificates\x1b[3~/CN=sampdb root")
	s.await("…")
	s.typed("\r")
	s.answer("Is this right", "yes")
	s.await("made in")
	if code := s.exitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// The answer about the server decides the form of the keys.
func TestWizardOldServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	s := onTerminal(t, "--dir", dir, "bootstrap", "--ca-key", "rsa-2048", "--subject", "/CN=x-ca", "--host", "db1", "--user", "laura", "--grant", "ALL ON x.*", "--require", "issuer,subject", "--random-password")
	s.answer("Server [", "mysql-5.6")
	s.answer("Is this right", "y")
	s.await("made in")
	if code := s.exitCode(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	key, err := os.ReadFile(filepath.Join(dir, "servers", "db1", "server-key.pem"))
	if err != nil || !bytes.Contains(key, []byte("BEGIN RSA PRIVATE KEY")) {
		t.Errorf("the server's key is not one that MySQL 5.6 reads: %v", err)
	}
}
