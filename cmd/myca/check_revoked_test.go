package main

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/live"
)

// A server whose certificate the store revoked gets nothing of a login, at a port
// of this machine as over the network.
func TestRevokedServer(t *testing.T) {
	c := checkClock(t)
	pair := c.pair("db1")
	state := tls.ConnectionState{PeerCertificates: certificatesOf(t, pair.Certificate...)}
	judge := func(host string) error {
		opened := &tool{terminal: terminal{now: func() time.Time { return c.now }}, dir: c.dir}
		s, err := opened.open()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		k := &checking{t: opened, store: s, server: server{address: live.Address{Host: host}, host: "localhost", named: true, trust: bundleOf(t, c)}}
		return k.gate(t.Context(), "secret")(state)
	}
	for _, host := range []string{"127.0.0.1", "db1.example.com"} {
		if err := judge(host); err != nil {
			t.Errorf("%s before: %v", host, err)
		}
	}
	server := serveGreetings(t, "8.4.3", pair)
	secret := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(secret, []byte("tr0ub4dor\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.done("revoke", "db1", "--reason", "key-compromise")
	for _, host := range []string{"127.0.0.1", "db1.example.com"} {
		if err := judge(host); err == nil || !strings.Contains(err.Error(), "revoked in the store (key-compromise)") {
			t.Errorf("%s: %v", host, err)
		}
	}
	r := c.run("check", "--host", "127.0.0.1", "--port", server.port(), "--user", "admin", "--password-file", secret)
	if !strings.Contains(r.talk, "revoked in the store") || server.seen() != "" {
		t.Errorf("%s\nlogins %s", r.talk, server.seen())
	}
}
