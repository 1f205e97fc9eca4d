package acceptance

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/scripts/servers"
)

// TestProvisionExample: the example for configuration managers tells what it
// changes, and its statements run on servers of its targets.
func TestProvisionExample(t *testing.T) {
	needAny(t)
	bin := build(t)
	manifest := read(t, "../provision-example/fleet.yaml")
	provision, err := filepath.Abs("../provision-example/provision")
	if err != nil {
		t.Fatal(err)
	}
	servers.Each(t, func(t *testing.T, p servers.Product) {
		h := newHost(t, bin, p)
		target, want := "mariadb-11.8", "1\treports"
		if p.MySQL() {
			target, want = "mysql-8.4", "20\tapp-01\n1\trepl-db2\n1\trepl-db3"
		}
		if !strings.Contains(manifest, target) {
			t.Fatalf("the example has no server of %s", target)
		}
		path := h.fleetFile(t, strings.ReplaceAll(manifest, target, p.Target))
		for _, run := range []struct{ flag, want string }{{"--check ", "true"}, {"", "true"}, {"", "false"}, {"--check ", "false"}} {
			result := h.try("MYCA_DIR=" + shellWord(h.store) + " " + shellWord(provision) + " " + run.flag + shellWord(path))
			if said := `{"changed":` + run.want + "}\n"; result.Stdout != said {
				t.Fatalf("provision %s: exit %d, %q, want %q; %s", run.flag, result.Code, result.Stdout, said, result.Stderr)
			}
		}
		if err := h.server.Run(servers.Options{Bulk: true}); err != nil {
			t.Fatal(err)
		}
		h.mustRunFile(t, h.fleetSQL())
		h.mustRunFile(t, h.fleetSQL())
		got := h.server.SQL(t, "SELECT COUNT(*), MIN(user) FROM mysql.user WHERE ssl_type = 'SPECIFIED' GROUP BY IF(user LIKE 'app-%', 'app', user) ORDER BY 2")
		if got != want {
			t.Errorf("accounts:\n%s\nwant\n%s", got, want)
		}
	})
}
