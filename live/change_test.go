package live

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestReload(t *testing.T) {
	tests := map[string]struct {
		version   string
		statement string
		number    int // of the server's error
		is        error
		text      string
	}{
		"MySQL":            {"8.4.3", "ALTER INSTANCE RELOAD TLS", 0, nil, ""},
		"MariaDB":          {"11.8.6-MariaDB", "FLUSH LOCAL SSL", 0, nil, ""},
		"MySQL, denied":    {"8.0.16", "ALTER INSTANCE RELOAD TLS", 1227, ErrDenied, "scripted: GRANT CONNECTION_ADMIN ON *.* TO 'check'@'%'"},
		"MariaDB, denied":  {"10.4.1-MariaDB", "FLUSH LOCAL SSL", 1227, ErrDenied, "scripted: GRANT RELOAD ON *.* TO 'check'@'%'"},
		"files refused":    {"9.7.4", "ALTER INSTANCE RELOAD TLS", 3888, nil, "ALTER INSTANCE RELOAD TLS: error 3888 (42000): scripted"},
		"MySQL, too old":   {"8.0.15", "", 0, ErrAtStart, "mysql-8.0.15"},
		"MariaDB, too old": {"10.3.39-MariaDB", "", 0, ErrAtStart, "mariadb-10.3.39"},
		"of no known make": {"12.3", "", 0, nil, "the server's version is not known"},
	}
	for what, test := range tests {
		err := open(t, map[string]answer{
			who: {rows: [][]string{{test.version, "check@%"}}}, test.statement: {number: test.number},
		}).Reload(within(t))
		if (err == nil) != (test.text == "") || err != nil && !strings.Contains(err.Error(), test.text) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v", what, err)
		}
		var answered *ServerError
		if test.number != 0 && !errors.As(err, &answered) {
			t.Errorf("%s: %v has no answer of the server", what, err)
		}
	}
}

func TestSetFiles(t *testing.T) {
	have := answer{rows: [][]string{{"ssl_ca", "ca.pem"}, {"ssl_cert", "server-cert.pem"}, {"ssl_key", "server-key.pem"}, {"ssl_crl", "crl.pem"}, {"ssl_capath", ""}}}
	same := Files{CA: "ca.pem", Cert: "server-cert.pem", Key: "server-key.pem", CRL: "crl.pem"}
	ours := Files{CA: "/etc/mysql/myca/ca-cert.pem", Cert: `/it's/a\b`, Key: "server-key.pem"}
	const set = `SET GLOBAL ssl_ca = '/etc/mysql/myca/ca-cert.pem', GLOBAL ssl_cert = 0x2f697427732f615c62, GLOBAL ssl_crl = ''`
	tests := map[string]struct {
		version string
		files   Files
		answer  answer
		is      error
		text    string
	}{
		"set":            {"8.0.16", ours, answer{}, nil, ""},
		"denied":         {"8.4.3", ours, answer{number: 1227}, ErrDenied, "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO 'check'@'%'"},
		"refused":        {"8.4.3", ours, answer{number: 1231}, nil, "1231"},
		"MariaDB":        {"11.8.6-MariaDB", ours, answer{}, ErrAtStart, "mariadb-11.8.6"},
		"too old":        {"8.0.15", ours, answer{}, ErrAtStart, "mysql-8.0.15"},
		"no known make":  {"12.3", ours, answer{}, nil, "the server's version is not known"},
		"nothing to set": {"10.1.0-MariaDB", same, answer{number: 1}, nil, ""},
	}
	for what, test := range tests {
		err := open(t, map[string]answer{
			who: {rows: [][]string{{test.version, "check@%"}}}, "SHOW GLOBAL VARIABLES": have, set: test.answer,
		}).SetFiles(within(t), test.files)
		if (err == nil) != (test.text == "") || err != nil && !strings.Contains(err.Error(), test.text) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestApply(t *testing.T) {
	const alter, grant = "ALTER USER 'a'@'%' REQUIRE SSL", "GRANT SELECT, INSERT ON x.* TO 'a'@'%'"
	s := open(t, map[string]answer{alter: {}, grant: {number: 1044}})
	if err := s.Apply(within(t), []string{alter, alter}); err != nil {
		t.Error(err)
	}
	err := s.Apply(within(t), []string{alter, grant, alter})
	var failed *ApplyError
	var answered *ServerError
	if !errors.As(err, &failed) || failed.Number != 2 || failed.Of != 3 || failed.Kind != "GRANT" || failed.Unknown || !errors.As(err, &answered) || answered.Number != 1044 {
		t.Errorf("%+v", err)
	}
	if want := "statement 2 of 3 (GRANT): error 1044 (42000): scripted"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Apply(ended, []string{alter}); !errors.As(err, &failed) || failed.Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: %+v", err)
	}
}

// TestApplyHungUp: a server that is gone before it answers may have done the
// statement.
func TestApplyHungUp(t *testing.T) {
	s := open(t, map[string]answer{"ALTER USER 'a'@'%' REQUIRE SSL": {hangUp: true}})
	err := s.Apply(within(t), []string{"ALTER USER 'a'@'%' REQUIRE SSL"})
	var failed *ApplyError
	if !errors.As(err, &failed) || !failed.Unknown || failed.Kind != "ALTER USER" || !strings.HasSuffix(err.Error(), "whether the server has done it is not known") {
		t.Errorf("%+v", err)
	}
	err = s.Apply(within(t), []string{"ALTER USER 'a'@'%' REQUIRE SSL"})
	if !errors.As(err, &failed) || failed.Unknown {
		t.Errorf("on a connection that has ended: %+v", err)
	}
}

func TestWithoutPassword(t *testing.T) {
	const create = `CREATE USER 'a'@'%' IDENTIFIED BY 'it''s a\\b' REQUIRE SSL`
	tests := []struct {
		statement, message string
		number             int
		hidden             bool
	}{
		{create, "You have an error in your SQL syntax near 's a\\\\b' REQUIRE SSL' at line 1", 1064, true},
		{create, "Fehler in der SQL-Syntax bei 'D BY 'it'", 1064, true},
		{create, `the password it's a\b is weak`, 1819, true},
		{create, `the password 'it''s a\\b' is weak`, 1819, true},
		{"SET PASSWORD FOR 'a'@'%' = PASSWORD('x y')", "not x y", 1819, true},
		{create, "Operation CREATE USER failed for 'a'@'%'", 1396, false},
		{"ALTER USER 'a'@'%' REQUIRE SUBJECT 'it''s'", "You have an error in your SQL syntax near 'it''s'", 1064, false},
	}
	for _, test := range tests {
		got := withoutPassword(&ServerError{Number: test.number, State: "42000", Message: test.message}, test.statement)
		if hidden := got.Message != test.message; hidden != test.hidden || got.Number != test.number || got.State != "42000" {
			t.Errorf("%q after %q: %v", test.message, test.statement, got)
		}
	}
}

func TestHeld(t *testing.T) {
	const from = "SELECT PRIVILEGE_TYPE, IS_GRANTABLE, "
	table := func(name, user string) string {
		database := "TABLE_SCHEMA"
		if name == "USER" {
			database = "''"
		}
		return from + database + " FROM information_schema." + name + "_PRIVILEGES WHERE GRANTEE = " + user
	}
	const plain = `'''check''@''%'''`
	role := func(name string) answer { return answer{rows: [][]string{{name}}} }
	tests := map[string]struct {
		user, literal                 string
		global, schema, tables, roles answer
		want                          Held
	}{
		"nothing": {"check@%", plain, answer{rows: [][]string{{"USAGE", "NO", ""}}}, answer{}, answer{}, role("NONE"),
			Held{Global: map[string]bool{"USAGE": false}}},
		"everything": {"check@%", plain, answer{rows: [][]string{{"create user", "YES", ""}}}, answer{}, answer{}, role(""),
			Held{Global: map[string]bool{"CREATE USER": true}, Grants: true}},
		"a table to give": {"check@%", plain, answer{}, answer{}, answer{rows: [][]string{{"INSERT", "YES", "mysql"}}}, answer{number: 1305},
			Held{Global: map[string]bool{}, Grants: true}},
		"mysql.*": {"check@%", plain, answer{}, answer{rows: [][]string{{"UPDATE", "NO", "my%"}}}, answer{}, role("NONE"),
			Held{Global: map[string]bool{}, Beyond: true}},
		"others": {"check@%", plain, answer{}, answer{rows: [][]string{{"UPDATE", "NO", "a_%"}, {"SELECT", "NO", "mysql"}}}, answer{}, role("NONE"),
			Held{Global: map[string]bool{}}},
		"a role":  {"check@%", plain, answer{}, answer{}, answer{}, role("`dba`@`%`"), Held{Global: map[string]bool{}, Beyond: true}},
		"too old": {"check@%", plain, answer{number: 1146}, answer{number: 1146}, answer{number: 1146}, answer{number: 1305}, Held{Global: map[string]bool{}, Beyond: true}},
		"odd name": {`o'\@%`, literal(`'o'\'@'%'`), answer{rows: [][]string{{"CREATE USER", "NO", ""}}}, answer{}, answer{}, role("NONE"),
			Held{Global: map[string]bool{"CREATE USER": false}}},
	}
	for what, test := range tests {
		held, err := open(t, map[string]answer{
			who:                           {rows: [][]string{{"8.4.3", test.user}}},
			table("USER", test.literal):   test.global,
			table("SCHEMA", test.literal): test.schema,
			table("TABLE", test.literal):  test.tables,
			table("COLUMN", test.literal): {},
			"SELECT CURRENT_ROLE()":       test.roles,
		}).Held(within(t))
		test.want.CurrentUser = test.user
		if err != nil || !reflect.DeepEqual(held, test.want) {
			t.Errorf("%s: %+v, %v; want %+v", what, held, err, test.want)
		}
	}
}
