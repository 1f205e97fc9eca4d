package proof

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"myca/dialect"
)

// wanted is what a GRANT statement has to say, and parsed what one says.
type wanted struct {
	Privileges []string // "SELECT", "SELECT (a, b)" with the columns as they are
	Kind       ast.ObjectTypeType
	Level      ast.GrantLevelType
	Database   string
	Name       string
	User, Host string
	Option     bool
}

func parsed(t *testing.T, sql string, mode mysql.SQLMode) wanted {
	t.Helper()
	s := statement[*ast.GrantStmt](t, sql, mode)
	if len(s.Users) != 1 || s.Users[0].AuthOpt != nil || len(s.AuthTokenOrTLSOptions) > 0 {
		t.Fatalf("%q has more than an account: %+v", sql, s)
	}
	w := wanted{Kind: s.ObjectType, Level: s.Level.Level, Database: s.Level.DBName, Name: s.Level.TableName,
		User: s.Users[0].User.Username, Host: s.Users[0].User.Hostname, Option: s.WithGrant}
	for _, p := range s.Privs {
		name := strings.ToUpper(mysql.Priv2Str[p.Priv])
		if p.Priv == mysql.ExtendedPriv {
			name = strings.ToUpper(p.Name)
		}
		var columns []string
		for _, c := range p.Cols {
			columns = append(columns, c.Name.O)
		}
		if columns != nil {
			name += " (" + strings.Join(columns, ", ") + ")"
		}
		w.Privileges = append(w.Privileges, name)
	}
	return w
}

func checkGrant(t *testing.T, text string, partialRevokes bool, want wanted) {
	t.Helper()
	g, err := dialect.ParseGrant(text)
	if err != nil {
		t.Errorf("ParseGrant(%q): %v", text, err)
		return
	}
	target := dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}
	want.User, want.Host = "it's", "10.%"
	for _, mode := range sqlModes() {
		sql := g.SQL(dialect.Account{User: want.User, Host: want.Host}, target, partialRevokes)
		if diff := cmp.Diff(want, parsed(t, sql, mode)); diff != "" {
			t.Errorf("%s\n%s\n%s", text, sql, diff)
		}
	}
}

func TestGrants(t *testing.T) {
	const none, procedure, function = ast.ObjectTypeNone, ast.ObjectTypeProcedure, ast.ObjectTypeFunction
	const global, database, table = ast.GrantLevelGlobal, ast.GrantLevelDB, ast.GrantLevelTable
	for _, c := range []struct {
		text    string
		partial bool
		want    wanted
	}{
		{"ALL ON finance.*", false, wanted{[]string{"ALL PRIVILEGES"}, none, database, "finance", "", "", "", false}},
		{"all privileges on *.* with grant option", false, wanted{[]string{"ALL PRIVILEGES"}, none, global, "", "", "", "", true}},
		{"GRANT OPTION ON a.*", false, wanted{[]string{"USAGE"}, none, database, "a", "", "", "", true}},
		{"SELECT, GRANT OPTION ON a.b", false, wanted{[]string{"SELECT"}, none, table, "a", "b", "", "", true}},
		{"SELECT (id, `a b`), UPDATE (`x``y`), DELETE ON a.b", false,
			wanted{[]string{"SELECT (id, a b)", "UPDATE (x`y)", "DELETE"}, none, table, "a", "b", "", "", false}},
		{"CREATE TEMPORARY TABLES, LOCK TABLES, EVENT ON app_x.*", false,
			wanted{[]string{"CREATE TEMPORARY TABLES", "LOCK TABLES", "EVENT"}, none, database, `app\_x`, "", "", "", false}},
		{"SELECT ON app_x.*", true, wanted{[]string{"SELECT"}, none, database, "app_x", "", "", "", false}},
		{"SELECT ON `app_%`.*", false, wanted{[]string{"SELECT"}, none, database, "app_%", "", "", "", false}},
		{"SELECT ON app_x.t_1", false, wanted{[]string{"SELECT"}, none, table, "app_x", "t_1", "", "", false}},
		{"EXECUTE, ALTER ROUTINE ON PROCEDURE app_x.p", false,
			wanted{[]string{"EXECUTE", "ALTER ROUTINE"}, procedure, table, "app_x", "p", "", "", false}},
		{"EXECUTE ON FUNCTION on.with", false, wanted{[]string{"EXECUTE"}, function, table, "on", "with", "", "", false}},
		{"BACKUP_ADMIN, SOME_THING2 ON *.*", false, wanted{[]string{"BACKUP_ADMIN", "SOME_THING2"}, none, global, "", "", "", "", false}},
		{"SELECT ON `x'; DROP TABLE y; --`.*", false, wanted{[]string{"SELECT"}, none, database, "x'; DROP TABLE y; --", "", "", "", false}},
		{"SELECT ON größe.日本", false, wanted{[]string{"SELECT"}, none, table, "größe", "日本", "", "", false}},
	} {
		checkGrant(t, c.text, c.partial, c.want)
	}
}

// privileges are those of MySQL 8 that stand for themselves in the parser's
// tree, with the objects that they can be on: globally, a database, a table, a
// column, a routine.
func privileges() map[string]string {
	return map[string]string{
		"ALL PRIVILEGES": "gdtr", "USAGE": "gdtr", "SELECT": "gdtc", "INSERT": "gdtc", "UPDATE": "gdtc", "REFERENCES": "gdtc",
		"DELETE": "gdt", "CREATE": "gdt", "DROP": "gdt", "INDEX": "gdt", "ALTER": "gdt", "CREATE VIEW": "gdt", "SHOW VIEW": "gdt",
		"TRIGGER": "gdt", "CREATE TEMPORARY TABLES": "gd", "LOCK TABLES": "gd", "CREATE ROUTINE": "gd", "EVENT": "gd",
		"EXECUTE": "gdr", "ALTER ROUTINE": "gdr", "FILE": "g", "PROCESS": "g", "RELOAD": "g", "SHUTDOWN": "g", "SHOW DATABASES": "g",
		"SUPER": "g", "REPLICATION CLIENT": "g", "REPLICATION SLAVE": "g", "CREATE USER": "g", "CREATE TABLESPACE": "g",
		"CREATE ROLE": "g", "DROP ROLE": "g", "BACKUP_ADMIN": "g", "SYSTEM_USER": "g", "ROLE_ADMIN": "g",
	}
}

// TestPrivileges: each privilege on each kind of object is read as itself, or
// refused where it cannot be granted.
func TestPrivileges(t *testing.T) {
	objects := map[string]struct {
		text string
		want wanted
	}{
		"g": {" ON *.*", wanted{Kind: ast.ObjectTypeNone, Level: ast.GrantLevelGlobal}},
		"d": {" ON a.*", wanted{Kind: ast.ObjectTypeNone, Level: ast.GrantLevelDB, Database: "a"}},
		"t": {" ON a.b", wanted{Kind: ast.ObjectTypeNone, Level: ast.GrantLevelTable, Database: "a", Name: "b"}},
		"c": {" (c) ON a.b", wanted{Kind: ast.ObjectTypeNone, Level: ast.GrantLevelTable, Database: "a", Name: "b"}},
		"r": {" ON PROCEDURE a.b", wanted{Kind: ast.ObjectTypeProcedure, Level: ast.GrantLevelTable, Database: "a", Name: "b"}},
	}
	for name, levels := range privileges() {
		for level, object := range objects {
			if !strings.Contains(levels, level) {
				if g, err := dialect.ParseGrant(name + object.text); err == nil {
					t.Errorf("%s%s is accepted as %s", name, object.text, g)
				}
				continue
			}
			want := object.want
			want.Privileges = []string{name + strings.TrimSuffix(object.text[:strings.Index(object.text, " ON")], " ")}
			checkGrant(t, name+object.text, false, want)
		}
	}
}

// FuzzGrant builds a grant from names of any kind, so that what the statement
// has to say is known, and takes the text as a whole grant as well.
func FuzzGrant(f *testing.F) {
	for _, text := range append(texts(), "ALL ON x; DROP TABLE y", "SELECT (a) ON `b``c`.d WITH GRANT OPTION") {
		f.Add(text, "db_1", "c", uint8(0))
		f.Add("a_b", text, text, uint8(0xff))
	}
	f.Fuzz(func(t *testing.T, db, name, column string, shape uint8) {
		checkAny(t, db)
		quoted := func(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
		text, want := "SELECT ON ", wanted{Kind: ast.ObjectTypeNone, Level: ast.GrantLevelTable, Database: db, Name: name, Privileges: []string{"SELECT"}}
		switch shape & 3 {
		case 0:
			want.Level, want.Name = ast.GrantLevelDB, ""
			if plain(db) {
				want.Database = strings.ReplaceAll(db, "_", `\_`)
				text += db + ".*"
			} else {
				text += quoted(db) + ".*"
			}
		case 1:
			text, want.Privileges = "SELECT ("+quoted(column)+"), INSERT ON ", []string{"SELECT (" + column + ")", "INSERT"}
			text += quoted(db) + "." + quoted(name)
		case 2:
			text, want.Privileges, want.Kind = "EXECUTE ON PROCEDURE ", []string{"EXECUTE"}, ast.ObjectTypeProcedure
			text += quoted(db) + "." + quoted(name)
		case 3:
			text += quoted(db) + "." + quoted(name)
		}
		if want.Option = shape&4 != 0; want.Option {
			text += " WITH GRANT OPTION"
		}
		if _, err := dialect.ParseGrant(text); err == nil {
			checkGrant(t, text, false, want)
		}
	})
}

// checkAny: whatever is accepted as a grant is one GRANT statement for the
// account alone.
func checkAny(t *testing.T, text string) {
	t.Helper()
	target := dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}
	g, err := dialect.ParseGrant(text)
	if err != nil || target.CheckGrant(g) != nil {
		return
	}
	got := parsed(t, g.SQL(dialect.Account{User: "laura", Host: "%"}, target, false), mysql.ModeNone)
	if got.User != "laura" || got.Host != "%" {
		t.Errorf("%q is for %q at %q", text, got.User, got.Host)
	}
}
