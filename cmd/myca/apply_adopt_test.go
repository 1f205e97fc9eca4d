package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What was issued by hand is adopted by a manifest that says the same: its
// certificates stay, and nothing but its texts and its record change, once.
func TestApplyAdopts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	done(t, dir, "ca", "create", "--subject", "/C=US/O=acme/CN=acme CA", "--key", "ec-p256")
	done(t, dir, "issue", "server", "db1.example.com", "10.0.0.1", "--name", "db1", "--key", "ec-p256")
	done(t, dir, "issue", "server", "db2", "--key", "ec-p256", "--profile", "peer", "--subject", "/O=acme/OU=db/CN=db2",
		"--deploy-dir", "/etc/mysql/myca", "--target", "mariadb-11.8", "--days", "90")
	done(t, dir, "issue", "client", "app@10.%", "app@localhost", "--no-password", "--key", "ec-p256", "--grant", "select on app.*", "--connect", "db1.example.com")
	done(t, dir, "issue", "client", "laura", "--random-password", "--key", "ec-p384", "--if-not-exists", "--require", "subject")
	path := filepath.Join(t.TempDir(), "fleet.yaml")
	const text = `
defaults: {key: ec-p256, password: none}
servers:
  - {name: db1, hosts: [db1.example.com, 10.0.0.1]}
  - {hosts: [db2], profile: peer, subject: /O=acme/OU=db/CN=db2, deploy_dir: /etc/mysql/myca, target: mariadb-11.8, days: 90}
clients:
  - {account: ["app@10.%", app@localhost], grants: ["SELECT ON app.*"], connect: db1.example.com}
  - {account: laura, password: random, key: ec-p384, require: [subject]}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	serials := func() map[string]string {
		found := map[string]string{}
		for _, row := range wholeStore(t, dir) {
			found[row.Kind+"/"+row.Name] = row.Serial
		}
		return found
	}
	before := serials()
	var plan struct {
		Changes []struct{ Action, Kind, Name string }
		Summary struct{ Create, Renew, Update, Keep, Revoke int }
	}
	jsonOf(t, done(t, dir, "apply", path, "--prune", "--json").out, &plan)
	if s := plan.Summary; s.Create+s.Renew+s.Revoke != 0 || s.Update+s.Keep != 4 {
		t.Errorf("%+v", plan)
	}
	for name, serial := range serials() {
		if before[name] != serial {
			t.Errorf("%s has serial %s, had %s", name, serial, before[name])
		}
	}
	after := tree(t, dir)
	done(t, dir, "apply", path, "--prune", "--dry-run")
	done(t, dir, "apply", path, "--prune")
	unchanged(t, after, dir)
}
