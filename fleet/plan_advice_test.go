package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"myca/ledger"
	"myca/templates"
)

// The certificate of another name that has the subject of a new one is told, in
// the plan and after it was carried out, whether it is in the manifest or not.
func TestTwins(t *testing.T) {
	const app = `{name: app, account: "app@10.%", subject: "/O=acme/CN=shared"}`
	clients := func(list ...string) string {
		return "defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}\nclients:\n  - " + strings.Join(list, "\n  - ") + "\n"
	}
	says := func(w *world, r ledger.Row, state, does string) string {
		return fmt.Sprintf("certificate %s of %s %s (%s) has the same subject, so %s; if it is not to count any more: myca --dir %s revoke %s",
			r.Serial, r.Kind, r.Name, state, does, templates.Shell(w.dir), r.Serial)
	}
	const each = "each opens the accounts of the other"
	for _, test := range []struct {
		what, before, now string
		prune             bool
		state, does       string // of what is told of app; "" for nothing
	}{
		{"created beside one outside", clients(app), clients(`{account: "web@10.%", subject: "/O=acme/CN=shared"}`), false, "active", each},
		{"created beside one that is pruned", clients(app), clients(`{account: "web@10.%", subject: "/O=acme/CN=shared"}`), true, "", ""},
		{"renewed with its subject", clients(app, `{account: "web@10.%"}`), clients(`{account: "web@10.%", subject: "/O=acme/CN=shared"}`), false, "active", each},
		{"taken over within the manifest", clients(app, `{account: "web@10.%"}`),
			clients(strings.Replace(app, "CN=shared", "CN=own", 1), `{account: "web@10.%", subject: "/O=acme/CN=shared"}`), false, "active", each},
		{"accounts for a peer", clients(app) + `servers:
  - {name: db1, hosts: [db1.example.com]}
  - {name: db2, hosts: [db2.example.com], profile: peer}
`, `
defaults: {target: mysql-8.4, key: ec-p256, days: 365}
servers:
  - {name: db1, hosts: [db1.example.com]}
  - {name: db2, hosts: [db2.example.com], profile: peer, subject: "/O=acme/CN=shared", replicates: {from: db1, account: "repl@10.%"}}
`, false, "active", each},
		{"another requirement", clients(app, `{account: "web@10.%", subject: "/O=acme/CN=web", require: [issuer], password: random}`),
			clients(`{account: "web@10.%", subject: "/O=acme/CN=web", password: random}`), false, "", ""},
		{"another subject", clients(app), clients(app, `{account: "web@10.%"}`), false, "", ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, 3650)
			w.apply(test.before)
			old := w.rowOf("client/app")
			w.options.Prune = test.prune
			var want []string
			if test.does != "" {
				want = []string{says(w, old, test.state, test.does)}
			}
			for what, steps := range map[string][]Step{"planned": w.steps(w.survey(test.now)), "done": w.apply(test.now)} {
				var told []string
				for _, step := range steps {
					for _, notice := range step.Notices {
						if strings.Contains(notice, "has the same subject") {
							told = append(told, notice)
						}
					}
				}
				if !slices.Equal(told, want) {
					t.Errorf("%s: %q, want %q\n%+v", what, told, want, steps)
				}
			}
		})
	}

	// A superseded certificate, which nothing in the manifest has any more.
	w := newWorld(t, 3650)
	w.apply(clients(app))
	old := w.rowOf("client/app")
	w.apply(clients(strings.Replace(app, "CN=shared", "CN=app", 1)))
	steps := w.apply(clients(strings.Replace(app, "CN=shared", "CN=app", 1), `{account: "web@10.%", subject: "/O=acme/CN=shared"}`))
	if len(steps) != 1 || !slices.Contains(steps[0].Notices, says(w, old, "superseded", each)) {
		t.Errorf("%+v", steps)
	}
}
