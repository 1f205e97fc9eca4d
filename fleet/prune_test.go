package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myca/ledger"
)

// What is not in the manifest is left alone, and with Prune it is revoked in one
// change, with the superseded certificates of its name.
func TestPrune(t *testing.T) {
	w := newWorld(t, 3650)
	text := func(servers, clients string) string {
		return "defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}\nservers:\n" + servers + "clients:\n" + clients
	}
	const db1, db2 = "  - {name: db1, hosts: [db1.example.com]}\n", "  - {name: db2, hosts: [db2.example.com]}\n"
	const app, web, peer = "  - {account: \"app@10.%\"}\n", "  - {account: [\"web@10.%\", \"web@localhost\"]}\n", "  - {name: db1, account: \"peer@10.%\"}\n"
	w.apply(text(db1+db2, app+web+peer))
	old := w.rowOf("client/web")
	w.renew("client/web")
	all := w.names()

	less := text(db1, app)
	w.met(less)
	if got := w.names(); !slices.Equal(got, all) {
		t.Errorf("%q", got)
	}
	w.options.Prune = true
	steps := w.apply(less)
	var told []string
	for _, step := range steps {
		if step.Action != Revoke || step.Serial == "" || step.Accounts != nil {
			t.Errorf("%+v", step)
		}
		told = append(told, step.Kind+"/"+step.Name+": "+strings.Join(step.Reasons, "; "))
	}
	if want := []string{
		"server/db2: not in the manifest",
		"client/db1: not in the manifest; on the server until they are dropped: DROP USER 'peer'@'10.%'",
		"client/web: not in the manifest; on the server until they are dropped: DROP USER 'web'@'10.%', 'web'@'localhost'",
	}; !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
	if got := w.names(); !slices.Equal(got, []string{"client/app", "server/db1"}) {
		t.Errorf("%q", got)
	}
	for r, err := range w.store.Ledger().All(t.Context(), ledger.Filter{State: ledger.Revoked}) {
		if err != nil || r.Reason != "cessation-of-operation" {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if r, err := w.store.Ledger().BySerial(t.Context(), old.Serial); err != nil || r.State != ledger.Revoked {
		t.Errorf("%+v, %v", r, err)
	}
	if list, err := w.store.CRL(); err != nil || list.Number != 1 || list.Revoked != 4 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, path := range []string{"servers/db2", "clients/web", "clients/db1", "sql/web.sql"} {
		if _, err := os.Stat(filepath.Join(w.dir, path)); err == nil {
			t.Errorf("%s is there", path)
		}
	}
	// All of it comes back, with new certificates.
	if steps := w.apply(text(db1+db2, app+web+peer)); len(steps) != 3 {
		t.Errorf("%+v", steps)
	}
}

// An active certificate that has ended is revoked with the others, or it would
// be pruned again and again.
func TestPruneEnded(t *testing.T) {
	w := newWorld(t, 3650)
	w.apply(entries("name: db1, hosts: [db1.example.com]", `account: "app@10.%", days: 1`))
	w.options.Now, w.options.Prune = w.options.Now.AddDate(0, 0, 10), true
	if steps := w.apply(entries("name: db1, hosts: [db1.example.com]", "")); len(steps) != 1 || steps[0].Action != Revoke {
		t.Errorf("%+v", steps)
	}
}

// A name in a set is found whatever the order, under its kind only.
func TestNameSet(t *testing.T) {
	s := newNameSet(3)
	for _, name := range []string{"c", "a", "b"} {
		s.add("client", name)
	}
	for _, name := range []string{"a", "b", "c"} {
		if !s.has("client", name) || s.has("server", name) {
			t.Errorf("%q", name)
		}
	}
	if s.has("client", "") || s.has("client", "ab") || s.has("clienta", "") {
		t.Error("a name that is not there")
	}
}

// An account that another entry of the manifest has is not one to be dropped.
func TestAccountsOfOthers(t *testing.T) {
	clients := func(list ...string) string {
		return "defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}\nclients:\n  - {" + strings.Join(list, "}\n  - {") + "}\n"
	}
	const app, stays = `name: app, account: ["app@10.%", "app@LocalHost", "app@192.168.%"]`, `account: stays@%`
	for _, test := range []struct {
		what  string
		now   []string
		prune bool
		want  string // reasons and notices of app
	}{
		{"pruned, all of its accounts are elsewhere", []string{`name: new, account: ["app@10.%", "app@localhost", "app@192.168.%"]`}, true,
			"not in the manifest"},
		{"pruned, one is elsewhere", []string{`name: new, account: ["app@localhost"]`}, true,
			"not in the manifest; on the server until they are dropped: DROP USER 'app'@'10.%', 'app'@'192.168.%'"},
		{"pruned, one is in a range", []string{`name: "new-{1..3}", account: "app@{1..3}0.%", subject: "/CN=new-{1..3}"`}, true,
			"not in the manifest; on the server until they are dropped: DROP USER 'app'@'LocalHost', 'app'@'192.168.%'"},
		{"pruned, one is elsewhere for another target", []string{`name: new, account: ["app@localhost"], target: mysql-9.7`}, true,
			"not in the manifest; on the server until they are dropped: DROP USER 'app'@'10.%', 'app'@'192.168.%'; " +
				"if some servers still run mysql-8.4: the account 'app'@'LocalHost' stays there until you run: DROP USER 'app'@'LocalHost'"},
		{"changed, one goes elsewhere, one is gone", []string{`name: app, account: "app@10.%"`, `name: new, account: app@localhost, subject: /CN=new`}, false,
			`account: "app@10.%", was "app@10.%", "app@LocalHost", "app@192.168.%"; the account 'app'@'192.168.%' is no longer in the manifest, and stays on the server until you run: DROP USER 'app'@'192.168.%'`},
		{"changed, another letter case", []string{`name: app, account: ["app@10.%", "app@localhost", "app@192.168.%"]`}, false,
			`account: "app@10.%", "app@localhost", "app@192.168.%", was "app@10.%", "app@LocalHost", "app@192.168.%"`},
		{"another target, one stays on the old one", []string{app + ", target: mysql-9.7", `name: new, account: app@localhost, subject: /CN=new`}, false,
			`target: "mysql-9.7", was "mysql-8.4"; if some servers still run mysql-8.4: 2 accounts stay there until you run: DROP USER 'app'@'10.%', 'app'@'192.168.%'`},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(clients(app, stays))
			w.options.Prune = test.prune
			step := stepOf(w.apply(clients(append(test.now, stays)...)), "client/app")
			if got := strings.Join(append(step.Reasons, step.Notices...), "; "); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if step.Action == Update && step.Reasons[0][:6] == "target" && len(step.Accounts) != 3 {
				t.Errorf("accounts %q", step.Accounts)
			}
		})
	}
}

// The account of a replica is on its source, whatever its own target is: another
// one that has it there keeps it.
func TestAccountsOfReplicas(t *testing.T) {
	servers := func(list ...string) string {
		return `
defaults: {target: mysql-8.4, key: ec-p256, days: 365}
servers:
  - {name: src, hosts: [src.example.com], target: mysql-8.0}
  - {` + strings.Join(list, "}\n  - {") + "}\n"
	}
	const old, next = `name: rep1, hosts: [rep1.example.com], profile: peer`, `name: rep2, hosts: [rep2.example.com], profile: peer`
	const from, other = `, replicates: {from: src, account: "repl@10.%"}`, `, replicates: {from: src, account: "repl@11.%"}`
	for _, test := range []struct {
		what  string
		now   []string
		prune bool
		drops bool // it is told to drop the account of rep1
	}{
		{"pruned, another replica has it", []string{next + from}, true, false},
		{"pruned, nobody has it", []string{next + other}, true, true},
		{"no replica any more, another one has it", []string{old, next + from}, false, false},
		{"no replica any more, nobody has it", []string{old, next + other}, false, true},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(servers(old + from))
			w.options.Prune = test.prune
			step := stepOf(w.apply(servers(test.now...)), "server/rep1")
			told := strings.Join(append(step.Reasons, step.Notices...), "; ")
			if drops := strings.Contains(told, "DROP USER 'repl'@'10.%'"); drops != test.drops {
				t.Errorf("%q", told)
			}
		})
	}
}

// An account that a pair of the store has which is not in the manifest is not one
// to be dropped.
func TestAccountsOfUnlisted(t *testing.T) {
	clients := func(list ...string) string {
		return "defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}\nclients:\n  - {" + strings.Join(list, "}\n  - {") + "}\n"
	}
	w := newWorld(t, 3650)
	w.apply(clients(`name: app, account: ["app@%", app@localhost, "app@10.%"]`))
	w.apply(clients(`name: app2, account: app@localhost, subject: /CN=app2`))
	step := stepOf(w.apply(clients(`name: app, account: "app@%"`)), "client/app")
	told := strings.Join(step.Notices, "; ")
	if !strings.Contains(told, "DROP USER 'app'@'10.%'") || strings.Contains(told, "'app'@'localhost'") {
		t.Errorf("%q", told)
	}
	// With so many that they are not looked at, it is said.
	like := w.rowOf("client/app")
	var rows []ledger.Row
	for n := range leastLooked + 1 {
		r := like
		r.Serial, r.Name, r.State = fmt.Sprintf("%032x", n), fmt.Sprintf("x-%d", n), ledger.Active
		rows = append(rows, r)
	}
	if err := w.store.Ledger().Apply(t.Context(), ledger.Change{Insert: rows}); err != nil {
		t.Fatal(err)
	}
	step = stepOf(w.apply(clients(`name: app, account: "app@11.%"`)), "client/app")
	if told := strings.Join(step.Notices, "; "); !strings.Contains(told, "until you run, unless a pair that is not in the manifest needs it: DROP USER 'app'@'%'") {
		t.Errorf("%q", told)
	}
}
