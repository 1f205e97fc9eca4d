package fleet

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFleetSQL: the statements in the order of the manifest, with the passwords
// of the store.
func TestFleetSQL(t *testing.T) {
	p := provision(t, mixed(t)...)
	p.outputsOf(t, true)
	for name, want := range map[string][]string{
		"mysql-8.4/fleet.sql": {
			"CREATE USER IF NOT EXISTS 'repl2'@'%' REQUIRE", "ALTER USER 'repl2'@'%' REQUIRE", "GRANT REPLICATION SLAVE ON *.* TO 'repl2'@'%'",
			"CREATE USER IF NOT EXISTS 'app'@'%' REQUIRE", "ALTER USER 'app'@'%' REQUIRE", "GRANT SELECT ON `app`.* TO 'app'@'%'",
			"CREATE USER IF NOT EXISTS 'db1'@'%' IDENTIFIED BY 'random-db1' REQUIRE", "ALTER USER 'db1'@'%' REQUIRE", "GRANT SELECT ON `app`.* TO 'db1'@'%'",
		},
		"mariadb-11.8/fleet.sql": {
			"CREATE USER IF NOT EXISTS 'repl3'@'%' REQUIRE", "ALTER USER 'repl3'@'%' REQUIRE", "GRANT REPLICATION SLAVE ON *.* TO 'repl3'@'%'",
			"CREATE USER IF NOT EXISTS 'reports'@'%' IDENTIFIED BY 'from a file' REQUIRE", "ALTER USER 'reports'@'%' REQUIRE", "GRANT SELECT ON `app`.* TO 'reports'@'%'",
		},
	} {
		text, err := os.ReadFile(p.folder.path(name))
		if err != nil {
			t.Fatal(err)
		}
		got := regexp.MustCompile(`(?m)^(CREATE|ALTER|GRANT).*?(REQUIRE|;$)`).FindAllString(string(text), -1)
		for i := range got {
			got[i] = strings.TrimSuffix(got[i], ";")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	text, err := os.ReadFile(p.folder.path("mysql-8.4/replica-db2.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SOURCE_HOST = 'db1.example.com'", "SOURCE_USER = 'repl2'", "SOURCE_SSL_CERT = '/etc/mysql/myca/server-cert.pem'"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	for name, content := range tree(t, string(p.folder)) {
		if strings.Contains(content, "random-db1") && !strings.HasPrefix(content, "-rw-------") {
			t.Errorf("%s tells a password", name)
		}
	}
}
