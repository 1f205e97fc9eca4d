package fleet

import (
	"strings"
	"testing"
)

// Of a client whose target changes the accounts stay on servers of the old one,
// unless the manifest has servers and none of that target.
func TestOldTarget(t *testing.T) {
	const client, left = `account: "app@10.%", grants: ["SELECT ON a.*"]`, "if some servers still run mysql-8.4: the account 'app'@'10.%' stays there until you run: DROP USER 'app'@'10.%'"
	for name, test := range map[string]struct{ servers, want string }{
		"no servers":        {"", left},
		"upgraded":          {"name: db1, hosts: [a], target: mysql-9.7", ""},
		"one of them":       {"name: db1, hosts: [a], target: mysql-9.7}\n  - {name: db2, hosts: [b], profile: peer", left},
		"one of a range":    {`name: "db{1,2}", hosts: ["db{1,2}"], target: "{mysql-9.7,mysql-8.4}"`, left},
		"none of the range": {`name: "db{1,2}", hosts: ["db{1,2}"], target: "{mysql-9.7,mysql-9.6}"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(entries("", client))
			steps := w.apply(entries(test.servers, client+", target: mysql-9.7"))
			if got := strings.Join(stepOf(steps, "client/app").Notices, "; "); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}

	w := newWorld(t, 3650)
	w.apply(entries("name: db1, hosts: [a]", `account: "app@10.%", grants: ["SELECT, DELETE ON a.*"]`))
	steps := w.apply(strings.Replace(entries("name: db1, hosts: [a]", client), "mysql-8.4", "mysql-9.7", 1))
	if got, want := strings.Join(stepOf(steps, "client/app").Notices, "; "), "privileges that are no longer in the manifest stay granted until you run, before fleet.sql: REVOKE DELETE ON `a`.* FROM 'app'@'10.%'"; got != want {
		t.Errorf("upgraded, and a privilege less: %q, want %q", got, want)
	}
}
