package acceptance

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/scripts/servers"
)

// TestReplaceBoilerplate: one command takes a running server from the
// certificates that everybody has to its own, without a restart where that is
// possible, and without one client being refused meanwhile.
func TestReplaceBoilerplate(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		for _, kind := range []boilerplate{published, generated, sampdb} {
			t.Run(string(kind), func(t *testing.T) {
				newSite(t, bin, p, kind).replaced(t)
			})
		}
	})
}

// replaced is the way of one server.
func (s *site) replaced(t *testing.T) {
	before := s.presents(t)
	none := s.kind == generated && strings.HasSuffix(s.product.Target, "-10.11") // it makes none
	if (before == "") != none {
		t.Fatalf("the server presents %q before", before)
	}
	var further []func() error
	if s.kind == published { // its CA is there before, as after myca bootstrap
		s.myca(t, "ca", "create", "--subject", "/O=example/CN=example CA", "--key", "ec-p256")
		further = append(further, s.verifyingClient(t))
	}
	s.planned(t)
	if s.reloads() {
		loop := s.loop(t, 4, further...)
		loop.round()
		said := s.myca(t, s.installing()...)
		loop.wantUnbroken(t, "install server --replace-boilerplate on "+s.product.Target+" with "+string(s.kind))
		if strings.Contains(said, "restart") {
			t.Errorf("a restart is talked of:\n%s", said)
		}
	} else {
		said := s.myca(t, s.installing()...)
		if !strings.Contains(said, "restart") {
			t.Errorf("no restart is asked for:\n%s", said)
		}
		if got := s.presents(t); got != before {
			t.Errorf("before the restart the server presents %q, not %q", got, before)
		}
		s.restart(t)
	}
	s.wantInstalled(t, "after the installation")
	s.wantIdempotent(t)
	s.restart(t)
	s.wantInstalled(t, "after a restart")
	s.wantIdempotent(t)
}

// planned: --dry-run says what would be done, and does nothing.
func (s *site) planned(t *testing.T) {
	t.Helper()
	before := snapshot(t, s.server.Dir+"/etc", s.store)
	result := s.tryMyca(s.installing("--dry-run")...)
	if result.Code != 3 {
		t.Errorf("--dry-run: exit %d, want 3\n%s%s", result.Code, result.Stdout, result.Stderr)
	}
	if diff := cmp.Diff(before, snapshot(t, s.server.Dir+"/etc", s.store)); diff != "" {
		t.Errorf("--dry-run changed something:\n%s", diff)
	}
}

// wantIdempotent wants further runs to change nothing: not the server's files,
// not the store, not what is presented.
func (s *site) wantIdempotent(t *testing.T) {
	t.Helper()
	presented := s.presents(t)
	before, stored := s.places(t), snapshot(t, s.store)
	for _, args := range [][]string{s.installing(), s.named(), s.installing("--dry-run")} {
		result := s.tryMyca(args...)
		if !result.OK() || !strings.Contains(result.Stdout, "nothing") {
			t.Errorf("myca %s again: exit %d\n%s%s", strings.Join(args, " "), result.Code, result.Stdout, result.Stderr)
		}
	}
	if diff := cmp.Diff(before, s.places(t)); diff != "" {
		t.Errorf("a second run changed the server's files:\n%s", diff)
	}
	if diff := cmp.Diff(stored, snapshot(t, s.store)); diff != "" {
		t.Errorf("a second run changed the store:\n%s", diff)
	}
	if got := s.presents(t); got != presented {
		t.Errorf("after a second run the server presents %q, not %q", got, presented)
	}
}

// TestReplaceBoilerplateOfUnnamedHost: the names of the new certificate are those
// that the running server is known by.
func TestReplaceBoilerplateOfUnnamedHost(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		s := newSite(t, bin, p, published)
		s.hosts = nil
		var done installed
		decode(t, s.myca(t, s.installing("--json")...), &done)
		if done.Activated == nil || *done.Activated != "reloaded" {
			t.Errorf("%+v", done)
		}
		if got, want := s.presents(t), s.shown(t, "server/"+done.Name).Serial; got != want {
			t.Errorf("the server presents %q, want %q", got, want)
		}
		host, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"localhost", "127.0.0.1", host} {
			r := s.diagnose(t, "check", "--socket", s.server.Socket, "--user", "root", "--host", name)
			if len(r.Findings) != 0 {
				t.Errorf("as %s:\n%s", name, r)
			}
		}
	})
}
