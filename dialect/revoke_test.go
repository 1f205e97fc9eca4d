package dialect

import (
	"strings"
	"testing"
)

// What a list of grants gave and another one does not, and the statements that
// take it away.
func TestRevoke(t *testing.T) {
	for _, test := range []struct{ was, now, want string }{
		{"SELECT ON app.*", "SELECT, DELETE ON app.*", ""},
		{"SELECT, DELETE ON app.*", "SELECT ON app.*", "REVOKE DELETE ON `app`.* FROM 'laura'@'%'"},
		{"SELECT, DELETE ON app.*", "DELETE ON app.*; SELECT ON app.*", ""},
		{"SELECT ON app.*", "", "REVOKE SELECT ON `app`.* FROM 'laura'@'%'"},
		{"SELECT ON app.*", "SELECT ON web.*", "REVOKE SELECT ON `app`.* FROM 'laura'@'%'"},
		{"SELECT ON app.*", "SELECT ON *.*", ""},
		{"SELECT ON app.*", "ALL ON app.*", ""},
		{"ALL ON app.*", "SELECT ON app.*", "REVOKE ALL PRIVILEGES ON `app`.* FROM 'laura'@'%'"},
		{"SELECT ON app_x.*", "SELECT ON `app\\_x`.*", ""},
		{"SELECT ON app_x.*", "SELECT ON `app_x`.*", "REVOKE SELECT ON `app\\_x`.* FROM 'laura'@'%'"},
		{"SELECT ON a.t", "SELECT ON a.u", "REVOKE SELECT ON `a`.`t` FROM 'laura'@'%'"},
		{"EXECUTE ON PROCEDURE a.p", "EXECUTE ON FUNCTION a.p", "REVOKE EXECUTE ON PROCEDURE `a`.`p` FROM 'laura'@'%'"},
		{"SELECT (id, name), INSERT ON a.t", "SELECT (ID) ON a.t", "REVOKE SELECT (`name`), INSERT ON `a`.`t` FROM 'laura'@'%'"},
		{"SELECT (id) ON a.t", "SELECT ON a.t", ""},
		{"SELECT ON a.t", "SELECT (id) ON a.t", "REVOKE SELECT ON `a`.`t` FROM 'laura'@'%'"},
		{"USAGE ON *.*", "", ""},
		{"SELECT ON a.* WITH GRANT OPTION", "SELECT ON a.*", "REVOKE GRANT OPTION ON `a`.* FROM 'laura'@'%'"},
		{"SELECT ON a.* WITH GRANT OPTION", "USAGE ON a.* WITH GRANT OPTION", "REVOKE SELECT ON `a`.* FROM 'laura'@'%'"},
		{"SELECT ON a.* WITH GRANT OPTION", "", "REVOKE SELECT, GRANT OPTION ON `a`.* FROM 'laura'@'%'"},
		{"ALL ON a.* WITH GRANT OPTION", "", "REVOKE ALL PRIVILEGES ON `a`.* FROM 'laura'@'%'; REVOKE GRANT OPTION ON `a`.* FROM 'laura'@'%'"},
	} {
		var others []Grant
		for _, text := range strings.Split(test.now, "; ") {
			if text != "" {
				others = append(others, parsedGrant(t, text))
			}
		}
		got := ""
		if rest, ok := parsedGrant(t, test.was).Without(others); ok {
			got = strings.Join(rest.Revoke([]Account{laura()}, version(t, "mysql-8.4"), false), "; ")
		}
		if got != test.want {
			t.Errorf("%s, then %q: %s, want %s", test.was, test.now, got, test.want)
		}
	}
	both := []Account{laura(), {"o m", "10.%"}}
	if got := parsedGrant(t, "SELECT ON app_x.*").Revoke(both, version(t, "mysql-8.4"), true)[0]; got != "REVOKE SELECT ON `app_x`.* FROM 'laura'@'%', 'o m'@'10.%'" {
		t.Error(got)
	}
}

func parsedGrant(t *testing.T, text string) Grant {
	t.Helper()
	g, err := ParseGrant(text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
