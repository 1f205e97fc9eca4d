package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ledger"
	"myca/templates"
)

// What is active and not in the manifest is counted, and named where that is
// cheap.
func TestUnlisted(t *testing.T) {
	w := newWorld(t, 3650)
	all := entries("name: db1, hosts: [db1.example.com]", `account: "app-{1..4}@10.%"`)
	if p := w.survey(all); p.Unlisted().Count != 0 {
		t.Errorf("of a store that is being founded: %+v", p.Unlisted())
	}
	w.apply(all)
	for _, test := range []struct {
		what, text string
		want       Unlisted
	}{
		{"all of them", all, Unlisted{}},
		{"all of them and one more", all + "  - {account: new@%}\n", Unlisted{}},
		{"two less", entries("name: db1, hosts: [db1.example.com]", `account: "app-{1..2}@10.%"`),
			Unlisted{Count: 2, Names: []string{"client app-3", "client app-4"}}},
		{"two less and two more", entries("name: db1, hosts: [db1.example.com]", `account: "app-{3..6}@10.%"`),
			Unlisted{Count: 2, Names: []string{"client app-1", "client app-2"}}},
		{"none of them", entries("", `account: other@%`),
			Unlisted{Count: 5, Only: true, Names: []string{"server db1", "client app-1", "client app-2", "client app-3", "client app-4"}}},
		{"another kind", entries("name: app-1, hosts: [a]", `account: "app-{2..4}@10.%"`),
			Unlisted{Count: 2, Names: []string{"server db1", "client app-1"}}},
	} {
		if diff := cmp.Diff(test.want, w.survey(test.text).Unlisted()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
	w.renew("client/app-1") // superseded ones do not count
	if got := w.survey(all).Unlisted(); got.Count != 0 {
		t.Errorf("after a renewal: %+v", got)
	}
	w.options.Prune = true
	p := w.survey(entries("", `account: "app-{1..4}@10.%"`))
	if got := p.Unlisted(); got.Count != 0 || p.Count().Revoke != 1 {
		t.Errorf("pruned: %+v", got)
	}
}

// What is done about what is not in the manifest is bounded.
func TestUnlistedBounds(t *testing.T) {
	w := newWorld(t, 3650)
	text := entries("", "account: app@%")
	w.apply(text)
	like := w.rowOf("client/app")
	add := func(from, to int, state ledger.State) {
		var rows []ledger.Row
		for n := from; n < to; n++ {
			r := like
			r.Serial, r.Name, r.State = fmt.Sprintf("%032x", n), fmt.Sprintf("x-%d", n), state
			rows = append(rows, r)
		}
		if err := w.store.Ledger().Apply(t.Context(), ledger.Change{Insert: rows}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(count int, more, named bool) {
		t.Helper()
		got := w.survey(text).Unlisted()
		if got.Count != count || got.More != more || (len(got.Names) == mostListed) != named {
			t.Errorf("%+v, want %d", got, count)
		}
	}
	add(0, leastLooked, ledger.Active)
	check(leastLooked, false, true)
	add(5000, 6000, ledger.Superseded) // more rows than are worth a look
	check(leastLooked, false, false)
	add(leastLooked, leastLooked+1, ledger.Active)
	check(leastLooked+1, false, false)
	add(leastLooked+1, mostCounted, ledger.Active)
	check(mostCounted, false, false)
	add(mostCounted, mostCounted+2, ledger.Active)
	check(mostCounted, true, false)
}

// An entry that gets the account of a client that is not in the manifest, and
// stays active, is told of it.
func TestTakeovers(t *testing.T) {
	clients := func(list ...string) string {
		return "defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}\nclients:\n  - {" + strings.Join(list, "}\n  - {") + "}\n"
	}
	notice := func(account string) string { // DIR in place of the store
		return "the account " + account + " is that of client old, too, which is not in the manifest: once fleet.sql is run it demands what this entry says; if the other is to go: myca --dir DIR revoke client/old"
	}
	const old, app = `name: old, account: ["app@10.%", "app@%"]`, `name: app, account: app@localhost, subject: /CN=app`
	for _, test := range []struct {
		what  string
		now   []string
		prune bool
		want  []string
	}{
		{"created", []string{app, `name: new, account: "app@10.%", subject: /CN=new`}, false, []string{notice("app@10.%")}},
		{"changed", []string{`name: app, account: [app@localhost, "app@%", "app@1.%"], subject: /CN=app`}, false, []string{notice("app@%")}},
		{"pruned", []string{app, `name: new, account: "app@10.%", subject: /CN=new`}, true, nil},
		{"still in the manifest", []string{app, `name: old, account: "app@%"`, `name: new, account: "app@10.%", subject: /CN=new`}, false, nil},
		{"another target", []string{app, `name: new, account: "app@10.%", subject: /CN=new, target: mysql-9.7`}, false, nil},
		{"another account", []string{app, `name: new, account: "app@11.%", subject: /CN=new`}, false, nil},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(clients(old, app))
			w.options.Prune = test.prune
			for what, steps := range map[string][]Step{"planned": w.steps(w.survey(clients(test.now...))), "done": w.apply(clients(test.now...))} {
				var told []string
				for _, step := range steps {
					for _, one := range step.Notices {
						if strings.Contains(one, "is that of") {
							told = append(told, strings.ReplaceAll(one, templates.Shell(w.dir), "DIR"))
						}
					}
				}
				if !slices.Equal(told, test.want) {
					t.Errorf("%s: %q, want %q", what, told, test.want)
				}
			}
		})
	}
}
