package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Lost files of a pair come back with a new one. Statements that were removed
// are not missed.
func TestLostFiles(t *testing.T) {
	text := entries("name: db1, hosts: [db1.example.com]", `name: app, account: "app@10.%"`)
	for _, test := range []struct {
		path, key string
		action    Action
	}{
		{"servers/db1", "server/db1", Renew},
		{"servers/db1/server-key.pem", "server/db1", Renew},
		{"servers/db1/server-cert.pem", "server/db1", Renew},
		{"servers/db1/ca-cert.pem", "server/db1", Renew},
		{"servers/db1/my.cnf", "server/db1", Renew},
		{"clients", "client/app", Renew},
		{"clients/app/client-key.pem", "client/app", Renew},
		{"clients/app/my.cnf", "client/app", Renew},
		{"sql/app.sql", "client/app", Keep},
	} {
		t.Run(test.path, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(text)
			path := filepath.Join(w.dir, test.path)
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			steps := w.apply(text)
			step := stepOf(steps, test.key)
			if test.action == Keep {
				if len(steps) != 0 {
					t.Errorf("%+v", steps)
				}
				return
			}
			if len(steps) != 1 || step.Action != test.action || !strings.Contains(strings.Join(step.Reasons, "\n"), "is missing") {
				t.Errorf("%+v", steps)
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

// Files of a pair that were emptied, or a certificate that is not the recorded
// one, are replaced by a new pair; text around the certificate is no damage.
func TestDamagedFiles(t *testing.T) {
	text := entries("name: db1, hosts: [db1.example.com]", `name: app, account: "app@10.%"`)
	for name, test := range map[string]struct {
		path   string
		damage func([]byte) []byte
		reason string
	}{
		"an empty key":         {"servers/db1/server-key.pem", nothing, "is empty"},
		"an empty certificate": {"clients/app/client-cert.pem", nothing, "is empty"},
		"an empty bundle":      {"clients/app/ca-cert.pem", nothing, "is empty"},
		"an empty my.cnf":      {"clients/app/my.cnf", nothing, "is empty"},
		"half a certificate":   {"clients/app/client-cert.pem", func(b []byte) []byte { return b[:len(b)/2] }, "is not the certificate"},
		"its text":             {"clients/app/client-cert.pem", func(b []byte) []byte { return append([]byte("Certificate:\n"), b...) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(text)
			path := filepath.Join(w.dir, test.path)
			good, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, test.damage(good), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			steps := w.apply(text)
			if test.reason == "" {
				if len(steps) != 0 {
					t.Errorf("%+v", steps)
				}
				return
			}
			if len(steps) != 1 || steps[0].Action != Renew || !strings.Contains(strings.Join(steps[0].Reasons, "\n"), test.reason) {
				t.Errorf("%+v", steps)
			}
		})
	}
}

func nothing([]byte) []byte { return nil }
