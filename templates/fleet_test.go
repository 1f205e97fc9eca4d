package templates_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/dialect"
	"myca/templates"
)

// fleetAccounts is what the golden files of a fleet hold: with a password and
// without, not ASCII, with a note, and of a replica.
func fleetAccounts(t *testing.T, v dialect.Version) []templates.Accounts {
	cases := accountCases(t, v)
	replica := cases["no-password"]
	replica.Name, replica.Subject = "db2", name(t, "/C=US/ST=WI/L=Madison/O=sampdb/CN=db2.example.com")
	replica.Accounts = []dialect.Account{account(t, "repl@10.%")}
	replica.Grants = []dialect.Grant{mustGrant(t, "REPLICATION SLAVE ON *.*")}
	return []templates.Accounts{cases["new"], cases["foreign"], cases["cipher"], replica}
}

// fleetText is the whole file.
func fleetText(t *testing.T, v dialect.Version, accounts ...templates.Accounts) string {
	t.Helper()
	f := templates.Fleet{Target: v}
	begin, err := f.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(begin)
	for _, a := range accounts {
		text, err := f.Accounts(a)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text)
	}
	b.WriteString(f.End())
	return b.String()
}

func TestFleetGolden(t *testing.T) {
	want := map[string]bool{}
	for _, text := range targets() {
		v := target(t, text)
		if v.CreateUserIfNotExists() {
			want[text+".fleet.sql"] = true
			golden(t, "fleet/"+text+".fleet.sql", fleetText(t, v, fleetAccounts(t, v)...))
		}
		if _, err := aReplica(v).SQL(); err == nil {
			want[text+".replica.sql"] = true
		}
	}
	entries, err := os.ReadDir("testdata/fleet")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range entries {
		got[e.Name()] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files of testdata/fleet (-compared +there):\n%s", diff)
	}
}

// TestFleetStatements: a fleet's file has the statements of each file of account
// statements, in their order, and the settings of the session around them.
func TestFleetStatements(t *testing.T) {
	for _, text := range targets() {
		v := target(t, text)
		if !v.CreateUserIfNotExists() {
			continue
		}
		var want []string
		for _, a := range fleetAccounts(t, v) {
			a.Mode = templates.IfNotExists
			list, err := a.Statements()
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, about(list)...)
		}
		var all []string
		for _, line := range strings.Split(fleetText(t, v, fleetAccounts(t, v)...), "\n") {
			if s, ok := strings.CutSuffix(line, ";"); ok {
				all = append(all, s)
			}
		}
		if diff := cmp.Diff(want, about(all)); diff != "" {
			t.Errorf("%s (-each +fleet):\n%s", text, diff)
		}
		first, last := all[0], all[len(all)-1]
		if first != "SET @myca_sql_mode = @@SESSION.sql_mode" || last != "SET SESSION sql_mode = @myca_sql_mode" {
			t.Errorf("%s begins with %q and ends with %q", text, first, last)
		}
	}
}

// about is the statements about accounts.
func about(statements []string) []string {
	var all []string
	for _, s := range statements {
		if !strings.HasPrefix(s, "SET ") {
			all = append(all, s)
		}
	}
	return all
}

// TestFleetRefuses: what one file of account statements refuses.
func TestFleetRefuses(t *testing.T) {
	v := target(t, "mysql-8.4")
	open := fleetAccounts(t, v)[0]
	open.Password, open.Require = nil, dialect.Requirement{SSL: true}
	other := fleetAccounts(t, target(t, "mysql-9.7"))[0]
	for name, a := range map[string]templates.Accounts{"open to others": open, "the file is for mysql-8.4": other} {
		text, err := templates.Fleet{Target: v}.Accounts(a)
		var p templates.Problems
		if !errors.As(err, &p) || !strings.Contains(err.Error(), name) || text != "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := (templates.Fleet{Target: target(t, "mysql-5.6")}).Begin(); err == nil {
		t.Error("mysql-5.6 has no CREATE USER IF NOT EXISTS")
	}
}

// aReplica is a replica as the golden files have it.
func aReplica(v dialect.Version) templates.Replica {
	return templates.Replica{
		Target: v, Source: "db1", Host: "db1.example.com", Port: 3306, User: "repl",
		CA: "/etc/mysql/myca/ca-cert.pem", Cert: "/etc/mysql/myca/server-cert.pem", Key: "/etc/mysql/myca/server-key.pem",
		Name: "db2", Serial: "21c47b08d5fa135f0c8e1b7a3d42969e", NotAfter: time.Date(2029, 2, 25, 12, 30, 0, 0, time.UTC),
	}
}
