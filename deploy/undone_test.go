//go:build unix

package deploy

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/live"
)

// Whatever goes wrong, files and server are as they were, and the next run does
// it all.
func TestUndone(t *testing.T) {
	denied := &live.ServerError{Number: 1227, State: "42000", Message: "Access denied; you need CONNECTION_ADMIN"}
	for _, test := range []struct {
		name, target, says string
		change             func(*host, context.CancelFunc)
		repair             func(*host)
		told               string
	}{
		{"the paths may not be set", "mysql-9.7", "Access denied", func(h *host, _ context.CancelFunc) { h.server.refuse["SetFiles"] = denied }, nil, ""},
		{"the reload may not be done", "mysql-9.7", "Access denied", func(h *host, _ context.CancelFunc) { h.server.refuse["Reload"] = denied }, nil, "SET server-cert.pem SET server-cert.pem"},
		{"the reload is refused in place", "mariadb-11.8", "Access denied", func(h *host, _ context.CancelFunc) { h.server.refuse["Reload"] = denied }, nil, ""},
		{"another certificate", "mysql-9.7", "presents another certificate", func(h *host, _ context.CancelFunc) {
			h.server.show = func(*tls.Certificate) [][]byte { return [][]byte{h.oldDER} }
		}, nil, "SET server-cert.pem RELOAD SET server-cert.pem RELOAD"},
		{"no TLS any more", "mysql-9.7", "offers no TLS", func(h *host, _ context.CancelFunc) {
			h.server.after = func(method string) {
				if method == "Reload" && h.server.loaded != h.was {
					h.server.loaded = nil
					h.server.after = nil
				}
			}
		}, nil, "SET server-cert.pem RELOAD SET server-cert.pem RELOAD"},
		{"interrupted", "mariadb-10.11", "", func(h *host, cancel context.CancelFunc) {
			h.server.after = func(string) { cancel() }
		}, nil, "RELOAD RELOAD"},
		{"other files in force", "mysql-9.7", "other files in force", func(h *host, _ context.CancelFunc) {
			h.server.after = func(method string) {
				if method == "Reload" {
					h.server.facts.Loaded.Cert = "/elsewhere.pem"
				}
			}
		}, func(h *host) { h.server.facts.Loaded = h.server.facts.Configured }, "SET server-cert.pem RELOAD SET server-cert.pem RELOAD"},
		{"a key that the server cannot read", "mysql-9.7", "", func(h *host, _ context.CancelFunc) {
			h.job.User = "65534"
			h.job.Folder = filepath.Join(h.dir, "open")
			if err := errors.Join(os.Chmod(h.dir, 0o755), os.Mkdir(h.job.Folder, 0o755)); err != nil {
				panic(err)
			}
		}, func(h *host) { h.job.Folder, h.job.User = h.job.Default, "0" }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t, test.target, true)
			if strings.HasPrefix(test.target, "mariadb") {
				h.job.Folder = ""
			}
			if test.repair != nil && test.says == "" && os.Geteuid() != 0 {
				t.Skip("only root installs for other users")
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			test.change(h, cancel)
			before, facts := scene(t, h.dir), h.server.facts
			_, _, err := h.install(t, ctx)
			var undone *UndoneError
			if !errors.As(err, &undone) || undone.Left != nil || !strings.Contains(err.Error(), test.says) || !strings.HasSuffix(err.Error(), "everything is as it was") {
				t.Errorf("the error is %v", err)
			}
			asBefore(t, h.dir, before, true)
			if h.server.facts.Configured != facts.Configured || !h.presents(t, h.old) {
				t.Errorf("the server has %+v", h.server.facts)
			}
			if got := journals(t, h.dir); got != "lock" {
				t.Errorf("journals %q", got)
			}
			if got := strings.Join(h.server.log, " "); got != test.told {
				t.Errorf("the server was told %q, not %q", got, test.told)
			}
			if test.name == "interrupted" && !errors.Is(err, context.Canceled) {
				t.Errorf("%v is no interruption", err)
			}
			h.server.refuse, h.server.after, h.server.show = map[string]error{}, nil, nil
			if test.repair != nil {
				test.repair(h)
			}
			if _, _, err := h.install(t, t.Context()); err != nil || !h.presents(t, h.job.Material) {
				t.Errorf("again: %v", err)
			}
		})
	}
}

// What cannot be put back at the server is said, and the next run does it.
func TestNotUndone(t *testing.T) {
	h := newHost(t, "mysql-9.7", false)
	lost := errors.New("the connection is gone")
	h.server.after = func(method string) {
		if method == "Reload" {
			h.server.refuse = map[string]error{"Presented": lost, "SetFiles": lost, "Reload": lost}
		}
	}
	before := scene(t, h.dir)
	_, _, err := h.install(t, t.Context())
	var undone *UndoneError
	if !errors.As(err, &undone) || undone.Left == nil || !strings.Contains(err.Error(), "the files are as they were, but the server did not answer") || !strings.Contains(undone.Hint(), "run the command again") {
		t.Fatalf("%v (%s)", err, hint(err))
	}
	asBefore(t, h.dir, before, true)
	h.server.refuse, h.server.after = map[string]error{}, nil
	told, server, err := Pending(h.store())
	if err != nil || !server || !mentions(told, "server db1") {
		t.Errorf("pending: %q, %v, %v", told, server, err)
	}
	told, err = UndoUnfinished(t.Context(), h.store(), h.server)
	if err != nil || !mentions(told, "undone first") || !h.presents(t, h.old) || h.server.facts.Configured.Cert != "server-cert.pem" {
		t.Errorf("%q, %v, %+v", told, err, h.server.facts.Configured)
	}
	if told, _, err := Pending(h.store()); told != nil || err != nil {
		t.Errorf("still pending: %q, %v", told, err)
	}
}

// killed is the panic of a process that is killed.
type killed struct{}

// A process that is killed after each thing that it does at the server, and
// before: the next one puts everything back, at that server only.
func TestKilledAtTheServer(t *testing.T) {
	for _, at := range []string{"Facts", "SetFiles", "Reload"} {
		for _, next := range []string{"running", "stopped", "another"} {
			h := newHost(t, "mysql-9.7", false)
			before := scene(t, h.dir)
			p, err := h.plan(t)
			if err != nil {
				t.Fatal(err)
			}
			killAtServer(t, h, p, at)
			var server Running = h.server
			other := *h.server
			switch next {
			case "stopped":
				server = nil
			case "another":
				other.facts.DataDir, other.log = "/elsewhere/", nil
				server = &other
			}
			told, err := UndoUnfinished(t.Context(), h.store(), server)
			if err != nil || !mentions(told, "server db1", "undone first") {
				t.Errorf("%s, %s: %q, %v", at, next, told, err)
			}
			asBefore(t, h.dir, before, false)
			switch {
			case next == "running" && (!h.presents(t, h.old) || h.server.facts.Configured.Cert != "server-cert.pem"):
				t.Errorf("killed at %s: the server has %+v", at, h.server.facts)
			case next == "stopped" && !mentions(told, "does not run"), next == "another" && (!mentions(told, h.server.facts.DataDir) || len(other.log) > 0):
				t.Errorf("%s, %s: %q, told %q", at, next, told, other.log)
			}
		}
	}
}

// killAtServer lets the installation end where a killed process does.
func killAtServer(t *testing.T, h *host, p *ServerPlan, at string) {
	t.Helper()
	text, err := json.Marshal(h.job.meta(p))
	if err != nil {
		t.Fatal(err)
	}
	j, err := Begin(h.store(), p.Disk, text, today())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.Apply(); err != nil {
		t.Fatal(err)
	}
	h.server.after = func(method string) {
		if method == at {
			panic(killed{})
		}
	}
	if at == "Facts" {
		h.server.onFacts = func() { panic(killed{}) }
	}
	defer func() {
		if _, was := recover().(killed); !was {
			t.Fatalf("not killed at %s", at)
		}
		h.server.after, h.server.onFacts = nil, nil
	}()
	t.Fatalf("not killed at %s: %v", at, p.activation.do(t.Context(), h.job.judge))
}

// What became of the files and of the server is told apart.
func TestUndoneTells(t *testing.T) {
	cause, refusal, lost := errors.New("the cause"), &live.ServerError{}, errors.New("broken pipe")
	edited := fail(ErrEdited, "compare them", "a file was edited")
	for _, test := range []struct {
		left       error
		says, hint string
	}{
		{nil, "everything is as it was", ""},
		{lost, "not everything could be put back: broken pipe", "run the command again"},
		{edited, "not everything could be put back: a file was edited", "compare them"},
		{&serverLeft{lost}, "the files are as they were, but the server did not answer", "start the server"},
		{&serverLeft{refusal}, "the files are as they were, but the server did not go back", "error log"},
		{errors.Join(edited, &serverLeft{lost}), "not everything could be put back: a file was edited\nthe server did not answer", "compare them"},
	} {
		err := &UndoneError{Cause: cause, Left: test.left}
		if !strings.HasPrefix(err.Error(), "the cause") || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Hint(), test.hint) {
			t.Errorf("%q (%s), want %q (%s)", err, err.Hint(), test.says, test.hint)
		}
	}
}
