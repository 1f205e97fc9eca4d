package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is next is what this run made necessary. A run that found outputs without
// a reason of its own, as after one that was cut short, tells all of it.
func TestApplyNext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	const servers = `ca: {subject: /CN=acme CA, key: ec-p256}
defaults: {key: ec-p256, password: none, target: mysql-8.4}
servers:
  - {name: db1, hosts: [db1.example.com], profile: peer}
  - {name: old, hosts: [old.example.com], target: mysql-5.7}
  - {name: "db{2..3}", hosts: ["db{2..3}.example.com"], profile: peer, replicates: {from: db1, account: "db{2..3}@10.%"}}
`
	const files, reload, restart, accounts, later = "Copy each host's files to it", "ALTER INSTANCE RELOAD TLS", "# mysql-5.7: restart it", "mysql-8.4/fleet.sql", "mysql-5.7/fleet.sql"
	const clients = "clients:\n  - {account: a@%, grants: [\"SELECT ON app.*\"]}\n"
	four := strings.Replace(servers, "..3}", "..4}", -1) + clients
	for n, test := range []struct {
		text string
		args []string
		head string // "" for nothing
		want []string
	}{
		{servers + clients, nil, "Next:", []string{files, reload, restart, accounts, "db2.sql", "db3.sql"}},
		{servers + clients, nil, "", nil},
		{servers + clients + "  - {account: b@%, target: mysql-5.7}\n", nil, "Next:", []string{files, later}},
		{servers + clients, []string{"--prune"}, "", nil},
		{servers + strings.Replace(clients, "SELECT", "SELECT, INSERT", 1), nil, "Next:", []string{accounts}},
		{strings.Replace(servers, "[old.example.com]", "[old.example.com, localhost]", 1) + clients, nil, "Next:", []string{files, restart, accounts}},
		{four, nil, "Next:", []string{files, restart, reload, accounts, "db4.sql"}},
		{four, []string{"--archive", "tar.gz"}, "Next, as far as it is not done yet:", []string{files, reload, restart, accounts, "db2.sql", "db3.sql", "db4.sql"}},
	} {
		out := done(t, dir, append([]string{"apply", written(t, test.text)}, test.args...)...).out
		_, told, _ := strings.Cut(out, "\nNext")
		head, _, _ := strings.Cut(told, "\n")
		got := regexp.MustCompile(files+"|"+reload+"|"+restart+"|[^/]*/fleet.sql|db..sql").FindAllString(told, -1)
		if diff := cmp.Diff(test.want, got); diff != "" || test.head != "" && "Next"+head != test.head || test.head == "" && told != "" {
			t.Errorf("%d: %s\n%s", n, diff, out)
		}
	}
	done(t, dir, "renew", "server/db1")
	out := done(t, dir, "apply", written(t, four+"  - {account: c@%}\n")).out
	if !strings.Contains(out, "\nNext, as far as it is not done yet:\n") || !strings.Contains(out, reload) {
		t.Errorf("after another command: %s", out)
	}
}
