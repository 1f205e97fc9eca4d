package templates_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/dialect"
	"myca/dn"
	"myca/templates"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// targets are the versions the golden files stand for.
func targets() []string {
	return []string{
		"mysql-4.0", "mysql-4.1", "mysql-5.1", "mysql-5.5", "mysql-5.6", "mysql-5.7", "mysql-8.0", "mysql-8.4", "mysql-9.7",
		"mariadb-5.5", "mariadb-10.1", "mariadb-10.2", "mariadb-10.4", "mariadb-10.11", "mariadb-11.4", "mariadb-11.8", "mariadb-12.3",
	}
}

// golden compares got with testdata/file, or writes it there with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./templates -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-file +now):\n%s", path, diff)
	}
}

// TestGoldenComplete fails on a golden file that no test compares any more.
func TestGoldenComplete(t *testing.T) {
	want := map[string]bool{}
	for _, text := range targets() {
		for name := range accountCases(t, target(t, text)) {
			want[text+"."+name+".sql"] = true
		}
		for _, name := range []string{"server", "client"} {
			want[text+"."+name+".cnf"] = true
		}
		want[text+".next.txt"] = true
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range entries {
		if !e.IsDir() {
			got[e.Name()] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files of testdata (-compared +there):\n%s", diff)
	}
}

func target(t *testing.T, text string) dialect.Version {
	t.Helper()
	v, err := dialect.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func name(t *testing.T, text string) dn.Name {
	t.Helper()
	n, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func library(t *testing.T, v dialect.Version) dn.Library {
	t.Helper()
	l, err := dn.ParseLibrary(v.TLSLibrary())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func account(t *testing.T, text string) dialect.Account {
	t.Helper()
	a, err := dialect.ParseAccount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustGrant(t *testing.T, text string) dialect.Grant {
	t.Helper()
	g, err := dialect.ParseGrant(text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func requirement(t *testing.T, text string) dialect.Requirement {
	t.Helper()
	r, err := dialect.ParseRequirement(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// laura is a certificate's worth of account statements for the target.
func laura(t *testing.T, v dialect.Version) templates.Accounts {
	password := `it's "50% off" \o/ #1`
	return templates.Accounts{
		Target: v, Library: library(t, v),
		Issuer:  name(t, "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb"),
		Subject: name(t, "/C=US/ST=WI/L=Madison/O=sampdb/CN=laura"),
		Name:    "laura", Serial: "5f0c8e1b7a3d42969e21c47b08d5fa13",
		NotAfter: time.Date(2029, 2, 25, 12, 30, 0, 0, time.UTC),
		Accounts: []dialect.Account{account(t, "laura@localhost"), account(t, "laura@%")},
		Grants:   []dialect.Grant{mustGrant(t, "ALL ON finance.*"), mustGrant(t, "SELECT ON my_app.* WITH GRANT OPTION")},
		Mode:     templates.New,
		Password: &password,
	}
}

// accountCases are the files of account statements the golden files hold; one
// that the target cannot have is left out.
func accountCases(t *testing.T, v dialect.Version) map[string]templates.Accounts {
	t.Helper()
	set := func(change func(*templates.Accounts)) templates.Accounts {
		a := laura(t, v)
		change(&a)
		return a
	}
	cases := map[string]templates.Accounts{
		"new":         set(func(*templates.Accounts) {}),
		"no-password": set(func(a *templates.Accounts) { a.Password = nil }),
		"existing": set(func(a *templates.Accounts) {
			a.Mode, a.Password = templates.Existing, nil
		}),
		"rescind": set(func(a *templates.Accounts) {
			a.Mode, a.Password = templates.Rescind, nil
		}),
		"rescind-password": set(func(a *templates.Accounts) {
			a.Mode = templates.Rescind
		}),
		"cipher": set(func(a *templates.Accounts) {
			a.Require, a.Grants = requirement(t, "cipher=DHE-RSA-AES256-SHA"), nil
		}),
		"foreign": set(func(a *templates.Accounts) {
			a.Subject = name(t, `/O=Müller \/ Söhne/CN=O'Brien \\ "x"`)
			a.Accounts = []dialect.Account{account(t, "jürgen@10.%")}
			a.Grants = []dialect.Grant{mustGrant(t, "SELECT ON `bücher`.*")}
			a.Password = nil
		}),
	}
	if v.CreateUserIfNotExists() {
		cases["if-not-exists"] = set(func(a *templates.Accounts) { a.Mode = templates.IfNotExists })
		cases["if-not-exists-no-password"] = set(func(a *templates.Accounts) {
			a.Mode, a.Password = templates.IfNotExists, nil
		})
	}
	if v.PartialRevokes() {
		cases["partial-revokes"] = set(func(a *templates.Accounts) { a.PartialRevokes = true })
	}
	return cases
}

func TestAccountsGolden(t *testing.T) {
	for _, text := range targets() {
		for name, a := range accountCases(t, target(t, text)) {
			t.Run(text+"."+name, func(t *testing.T) {
				got, err := a.SQL()
				if err != nil {
					t.Fatal(err)
				}
				golden(t, text+"."+name+".sql", got)
			})
		}
	}
}

// serverOptions asks for everything the target has.
func serverOptions(v dialect.Version) templates.ServerOptions {
	o := templates.ServerOptions{
		Target: v, CA: "/etc/mysql/myca/ca-cert.pem", Cert: "/etc/mysql/myca/server-cert.pem", Key: "/etc/mysql/myca/server-key.pem",
		RequireSecureTransport: v.RequireSecureTransport(),
		TLSVersion:             strings.Join(v.TLSVersions(), ","),
		Name:                   "db1", Serial: "21c47b08d5fa135f0c8e1b7a3d42969e",
		NotAfter: time.Date(2029, 2, 25, 12, 30, 0, 0, time.UTC),
	}
	if v.CRLOption() {
		o.CRL = "/etc/mysql/myca/crl.pem"
	}
	return o
}

// clientOptions asks for everything the target has.
func clientOptions(v dialect.Version) templates.ClientOptions {
	o := templates.ClientOptions{
		Target: v, CA: "/home/laura/my certs/ca-cert.pem", Cert: "/home/laura/my certs/client-cert.pem", Key: "/home/laura/my certs/client-key.pem",
		User: "laura", Password: `it's "50% off" \o/ #1`, Host: "db1.example.com", Port: 3306,
		TLSVersion: strings.Join(v.TLSVersions(), ","),
		Name:       "laura", Serial: "5f0c8e1b7a3d42969e21c47b08d5fa13",
		NotAfter: time.Date(2029, 2, 25, 12, 30, 0, 0, time.UTC),
	}
	if v.CRLOption() {
		o.CRL = "/home/laura/my certs/crl.pem"
	}
	return o
}

func TestOptionFilesGolden(t *testing.T) {
	for _, text := range targets() {
		t.Run(text, func(t *testing.T) {
			server, err := serverOptions(target(t, text)).OptionFile()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, text+".server.cnf", server)
			client, err := clientOptions(target(t, text)).OptionFile()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, text+".client.cnf", client)
		})
	}
}

// nextSteps is what a first bootstrap prints, and one with deploy folders.
func nextSteps(v dialect.Version) templates.NextSteps {
	return templates.NextSteps{
		Dir: "/srv/my pki", Target: v,
		Servers: []templates.StepServer{
			{Name: "localhost", Folder: "/srv/my pki/servers/localhost"},
			{Name: "db2", Folder: "/srv/my pki/servers/db2", DeployDir: "/srv/it's/tls", Owner: "mysql2:db"},
		},
		Clients: []templates.StepClient{
			{Name: "laura", Folder: "/srv/my pki/clients/laura", SQL: "/srv/my pki/sql/laura.sql", Accounts: []dialect.Account{{User: "laura", Host: "%"}}, Password: templates.PasswordKept},
			{Name: "app", Folder: "/srv/my pki/clients/app", SQL: "/srv/my pki/sql/app.sql", DeployDir: "/home/app/tls"},
			{Name: "mia", Folder: "/srv/my pki/clients/mia", SQL: "/srv/my pki/sql/mia.sql", Existing: true, Accounts: []dialect.Account{{User: "mia's", Host: "%"}}},
			{Name: "root", Folder: "/srv/my pki/clients/root", SQL: "/srv/my pki/sql/root.sql", Existing: true, Accounts: []dialect.Account{{User: "root", Host: "localhost"}}},
		},
	}
}

func TestNextStepsGolden(t *testing.T) {
	for _, text := range targets() {
		t.Run(text, func(t *testing.T) {
			got, err := nextSteps(target(t, text)).Text()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, text+".next.txt", got)
		})
	}
}
