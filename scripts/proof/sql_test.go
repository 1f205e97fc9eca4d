package proof

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"

	"myca/dialect"
)

// sqlModes are the modes in which statements have to mean the same.
func sqlModes() []mysql.SQLMode {
	return []mysql.SQLMode{mysql.ModeNone, mysql.ModeANSIQuotes, mysql.ModeANSIQuotes | mysql.ModePipesAsConcat | mysql.ModeIgnoreSpace}
}

// statement parses what has to be exactly one statement.
func statement[T ast.StmtNode](t *testing.T, sql string, mode mysql.SQLMode) T {
	t.Helper()
	p := parser.New()
	p.SetSQLMode(mode)
	statements, _, err := p.Parse(sql, "", "")
	if err != nil || len(statements) != 1 {
		t.Fatalf("%q is %d statements: %v", sql, len(statements), err)
	}
	s, ok := statements[0].(T)
	if !ok {
		t.Fatalf("%q is a %T", sql, statements[0])
	}
	return s
}

// field is the only column of a SELECT.
func field(t *testing.T, sql string, mode mysql.SQLMode) ast.ExprNode {
	t.Helper()
	fields := statement[*ast.SelectStmt](t, sql, mode).Fields.Fields
	if len(fields) != 1 {
		t.Fatalf("%q has %d columns", sql, len(fields))
	}
	return fields[0].Expr
}

func checkLiteral(t *testing.T, text string) {
	t.Helper()
	for _, mode := range sqlModes() {
		sql := "SELECT " + dialect.Literal(text)
		value, ok := field(t, sql, mode).(*driver.ValueExpr)
		if !ok || value.GetString() != text {
			t.Errorf("%q reads as %q", sql, value.GetString())
		}
	}
}

func checkIdentifier(t *testing.T, text string) {
	t.Helper()
	name, err := dialect.Identifier(text)
	if err != nil {
		return
	}
	for _, mode := range sqlModes() {
		sql := "SELECT " + name
		column, ok := field(t, sql, mode).(*ast.ColumnNameExpr)
		if !ok || column.Name.Name.O != text || column.Name.Table.O != "" {
			t.Errorf("%q reads as %+v", sql, column)
		}
	}
}

// checkAccount looks at the account in CREATE USER, which is followed by a
// clause so that an account that ends early or late shows. The parser keeps
// hosts in lower case, as the servers do, and drops a leading @, which no host
// has.
func checkAccount(t *testing.T, a dialect.Account) {
	t.Helper()
	for _, mode := range sqlModes() {
		sql := "CREATE USER " + a.SQL() + " IDENTIFIED BY 'x' REQUIRE SSL"
		s := statement[*ast.CreateUserStmt](t, sql, mode)
		if len(s.Specs) != 1 || s.Specs[0].AuthOpt == nil || s.Specs[0].AuthOpt.AuthString != "x" {
			t.Fatalf("%q reads as %+v", sql, s.Specs)
		}
		want := strings.TrimPrefix(strings.ToLower(a.Host), "@")
		if user := s.Specs[0].User; user.Username != a.User || user.Hostname != want {
			t.Errorf("%q is for %q at %q", sql, user.Username, user.Hostname)
		}
	}
}

func checkRequirement(t *testing.T, r dialect.Requirement, issuer, subject string) {
	t.Helper()
	sql := "ALTER USER 'laura'@'%' " + r.Clause(issuer, subject)
	got := statement[*ast.AlterUserStmt](t, sql, mysql.ModeNone).AuthTokenOrTLSOptions
	var want []ast.AuthTokenOrTLSOption
	for _, o := range []struct {
		asked bool
		kind  ast.AuthTokenOrTLSOptionType
		value string
	}{
		{r.None, ast.TlsNone, ""}, {r.SSL, ast.Ssl, ""}, {r.X509, ast.X509, ""},
		{r.Issuer, ast.Issuer, issuer}, {r.Subject, ast.Subject, subject}, {r.Cipher != "", ast.Cipher, r.Cipher},
	} {
		if o.asked {
			want = append(want, ast.AuthTokenOrTLSOption{Type: o.kind, Value: o.value})
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%q has %d demands, want %d", sql, len(got), len(want))
	}
	for i := range want {
		if *got[i] != want[i] {
			t.Errorf("%q demands %+v, want %+v", sql, *got[i], want[i])
		}
	}
}

// texts are shapes of strings for the tables and as seeds.
func texts() []string {
	return []string{"", "secret", "it's", `"`, `\`, `\'`, `'\`, "''", "`", "a`b", "'; DROP TABLE x; -- ", "/* */", "# x", "-- x", "\n", "\r\n", "\x00",
		"\x1a", "\t", "ü", "日本", "🎉", "\xff", "\xc3", "中\\", "%", "_", `\%`, `\_`, "a b", " x", "x ", strings.Repeat("x", 64), strings.Repeat("ü'", 64),
		`/C=US/O=a\xC3\xBC \/ b/CN=O'Reilly "x"`, "@", "a@b", "$1", "?", ":x", "N'x'", "0x41", "_utf8", "{}", "\u2028", "\ufeff"}
}

func TestTexts(t *testing.T) {
	for _, text := range texts() {
		checkLiteral(t, text)
		checkIdentifier(t, text)
		checkAccount(t, dialect.Account{User: text, Host: "%"})
		checkAccount(t, dialect.Account{User: "laura", Host: text})
		for _, list := range []string{"none", "ssl", "x509", "issuer", "subject", "issuer,subject", "cipher=AES128-SHA", "issuer,subject,cipher=A_b-1"} {
			r, err := dialect.ParseRequirement(list)
			if err != nil {
				t.Fatal(err)
			}
			checkRequirement(t, r, text, "/CN="+text)
		}
	}
}

func FuzzLiteral(f *testing.F) {
	for _, text := range texts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkLiteral(t, text) })
}

func FuzzIdentifier(f *testing.F) {
	for _, text := range texts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkIdentifier(t, text) })
}

// FuzzAccount takes the text as a user, as a host, and as a person writes it.
func FuzzAccount(f *testing.F) {
	for _, text := range append(texts(), "laura@10.%", "laura@::1", "a@b@c", "laura@10.0.0.0/255.0.0.0") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkAccount(t, dialect.Account{User: text, Host: "%"})
		checkAccount(t, dialect.Account{User: "laura", Host: text})
		if a, err := dialect.ParseAccount(text); err == nil {
			checkAccount(t, a)
		}
	})
}

func FuzzRequirement(f *testing.F) {
	for _, text := range texts() {
		f.Add("issuer,subject,cipher=x", text, "/CN="+text)
	}
	f.Fuzz(func(t *testing.T, list, issuer, subject string) {
		if r, err := dialect.ParseRequirement(list); err == nil {
			checkRequirement(t, r, issuer, subject)
		}
	})
}

// plain reports whether a name needs no back quotes in a grant that myca reads.
func plain(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool {
		ascii := r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("$_-", r))
		return !ascii && !(r >= utf8.RuneSelf && r <= 0xffff && r != utf8.RuneError && unicode.IsLetter(r))
	}) < 0
}
