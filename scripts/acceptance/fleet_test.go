package acceptance

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// fleetRun is what myca --json apply prints.
type fleetRun struct {
	Changes []fleetChange
	Summary struct{ Create, Renew, Update, Keep, Revoke int }
	Outputs *struct {
		Inventory string
		SQL       []string
		Archives  int
	}
}

type fleetChange struct {
	Action, Kind, Name, Serial, Replaced string
	Reasons, Accounts, Notices           []string
}

// fleetFile writes a manifest beside the store.
func (h *host) fleetFile(t *testing.T, manifest string) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(h.store), "fleet.yaml")
	write(t, path, manifest)
	return path
}

// fleet applies a manifest.
func (h *host) fleet(t *testing.T, manifest string, flags ...string) fleetRun {
	t.Helper()
	var run fleetRun
	decode(t, h.myca(t, append([]string{"--json", "apply", h.fleetFile(t, manifest)}, flags...)...), &run)
	return run
}

// fleetPlan is the plan of a manifest, and whether it has changes.
func (h *host) fleetPlan(t *testing.T, manifest string) (run fleetRun, pending bool) {
	t.Helper()
	result := h.tryMyca("--json", "apply", h.fleetFile(t, manifest), "--dry-run")
	if result.Code != 0 && result.Code != 3 {
		t.Fatalf("apply --dry-run: exit %d, %s", result.Code, result.Stderr)
	}
	decode(t, result.Stdout, &run)
	return run, result.Code == 3
}

// fleetHead is the head of a manifest for the host: its CA, its defaults, with
// clients that connect to the server, and the server itself.
func (h *host) fleetHead() string {
	return fmt.Sprintf(`ca:       {subject: "/C=US/O=sampdb/CN=sampdb CA", key: ec-p256, days: 3650}
defaults: {target: %s, key: ec-p256, days: 365, password: none, connect: "127.0.0.2:%d"}
servers:
  - {name: db, hosts: [localhost, 127.0.0.1, 127.0.0.2], deploy_dir: %q, owner: mysql}
clients:
`, h.product.Target, h.server.Port, h.tlsDir())
}

// fleetSQL is the file of account statements for the host's server.
func (h *host) fleetSQL() string {
	return filepath.Join(h.store, "fleet", h.product.Target, "fleet.sql")
}

// runsOn is the command in the header of a file of statements.
var runsOn = regexp.MustCompile(`(?m)^-- .*?((?:mysql|mariadb) [^\n]*)< FILE$`)

// runFile runs a file of statements as its header says.
func (h *host) runFile(t *testing.T, path string) servers.Result {
	t.Helper()
	command := runsOn.FindStringSubmatch(read(t, path))
	if command == nil {
		t.Fatalf("the header of %s says no command", path)
	}
	return h.try(command[1] + "< " + shellWord(path))
}

// mustRunFile is runFile for a file that must run without a word.
func (h *host) mustRunFile(t *testing.T, path string) {
	t.Helper()
	if result := h.runFile(t, path); !result.OK() || result.Stdout+result.Stderr != "" {
		t.Fatalf("%s: exit %d\n%s%s", path, result.Code, result.Stdout, result.Stderr)
	}
}

// startFromInventory puts the server's files where the inventory says, and
// starts it with the option file there.
func (h *host) startFromInventory(t *testing.T, path, name string, o servers.Options) {
	t.Helper()
	var inventory struct {
		All struct {
			Children struct {
				Servers struct {
					Hosts map[string]struct {
						Server struct {
							Files []struct{ Src, Dest, Mode, Owner, SHA256 string }
						} `json:"myca_server"`
					}
				}
			}
		}
	}
	decode(t, read(t, path), &inventory)
	var script strings.Builder
	fmt.Fprintf(&script, "cd %s\ninstall -d -o mysql -m 0750 %s\n", shellWord(filepath.Dir(path)), shellWord(h.tlsDir()))
	for _, file := range inventory.All.Children.Servers.Hosts[name].Server.Files {
		fmt.Fprintf(&script, "echo %s %s | sha256sum --check --quiet\n", file.SHA256, shellWord(" "+file.Src))
		fmt.Fprintf(&script, "install -m %s -o %s %s %s\n", file.Mode, file.Owner, shellWord(file.Src), shellWord(file.Dest))
		if filepath.Base(file.Dest) == "my.cnf" {
			o.DefaultsFile = file.Dest
		}
	}
	if result := h.try(script.String()); !result.OK() {
		t.Fatalf("exit %d\n%s%s", result.Code, result.Stderr, script.String())
	}
	if err := h.server.Run(o); err != nil {
		t.Fatal(err)
	}
}

// byOptionFile runs the product's client with nothing but an option file.
func (h *host) byOptionFile(optionFile, query string) servers.Result {
	return servers.Execute(h.product.Command(h.product.ClientName(), "--defaults-extra-file="+optionFile,
		"--batch", "--skip-column-names"), query)
}

// TestFleet: a manifest of 2,000 accounts, run on each server by the statements
// in its outputs.
func TestFleet(t *testing.T) {
	needAny(t)
	bin := build(t)
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		run := h.fleet(t, h.fleetHead()+thousands)
		h.startFromInventory(t, run.Outputs.Inventory, "db", servers.Options{Bulk: true})
		h.server.SQL(t, "CREATE DATABASE app; CREATE TABLE app.t (a INT); CREATE DATABASE finance; CREATE TABLE finance.t (a INT, b INT)")
		h.mustRunFile(t, h.fleetSQL())
		h.wantMembers(t)
		once := h.accounts(t)
		h.mustRunFile(t, h.fleetSQL())
		if h.accounts(t) != once {
			t.Error("running the statements again changed accounts")
		}
		h.drawn(t)
		t.Run("subject", h.fleetSubject)
		t.Run("archives", h.fleetArchives)
	})
}

// fleetSubject: a changed subject is in the plan with the accounts that change
// with it; the statements let the new certificate in and lock the old one out.
func (h *host) fleetSubject(t *testing.T) {
	manifest := func(unit string) string {
		return h.fleetHead() + `  - {name: laura, account: ["laura@%", "laura@10.%"], subject: "/O=sampdb/OU=` + unit + `/CN=laura"}
  - {account: "amy@%"}
`
	}
	h.fleet(t, manifest("users"))
	h.mustRunFile(t, h.fleetSQL())
	before := h.shown(t, "client/laura")
	plan, pending := h.fleetPlan(t, manifest("staff"))
	if !pending || len(plan.Changes) != 1 {
		t.Fatalf("a changed subject: pending %t, %+v", pending, plan)
	}
	one := plan.Changes[0]
	reasons := strings.Join(one.Reasons, "; ")
	if one.Action != "renew" || one.Name != "laura" || !slices.Equal(one.Accounts, []string{"laura@%", "laura@10.%"}) ||
		!strings.Contains(reasons, "/O=sampdb/OU=users/CN=laura") || !strings.Contains(reasons, "/O=sampdb/OU=staff/CN=laura") {
		t.Errorf("a changed subject: %+v", one)
	}
	h.byCertificate(t, "before apply", before, true)
	h.fleet(t, manifest("staff"))
	after, old := h.shown(t, "client/laura"), before
	archived := filepath.Join(h.store, "archive", before.Serial)
	old.Files.Cert, old.Files.Key = filepath.Join(archived, "client-cert.pem"), filepath.Join(archived, "client-key.pem")
	h.byCertificate(t, "new, before the statements", after, false)
	h.byCertificate(t, "old, before the statements", old, true)
	h.mustRunFile(t, h.fleetSQL())
	h.byCertificate(t, "new, after the statements", after, true)
	h.byCertificate(t, "old, after the statements", old, false)
	if plan, pending := h.fleetPlan(t, manifest("staff")); pending || len(plan.Changes) != 0 {
		t.Errorf("applied, but pending %t, %+v", pending, plan)
	}
}

// byCertificate wants laura to get in, or not, with this pair.
func (h *host) byCertificate(t *testing.T, when string, pair issued, in bool) {
	t.Helper()
	result := h.login(pair.Files.MyCnf, "--ssl-cert="+pair.Files.Cert, "--ssl-key="+pair.Files.Key)
	switch {
	case !in:
		wantFailure(t, when, result, "ERROR 1045 (28000)")
	case result.Stdout != "laura@%\n":
		t.Errorf("%s: exit %d, %q, %s", when, result.Code, result.Stdout, result.Stderr)
	}
}

// fleetArchives: an archive holds what a client's host needs, and nothing else.
func (h *host) fleetArchives(t *testing.T) {
	elsewhere := t.TempDir()
	run := h.fleet(t, h.fleetHead()+`  - {account: "robert@%", deploy_dir: "`+elsewhere+`", password: random}
`, "--archive", "tar.gz")
	archives := filepath.Join(filepath.Dir(run.Outputs.Inventory), "archives")
	wantArchive(t, h, filepath.Join(archives, "servers", "db.tar.gz"),
		"ca-cert.pem 0/0 -rw-r--r--", "my.cnf 0/0 -rw-r--r--", "server-cert.pem 0/0 -rw-r--r--", "server-key.pem 0/0 -rw-------")
	robert := filepath.Join(archives, "clients", "robert.tar.gz")
	wantArchive(t, h, robert,
		"ca-cert.pem 0/0 -rw-r--r--", "client-cert.pem 0/0 -rw-r--r--", "client-key.pem 0/0 -rw-------", "my.cnf 0/0 -rw-------")
	if run.Outputs.Archives != 2 {
		t.Errorf("%d archives", run.Outputs.Archives)
	}
	h.mustRunFile(t, h.fleetSQL())
	away := h.store + ".away"
	if result := h.try("tar -xzf " + shellWord(robert) + " -C " + shellWord(elsewhere) + "\nmv " + shellWord(h.store) + " " + shellWord(away)); !result.OK() {
		t.Fatal(result.Stderr)
	}
	result := h.byOptionFile(filepath.Join(elsewhere, "my.cnf"), "SELECT CURRENT_USER()")
	if result.Stdout != "robert@%\n" {
		t.Errorf("unpacked elsewhere: exit %d, %q, %s", result.Code, result.Stdout, result.Stderr)
	}
	if result := h.try("mv " + shellWord(away) + " " + shellWord(h.store)); !result.OK() {
		t.Fatal(result.Stderr)
	}
}

// wantArchive wants exactly these members, as tar lists them: name, owner, mode.
func wantArchive(t *testing.T, h *host, path string, want ...string) {
	t.Helper()
	result := h.try("tar -tvzf " + shellWord(path) + ` --numeric-owner | awk '{print $6, $2, $1}' | sort`)
	if got := strings.Split(strings.TrimSpace(result.Stdout), "\n"); !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q; %s", path, got, want, result.Stderr)
	}
}
