package fleet

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"myca/store"
)

// entries is a manifest of these servers and clients.
func entries(servers, clients string) string {
	text := `
defaults: {target: mysql-8.4, key: ec-p256, days: 365, require: [issuer, subject], password: none}
`
	if servers != "" {
		text += "servers:\n  - {" + servers + "}\n"
	}
	if clients != "" {
		text += "clients:\n  - {" + clients + "}\n"
	}
	return text
}

// edit is an entry that is changed, and what is to be done then.
type edit struct {
	what        string
	before, now string
	action      Action
	reason      string   // one of the reasons begins so; there is no other unless also says so
	also        []string // how the others begin
	accounts    []string
	notice      string // begins so; "" for none
}

func serverEdits() []edit {
	owner := strconv.Itoa(os.Geteuid()) // the one to whom files can be given by everybody
	return []edit{
		{"owner", `hosts: [a]`, `hosts: [a], owner: "` + owner + `"`,
			Renew, `owner: "` + owner + `", was none`, nil, nil, ""},
		{"order of hosts", `hosts: [db1.example.com, a, 10.0.0.1]`, `hosts: [db1.example.com, 10.0.0.1, A]`,
			Update, `hosts as written: `, nil, nil, ""},
		{"a host more", `hosts: [db1.example.com]`, `hosts: [db1.example.com, 10.0.0.1]`,
			Renew, `hosts: "10.0.0.1", "db1.example.com", was "db1.example.com"`, nil, nil, ""},
		{"a host less", `hosts: [db1.example.com, 10.0.0.1]`, `hosts: [db1.example.com]`,
			Renew, `hosts: "db1.example.com", was "10.0.0.1", "db1.example.com"`, nil, nil, ""},
		{"first host", `hosts: [a, b]`, `hosts: [b, a]`,
			Renew, `subject: "/O=acme/CN=b", was "/O=acme/CN=a"`, nil, nil, ""},
		{"subject", `hosts: [a], subject: "/O=acme/CN=a"`, `hosts: [a], subject: "/O=acme/OU=db/CN=a"`,
			Renew, `subject: "/O=acme/OU=db/CN=a", was "/O=acme/CN=a"`, nil, nil, ""},
		{"subject as the default", `hosts: [a]`, `hosts: [a], subject: "/O=acme/CN=a"`,
			Update, `subject as written: "/O=acme/CN=a", was none`, nil, nil, ""},
		{"profile", `hosts: [a]`, `hosts: [a], profile: peer`,
			Renew, `profile: "peer", was "server"`, nil, nil, ""},
		{"profile back", `hosts: [a], profile: peer`, `hosts: [a], profile: server`,
			Renew, `profile: "server", was "peer"`, nil, nil, ""},
		{"key", `hosts: [a]`, `hosts: [a], key: ec-p384`,
			Renew, `key: "ec-p384", was "ec-p256"`, nil, nil, ""},
		{"key format", `hosts: [a], key: rsa-2048`, `hosts: [a], key: rsa-2048, key_format: pkcs1`,
			Renew, `key_format: "pkcs1", was "pkcs8"`, nil, nil, ""},
		{"days", `hosts: [a]`, `hosts: [a], days: 90`,
			Update, `days: 90, was 365 (from the next renewal on)`, nil, nil, ""},
		{"deploy_dir", `hosts: [a]`, `hosts: [a], deploy_dir: /etc/mysql/myca`,
			Update, `deploy_dir: "/etc/mysql/myca", was none`, nil, nil, ""},
		{"target", `hosts: [a]`, `hosts: [a], target: mariadb-11.8`,
			Update, `target: "mariadb-11.8", was "mysql-8.4"`, nil, nil, ""},
		{"nonportable", `hosts: [a]`, `hosts: [a], allow_nonportable_subject: true`,
			Update, `allow_nonportable_subject: true, was false`, nil, nil, ""},
		{"all at once", `hosts: [a]`, `hosts: [a, b], days: 90, deploy_dir: /etc/mysql/myca`,
			Renew, `hosts: `, []string{`days: `, `deploy_dir: `}, nil, ""},
	}
}

func clientEdits() []edit {
	const app = `name: app, account: "app@10.%", `
	const pattern = "app@10.%"
	return []edit{
		{"another account", app + `grants: ["SELECT ON a.*"]`, `name: app, account: ["app@10.%", "app@localhost"], grants: ["SELECT ON a.*"]`,
			Update, `account: "app@10.%", "app@localhost", was "app@10.%"`, nil, []string{"app@localhost"}, ""},
		{"an account less", `name: app, account: ["app@10.%", "app@localhost"]`, app,
			Update, `account: `, nil, nil, "the account 'app'@'localhost' is no longer in the manifest, and stays on the server until you run: DROP USER 'app'@'localhost'"},
		{"another pattern", app, `name: app, account: "app@192.168.%"`,
			Update, `account: `, nil, []string{"app@192.168.%"}, "the account 'app'@'10.%' is no longer in the manifest, and stays on the server until you run: DROP USER 'app'@'10.%'"},
		{"another user", app, `name: app, account: "web@10.%"`,
			Renew, `subject: "/O=acme/CN=web", was "/O=acme/CN=app"`, []string{`account: `}, []string{"web@10.%"},
			"the account 'app'@'10.%' is no longer in the manifest, and stays on the server until you run: DROP USER 'app'@'10.%'"},
		{"grants more", app, app + `grants: ["SELECT ON a.*"]`,
			Update, `grants: "SELECT ON a.*", was none`, nil, nil, ""},
		{"grants less", app + `grants: ["SELECT ON a.*", "ALL ON b.*"]`, app + `grants: ["SELECT ON a.*"]`,
			Update, `grants: `, nil, nil, "privileges that are no longer in the manifest stay granted until you run, before fleet.sql: REVOKE ALL PRIVILEGES ON `b`.* FROM 'app'@'10.%'"},
		{"a privilege more", app + `grants: ["SELECT ON a.*"]`, app + `grants: ["SELECT, DELETE ON a.*"]`,
			Update, `grants: `, nil, nil, ""},
		{"a privilege less", app + `grants: ["SELECT, DELETE ON a.*"]`, app + `grants: ["SELECT ON a.*"]`,
			Update, `grants: `, nil, nil, "privileges that are no longer in the manifest stay granted until you run, before fleet.sql: REVOKE DELETE ON `a`.* FROM 'app'@'10.%'"},
		{"a privilege and an account less", `name: app, account: ["app@10.%", "app@localhost"], grants: ["SELECT, DELETE ON a.*"]`, `name: app, account: ["app@10.%", "app@%"], grants: ["SELECT ON a.*"]`,
			Update, `account: `, []string{`grants: `}, []string{"app@%"}, "the account 'app'@'localhost' is no longer in the manifest, and stays on the server until you run: DROP USER 'app'@'localhost'\n" +
				"privileges that are no longer in the manifest stay granted until you run, before fleet.sql: REVOKE DELETE ON `a`.* FROM 'app'@'10.%'"},
		{"require", app, app + `require: [subject]`,
			Update, `require: "subject", was "issuer,subject"`, nil, []string{pattern}, ""},
		{"subject", app, app + `subject: "/O=acme/OU=web/CN=app"`,
			Renew, `subject: "/O=acme/OU=web/CN=app", was "/O=acme/CN=app"`, nil, []string{pattern}, ""},
		{"subject that is not required", app + `require: [issuer], password: random`, app + `require: [issuer], password: random, subject: "/O=acme/OU=web/CN=app"`,
			Renew, `subject: `, nil, nil, ""},
		{"password", app, app + `password: random`,
			Update, `password: "random", was "none"`, nil, nil, `an account that exists keeps the password that it has on the server (password: "random", was "none")`},
		{"password from a file", app + `password: random`, app + `password: {file: /srv/pki/app.pw}`,
			Update, `password: "file", was "random"`, nil, nil, `an account that exists keeps the password`},
		{"no password", app + `password: {file: /srv/pki/app.pw}`, app + `password: none`,
			Update, `password: "none", was "file"`, nil, nil, `an account that exists keeps the password`},
		{"random password, new certificate", app + `password: random`, app + `password: random, profile: peer`,
			Renew, `profile: "peer", was "client"`, nil, nil, ""},
		{"password from a file, new certificate", app + `password: {file: /srv/pki/app.pw}`, app + `password: {file: /srv/pki/app.pw}, key: ec-p384`,
			Renew, `key: `, nil, nil, ""},
		{"target", app, app + `target: mariadb-11.8`,
			Update, `target: "mariadb-11.8", was "mysql-8.4"`, nil, []string{pattern}, "if some servers still run mysql-8.4: the account 'app'@'10.%' stays there until you run: DROP USER 'app'@'10.%'"},
		{"connect", app, app + `connect: "db1.example.com:3307"`,
			Update, `connect: "db1.example.com:3307", was none`, nil, nil, ""},
		{"groups", app, app + `groups: [client]`,
			Update, `groups: "client", was none`, nil, nil, ""},
		{"partial_revokes", app + `grants: ["SELECT ON a.*"]`, app + `grants: ["SELECT ON a.*"], partial_revokes: true`,
			Update, `partial_revokes: true, was false`, nil, nil, ""},
		{"deploy_dir", app, app + `deploy_dir: /etc/mysql/myca`,
			Update, `deploy_dir: `, nil, nil, ""},
		{"days", app, app + `days: 30`,
			Update, `days: 30, was 365`, nil, nil, ""},
	}
}

// Every field of an entry: what changing it does, and that changing it back does
// the same.
func TestEdits(t *testing.T) {
	for kind, edits := range map[string][]edit{"server": serverEdits(), "client": clientEdits()} {
		for _, e := range edits {
			t.Run(kind+", "+e.what, func(t *testing.T) {
				text := func(entry string) string { return entries("name: it, "+entry, "") }
				if kind == "client" {
					text = func(entry string) string { return entries("", strings.Replace(entry, "name: app", "name: it", 1)) }
				}
				w := newWorld(t, 3650)
				w.apply(text(e.before))
				old := w.rowOf(kind + "/it")
				e.check(t, w.apply(text(e.now)))
				if fresh := w.rowOf(kind + "/it"); (fresh.Serial == old.Serial) != (e.action == Update) {
					t.Errorf("%s: serial %s, was %s", e.action, fresh.Serial, old.Serial)
				}
				if back := w.apply(text(e.before)); len(back) != 1 || back[0].Action != e.action {
					t.Errorf("back: %+v", back)
				}
			})
		}
	}
}

func (e edit) check(t *testing.T, steps []Step) {
	t.Helper()
	if len(steps) != 1 || steps[0].Action != e.action {
		t.Fatalf("want %s: %+v", e.action, steps)
	}
	step := steps[0]
	want := append([]string{e.reason}, e.also...)
	ok := len(want) == len(step.Reasons)
	for n := 0; ok && n < len(want); n++ {
		ok = strings.HasPrefix(step.Reasons[n], want[n])
	}
	if !ok {
		t.Errorf("reasons %q, want %q", step.Reasons, want)
	}
	if !slices.Equal(step.Accounts, e.accounts) {
		t.Errorf("accounts %q, want %q", step.Accounts, e.accounts)
	}
	if said := strings.Join(step.Notices, "\n"); !strings.HasPrefix(said, e.notice) || e.notice == "" && said != "" {
		t.Errorf("notices %q, want %q", said, e.notice)
	}
}

// A random password is kept by whatever changes, and one from a file is given
// again.
func TestPasswordsStay(t *testing.T) {
	w := newWorld(t, 3650)
	client := func(more string) string {
		return entries("", `name: app, account: "app@10.%", password: random`+more)
	}
	w.apply(client(""))
	has := func() string {
		password, err := w.store.Password("app")
		if err != nil || password == nil {
			t.Fatal(password, err)
		}
		text, err := os.ReadFile(filepath.Join(w.dir, "sql", "app.sql"))
		if err != nil || !strings.Contains(string(text), "'"+*password+"'") {
			t.Errorf("%q is not in the statements: %s, %v", *password, text, err)
		}
		return *password
	}
	first := has()
	if err := os.Remove(w.store.Files(w.rowOf("client/app")).Key); err != nil {
		t.Fatal(err)
	}
	if steps := w.apply(client("")); has() != first || len(steps) != 1 || steps[0].Notices != nil {
		t.Errorf("without its key: %+v", steps)
	}
	w.options.Secret = func(Identity) (*string, error) {
		another := "Another-1"
		return &another, nil
	}
	for _, more := range []string{`, connect: db1.example.com`, `, connect: db1.example.com, profile: peer`, `, grants: ["ALL ON a.*"]`} {
		w.apply(client(more))
		if now := has(); now != first {
			t.Errorf("%s: the password is %q, was %q", more, now, first)
		}
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "clients", "app")); err != nil {
		t.Fatal(err)
	}
	steps := w.apply(client(""))
	if has() != "Another-1" || len(steps) != 1 || !strings.Contains(strings.Join(steps[0].Notices, "\n"), "gets a new random password; an account that exists still has the old one on the server; to give it") {
		t.Errorf("password %q; %+v", has(), steps)
	}
}

// A record with more in it than a manifest can say is written anew, once.
func TestRecordOfAnotherForm(t *testing.T) {
	w := newWorld(t, 3650)
	text := entries("", `name: app, account: "app@10.%"`)
	w.apply(text)
	more := w.read(text).At(0).Spec
	more.Bootstrap = &store.Spec{}
	item, err := w.store.Amend(store.Amendment{Row: w.rowOf("client/app"), Spec: more})
	if err == nil {
		err = w.store.Commit(t.Context(), item)
	}
	if err != nil {
		t.Fatal(err)
	}
	steps := w.apply(text)
	if len(steps) != 1 || steps[0].Action != Update || strings.Join(steps[0].Reasons, "") != "its record has another form" {
		t.Errorf("%+v", steps)
	}
}
