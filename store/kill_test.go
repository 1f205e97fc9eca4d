//go:build unix && !race

package store

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myca/ledger"
	"myca/scripts/harm"
)

// The tests of this file start hundreds of processes, and SQLite is 30 times
// slower under the race detector, which sees nothing across processes anyway:
// they run without -race only.

// killed is a kind of change in which a process is killed.
type killed struct {
	name   string
	before []string // runs that come before, without arguments
	run    string
	args   []string
	again  func(error) bool // what the same command may say when it was done; nil: it works again
}

// A process is killed after each step of each kind of change; then what is
// there can be read, and the next command makes it whole.
func TestKilledAfterEachStep(t *testing.T) {
	binary := harm.Killable(t)
	t.Run("found", func(t *testing.T) { testFoundingKilled(t, binary) })
	t.Run("rebuild", func(t *testing.T) { testRebuildingKilled(t, binary) })
	exists := func(err error) bool { return errors.Is(err, ErrExists) }
	gone := func(err error) bool { return errors.Is(err, ledger.ErrNotFound) }
	both := []string{"client/laura", "server/db1"}
	tests := []killed{
		{"issue a server", nil, "issue", []string{"server/db2"}, exists},
		{"issue a client", nil, "issue", []string{"client/bob"}, exists},
		{"issue a batch", nil, "issue", []string{"client/c1", "server/s1", "client/c2", "client/c3", "client/c4"}, exists},
		{"force a server", nil, "force", both[1:], nil},
		{"force a client", nil, "force", both[:1], nil},
		{"force several", nil, "force", both, nil},
		{"renew several", []string{"crl"}, "renew", both, nil},
		{"amend a server", nil, "amend", both[1:], nil},
		{"amend a client", nil, "amend", both[:1], nil},
		{"amend several", nil, "amend", both, nil},
		{"amend and issue", nil, "amend", []string{"client/laura", "new/c1", "server/db1", "new/c2", "new/c3", "new/c4"}, exists},
		{"revoke a server", nil, "revoke", both[1:], gone},
		{"revoke several", []string{"crl", "begin"}, "revoke", both, gone},
		{"crl", []string{"crl"}, "crl", nil, nil},
		{"begin", nil, "begin", nil, exists},
		{"begin with a CRL", []string{"crl"}, "begin", nil, exists},
		{"begin again", []string{"begin", "lose"}, "begin", nil, exists},
		{"begin again with a CRL", []string{"crl", "begin", "lose"}, "begin", nil, exists},
		{"switch", []string{"begin"}, "switch", nil, nil},
		{"finish", []string{"begin", "switch", "all"}, "finish", nil, finished},
		{"finish with a CRL", []string{"crl", "begin", "switch", "all"}, "finish", nil, finished},
		{"compromised", []string{"crl", "begin"}, "compromised", nil, finished},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := test.store(t)
			steps := passesOf(t, s, func() error { return act(t.Context(), s, test.run, test.args) })
			for _, step := range steps {
				s := test.store(t)
				killAt(t, binary, step, test.run, append([]string{s.Dir()}, test.args...)...)
				s.Close()
				test.check(t, s.Dir())
				if t.Failed() {
					t.Fatalf("killed after %s", step)
				}
			}
		})
	}
}

// store is a store in which the change can be made.
func (k *killed) store(t *testing.T) *Store {
	t.Helper()
	s := installation(t, scratch(t))
	for _, run := range k.before {
		do := func() error { return act(t.Context(), s, run, nil) }
		if run == "all" {
			do = func() error { return renewAll(s) }
		}
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// check checks a store in which a process was killed.
func (k *killed) check(t *testing.T, dir string) {
	t.Helper()
	s := open(t, dir)
	readable(t, s)
	commit(t, s, drafts(t, s, "client/next")...)
	rows := verify(t, dir)
	for _, name := range k.args {
		kind, name, _ := strings.Cut(name, "/")
		n, active := len(rowsOf(rows, kind, name, "")), len(rowsOf(rows, kind, name, ledger.Active))
		if n > 2 || k.run == "issue" && n > 1 {
			t.Errorf("%s %q has %d rows", kind, name, n)
		}
		if (k.run == "force" || k.run == "renew" || k.run == "amend" && kind != "new") && active != 1 {
			t.Errorf("%s %q has %d active certificates", kind, name, active)
		}
	}
	agree(t, s)
	if len(rowsOf(rows, ledger.Client, "laura", ledger.Active)) == 1 {
		if password, err := s.Password("laura"); password == nil || *password != "Old-1" || err != nil {
			t.Errorf("laura's password: %v, %v", password, err)
		}
	}
	// The same command again either works or says that it was done.
	s = open(t, dir)
	if err := act(t.Context(), s, k.run, k.args); err != nil && (k.again == nil || !k.again(err)) {
		t.Errorf("again: %v", err)
	}
	verify(t, dir)
}

// testRebuildingKilled kills a rebuilding after each step; the same command
// again, or the next one, finishes it.
func testRebuildingKilled(t *testing.T, binary string) {
	for _, step := range []string{"ledger", "commit", "withdraw", "archive", "flush", "clean"} {
		s := installation(t, scratch(t))
		commit(t, s, draft(t, s, "client/bob"))
		revoke(t, s, revocable(t, s, "", "bob")...)
		rows := rowsOf(verify(t, s.Dir()), ledger.Client, "bob", ledger.Revoked)
		rename(t, s.Folder(rows[0]), s.place(ledger.Client, "bob"))
		rename(t, filepath.Join(s.place(ledger.Client, "bob"), "bob.sql"), s.sql("bob"))
		s.Close()
		remove(t, s.ledger())
		killAt(t, binary, step, "rebuild", s.Dir())
		if step == "ledger" {
			if err := program(t.Context(), "rebuild", s.Dir(), nil); err != nil {
				t.Error(err)
			}
		} else if err := open(t, s.Dir()).Recover(t.Context()); err != nil {
			t.Error(err)
		}
		want := []string{"ca 1 active", "client bob revoked", "client laura active", "server db1 active"}
		if got := names(verify(t, s.Dir())); !slices.Equal(want, got) {
			t.Errorf("killed after %s: %q", step, got)
		}
	}
}

// testFoundingKilled kills a founding after each step; the same command again
// finishes it or begins anew.
func testFoundingKilled(t *testing.T, binary string) {
	pairs := []string{"server/db1", "client/laura"}
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Found(scratch(t), f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, step := range passesOf(t, s, func() error { return programCommit(t.Context(), s, pairs) }) {
		dir := filepath.Join(scratch(t), "new", "pki")
		args := append([]string{dir}, pairs...)
		killAt(t, binary, step, "found", args...)
		recorded := false
		if s, err := Open(dir); err == nil {
			recorded = true
			readable(t, s)
			s.Close()
		} else if !errors.Is(err, ErrNoStore) {
			t.Errorf("killed after %s: %v, want a store or none", step, err)
		}
		// A second process dies as well, at the next possible moment.
		if !recorded {
			killAt(t, binary, "stage:2", "found", args...)
		}
		if err := program(t.Context(), "found", dir, pairs); err != nil {
			t.Errorf("killed after %s, then again: %v", step, err)
		}
		if rows := verify(t, dir); len(rows) != 3 {
			t.Errorf("killed after %s: %d rows", step, len(rows))
		}
		if t.Failed() {
			t.Fatalf("killed after %s", step)
		}
	}
}
