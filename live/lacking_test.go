package live

import (
	"strings"
	"testing"

	"myca/dialect"
)

func TestLacking(t *testing.T) {
	const connection, variables = "GRANT CONNECTION_ADMIN ON *.* TO 'dba'@'%';", "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO 'dba'@'%';"
	for _, test := range []struct {
		target, has   string
		paths, beyond bool
		want          string
	}{
		{"mysql-8.4", "", true, false, connection + variables},
		{"mysql-8.4", "", false, false, connection},
		{"mysql-8.4", "RELOAD CONNECTION_ADMIN", true, false, variables},
		{"mysql-8.4", "CONNECTION_ADMIN SYSTEM_VARIABLES_ADMIN", true, false, ""},
		{"mysql-8.4", "SUPER", true, false, ""},
		{"mysql-8.4", "", true, true, ""},
		{"mariadb-10.11", "SUPER", false, false, "GRANT RELOAD ON *.* TO 'dba'@'%';"},
		{"mariadb-10.11", "RELOAD", true, false, ""},
	} {
		v, err := dialect.Parse(test.target)
		if err != nil {
			t.Fatal(err)
		}
		h := Held{CurrentUser: "dba@%", Global: map[string]bool{}, Beyond: test.beyond}
		for _, p := range strings.Fields(test.has) {
			h.Global[p] = false
		}
		if got := strings.Join(h.Lacking(v, test.paths), ""); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
