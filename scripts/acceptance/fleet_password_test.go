package acceptance

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// When the manifest gives an account that exists another kind of password,
// fleet.sql leaves it what it has, and its my.cnf does not fit; what the notice
// names makes it fit, and opens the account to nobody else.
func TestFleetPasswords(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		manifest := func(password string) string {
			return h.fleetHead() + `  - {account: "app@%", password: ` + password + "}\n"
		}
		run := h.fleet(t, manifest("random"))
		h.startFromInventory(t, run.Outputs.Inventory, "db", servers.Options{Bulk: true})
		h.mustRunFile(t, h.fleetSQL())
		optionFile := filepath.Join(h.store, "clients", "app", "my.cnf")
		wantIn := func(when string) {
			t.Helper()
			if result := h.byOptionFile(optionFile, "SELECT CURRENT_USER()"); result.Stdout != "app@%\n" {
				t.Errorf("%s: exit %d, %q, %s", when, result.Code, result.Stdout, result.Stderr)
			}
		}
		wantIn("random")
		for _, password := range []string{"none", "random", "none"} {
			run := h.fleet(t, manifest(password))
			h.mustRunFile(t, h.fleetSQL())
			wantFailure(t, password+", before the remedy", h.byOptionFile(optionFile, "SELECT 1"), "ERROR 1045 (28000)")
			if len(run.Changes) != 1 || len(run.Changes[0].Notices) != 1 {
				t.Fatalf("%s: %+v", password, run.Changes)
			}
			h.remedy(t, run.Changes[0].Notices[0])
			wantIn(password + ", after the remedy")
			bare := servers.Execute(p.Command(p.ClientName(), "--no-defaults", "--user=app", "--socket="+h.server.Socket, "-e", "SELECT 1"), "")
			wantFailure(t, password+", without certificate and password", bare, "ERROR 1045 (28000)")
		}
	})
}

// remedy does what a notice says of a password.
func (h *host) remedy(t *testing.T, notice string) {
	t.Helper()
	if _, statement, ok := strings.Cut(notice, "run on the server after fleet.sql: "); ok {
		h.server.SQL(t, statement)
		return
	}
	_, command, ok := strings.Cut(notice, "run on the server what this prints: ")
	if !ok {
		t.Fatalf("no remedy in %q", notice)
	}
	file := filepath.Join(t.TempDir(), "password.sql")
	if result := h.try(command + " > " + shellWord(file)); !result.OK() {
		t.Fatalf("%s: %s", command, result.Stderr)
	}
	h.mustRunFile(t, file)
}
