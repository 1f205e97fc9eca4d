package fleet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A step says what it asks for on the hosts, and no more.
func TestNeeds(t *testing.T) {
	const head = "defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}\n"
	const before = head + `servers:
  - {name: db1, hosts: [db1.example.com], profile: peer}
  - {name: db2, hosts: [db2.example.com], profile: peer, replicates: {from: db1, account: "db2@10.%"}}
clients:
  - {account: "a@%", grants: ["SELECT ON app.*"]}
  - {account: "b@%", grants: ["SELECT ON app.*"]}
`
	w := newWorld(t, 3650)
	needs := func(text string) (all []string) {
		t.Helper()
		for _, step := range w.apply(text) {
			n, words := step.Needs, []string{step.Name}
			for _, one := range []struct {
				is   bool
				word string
			}{{n.Files, "files"}, {n.Reload.Product != "", "reload " + n.Reload.String()}, {n.Accounts == target(t, "mysql-8.4"), "statements"}, {n.Start, "start"}} {
				if one.is {
					words = append(words, one.word)
				}
			}
			all = append(all, strings.Join(words, ", "))
		}
		return all
	}
	for n, test := range []struct {
		text string
		want []string
	}{
		{before, []string{"db1, files, reload mysql-8.4", "db2, files, reload mysql-8.4, statements, start", "a, files, statements", "b, files, statements"}},
		{before, nil},
		{strings.Replace(before, "days: 365", "days: 300", 1), []string{"db1", "db2", "a", "b"}},
		{strings.Replace(before, "ec-p256", "ec-p384", 1), []string{
			"db1, files, reload mysql-8.4", "db2, files, reload mysql-8.4", "a, files", "b, files"}}, // the subjects stay
		{strings.Replace(before, `"SELECT`, `"SELECT, INSERT`, 1), []string{"db1, files, reload mysql-8.4", "db2, files, reload mysql-8.4", "a, files, statements", "b, files"}},
		{strings.Replace(strings.Replace(before, `"SELECT`, `"SELECT, INSERT`, 1), `b@%"`, `b@%", connect: db1.example.com`, 1), []string{"b, files"}},
		{strings.Replace(strings.Replace(before, `"SELECT`, `"SELECT, INSERT`, 1), `b@%"`, `b@%", subject: /CN=b`, 1), []string{"b, files, statements"}},
		{before + "  - {account: c@%}\n", []string{"a, statements", "b, files, statements", "c, files, statements"}},
		{strings.Replace(before, "profile: peer}", `profile: peer, replicates: {from: db3, account: "db1@10.%"}}
  - {name: db3, hosts: [db3.example.com]}`, 1), []string{"db1, files, reload mysql-8.4, statements, start", "db3, files, reload mysql-8.4"}},
	} {
		if diff := cmp.Diff(test.want, needs(test.text)); diff != "" {
			t.Errorf("%s\n%s", fmt.Sprint(n, ": ", test.text), diff)
		}
	}
}
