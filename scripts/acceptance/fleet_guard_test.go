package acceptance

import (
	"strings"
	"testing"

	"myca/scripts/servers"
)

// An account that only its certificate guarded is not open to everybody when the
// manifest takes the subject out of its requirement: fleet.sql gives it the
// password with the weaker requirement.
func TestFleetOpensNoAccount(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		if err := h.server.Run(servers.Options{Bulk: true}); err != nil {
			t.Fatal(err)
		}
		for _, client := range []string{
			`{account: "app@localhost", password: none}`,
			`{account: "app@localhost", password: random, require: [none]}`,
		} {
			manifest := "ca: {subject: /O=acme/CN=acme CA, key: ec-p256}\nclients:\n  - " + client + "\ndefaults: {key: ec-p256, target: " + p.Target + "}\n"
			h.fleet(t, manifest)
			h.mustRunFile(t, h.fleetSQL())
			open := servers.Execute(p.Command(p.ClientName(), "--no-defaults", "--user=app", "--socket="+h.server.Socket, "-e", "SELECT 1"), "")
			if open.OK() || !strings.Contains(open.Stderr, "1045") {
				t.Errorf("%s: without certificate and password: exit %d, %s%s", client, open.Code, open.Stdout, open.Stderr)
			}
		}
		password := h.server.SQL(t, "SELECT COUNT(*) FROM mysql.user WHERE user = 'app' AND ssl_type = ''")
		if password != "1" {
			t.Errorf("%q accounts without a requirement", password)
		}
	})
}
