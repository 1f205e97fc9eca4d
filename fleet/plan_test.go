package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

const small = `
ca: {subject: "/O=acme/CN=acme CA", key: ec-p256}
defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}
servers:
  - {name: db1, hosts: [db1.example.com, 10.0.0.1]}
  - {name: "galera-{1..3}", hosts: ["galera-{1..3}.example.com"], profile: peer, target: mariadb-11.8}
clients:
  - {account: "app-{01..20}@10.%", grants: ["SELECT, INSERT ON app.*"]}
  - {name: reports, account: "reports@%", subject: "/O=acme/OU=bi/CN=reports", target: mariadb-10.11}
`

// A store that is being founded gets everything, and its authority alone when
// there is nothing else.
func TestFounding(t *testing.T) {
	w := newWorld(t, 3650)
	p := w.survey(small)
	if got := p.Count(); got != (Count{Create: 25}) {
		t.Errorf("%+v", got)
	}
	for _, step := range w.apply(small) {
		if step.Action != Create || step.Serial == "" || step.Replaced != "" || step.Reasons != nil || step.Accounts != nil {
			t.Errorf("%+v", step)
		}
	}
	if got := w.names(); len(got) != 25 || got[0] != "client/app-01" || got[24] != "server/galera-3" {
		t.Errorf("%q", got)
	}

	w = newWorld(t, 3650)
	w.apply(`servers: []`)
	if got := w.names(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	if _, err := os.Stat(w.dir + "/ledger.db"); err != nil {
		t.Error(err)
	}
}

// Survey and Steps write nothing, not even of a store that is not there.
func TestLooking(t *testing.T) {
	w := newWorld(t, 3650)
	w.steps(w.survey(small))
	if _, err := os.Stat(w.dir); err == nil {
		t.Error("the store is there")
	}
	w.apply(small)
	before := w.tree()
	w.options.Prune = true
	if got := w.steps(w.survey(entries("name: db2, hosts: [db2.example.com]", ""))); len(got) != 26 {
		t.Errorf("%+v", got)
	}
	for path, state := range w.tree() {
		if before[path] != state {
			t.Errorf("%s: %s, was %s", path, state, before[path])
		}
	}
}

// The end of a certificate: renewed within RenewBefore, but in the last third of
// its validity only, and not when it would end no later.
func TestExpiring(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		days, authority int // of validity
		before          time.Duration
		after           time.Duration
		want            Action
	}{
		{365, 3650, 30 * day, 334*day + 22*time.Hour, Keep},
		{365, 3650, 30 * day, 335 * day, Renew},
		{365, 3650, 30 * day, 400 * day, Renew}, // over
		{365, 3650, 0, 364 * day, Keep},
		{365, 3650, 0, 365 * day, Renew},
		{30, 3650, 30 * day, 0, Keep},
		{30, 3650, 30 * day, 19 * day, Keep},
		{30, 3650, 30 * day, 20 * day, Renew},
		{1, 3650, 30 * day, 0, Keep},
		{1, 3650, 30 * day, 16 * time.Hour, Renew},
		{365, 40, 30 * day, 10 * day, Keep}, // it ends with the authority: nothing is to be gained
		{365, 40, 30 * day, 39 * day, Keep},
		{20, 40, 30 * day, 18 * day, Renew}, // up to the end of the authority
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			w := newWorld(t, test.authority)
			text := entries("", fmt.Sprintf(`name: app, account: "app@%%", days: %d`, test.days))
			w.options.RenewBefore = test.before
			w.apply(text)
			end := w.rowOf("client/app").NotAfter
			w.options.Now = w.options.Now.Add(test.after)
			step := stepOf(w.apply(text), "client/app")
			if step.Action != test.want {
				t.Fatalf("%+v", step)
			}
			if step.Action == Renew && (len(step.Reasons) != 1 || step.Reasons[0] != "it ends on "+end.Format(time.RFC3339) || step.Accounts != nil) {
				t.Errorf("%+v", step)
			}
		})
	}
}

// What was revoked is made again, and why it is gone is told.
func TestRevokedBefore(t *testing.T) {
	w := newWorld(t, 3650)
	client := func(more string) string { return entries("", `name: app, account: "app@10.%"`+more) }
	w.apply(client(""))
	r := w.rowOf("client/app")
	if err := w.store.Revoke(t.Context(), []ledger.Row{r}, ca.ReasonCode("key-compromise"), w.options.Now); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("the one before, %s, was revoked on %s (key-compromise)", r.Serial, w.options.Now.Format(time.DateOnly))
	step := stepOf(w.apply(client("")), "client/app")
	if step.Action != Create || len(step.Reasons) != 1 || step.Reasons[0] != want || step.Accounts != nil {
		t.Errorf("%+v, want %q", step, want)
	}
	// Made again with another subject, its accounts demand something else.
	r = w.rowOf("client/app")
	if err := w.store.Revoke(t.Context(), []ledger.Row{r}, ca.ReasonCode("key-compromise"), w.options.Now); err != nil {
		t.Fatal(err)
	}
	step = stepOf(w.apply(client(`, subject: "/O=acme/OU=new/CN=app"`)), "client/app")
	if step.Action != Create || len(step.Accounts) != 1 {
		t.Errorf("%+v", step)
	}
}

// After a rotation what the old generation signed is renewed; where the issuer
// is another one then, the accounts are named.
func TestRotation(t *testing.T) {
	for _, subject := range []string{"", "/O=other/CN=other CA"} {
		w := newWorld(t, 3650)
		text := entries("name: db1, hosts: [db1.example.com]", `name: app, account: "app@10.%"`)
		w.apply(text)
		next := ca.Spec{}
		if subject != "" {
			var err error
			if next.Subject, err = dn.Parse(subject); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.store.RotateBegin(t.Context(), next, store.Spec{}, w.options.Now); err != nil {
			t.Fatal(err)
		}
		w.met(text)
		if err := w.store.RotateSwitch(t.Context()); err != nil {
			t.Fatal(err)
		}
		steps := w.apply(text)
		if len(steps) != 2 || steps[0].Action != Renew || steps[1].Action != Renew {
			t.Fatalf("%+v", steps)
		}
		reasons, accounts := strings.Join(steps[1].Reasons, "\n"), steps[1].Accounts
		if !strings.Contains(reasons, "generation of the authority: 2, was 1") {
			t.Errorf("%q", reasons)
		}
		renamed := subject != ""
		if strings.Contains(reasons, `issuer: "/O=other/CN=other CA", was "/O=acme/CN=acme CA"`) != renamed ||
			strings.Contains(reasons, `subject: "/O=other/CN=app", was "/O=acme/CN=app"`) != renamed || (len(accounts) == 1) != renamed {
			t.Errorf("%q, %q", reasons, accounts)
		}
	}
}

// A pair that was renewed by hand after a rotation has kept its subject: the
// default of the manifest is another one by then.
func TestRenewedByHand(t *testing.T) {
	w := newWorld(t, 3650)
	text := entries("", `name: app, account: "app@10.%"`)
	w.apply(text)
	subject, err := dn.Parse("/O=other/CN=other CA")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.RotateBegin(t.Context(), ca.Spec{Subject: subject}, store.Spec{}, w.options.Now); err != nil {
		t.Fatal(err)
	}
	if err := w.store.RotateSwitch(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.renew("client/app")
	step := stepOf(w.apply(text), "client/app")
	if step.Action != Renew || len(step.Reasons) != 1 || step.Reasons[0] != `subject: "/O=other/CN=app", was "/O=acme/CN=app"` || len(step.Accounts) != 1 {
		t.Errorf("%+v", step)
	}
}

// The certificate of a replica opens an account on its source.
func TestReplicaAccount(t *testing.T) {
	replica := func(name, more string) string {
		return fmt.Sprintf(`
defaults: {target: mysql-8.4, key: ec-p256, days: 365}
servers:
  - {name: db1, hosts: [db1.example.com]}
  - {name: db2, hosts: [db2.example.com], subject: "/O=acme/CN=%s", profile: peer%s}
`, name, more)
	}
	const replicates = `, replicates: {from: db1, account: "repl@10.%", connect: db1.example.com}`
	w := newWorld(t, 3650)
	w.apply(replica("db2", ""))
	for _, test := range []struct{ name, more, account string }{
		{"db2", replicates, "repl@10.%"},
		{"replica", replicates, "repl@10.%"},
		{"replica", strings.Replace(replicates, "repl@10.%", "repl@192.168.%", 1), "repl@192.168.%"},
		{"replica", "", ""},
	} {
		steps := w.apply(replica(test.name, test.more))
		if len(steps) != 1 || strings.Join(steps[0].Accounts, ", ") != test.account {
			t.Errorf("%+v: %+v", test, steps)
		}
	}
}

// The authority of the manifest is the one that signs.
func TestDisagreements(t *testing.T) {
	w := newWorld(t, 3650)
	w.apply(small)
	m := w.read(strings.NewReplacer(`"/O=acme/CN=acme CA"`, `"/O=acme/CN=it's me"`, "key: ec-p256}\ndef", "key: rsa-3072}\ndef").Replace(small))
	_, err := Survey(t.Context(), w.store, m, w.options)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 2 {
		t.Fatal(err)
	}
	for n, want := range []Problem{
		{"fleet.yaml", 2, 15, "ca.subject", `"/O=acme/CN=it's me" is not the subject of the authority that signs, "/O=acme/CN=acme CA"`, `myca --dir DIR ca rotate begin --subject '/O=acme/CN=it'\''s me'`},
		{"fleet.yaml", 2, 42, "ca.key", `the key of the authority that signs is of type ec-p256, not rsa-3072`, "myca --dir DIR ca rotate begin --key rsa-3072"},
	} {
		got := problems[n]
		hint := strings.ReplaceAll(got.Hint, templates.Shell(w.dir), "DIR")
		if !strings.HasPrefix(hint, "is DIR the right store? --dir names another; else ") || !strings.HasSuffix(hint, want.Hint) {
			t.Errorf("hint %q", got.Hint)
		}
		if got.Hint = want.Hint; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// A context that ended ends everything.
func TestSurveyCancelled(t *testing.T) {
	w := newWorld(t, 3650)
	ctx, cancel := context.WithCancel(t.Context())
	m := w.read(small)
	cancel()
	if _, err := Survey(ctx, w.store, m, w.options); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	w.apply(small)
	if _, err := Survey(ctx, w.store, m, w.options); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// renew does what myca renew does.
func (w *world) renew(key string) {
	w.Helper()
	r, err := w.store.Renewal(w.rowOf(key), w.options.Now)
	if err != nil {
		w.Fatal(err)
	}
	authority, err := w.store.Authority()
	if err != nil {
		w.Fatal(err)
	}
	var plan issue.Plan
	if plan, err = r.Request.Check(authority, w.options.Now); err != nil {
		w.Fatal(err)
	}
	item, err := w.store.Draft(store.Order{Plan: plan, Spec: r.Spec, Renews: r.Serial, Now: w.options.Now})
	if err == nil {
		err = w.store.Commit(w.Context(), item)
	}
	if err != nil {
		w.Fatal(err)
	}
}
