package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	for name, c := range map[string]struct{ old, changed, want string }{
		"nothing":    {"a\n", "a\n", ""},
		"a line":     {"a\nb\n", "a\nc\n", "--- /m\n+++ /m\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"},
		"no newline": {"a", "a\nb\n", "--- /m\n+++ /m\n@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n"},
		"secrets": {"[client]\npassword = old # x\n#pass=alt\nloose_wsrep_sst_auth=u:p\nport=1\n", "[client]\npassword=\"new\"\n#pass=alt\nloose_wsrep_sst_auth=u:p\nport=2\nPASSWORD1=x\nssl-passphrase=y\nssl-ca=/p\n",
			"--- /m\n+++ /m\n@@ -1,5 +1,8 @@\n [client]\n-password = *****\n+password=*****\n #pass=*****\n loose_wsrep_sst_auth=*****\n-port=1\n+port=2\n+PASSWORD1=*****\n+ssl-passphrase=*****\n+ssl-ca=/p\n"},
		"other secrets": {"", "hashicorp-key-management-token=s.x\nwsrep_provider_options=\"gcache.size=1G;socket.ssl_password=x\"\n-- password=x\npassword x\npassword:x=y\n# root's password is x\n#  ssl-key = /k\n[password]\n!include /passwords\n",
			"--- /m\n+++ /m\n@@ -0,0 +1,9 @@\n+hashicorp-key-management-token=*****\n+wsrep_provider_options=*****\n+-- *****\n+password *****\n+password:*****\n+# root's *****\n+#  ssl-key = /k\n+[password]\n+!include /passwords\n"},
		"a removed line like a header": {"-- password=x\n", "", "--- /m\n+++ /m\n@@ -1,1 +0,0 @@\n--- *****\n"},
		"empty password":               {"", "password=\npassword\n", "--- /m\n+++ /m\n@@ -0,0 +1,2 @@\n+password=\n+password\n"},
		"terminal control":             {"", "a\x1b[31m\x7f\xff\u009b\té\r\n", "--- /m\n+++ /m\n@@ -0,0 +1,1 @@\n+a\\x1b[31m\\x7f\\xff\\x9b\té\\r\n"},
	} {
		if diff := cmp.Diff(c.want, Diff("/m", []byte(c.old), []byte(c.changed))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := Diff("/my pass=x", []byte("a\n"), nil); !strings.HasPrefix(got, "--- /my pass=x\n+++ /my pass=x\n") {
		t.Errorf("%q", got)
	}
	if got := Diff("/m", nil, []byte("a\n")); got != "--- /dev/null\n+++ /m\n@@ -0,0 +1,1 @@\n+a\n" {
		t.Errorf("%q", got)
	}
}

// TestDiffApplies: what is shown of a file without secrets is what patch(1)
// understands.
func TestDiffApplies(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("no patch program")
	}
	for name, s := range shapes() {
		o := server(t, "mysql-9.7", s.files, s.main)
		edit, err := o.Place()
		if err != nil {
			t.Fatal(err)
		}
		if edit.Created || strings.Contains(string(edit.New), "\r") {
			continue
		}
		file := filepath.Join(t.TempDir(), "my.cnf")
		if err := os.WriteFile(file, edit.Old, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("patch", "--quiet", file)
		cmd.Stdin = strings.NewReader(Diff(edit.Path, edit.Old, edit.New))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
		if data, err := os.ReadFile(file); err != nil || string(data) != string(edit.New) {
			t.Errorf("%s: %q, %v, want %q", name, data, err, edit.New)
		}
	}
}
