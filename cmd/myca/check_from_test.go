package main

import (
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
		{withSocket, "localhost", "socket /s"}, {withSocket, "%", "127.0.0.1:3307"},
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
