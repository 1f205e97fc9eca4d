//go:build unix

package main

import (
	"flag"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"myca/live"
)

// A socket that nobody named is used only where nobody but root, the server and
// who runs this can have put it.
func TestGuessedSocket(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	socket := func(name string, mode os.FileMode) string {
		folder := filepath.Join(top, name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "s")
		listener, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, open, sticky := socket("good", 0o755), socket("open", 0o757), socket("sticky", 0o777|os.ModeSticky)
	group, below := socket("group", 0o775), socket("loose/below", 0o755)
	if err := os.Chmod(filepath.Join(top, "loose"), 0o777); err != nil {
		t.Fatal(err)
	}
	link, file := filepath.Join(filepath.Dir(good), "link"), filepath.Join(filepath.Dir(good), "file")
	if err := os.Symlink(open, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	me := []int{0, os.Geteuid()}
	for _, test := range []struct {
		path   string
		owners []int
		want   string // part of the notice; "": it is used
	}{
		{good, me, ""}, {open, me, "others can write"}, {sticky, me, "others can write"}, {group, me, "others can write"},
		{below, me, "others can write"}, {link, me, "others can write"}, {file, me, "not a socket"},
		{good, []int{os.Geteuid() + 1}, "belongs neither"},
	} {
		found := guesses{paths: []string{filepath.Join(top, "missing"), test.path}, owners: test.owners}
		got := found.first()
		if (got != "") != (test.want == "") || !strings.Contains(strings.Join(found.notices, "\n"), test.want) {
			t.Errorf("%s: %q, %q", test.path, got, found.notices)
		}
	}
	if slices.ContainsFunc(standardSockets(), func(path string) bool { return strings.HasPrefix(path, "/tmp/") }) {
		t.Error("a socket in /tmp is guessed")
	}
}

// Flags that choose a server make the option file's socket not count; nobody has
// named what was only found.
func TestAddressOf(t *testing.T) {
	options := map[string]string{"socket": "/o"}
	network := map[string]string{"socket": "/o", "host": "127.0.0.1", "port": "3307"}
	for _, test := range []struct {
		args     []string
		settings map[string]string
		want     server
	}{
		{nil, nil, server{address: live.Address{}}},
		{nil, options, server{address: live.Address{Socket: "/o"}, socket: "/o", named: true}},
		{nil, network, server{address: live.Address{Host: "127.0.0.1", Port: 3307}, host: "127.0.0.1", socket: "/o", named: true}},
		{[]string{"--socket", "/f", "--host", "db1"}, network, server{address: live.Address{Socket: "/f"}, host: "db1", socket: "/f", named: true}},
		{[]string{"--host", "127.0.0.1"}, options, server{address: live.Address{Host: "127.0.0.1"}, host: "127.0.0.1", named: true}},
		{[]string{"--port", "3308"}, network, server{address: live.Address{Host: "127.0.0.1", Port: 3308}, host: "127.0.0.1", named: true}},
		{[]string{"--port", "3308"}, options, server{address: live.Address{Port: 3308}, named: true}},
		{[]string{"--host", "localhost"}, options, server{address: live.Address{Socket: "/o"}, host: "localhost", socket: "/o", named: true}},
		{[]string{"--host", "localhost"}, nil, server{address: live.Address{Host: "localhost"}, host: "localhost"}},
	} {
		flags := flag.NewFlagSet("check", flag.ContinueOnError)
		for _, f := range serverFlags("") {
			if err := f.Apply(flags); err != nil {
				t.Fatal(err)
			}
		}
		if err := flags.Parse(test.args); err != nil {
			t.Fatal(err)
		}
		var p problems
		got := addressOf(cli.NewContext(nil, flags, nil), test.settings, &guesses{}, &p)
		if p.err() != nil || got.address != test.want.address || got.host != test.want.host || got.socket != test.want.socket || got.named != test.want.named {
			t.Errorf("%q with %q: %+v", test.args, test.settings, got)
		}
	}
}
