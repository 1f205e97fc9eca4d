package templates_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dialect"
	"myca/dn"
	"myca/templates"
)

// statements are the lines of a file without comments and blank lines.
func statements(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "-- ") {
			all = append(all, line)
		}
	}
	return all
}

func sql(t *testing.T, a templates.Accounts) string {
	t.Helper()
	text, err := a.SQL()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestStatements fixes the statements of every mode and family of servers.
func TestStatements(t *testing.T) {
	const (
		save    = "SET @myca_sql_mode = @@SESSION.sql_mode;"
		restore = "SET SESSION sql_mode = @myca_sql_mode;"
		none    = "SET SESSION sql_mode = '';"
		strict  = "SET SESSION sql_mode = 'NO_AUTO_CREATE_USER';"
		user    = "'app'@'%'"
		demand  = "REQUIRE ISSUER '/CN=ca' AND SUBJECT '/CN=app'"
		grant   = "GRANT SELECT ON `a`.* TO 'app'@'%';"
	)
	secret := "s"
	tests := []struct {
		target   string
		mode     templates.Mode
		password *string
		want     []string
	}{
		{"mysql-4.0", templates.New, &secret, []string{"GRANT USAGE ON *.* TO " + user + " IDENTIFIED BY 's' " + demand + ";", grant}},
		{"mysql-4.0", templates.New, nil, []string{"GRANT USAGE ON *.* TO " + user + " " + demand + ";", grant}},
		{"mysql-4.0", templates.Existing, nil, []string{"GRANT USAGE ON *.* TO " + user + " " + demand + ";", grant}},
		{"mysql-4.0", templates.Rescind, nil, []string{"GRANT USAGE ON *.* TO " + user + " REQUIRE NONE;"}},
		{"mysql-4.0", templates.Rescind, &secret, []string{"SET PASSWORD FOR " + user + " = PASSWORD('s');", "GRANT USAGE ON *.* TO " + user + " REQUIRE NONE;"}},
		{"mysql-4.1", templates.New, &secret, []string{save, none, "GRANT USAGE ON *.* TO " + user + " IDENTIFIED BY 's' " + demand + ";", grant, restore}},
		{"mysql-5.0.1", templates.Existing, nil, []string{save, none, "GRANT USAGE ON *.* TO " + user + " " + demand + ";", grant, restore}},
		{"mysql-5.0.2", templates.Existing, nil, []string{save, strict, "GRANT USAGE ON *.* TO " + user + " " + demand + ";", grant, restore}},
		// Without a password, NO_AUTO_CREATE_USER would keep the account from being made.
		{"mysql-5.6", templates.New, nil, []string{save, none, "GRANT USAGE ON *.* TO " + user + " " + demand + ";", strict, grant, restore}},
		{"mysql-5.6", templates.New, &secret, []string{save, strict, "GRANT USAGE ON *.* TO " + user + " IDENTIFIED BY 's' " + demand + ";", grant, restore}},
		{"mysql-5.7.5", templates.Rescind, nil, []string{save, strict, "GRANT USAGE ON *.* TO " + user + " REQUIRE NONE;", restore}},
		{"mysql-5.7.6", templates.New, &secret, []string{save, strict, "CREATE USER " + user + " IDENTIFIED BY 's' " + demand + ";", grant, restore}},
		{"mysql-5.7.8", templates.IfNotExists, &secret, []string{save, strict, "CREATE USER IF NOT EXISTS " + user + " IDENTIFIED BY 's' " + demand + ";", "ALTER USER " + user + " " + demand + ";", grant, restore}},
		{"mysql-8.0", templates.Existing, nil, []string{save, none, "ALTER USER " + user + " " + demand + ";", grant, restore}},
		{"mysql-9.7", templates.New, nil, []string{save, none, "CREATE USER " + user + " " + demand + ";", grant, restore}},
		{"mysql-9.7", templates.Rescind, nil, []string{save, none, "ALTER USER " + user + " REQUIRE NONE;", restore}},
		{"mysql-9.7", templates.Rescind, &secret, []string{save, none, "ALTER USER " + user + " IDENTIFIED BY 's' REQUIRE NONE;", restore}},
		{"mariadb-5.5", templates.New, nil, []string{save, none, "GRANT USAGE ON *.* TO " + user + " " + demand + ";", strict, grant, restore}},
		{"mariadb-10.1.3", templates.IfNotExists, &secret, []string{save, strict, "CREATE USER IF NOT EXISTS " + user + " IDENTIFIED BY 's';", "GRANT USAGE ON *.* TO " + user + " " + demand + ";", grant, restore}},
		{"mariadb-10.1.3", templates.IfNotExists, nil, []string{save, none, "GRANT USAGE ON *.* TO " + user + " " + demand + ";", strict, grant, restore}},
		{"mariadb-10.2", templates.New, nil, []string{save, strict, "CREATE USER " + user + " " + demand + ";", grant, restore}},
		{"mariadb-12.3", templates.IfNotExists, nil, []string{save, strict, "CREATE USER IF NOT EXISTS " + user + " " + demand + ";", "ALTER USER " + user + " " + demand + ";", grant, restore}},
	}
	for _, test := range tests {
		t.Run(test.target+" "+string(test.mode), func(t *testing.T) {
			a := laura(t, target(t, test.target))
			a.Issuer, a.Subject = name(t, "/CN=ca"), name(t, "/CN=app")
			a.Accounts = []dialect.Account{account(t, "app@%")}
			a.Grants = []dialect.Grant{mustGrant(t, "SELECT ON a.*")}
			a.Mode, a.Password = test.mode, test.password
			if diff := cmp.Diff(test.want, statements(sql(t, a))); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			listed, err := a.Statements()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Join(test.want, "\n"), strings.Join(listed, ";\n")+";"); diff != "" {
				t.Errorf("Statements (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRequire checks that the strings are the names as the library renders
// them, quoted, and that the zero requirement demands issuer and subject.
func TestRequire(t *testing.T) {
	subject := name(t, `/O=a\/b/CN=Zoë \\ O'Neil`)
	tests := []struct {
		library dn.Library
		require dialect.Requirement
		want    string
	}{
		{dn.OpenSSL3, dialect.Requirement{}, `REQUIRE ISSUER '/CN=ca' AND SUBJECT '/O=a\\/b/CN=Zo\\xC3\\xAB \\ O''Neil';`},
		{dn.OpenSSL3, dialect.Requirement{Subject: true}, `REQUIRE SUBJECT '/O=a\\/b/CN=Zo\\xC3\\xAB \\ O''Neil';`},
		{dn.OpenSSL1, dialect.Requirement{Subject: true}, `REQUIRE SUBJECT '/O=a/b/CN=Zo\\xC3\\xAB \\ O''Neil';`},
		{dn.YaSSL, dialect.Requirement{Subject: true}, `REQUIRE SUBJECT '/O=a/b/CN=Zoë \\ O''Neil';`},
		{dn.OpenSSL3, dialect.Requirement{X509: true}, "REQUIRE X509;"},
		{dn.OpenSSL3, dialect.Requirement{SSL: true}, "REQUIRE SSL;"},
		{dn.OpenSSL3, dialect.Requirement{Issuer: true, Cipher: "AES128-SHA"}, "REQUIRE ISSUER '/CN=ca' AND CIPHER 'AES128-SHA';"},
	}
	for _, test := range tests {
		t.Run(test.library.String()+" "+test.require.String(), func(t *testing.T) {
			a := laura(t, target(t, "mysql-8.4"))
			a.Issuer, a.Subject, a.Library, a.Require = name(t, "/CN=ca"), subject, test.library, test.require
			if text := sql(t, a); !strings.Contains(text, test.want) {
				t.Errorf("no %q in\n%s", test.want, text)
			}
		})
	}
}

// TestComments keeps everything that could end a comment line or begin a string
// out of the comments.
func TestComments(t *testing.T) {
	a := laura(t, target(t, "mysql-4.0"))
	a.Name, a.Serial = "x\nDROP TABLE y; -- '\"`\\! id ä", "\r\n1'"
	text := sql(t, a)
	for line := range strings.Lines(text) {
		if comment, ok := strings.CutPrefix(line, "-- "); ok && strings.ContainsAny(comment, "'\"`\\;\r") {
			t.Errorf("comment %q", line)
		}
	}
	if got, want := statements(text), statements(sql(t, laura(t, target(t, "mysql-4.0")))); !cmp.Equal(got, want) {
		t.Errorf("statements differ: %q", got)
	}
	if want := "-- Account statements for the client x?DROP TABLE y? -- ????! id ?, made"; !strings.HasPrefix(text, want) {
		t.Errorf("the file does not begin with %q:\n%s", want, text)
	}
}

// TestNotes looks for what an administrator must be told.
func TestNotes(t *testing.T) {
	tests := []struct {
		target, require string
		mode            templates.Mode
		password        bool
		want, not       []string
	}{
		{"mysql-5.1", "issuer,subject", templates.New, true, []string{"Not tested on a server", "holds a password", "gets this password"}, []string{"caching_sha2"}},
		{"mysql-5.5", "issuer,subject", templates.New, false, []string{"no password: the certificate alone"}, []string{"Not tested", "holds a password", "validate_password"}},
		{"mysql-8.4", "issuer,subject", templates.New, false, []string{"caching_sha2_password", "validate_password", "CREATE USER fails on one"}, []string{"Not tested"}},
		{"mysql-8.4", "issuer,subject", templates.IfNotExists, true, []string{"keeps its password"}, nil},
		{"mysql-8.4", "cipher=X", templates.New, true, []string{"MySQL demands a client certificate, too"}, nil},
		{"mariadb-11.8", "cipher=X", templates.New, true, []string{"MariaDB demands no client certificate"}, []string{"caching_sha2"}},
		{"mariadb-11.8", "subject,cipher=X", templates.New, true, nil, []string{"demands no client certificate"}},
		{"mysql-4.1", "issuer,subject", templates.Existing, false, []string{"FROM mysql.user"}, nil},
		{"mysql-5.0", "issuer,subject", templates.Existing, false, nil, []string{"FROM mysql.user"}},
		{"mariadb-11.8", "issuer,subject", templates.Rescind, false, []string{"open to everybody", "so do the passwords"}, nil},
		{"mariadb-11.8", "issuer,subject", templates.Rescind, true, []string{"the password becomes the one below"}, nil},
	}
	for _, test := range tests {
		t.Run(test.target+" "+test.require+" "+string(test.mode), func(t *testing.T) {
			a := laura(t, target(t, test.target))
			a.Mode, a.Require = test.mode, requirement(t, test.require)
			if !test.password {
				a.Password = nil
			}
			text := strings.ReplaceAll(sql(t, a), "\n-- ", " ")
			for _, s := range test.want {
				if !strings.Contains(text, s) {
					t.Errorf("no %q in\n%s", s, text)
				}
			}
			for _, s := range test.not {
				if strings.Contains(text, s) {
					t.Errorf("%q in\n%s", s, text)
				}
			}
		})
	}
}

// TestCharacterSet: text outside ASCII is sent in a known character set where a
// session has one.
func TestCharacterSet(t *testing.T) {
	for _, test := range []struct {
		target, account, password string
		want                      bool
	}{
		{"mysql-8.4", "laura@%", "plain", false},
		{"mysql-8.4", "jürgen@%", "plain", true},
		{"mysql-8.4", "laura@%", "pä€", true},
		{"mysql-4.1", "jürgen@%", "plain", true},
		{"mysql-4.0", "jürgen@%", "plain", false},
	} {
		a := laura(t, target(t, test.target))
		a.Accounts, a.Password = []dialect.Account{account(t, test.account)}, &test.password
		got := statements(sql(t, a))
		if strings.Contains(strings.Join(got, "\n"), "SET NAMES binary;\n") != test.want {
			t.Errorf("%+v: %q", test, got)
		}
		if test.want && (got[5] != "SET NAMES binary;" || got[len(got)-2] != "SET SESSION collation_connection = @myca_collation;") {
			t.Errorf("%+v: not around the statements: %q", test, got)
		}
	}
}

func TestRepeatedAccount(t *testing.T) {
	a := laura(t, target(t, "mysql-8.4"))
	once := sql(t, a)
	a.Accounts = append(a.Accounts, a.Accounts...)
	if twice := sql(t, a); twice != once {
		t.Errorf("repeats count:\n%s", twice)
	}
}

// TestProblems: everything wrong is reported at once, by field, with a hint.
func TestProblems(t *testing.T) {
	text := func(s string) *string { return &s }
	tests := []struct {
		name   string
		target string
		change func(*templates.Accounts)
		fields []string
	}{
		{"no mode", "mysql-8.4", func(a *templates.Accounts) { a.Mode = "" }, []string{"mode"}},
		{"no if-not-exists", "mysql-5.7.7", func(a *templates.Accounts) { a.Mode = templates.IfNotExists }, []string{"if-not-exists"}},
		{"no partial_revokes", "mysql-8.0.15", func(a *templates.Accounts) { a.PartialRevokes = true }, []string{"partial-revokes"}},
		{"no account", "mysql-8.4", func(a *templates.Accounts) { a.Accounts = nil }, []string{"account"}},
		{"quotes", "mysql-8.4", func(a *templates.Accounts) { a.Accounts = []dialect.Account{{User: "a'b", Host: "%"}} }, []string{"account"}},
		{"line break", "mysql-8.4", func(a *templates.Accounts) { a.Accounts = []dialect.Account{{User: "a", Host: "%\nx"}} }, []string{"account"}},
		{"at sign in host", "mysql-8.4", func(a *templates.Accounts) { a.Accounts = []dialect.Account{{User: "a", Host: "b@c"}} }, []string{"account"}},
		{"no user", "mysql-8.4", func(a *templates.Accounts) { a.Accounts = []dialect.Account{{Host: "%"}} }, []string{"account"}},
		{"long user", "mysql-5.6", func(a *templates.Accounts) { a.Accounts = []dialect.Account{account(t, "seventeen_letters@%")} }, []string{"account"}},
		{"unknown privilege", "mysql-5.6", func(a *templates.Accounts) { a.Grants = []dialect.Grant{mustGrant(t, "BACKUP_ADMIN ON *.*")} }, []string{"grant"}},
		{"empty password", "mysql-8.4", func(a *templates.Accounts) { a.Password = text("") }, []string{"password"}},
		{"two lines", "mysql-8.4", func(a *templates.Accounts) { a.Password = text("a\nb") }, []string{"password"}},
		{"carriage return", "mysql-8.4", func(a *templates.Accounts) { a.Password = text("a\r") }, []string{"password"}},
		{"Latin-1 password", "mysql-8.4", func(a *templates.Accounts) { a.Password = text("p\xe4") }, []string{"password"}},
		{"open account", "mysql-8.4", func(a *templates.Accounts) { a.Password, a.Require = nil, requirement(t, "issuer") }, []string{"password"}},
		{"open account", "mysql-8.4", func(a *templates.Accounts) {
			a.Mode, a.Password, a.Require = templates.IfNotExists, nil, requirement(t, "none")
		}, []string{"password"}},
		{"contradiction", "mysql-8.4", func(a *templates.Accounts) { a.Require = dialect.Requirement{SSL: true, Subject: true} }, []string{"require"}},
		{"cipher list", "mysql-8.4", func(a *templates.Accounts) { a.Require = dialect.Requirement{Cipher: "A:B"} }, []string{"require"}},
		{"empty subject", "mysql-8.4", func(a *templates.Accounts) { a.Subject = nil }, []string{"subject"}},
		{"subject yaSSL does not see", "mysql-5.6.1", func(a *templates.Accounts) { a.Subject, a.Library = name(t, "/DC=org"), dn.YaSSL }, []string{"subject"}},
		{"long subject", "mysql-8.4", func(a *templates.Accounts) {
			a.Subject = dn.Name{{{OID: "2.5.4.3", Tag: 12, Value: []byte(strings.Repeat("x", 65600))}}}
		}, []string{"subject"}},
		{"all at once", "mysql-5.5", func(a *templates.Accounts) {
			a.Mode, a.PartialRevokes, a.Accounts, a.Password, a.Subject = templates.IfNotExists, true, nil, text(""), nil
		}, []string{"if-not-exists", "partial-revokes", "account", "password", "subject"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := laura(t, target(t, test.target))
			a.Grants = nil
			test.change(&a)
			text, err := a.SQL()
			if text != "" {
				t.Errorf("text beside the error: %q", text)
			}
			checkProblems(t, err, test.fields)
		})
	}
}

// TestRescindAsksForLess: what rescinding does not write cannot be wrong.
func TestRescindAsksForLess(t *testing.T) {
	a := laura(t, target(t, "mysql-8.4"))
	a.Mode, a.Issuer, a.Subject, a.Password = templates.Rescind, nil, nil, nil
	a.Require = dialect.Requirement{SSL: true, X509: true}
	if text := sql(t, a); !strings.Contains(text, "ALTER USER 'laura'@'%' REQUIRE NONE;\n") || strings.Contains(text, "GRANT") {
		t.Errorf("got\n%s", text)
	}
}

// checkProblems checks that err is Problems about these fields, with a hint.
func checkProblems(t *testing.T, err error, fields []string) {
	t.Helper()
	var problems templates.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want Problems", err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Field)
		if p.Message == "" || !strings.Contains(err.Error(), p.Message) {
			t.Errorf("%q is not in %q", p.Message, err)
		}
		if p.Hint == "" {
			t.Errorf("no hint for %q", p.Message)
		}
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s\n%v", diff, err)
	}
	if strings.ContainsAny(err.Error(), "\n\r\x00") {
		t.Errorf("the message is not one line: %q", err)
	}
}
