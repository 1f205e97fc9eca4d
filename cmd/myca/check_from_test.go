package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/dialect"
	"myca/live"
)

// The host part of an account decides from where it can be logged in to.
func TestFrom(t *testing.T) {
	tcp := server{address: live.Address{Host: "127.0.0.1", Port: 3307}}
	withSocket := server{address: live.Address{Host: "127.0.0.1", Port: 3307}, socket: "/s"}
	socket := server{address: live.Address{Socket: "/s"}, socket: "/s"}
	for _, test := range []struct {
		server     server
		host, want string // "": cannot be tried
	}{
		{tcp, "%", "127.0.0.1:3307"}, {tcp, "localhost", "127.0.0.1:3307"}, {tcp, "127.0.0.1", "127.0.0.1:3307"},
		{tcp, "127.%", "127.0.0.1:3307"}, {tcp, "127.0.0.0/255.0.0.0", "127.0.0.1:3307"}, {tcp, "10.%", ""}, {tcp, "db1.example.com", ""},
		{withSocket, "localhost", "127.0.0.1:3307"}, {withSocket, "%", "127.0.0.1:3307"}, // whose socket is not known
		{socket, "localhost", "socket /s"}, {socket, "%", "socket /s"}, {socket, "127.0.0.1", ""}, {socket, "10.%", ""},
	} {
		k := &checking{server: test.server}
		address, why := k.from(dialect.Account{User: "laura", Host: test.host})
		got := address.String()
		if why != "" {
			got = ""
		}
		if got != test.want {
			t.Errorf("%s at %s: %q (%s), want %q", test.host, test.server.address, got, why, test.want)
		}
	}
	remote := &checking{server: server{address: live.Address{Host: "192.0.2.1"}}}
	if _, why := remote.from(dialect.Account{User: "laura", Host: "localhost"}); why == "" {
		t.Error("localhost can be reached from elsewhere")
	}
}

// The option files' socket is of a server that was reached over TCP when the
// server says so; else localhost is tried over TCP, where the server resolves
// names.
func TestFromSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	other := filepath.Join(t.TempDir(), "s")
	for _, path := range []string{socket, other} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	its := live.Listens{Port: 3307, Socket: socket}
	for what, test := range map[string]struct {
		socket, hostname string
		listens          live.Listens
		want             string // "": cannot be tried
	}{
		"its own":            {socket, ownName(), its, "socket " + socket},
		"another's":          {other, ownName(), its, "127.0.0.1:3307"},
		"one that is gone":   {"/missing", ownName(), its, "127.0.0.1:3307"},
		"of another machine": {socket, "db9", its, "127.0.0.1:3307"},
		"of another port":    {socket, ownName(), live.Listens{Port: 3306, Socket: socket}, "127.0.0.1:3307"},
		"no names":           {other, ownName(), live.Listens{Port: 3307, Socket: socket, SkipNameResolve: true}, ""},
		"no names, its own":  {socket, ownName(), live.Listens{Port: 3307, Socket: socket, SkipNameResolve: true}, "socket " + socket},
	} {
		k := &checking{server: server{address: live.Address{Host: "127.0.0.1", Port: 3307}, socket: test.socket},
			facts: &live.Facts{Hostname: test.hostname, Listens: test.listens}}
		address, why := k.from(dialect.Account{User: "bob", Host: "localhost"})
		if got := address.String(); why == "" && got != test.want || (why == "") != (test.want != "") {
			t.Errorf("%s: %s (%s)", what, got, why)
		}
	}
}

// A refusal is of the account only when it is for the host that the server saw.
func TestElsewhere(t *testing.T) {
	loopback, socket := live.Address{Host: "127.0.0.1"}, live.Address{Socket: "/s"}
	for _, test := range []struct {
		address       live.Address
		host, message string
		number        int
		elsewhere     bool
	}{
		{loopback, "localhost", "Access denied for user 'bob'@'127.0.0.1' (using password: YES)", 1045, true},
		{loopback, "localhost", "Access denied for user 'bob'@'localhost' (using password: YES)", 1045, false},
		{loopback, "127.0.0.1", "Access denied for user 'bob'@'localhost' (using password: YES)", 1045, false},
		{loopback, "127.0.0.%", "Access denied for user 'bob'@'localhost' (using password: YES)", 1698, false},
		{loopback, "10.%", "Access denied for user 'bob'@'127.0.0.1'", 1045, true},
		{loopback, "localhost", "Host '127.0.0.1' is not allowed to connect to this MySQL server", 1130, true},
		{loopback, "localhost", "Accès refusé pour l'utilisateur: 'bob'@'127.0.0.1' (mot de passe: OUI)", 1045, true},
		{loopback, "%", "Access denied for user 'bob'@'127.0.0.1'", 1045, false},
		{loopback, "localhost", "Access denied", 1045, false},
		{loopback, "localhost", "Access denied for user 'bob'@'127.0.0.1'", 3118, false},
		{socket, "localhost", "Access denied for user 'bob'@'localhost'", 1045, false},
	} {
		k := &checking{}
		refused := live.Attempt{Refused: true, Err: &live.ServerError{Number: test.number, Message: test.message}}
		if got := k.elsewhere(dialect.Account{User: "bob", Host: test.host}, test.address, refused); (got != "") != test.elsewhere {
			t.Errorf("%s: %s: %q", test.host, test.message, got)
		}
	}
}

// A login is of the account with the most specific host.
func TestShadow(t *testing.T) {
	local := server{address: live.Address{Host: "127.0.0.1"}}
	socket := server{address: live.Address{Socket: "/s"}}
	for _, test := range []struct {
		server  server
		account string
		others  []string
		want    string
	}{
		{local, "laura@%", []string{"laura@%", "paul@localhost"}, ""},
		{local, "laura@%", []string{"laura@localhost"}, "'laura'@'localhost'"},
		{local, "laura@%", []string{"laura@127.%"}, "'laura'@'127.%'"},
		{socket, "laura@%", []string{"laura@127.%"}, ""},
		{socket, "laura@%", []string{"laura@local%"}, "'laura'@'local%'"},
		{local, "laura@127.%", []string{"laura@%"}, ""},
		{local, "laura@localhost", []string{"laura@%", "laura@127.%"}, ""},
		{local, "laura@%", []string{"laura@10.%"}, ""},
	} {
		k := &checking{server: test.server}
		account, err := dialect.ParseAccount(test.account)
		if err != nil {
			t.Fatal(err)
		}
		var others []dialect.Account
		for _, text := range test.others {
			other, err := dialect.ParseAccount(text)
			if err != nil {
				t.Fatal(err)
			}
			others = append(others, other)
		}
		why := k.shadow(account, others)
		if (why == "") != (test.want == "") || !strings.Contains(why, test.want) {
			t.Errorf("%s among %q at %s: %q", test.account, test.others, test.server.address, why)
		}
		// an anonymous account of the server, whatever the client's are
		k.accounts = []live.Account{{Account: dialect.Account{Host: "localhost"}, Anonymous: true}}
		if why := k.shadow(account, nil); (why == "") != (test.account == "laura@localhost") {
			t.Errorf("%s beside an anonymous account: %q", test.account, why)
		}
	}
}

func TestHostMatches(t *testing.T) {
	for _, test := range []struct {
		host, own string
		want      bool
	}{
		{"10.0.0.5", "10.0.0.5", true}, {"10.0.0.5", "10.0.0.55", false}, {"10.0.0._", "10.0.0.5", true},
		{"10.%", "10.0.0.5", true}, {"1.%", "10.0.0.5", false}, {"10.0.0.5", "10x0y0z5", false},
		{"10.0.0.0/255.255.255.0", "10.0.0.5", true}, {"10.0.1.0/255.255.255.0", "10.0.0.5", false},
		{"10.0.0.0/24", "10.0.0.5", true}, {"10.0.0.0/33", "10.0.0.5", false}, {"2001:db8::/32", "2001:db8::1", true},
		{"[", "10.0.0.5", false},
	} {
		if got := hostMatches(test.host, test.own); got != test.want {
			t.Errorf("%q at %s: %v", test.host, test.own, got)
		}
	}
}
