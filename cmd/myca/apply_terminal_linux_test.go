//go:build !race

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// On a terminal a store is founded only after a question: its folder may be a
// misspelt one. Nobody is asked about one that is there.
func TestApplyAsks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	path := written(t, "ca: {subject: /CN=acme CA, key: ec-p256}\nclients: [{account: a@%, key: ec-p256, password: none}]\n")
	apply := func(args ...string) *screen {
		return onTerminal(t, append([]string{"--dir", dir, "apply"}, args...)...)
	}
	s := apply(path)
	s.await("no store at \"" + dir + "\"")
	s.await("[y/N]")
	s.typed("n\r")
	s.await("nothing was made")
	if code := s.exitCode(); code != exitFailed {
		t.Errorf("declined: exit code %d", code)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("declined: %v", err)
	}
	s = apply(path, "--dry-run")
	s.await("1 pair to create")
	if code := s.exitCode(); code != exitFound {
		t.Errorf("dry run: exit code %d", code)
	}
	s = apply(path)
	s.await("[y/N]")
	s.typed("y\r")
	s.await("1 pair created")
	if code := s.exitCode(); code != exitDone {
		t.Errorf("accepted: exit code %d", code)
	}
	s = apply(path)
	s.await("nothing to do")
	if code := s.exitCode(); code != exitDone {
		t.Errorf("again: exit code %d", code)
	}
}

// On a terminal nothing is pruned without a question.
func TestApplyAsksBeforePruning(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	const head = "ca: {subject: /CN=acme CA, key: ec-p256}\ndefaults: {key: ec-p256, password: none}\nclients:\n  - account: a@%\n"
	apply := func(text string, args ...string) *screen {
		return onTerminal(t, append([]string{"--dir", dir, "apply", written(t, text)}, args...)...)
	}
	ends := func(s *screen, want int) {
		t.Helper()
		if code := s.exitCode(); code != want {
			t.Errorf("exit code %d, want %d", code, want)
		}
	}
	s := apply(head + "  - account: \"b{1..7}@%\"\n")
	s.typed("y\r")
	s.await("8 pairs created")
	ends(s, exitDone)

	s = apply(head)
	s.await("7 active pairs are not in the manifest (client b1, client b2, client b3, client b4, client b5, 2 more)")
	ends(s, exitDone)
	s = apply(head, "--prune", "--dry-run")
	s.await("7 pairs to revoke")
	ends(s, exitFound)

	s = apply(head, "--prune")
	s.await("Not in the manifest: 7 active pairs (client b1, ")
	s.await("Revoke 7 pairs? This cannot be undone [y/N]")
	s.typed("\r")
	s.await("nothing was changed")
	ends(s, exitFailed)
	if _, err := os.Stat(filepath.Join(dir, "clients", "b7")); err != nil {
		t.Error(err)
	}
	s = apply(head, "--prune")
	s.await("[y/N]")
	s.typed("y\r")
	s.await("7 pairs revoked")
	ends(s, exitDone)
	s = apply(head, "--prune")
	s.await("nothing to do")
	ends(s, exitDone)
}

// Who types a manifest is told that it is waited for.
func TestApplyReadsFromTerminal(t *testing.T) {
	s := onTerminal(t, "--dir", filepath.Join(t.TempDir(), "pki"), "apply", "-")
	s.await("reading the manifest from standard input (end with Ctrl-D)")
	s.typed("clients: []\r\x04")
	s.await("standard input:1:1: ca.subject: there is no store yet")
	if code := s.exitCode(); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}
