package dialect

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func laura() Account { return Account{"laura", "%"} }

func TestParseGrant(t *testing.T) {
	for _, c := range []struct{ text, canonical, sql string }{
		{"ALL ON finance.*", "ALL PRIVILEGES ON finance.*", "GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'%'"},
		{"all  privileges\ton *.*", "ALL PRIVILEGES ON *.*", "GRANT ALL PRIVILEGES ON *.* TO 'laura'@'%'"},
		{" select,insert ON a.b ", "SELECT, INSERT ON a.b", "GRANT SELECT, INSERT ON `a`.`b` TO 'laura'@'%'"},
		{"SELECT ON TABLE a.b", "SELECT ON a.b", "GRANT SELECT ON `a`.`b` TO 'laura'@'%'"},
		{"SELECT ON table.b", "SELECT ON table.b", "GRANT SELECT ON `table`.`b` TO 'laura'@'%'"},
		{"SELECT ON on.on", "SELECT ON on.on", "GRANT SELECT ON `on`.`on` TO 'laura'@'%'"},
		{"SELECT ON with.*", "SELECT ON with.*", "GRANT SELECT ON `with`.* TO 'laura'@'%'"},
		{"EXECUTE, alter routine ON Procedure a.b", "EXECUTE, ALTER ROUTINE ON PROCEDURE a.b",
			"GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE `a`.`b` TO 'laura'@'%'"},
		{"EXECUTE ON FUNCTION procedure.function", "EXECUTE ON FUNCTION procedure.function",
			"GRANT EXECUTE ON FUNCTION `procedure`.`function` TO 'laura'@'%'"},
		{"SELECT (id,`a b`), UPDATE(`x``y`), DELETE ON a.b", "SELECT (id, `a b`), UPDATE (`x``y`), DELETE ON a.b",
			"GRANT SELECT (`id`, `a b`), UPDATE (`x``y`), DELETE ON `a`.`b` TO 'laura'@'%'"},
		{"SELECT (a), SELECT ON a.b", "SELECT (a), SELECT ON a.b", "GRANT SELECT (`a`), SELECT ON `a`.`b` TO 'laura'@'%'"},
		{"SELECT, SELECT, INSERT, select ON a.*", "SELECT, INSERT ON a.*", "GRANT SELECT, INSERT ON `a`.* TO 'laura'@'%'"},
		{"SELECT ON a.* WITH GRANT OPTION", "SELECT ON a.* WITH GRANT OPTION", "GRANT SELECT ON `a`.* TO 'laura'@'%' WITH GRANT OPTION"},
		{"grant option, SELECT ON a.* with Grant option", "SELECT ON a.* WITH GRANT OPTION",
			"GRANT SELECT ON `a`.* TO 'laura'@'%' WITH GRANT OPTION"},
		{"GRANT OPTION ON a.b", "USAGE ON a.b WITH GRANT OPTION", "GRANT USAGE ON `a`.`b` TO 'laura'@'%' WITH GRANT OPTION"},
		{"ALL, GRANT OPTION ON a.*", "ALL PRIVILEGES ON a.* WITH GRANT OPTION", "GRANT ALL PRIVILEGES ON `a`.* TO 'laura'@'%' WITH GRANT OPTION"},
		{"BACKUP_ADMIN, Some_Plugin_Thing2 ON *.*", "BACKUP_ADMIN, SOME_PLUGIN_THING2 ON *.*",
			"GRANT BACKUP_ADMIN, SOME_PLUGIN_THING2 ON *.* TO 'laura'@'%'"},
		{"read only admin, READ_ONLY ADMIN ON * . *", "READ_ONLY ADMIN ON *.*", "GRANT READ_ONLY ADMIN ON *.* TO 'laura'@'%'"},
		{"SELECT ON größe_$-1.Tab", "SELECT ON größe_$-1.Tab", "GRANT SELECT ON `größe_$-1`.`Tab` TO 'laura'@'%'"},
		// databases of db.*: plain, a name that needs quotes, patterns
		{"SELECT ON app_x.*", "SELECT ON app_x.*", "GRANT SELECT ON `app\\_x`.* TO 'laura'@'%'"},
		{"SELECT ON `app`.*", "SELECT ON app.*", "GRANT SELECT ON `app`.* TO 'laura'@'%'"},
		{"SELECT ON `app x`.*", "SELECT ON `app x`.*", "GRANT SELECT ON `app x`.* TO 'laura'@'%'"},
		{"SELECT ON `app_x`.*", "SELECT ON `app_x`.*", "GRANT SELECT ON `app_x`.* TO 'laura'@'%'"},
		{"SELECT ON `app%`.*", "SELECT ON `app%`.*", "GRANT SELECT ON `app%`.* TO 'laura'@'%'"},
		{"SELECT ON `app\\_x`.*", "SELECT ON `app\\_x`.*", "GRANT SELECT ON `app\\_x`.* TO 'laura'@'%'"},
		// at the levels below there are no patterns
		{"SELECT ON app_x.t_1", "SELECT ON app_x.t_1", "GRANT SELECT ON `app_x`.`t_1` TO 'laura'@'%'"},
		{"SELECT ON `app_x`.`t 1`", "SELECT ON app_x.`t 1`", "GRANT SELECT ON `app_x`.`t 1` TO 'laura'@'%'"},
		{"EXECUTE ON PROCEDURE app_x.p", "EXECUTE ON PROCEDURE app_x.p", "GRANT EXECUTE ON PROCEDURE `app_x`.`p` TO 'laura'@'%'"},
		// hostile names stay names
		{"SELECT ON `x``.* TO root; --`.*", "SELECT ON `x``.* TO root; --`.*", "GRANT SELECT ON `x``.* TO root; --`.* TO 'laura'@'%'"},
	} {
		g, err := ParseGrant(c.text)
		if err != nil || g.String() != c.canonical {
			t.Errorf("ParseGrant(%q) = %s, %v, want %s", c.text, g, err, c.canonical)
			continue
		}
		if got := g.SQL(laura(), version(t, "mysql-8.4"), false); got != c.sql {
			t.Errorf("%s: %s, want %s", c.text, got, c.sql)
		}
		if again, err := ParseGrant(g.String()); err != nil || !reflect.DeepEqual(again, g) {
			t.Errorf("ParseGrant(%q) = %+v, %v, want %+v", g, again, err, g)
		}
	}
}

func TestGrantPartialRevokes(t *testing.T) {
	for _, c := range []struct{ grant, target, object string }{
		{"SELECT ON app_x.*", "mysql-8.4", "`app_x`.*"},
		{"SELECT ON app_x.*", "mysql-8.0.15", "`app\\_x`.*"}, // no such variable yet
		{"SELECT ON app_x.*", "mariadb-11.8", "`app\\_x`.*"},
		{"SELECT ON `app_x`.*", "mysql-8.4", "`app_x`.*"},
		{"SELECT ON `app\\_x`.*", "mysql-8.4", "`app\\_x`.*"},
		{"SELECT ON app_x.t", "mysql-8.4", "`app_x`.`t`"},
	} {
		g, err := ParseGrant(c.grant)
		if err != nil {
			t.Fatal(err)
		}
		want := "GRANT SELECT ON " + c.object + " TO 'laura'@'%'"
		if got := g.SQL(laura(), version(t, c.target), true); got != want {
			t.Errorf("%s on %s: %s, want %s", c.grant, c.target, got, want)
		}
	}
}

func TestParseGrantRefuses(t *testing.T) {
	const examples = "--grant 'ALL ON finance.*', --grant 'SELECT, INSERT ON finance.ledger' or --grant 'RELOAD ON *.*'"
	for _, c := range []struct{ text, problem, hint string }{
		// hostile
		{"ALL ON x; DROP TABLE y", `";" at byte 8, expected .* or .TABLE`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.*; DROP TABLE y", `";" at byte 10, expected nothing more`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"'; DROP DATABASE mysql; --", `"'" at byte 0`, examples},
		{"ALL ON x.* -- comment", `"--" at byte 11`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.* /* c */", `"/" at byte 11`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.* # c", `"#" at byte 11`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.* TO root", `"TO" at byte 11`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.* IDENTIFIED BY 'y'", `"IDENTIFIED" at byte 11`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.* REQUIRE NONE", `"REQUIRE" at byte 11`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON `x", "the back quote at byte 7 has no second one", "--grant '"},
		{"ALL ON ``.*", "the name at byte 7 is empty", examples},
		{"ALL ON x.*\x00", `"\x00" at byte 10`, "--grant 'ALL PRIVILEGES ON x.*'"},
		{"ALL ON x.*\xff", "not valid UTF-8", examples},
		{"SELECT ON `a\x00b`.*", `the database "a\x00b": it has the control character U+0000`, examples},
		{"SELECT ON a.`🎉`", "U+1F389", examples},
		{"SELECT ON 🎉.*", `"🎉" at byte 10`, examples},
		{"SELECT ON a.`b `", `the name "b ": it ends in a blank`, examples},
		{"SELECT ON a.`b` WITH ADMIN OPTION", "WITH at byte 16 can only be WITH GRANT OPTION", "--grant 'SELECT ON a.b'"},
		{"SELECT ON a.b WITH GRANT OPTION x", `"x" at byte 32`, "--grant 'SELECT ON a.b WITH GRANT OPTION'"},
		{"PROXY ON a.b", "PROXY is granted on an account", examples},
		{"app_role", "it ends early, expected ON", examples},
		{"SELECT ON " + strings.Repeat("x", 65) + ".*", "65 characters, at most 64", examples},
		{"SELECT ON a." + strings.Repeat("x", 65), "65 characters, at most 64", examples},
		{"SELECT ON " + strings.Repeat("x_", 32) + ".*", "with a backslash before each _ the database name is over 64", examples},
		// incomplete
		{"", "it ends early, expected a privilege", examples},
		{"ON x.*", `"ON" at byte 0, expected a privilege`, examples},
		{"SELECT", "it ends early, expected ON", examples},
		{"SELECT,", "it ends early, expected a privilege", examples},
		{"SELECT ON", "it ends early, expected an object", examples},
		{"SELECT ON x", "it ends early, expected .* or .TABLE", "--grant 'SELECT ON x.*'"},
		{"SELECT ON x.", "it ends early, expected * or a table", examples},
		{"SELECT ON *", "it ends early, expected . (write *.* or DB.*)", examples},
		{"SELECT ON *.x", `"x" at byte 12, expected * (write *.*)`, examples},
		{"SELECT ON x.* WITH", "WITH at byte 14 can only be", "--grant 'SELECT ON x.*'"},
		{"SELECT (a ON x.y", `"ON" at byte 10, expected a comma or )`, examples},
		{"SELECT () ON x.y", `")" at byte 8, expected a column`, examples},
		{"SELECT ON x.y.z", `"." at byte 13`, "--grant 'SELECT ON x.y'"},
		{"GRANT SELECT ON db.* TO laura", `"TO" at byte 21`, "--grant 'SELECT ON db.*'"},
		{"SELECT ON 'a'.*", `"'" at byte 10`, "--grant 'SELECT ON a.*'"},
		{"ALL ON app%.*", `"%" at byte 10`, "--grant 'ALL PRIVILEGES ON `app%`.*'"},
		{"EXECUTE ON PROCEDURE p", "it ends early, expected .NAME", examples},
		{"SEL-ECT ON a.*", `"SEL-ECT" at byte 0 is not a word of a privilege`, examples},
		// privileges and levels
		{"SELEKT ON x.*", "no privilege SELEKT (the nearest is SELECT)", "--grant 'SELECT ON x.*'"},
		{"SELCT, INSRT ON a.*", "SELCT (the nearest is SELECT); there is no privilege INSRT (the nearest is INSERT)", "--grant 'SELECT, INSERT ON a.*'"},
		{"LOCK_TABLES ON a.*", "the nearest is LOCK TABLES", "--grant 'LOCK TABLES ON a.*'"},
		{"alll ON a.*", "ALLL (the nearest is ALL)", "--grant 'ALL PRIVILEGES ON a.*'"},
		{"XYZZY ON a.*", "there is no privilege XYZZY", examples},
		{"_X ON *.*", "there is no privilege _X", examples},
		{"A__B ON *.*", "there is no privilege A__B", examples},
		{"1_X ON *.*", "there is no privilege 1_X", examples},
		{strings.Repeat("A_", 16) + "B ON *.*", "there is no privilege A_", examples},
		{"BACKUP_ADMIN ON x.*", "BACKUP_ADMIN is for *.*, not for a database", "--grant 'BACKUP_ADMIN ON *.*'"},
		{"SOME_THING ON x.y", "SOME_THING is for *.*, not for a table", "--grant 'SOME_THING ON *.*'"},
		{"FILE, PROCESS ON x.*", "FILE is for *.*, not for a database; PROCESS is for *.*, not for a database", "--grant 'FILE, PROCESS ON *.*'"},
		{"SELECT, FILE ON x.*", "FILE is for *.*, not for a database", examples},
		{"LOCK TABLES ON x.y", "LOCK TABLES is for *.* or a database, not for a table", examples},
		{"SELECT ON FUNCTION x.y", "not for a procedure or function", examples},
		{"EXECUTE ON x.y", "EXECUTE is for *.* or a database or a procedure or function, not for a table", examples},
		{"SELECT (a) ON x.*", "a list of columns needs a table", examples},
		{"DELETE (a) ON x.y", "DELETE takes no list of columns", examples},
		{"GRANT OPTION (a) ON x.y", "no privilege GRANT OPTION", examples},
		{"SELECT (`a `) ON x.y", `the column "a ": it ends in a blank`, examples},
		{"ALL, SELECT ON a.*", "ALL PRIVILEGES stands alone", examples},
		{strings.Repeat("SELECT,", 10000) + "SELECT ON a.*", "70013 bytes, at most 65536", "split it into several grants"},
	} {
		g, err := ParseGrant(c.text)
		if err == nil {
			t.Errorf("ParseGrant(%q) = %s", c.text, g)
			continue
		}
		if !strings.Contains(err.Error(), c.problem) {
			t.Errorf("ParseGrant(%q): %v, want %q in it", c.text, err, c.problem)
		}
		if hint := hintOf(t, err); hint != c.hint && !(strings.HasSuffix(c.hint, "'") && len(c.hint) < 12 && strings.HasPrefix(hint, c.hint)) {
			t.Errorf("ParseGrant(%q): hint %s, want %s", c.text, hint, c.hint)
		}
	}
}

func TestCheckGrant(t *testing.T) {
	for _, c := range []struct{ target, grant, problem, hint string }{
		{"mysql-4.0", "SELECT, CREATE TEMPORARY TABLES ON a.*", "", ""},
		{"mysql-4.0.1", "LOCK TABLES, EXECUTE ON a.*", "mysql-4.0.1 has no privilege LOCK TABLES; mysql-4.0.1 has no privilege EXECUTE", "grant other"},
		{"mysql-4.1", "CREATE VIEW ON a.*", "mysql-4.1 has no privilege CREATE VIEW", "grant other"},
		{"mysql-4.1", "ALL ON PROCEDURE a.b", "no grants on procedures", "grant other"},
		{"mysql-5.0", "EXECUTE ON PROCEDURE a.b", "", ""},
		{"mysql-5.7", "BACKUP_ADMIN ON *.*", "mysql-5.7 has no privilege BACKUP_ADMIN", "grant other"},
		{"mysql-8.0", "BACKUP_ADMIN, ANY_PLUGIN ON *.*", "", ""},
		{"mysql-8.0", "CREATE ROLE, DROP ROLE ON *.*", "", ""},
		{"mysql-8.4", "BINLOG ADMIN ON *.*", "mysql-8.4 has no privilege BINLOG ADMIN", "MySQL calls it BINLOG_ADMIN"},
		{"mysql-8.4", "SET USER ON *.*", "mysql-8.4 has no privilege SET USER", "grant other"},
		{"mysql-5.7", "BINLOG ADMIN ON *.*", "mysql-5.7 has no privilege", "grant other"},
		{"mariadb-11.8", "BINLOG_ADMIN ON *.*", "mariadb-11.8 has no privilege BINLOG_ADMIN", "MariaDB calls it BINLOG ADMIN"},
		{"mariadb-10.4", "BINLOG_ADMIN ON *.*", "mariadb-10.4 has no privilege BINLOG_ADMIN", "grant other"},
		{"mariadb-10.4", "BINLOG MONITOR ON *.*", "mariadb-10.4 has no privilege", "grant other"},
		{"mariadb-10.11", "BINLOG MONITOR, READ ONLY ADMIN, DELETE HISTORY ON *.*", "", ""},
		{"mariadb-10.11", "SHOW CREATE ROUTINE ON a.*", "mariadb-10.11 has no privilege", "grant other"},
		{"mariadb-11.8", "SHOW CREATE ROUTINE ON FUNCTION a.b", "", ""},
		{"mariadb-11.8", "CREATE ROLE ON *.*", "mariadb-11.8 has no privilege CREATE ROLE", "grant other"},
	} {
		g, err := ParseGrant(c.grant)
		if err != nil {
			t.Fatal(err)
		}
		err = version(t, c.target).CheckGrant(g)
		if c.problem == "" {
			if err != nil {
				t.Errorf("%s, %s: %v", c.target, c.grant, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.problem) || !strings.HasPrefix(hintOf(t, err), c.hint) {
			t.Errorf("%s, %s: %v", c.target, c.grant, err)
		}
	}
}

// TestPrivilegeList: every name is found by itself in any letter case, and is
// of one list only.
func TestPrivilegeList(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range staticPrivileges() {
		if found, _, ok := lookup(p.name); !ok || found != p || seen[p.name] {
			t.Errorf("%s is found as %+v, %t", p.name, found, ok)
		}
		seen[p.name] = true
		if _, err := ParseGrant(strings.ToLower(p.name) + " ON *.*"); err != nil {
			t.Error(err)
		}
	}
	for _, name := range dynamicPrivileges() {
		if found, _, ok := lookup(name); !ok || found.name != name || found.levels != global || seen[name] || !dynamicForm(name) {
			t.Errorf("%s is found as %+v, %t", name, found, ok)
		}
		seen[name] = true
	}
}

// TestGrantGrammar: the help text names every keyword of the grammar.
func TestGrantGrammar(t *testing.T) {
	for _, word := range []string{"ON", "*.*", "DB.*", "DB.TABLE", "PROCEDURE", "FUNCTION", "WITH GRANT OPTION", "`", "pattern"} {
		if !strings.Contains(GrantGrammar, word) {
			t.Errorf("no %s in the grammar", word)
		}
	}
}

func ExampleParseGrant() {
	g, _ := ParseGrant("select, insert on app_db.*")
	fmt.Println(g)
	fmt.Println(g.SQL(Account{"laura", "%"}, Version{MySQL, 8, 4, -1}, false))
	// Output:
	// SELECT, INSERT ON app_db.*
	// GRANT SELECT, INSERT ON `app\_db`.* TO 'laura'@'%'
}
