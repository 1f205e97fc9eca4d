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
// the same command does the rest. JSON is whole all the same.
func TestApplyInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	path := written(t, "ca: {subject: /CN=acme, key: ec-p256}\nclients: [{account: \"app-{1..2500}@%\", key: ec-p256, password: none, target: mysql-8.4}]\n")
	r := interrupted(t, "app-1", "--dir", dir, "apply", path)
	found := regexp.MustCompile(`(?m)^myca: error: interrupted: ([0-9]+) of 2500 are done and stay; the outputs, in ` + filepath.Join(dir, "fleet") +
		`, are written when all are\nhint: run the same command again: it goes on where it stopped\n$`).FindStringSubmatch(r.talk)
	if r.code != exitInterrupted || found == nil {
		t.Fatalf("ends with %d: %s", r.code, r.talk)
	}
	count, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	if n := certificates(t, dir); n != 1+count {
		t.Errorf("%d certificates after %d", n, count)
	}
	r = interrupted(t, "app-"+strconv.Itoa(count+1), "--dir", dir, "apply", path, "--json")
	var failure errorJSON
	jsonOf(t, r.talk, &failure)
	var part planOf
	jsonOf(t, r.out, &part)
	if more := part.Summary.Create; r.code != exitInterrupted || part.Summary.Keep != count || len(part.Changes) != more || part.Outputs != nil || certificates(t, dir) != 1+count+more {
		t.Errorf("ends with %d after %d of 2500: %+v, %+v", r.code, count, failure, part.Summary)
	}
	count += part.Summary.Create
	var rest planOf
	jsonOf(t, done(t, dir, "--json", "apply", path).out, &rest)
	if rest.Summary != (summaryJSON{Create: 2500 - count, Keep: count}) {
		t.Errorf("after %d: %+v", count, rest.Summary)
	}
}

// certificates is how many the store in dir lists.
func certificates(t *testing.T, dir string) int {
	t.Helper()
	var there []issuedJSON
	jsonOf(t, done(t, dir, "--json", "list").out, &there)
	return len(there)
}

// interrupted runs a command on the store args[1], and sends it a signal once
// that client is in place.
func interrupted(t *testing.T, client string, args ...string) result {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), runAsMyca+"=1")
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // the exit code tells
		close(ended)
	}()
	for waiting := true; waiting; {
		select {
		case <-ended:
			t.Fatalf("ends with %v before %s is there: %s", c.ProcessState, client, talk.String())
		case <-time.After(time.Millisecond):
			_, err := os.Stat(filepath.Join(args[1], "clients", client))
			waiting = err != nil
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ended
	return result{c.ProcessState.ExitCode(), out.String(), talk.String()}
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
