package fleet

import (
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
		"client/db1: not in the manifest; on the server until they are dropped, if no other entry has them: peer@10.%",
		"client/web: not in the manifest; on the server until they are dropped, if no other entry has them: web@10.%, web@localhost",
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
