//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"myca/out"
)

// The playbook of scripts/provision-example puts the files of every server that
// says where they go into place, and has them reloaded, each server in its own
// way. It needs no inventory to begin with, and a second run changes nothing.
func TestProvisionPlaybook(t *testing.T) {
	if _, err := exec.LookPath("ansible-playbook"); err != nil {
		if os.Getenv("MYCA_TEST_LIVE") == "required" {
			t.Fatal("ansible-playbook is not installed: apt-get install ansible-core")
		}
		t.Skip("ansible-playbook is not installed: apt-get install ansible-core")
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(in(name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"provision", "site.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "provision-example", name))
		if err != nil {
			t.Fatal(err)
		}
		write(name, string(text))
	}
	for _, name := range []string{"mysql", "mariadb"} {
		write(name, "#!/bin/sh\necho \"${0##*/} $*\" >> "+in("reloads")+"\n")
	}
	manifest := fmt.Sprintf(`
ca: {subject: /CN=acme CA, key: ec-p256}
defaults: {key: ec-p256, password: none}
servers:
  - {name: db1, hosts: [db1.example.com], target: mysql-8.4, deploy_dir: %q}
  - {name: db2, hosts: [db2.example.com], target: mariadb-11.8, deploy_dir: %q}
  - {name: db3, hosts: [db3.example.com], target: mysql-8.4}
`, in("db1"), in("db2"))
	write("fleet.yaml", manifest)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	play := func() string {
		t.Helper()
		c := exec.Command("ansible-playbook", "-i", in("pki/fleet/inventory.json"), in("site.yaml"),
			"-e", fmt.Sprintf(`{"store": %q, "user": [%q], "ansible_connection": "local", "ansible_become": false}`, in("pki"), me.Username))
		c.Env = append(os.Environ(), "HOME="+dir, "MYCA="+os.Args[0], runAsMyca+"=1", "PATH="+dir+":"+os.Getenv("PATH"), "LC_ALL=C.UTF-8")
		text, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		return string(text)
	}
	if text := play(); !strings.Contains(text, "a new certificate authority is made") {
		t.Errorf("the notice is not shown:\n%s", text)
	}
	for _, name := range []string{"db1", "db2"} {
		for _, file := range []string{"ca-cert.pem", "server-cert.pem", "server-key.pem", "my.cnf"} {
			placed, err := os.ReadFile(filepath.Join(in(name), file))
			if stored, _ := os.ReadFile(filepath.Join(in("pki"), "servers", name, file)); err != nil || string(placed) != string(stored) {
				t.Errorf("%s of %s: %v", file, name, err)
			}
		}
	}
	reloads, err := os.ReadFile(in("reloads"))
	if err != nil || !strings.Contains(string(reloads), "mysql --execute=ALTER INSTANCE RELOAD TLS\n") ||
		!strings.Contains(string(reloads), "mariadb --execute=FLUSH LOCAL SSL\n") || strings.Count(string(reloads), "\n") != 2 {
		t.Errorf("reloads: %v: %s", err, reloads)
	}
	if text := play(); strings.Contains(text, "changed:") || !strings.Contains(text, "changed=0") {
		t.Errorf("a second run changes something:\n%s", text)
	}
	if there, err := out.Exists(in("db3")); there || err != nil {
		t.Errorf("files of a server that says nothing of where they go: %v", err)
	}
}
