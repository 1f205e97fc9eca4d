//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"myca/dn"
	"myca/store"
)

// The example of scripts/provision-example does what its readme says: the first
// run changes something, the second nothing, and errors go through.
func TestProvisionExample(t *testing.T) {
	example, err := filepath.Abs(filepath.Join("..", "..", "scripts", "provision-example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash here")
	}
	dir := filepath.Join(t.TempDir(), "pki")
	program := os.Args[0]
	provision := func(args ...string) result {
		c := exec.Command(filepath.Join(example, "provision"), args...)
		c.Dir = example
		c.Env = append(os.Environ(), "MYCA="+program, "MYCA_DIR="+dir)
		return finish(c)
	}
	for _, step := range []struct {
		args    []string
		changed string
		notices string // the end of the only one
	}{
		{[]string{"--check", "fleet.yaml"}, "true", "would be made"},
		{[]string{"fleet.yaml", "--archive", "tar.gz"}, "true", "is made"},
		{[]string{"fleet.yaml", "--archive", "tar.gz"}, "false", ""},
		{[]string{"--check", "fleet.yaml", "--archive", "tar.gz"}, "false", ""},
	} {
		r := provision(step.args...)
		var told planOf
		if step.notices != "" {
			jsonOf(t, r.talk, &told)
		}
		if r.code != exitDone || r.out != `{"changed":`+step.changed+"}\n" || !strings.HasSuffix(strings.Join(told.Notices, "\n"), step.notices) || step.notices == "" && r.talk != "" {
			t.Fatalf("%q ends with %d: %s%s", step.args, r.code, r.out, r.talk)
		}
	}
	for _, path := range []string{
		"mysql-8.4/fleet.sql", "mysql-8.4/replica-db2.sql", "mysql-8.4/replica-db3.sql", "mariadb-11.8/fleet.sql",
		"inventory.json", "archives/servers/db1.tar.gz", "archives/clients/reports.tar.gz",
	} {
		if _, err := os.Stat(filepath.Join(dir, "fleet", path)); err != nil {
			t.Error(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "fleet")); err != nil {
		t.Fatal(err)
	}
	if r := provision("fleet.yaml", "--archive", "tar.gz"); r.out != "{\"changed\":true}\n" {
		t.Errorf("with lost outputs it ends with %d: %s%s", r.code, r.out, r.talk)
	}
	if _, err := os.Stat(filepath.Join(dir, "fleet", "mysql-8.4/fleet.sql")); err != nil {
		t.Error(err)
	}
	if rows := wholeStore(t, dir); len(rows) != 1+6+21 {
		t.Errorf("%d certificates", len(rows))
	}
	if replicas := accountsOnSources(t, dir); strings.Join(replicas, " ") != "db2:repl-db2@10.0.0.2 db3:repl-db3@10.0.0.3" {
		t.Errorf("accounts of replicas: %q", replicas)
	}
	wrong := written(t, "clients: [{account: a}]\n")
	r := provision(wrong)
	var failure errorJSON
	jsonOf(t, r.talk, &failure)
	if r.code != exitUsage || r.out != "" || len(failure.Problems) == 0 || failure.Problems[0].Line != 1 {
		t.Errorf("a mistake ends with %d: %s%s", r.code, r.out, r.talk)
	}
	if r := provision("fleet.yaml", "--archive", "tar.gz", "--days", "3"); r.code != exitUsage || r.out != "" || !strings.HasPrefix(r.talk, `{"error":`) {
		t.Errorf("a wrong flag ends with %d: %s%s", r.code, r.out, r.talk)
	}
	program = `/no "such\`
	for _, args := range [][]string{{"fleet.yaml"}, {"--check", "fleet.yaml"}} {
		r := provision(args...)
		jsonOf(t, r.talk, &failure)
		if r.code != exitUsage || r.out != "" || failure.Error != `there is no program /no "such\` {
			t.Errorf("without a program %q ends with %d: %s%s", args, r.code, r.out, r.talk)
		}
	}
	for _, args := range [][]string{nil, {"--check"}, {"--help"}} {
		if r := provision(args...); r.code != exitUsage || !strings.Contains(r.talk, "provision [--check] FLEET.yaml|-") {
			t.Errorf("%q ends with %d: %s%s", args, r.code, r.out, r.talk)
		}
	}
}

// accountsOnSources are the accounts that check knows of replicas in the store.
func accountsOnSources(t *testing.T, dir string) []string {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	recorded, err := recordedAccounts(t.Context(), s, dn.OpenSSL3)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, one := range recorded {
		if one.OnSource {
			list = append(list, one.Name+":"+one.Account.String())
		}
	}
	return list
}
