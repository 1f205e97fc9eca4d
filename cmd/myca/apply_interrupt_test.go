//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A signal ends a long run between two batches: what it says is done stays, and
// the same command does the rest.
func TestApplyInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	path := written(t, "ca: {key: ec-p256}\nclients: [{account: \"app-{1..1500}@%\", key: ec-p256, password: none, target: mysql-8.4}]\n")
	c := exec.Command(os.Args[0], "--dir", dir, "apply", path)
	c.Env = append(os.Environ(), runAsMyca+"=1")
	var talk bytes.Buffer
	c.Stderr = &talk
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for { // until the first batch is in place
		if _, err := os.Stat(filepath.Join(dir, "clients", "app-1")); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // the exit code tells
	found := regexp.MustCompile(`^myca: error: interrupted: ([0-9]+) of 1500 done; the same command goes on\n$`).FindStringSubmatch(talk.String())
	if c.ProcessState.ExitCode() != exitInterrupted || found == nil {
		t.Fatalf("ends with %v: %s", c.ProcessState, talk.String())
	}
	count, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	var there []issuedJSON
	jsonOf(t, done(t, dir, "--json", "list").out, &there)
	if len(there) != 1+count {
		t.Errorf("%d certificates, %s", len(there), talk.String())
	}
	var rest planOf
	jsonOf(t, done(t, dir, "--json", "apply", path).out, &rest)
	if rest.Summary != (summaryJSON{Create: 1500 - count, Keep: count}) {
		t.Errorf("after %d: %+v", count, rest.Summary)
	}
}

// A signal before anything is done leaves nothing.
func TestApplyInterruptedAtOnce(t *testing.T) {
	dir := t.TempDir()
	fifo, store := filepath.Join(dir, "fifo"), filepath.Join(dir, "pki")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skipf("no FIFOs here: %v", err)
	}
	c := exec.Command(os.Args[0], "--dir", store, "apply", fifo)
	c.Env = append(os.Environ(), runAsMyca+"=1")
	var talk bytes.Buffer
	c.Stderr = &talk
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // returns once it is read
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // the exit code tells
	if c.ProcessState.ExitCode() != exitInterrupted || talk.String() != "myca: error: interrupted: nothing was changed\n" {
		t.Errorf("ends with %v: %s", c.ProcessState, talk.String())
	}
	if _, err := os.Stat(store); !os.IsNotExist(err) {
		t.Errorf("the store is there: %v", err)
	}
}
