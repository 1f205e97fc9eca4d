//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A signal ends a command that waits for its input at once, with nothing done.
func TestSignalWhileWaiting(t *testing.T) {
	dir := t.TempDir()
	fifo, store := filepath.Join(dir, "fifo"), filepath.Join(dir, "pki")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Skipf("no FIFOs here: %v %s", err, out)
	}
	for _, kind := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		c := exec.Command(os.Args[0], "--dir", store, "bootstrap", "--yes", "--host", "db1", "--user", "laura", "--password-file", fifo)
		c.Env = append(os.Environ(), runAsMyca+"=1")
		var talk strings.Builder
		c.Stderr = &talk
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// Opening for writing returns once the program has it open for reading.
		writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Signal(kind); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		writer.Close()
		if code := c.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(talk.String(), "interrupted: nothing was changed") {
			t.Errorf("%v: exit code %d, %q", kind, code, talk.String())
		}
		if _, err := os.Stat(store); !os.IsNotExist(err) {
			t.Errorf("%v: the store is there: %v", kind, err)
		}
	}
}

// A signal while the command of --exec runs ends that command too; what was
// renewed stays. Where the command goes on, a second signal ends the program.
func TestSignalDuringExec(t *testing.T) {
	store := filepath.Join(t.TempDir(), "pki")
	for _, args := range [][]string{
		{"ca", "create", "--key", "ec-p256"},
		{"issue", "client", "laura", "--no-password", "--key", "ec-p256"},
	} {
		c := exec.Command(os.Args[0], append([]string{"--dir", store}, args...)...)
		c.Env = append(os.Environ(), runAsMyca+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, test := range []struct {
		command, twice, want string
	}{
		{"echo begun; exec sleep 600", "", "interrupted: renewed and in place"},
		{"trap 'echo deaf' INT; echo begun; for i in $(seq 30); do sleep 0.1; done", "deaf", "interrupted twice: stopped at once\nhint: run the same command again"},
	} {
		c := exec.Command(os.Args[0], "--dir", store, "renew", "laura", "--exec", test.command)
		c.Env = append(os.Environ(), runAsMyca+"=1")
		talk, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(talk)
		await := func(line string) {
			for lines.Scan() && lines.Text() != line {
			}
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
		await("begun")
		if test.twice != "" {
			await(test.twice)
		}
		var last string
		for lines.Scan() {
			last += lines.Text() + "\n"
		}
		c.Wait()
		if code := c.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(last, test.want) {
			t.Errorf("exit code %d, %q", code, last)
		}
	}
}
