//go:build unix

package main

import (
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
