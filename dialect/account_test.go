package dialect

import (
	"strings"
	"testing"
)

func TestParseAccount(t *testing.T) {
	for text, want := range map[string]Account{
		"laura":                        {"laura", "%"},
		"laura@%":                      {"laura", "%"},
		"laura@localhost":              {"laura", "localhost"},
		"laura@10.%":                   {"laura", "10.%"},
		"laura@db_.example.com":        {"laura", "db_.example.com"},
		"laura@10.0.0.0/255.255.255.0": {"laura", "10.0.0.0/255.255.255.0"},
		"laura@10.0.0.0/24":            {"laura", "10.0.0.0/24"},
		"laura@::1":                    {"laura", "::1"},
		"laura@2001:db8:%":             {"laura", "2001:db8:%"},
		"laura@2001:%":                 {"laura", "2001:%"},
		"laura@DB1":                    {"laura", "DB1"},
		"laura@example.com@%":          {"laura@example.com", "%"},
		"app user;x@%":                 {"app user;x", "%"},
		"größe":                        {"größe", "%"},
		"-x@%":                         {"-x", "%"},
		"%@%":                          {"%", "%"},
	} {
		got, err := ParseAccount(text)
		if err != nil || got != want {
			t.Errorf("ParseAccount(%q) = %+v, %v, want %+v", text, got, err, want)
		}
		if again, err := ParseAccount(got.String()); err != nil || again != got {
			t.Errorf("ParseAccount(%q) = %+v, %v, want %+v", got.String(), again, err, got)
		}
	}
}

func TestParseAccountRefuses(t *testing.T) {
	const examples = "write USER@HOST, for example laura@% or laura@localhost"
	for _, c := range []struct {
		text     string
		problems []string
		hint     string
	}{
		{"", []string{"the user is empty"}, examples},
		{"@localhost", []string{"the user is empty"}, examples},
		{"laura@", []string{"the host is empty"}, "write laura@%"},
		{"'laura'@'%'", []string{"single quote", `the host has '\''`}, "write laura@%"},
		{`"laura"@"localhost"`, []string{"double quote", "the host has '\"'"}, "write laura@localhost"},
		{"`laura`@`%`", []string{"back quote", "the host has '`'"}, "write laura@%"},
		{"'laura'", []string{"single quote"}, "write laura@%"},
		{`la\ura@%`, []string{"backslash"}, examples},
		{`x'; DROP TABLE y; --@%`, []string{"single quote"}, examples},
		{"laura\n@%", []string{"control character U+000A", "blank"}, "write laura@%"},
		{"lau\x00ra@%", []string{"control character U+0000"}, examples},
		{"lau\u0085ra@%", []string{"control character U+0085"}, examples},
		{"laura\xff@%", []string{"in the user: it is not valid UTF-8"}, examples},
		{"laura@%\xff", []string{"the host is not valid UTF-8"}, examples},
		{"🎉@%", []string{"U+1F389"}, examples},
		{" laura@%", []string{"begins or ends with a blank"}, "write laura@%"},
		{"laura @%", []string{"begins or ends with a blank"}, "write laura@%"},
		{"laura\u00a0@%", []string{"begins or ends with a blank"}, "write laura@%"},
		{"laura@ %", []string{"the host has ' '"}, "write laura@%"},
		{"laura@a b", []string{"the host has ' '"}, examples},
		{"laura@db1\n", []string{`the host has '\n'`}, "write laura@db1"},
		{"laura@böse.example", []string{"the host has 'ö'"}, examples},
		{"laura@%;DROP", []string{"the host has ';'"}, examples},
		{"laura@%'", []string{`the host has '\''`}, examples},
		{`laura@a\_b`, []string{`the host has '\\'`}, examples},
		{"laura@[::1]", []string{"the host has '['"}, "write laura@::1"},
		{"laura@10.0.0.1:3306", []string{"the host has a port"}, "write laura@10.0.0.1"},
		{"root@localhost:3306", []string{"the host has a port"}, "write root@localhost"},
		{"root@db:3306", []string{"the host has a port"}, "write root@db"},
		{"'\x01 @a b", []string{"single quote", "U+0001", "blank", "the host has ' '"}, examples},
	} {
		got, err := ParseAccount(c.text)
		if err == nil {
			t.Errorf("ParseAccount(%q) = %+v", c.text, got)
			continue
		}
		for _, problem := range c.problems {
			if !strings.Contains(err.Error(), problem) {
				t.Errorf("ParseAccount(%q): %v, want %q in it", c.text, err, problem)
			}
		}
		if hint := hintOf(t, err); hint != c.hint {
			t.Errorf("ParseAccount(%q): hint %q, want %q", c.text, hint, c.hint)
		}
		if strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("ParseAccount(%q): control characters in %q", c.text, err)
		}
	}
}

func TestAccountSQL(t *testing.T) {
	for _, c := range []struct {
		account Account
		want    string
	}{
		{Account{"laura", "%"}, "'laura'@'%'"},
		{Account{"a@b", "10.%"}, "'a@b'@'10.%'"},
		{Account{`it's\`, "x' OR '1"}, `'it''s\\'@'x'' OR ''1'`},
	} {
		if got := c.account.SQL(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.account, got, c.want)
		}
	}
}

func TestCheckAccount(t *testing.T) {
	user := func(n int) Account { return Account{strings.Repeat("ü", n), "%"} }
	host := func(n int) Account { return Account{"x", strings.Repeat("h", n)} }
	for _, c := range []struct {
		target   string
		account  Account
		problems int
	}{
		{"mysql-5.6", user(16), 0},
		{"mysql-5.6", user(17), 1},
		{"mysql-8.4", user(32), 0},
		{"mysql-8.4", user(33), 1},
		{"mariadb-10.11", user(128), 0},
		{"mariadb-10.11", user(129), 1},
		{"mysql-8.0.16", host(60), 0},
		{"mysql-8.0.16", host(61), 1},
		{"mysql-8.4", host(255), 0},
		{"mysql-8.4", host(256), 1},
		{"mysql-8.4", Account{user(33).User, host(256).Host}, 2},
	} {
		err := version(t, c.target).CheckAccount(c.account)
		if c.problems == 0 {
			if err != nil {
				t.Errorf("%s: %v", c.target, err)
			}
			continue
		}
		if err == nil || strings.Count(err.Error(), "takes at most") != c.problems {
			t.Errorf("%s: %v, want %d problems", c.target, err, c.problems)
			continue
		}
		hintOf(t, err)
	}
}

// FuzzParseAccount: what is accepted reads back and is exactly two literals; a
// proposed account is accepted.
func FuzzParseAccount(f *testing.F) {
	for _, seed := range []string{"laura", "laura@%", "'laura'@'%'", "a@b@10.%", "@", "laura@[::1]", "laura@h:3306", "🎉@x", "x\\@%", " ' @ "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAccount(text)
		if err != nil {
			if proposal, ok := strings.CutPrefix(hintOf(t, err), "write "); ok && !strings.HasPrefix(proposal, "USER@HOST") {
				if _, err := ParseAccount(proposal); err != nil {
					t.Errorf("ParseAccount(%q) proposes %q: %v", text, proposal, err)
				}
			}
			return
		}
		if again, err := ParseAccount(a.String()); err != nil || again != a {
			t.Errorf("ParseAccount(%q) = %+v, %v, want %+v", a.String(), again, err, a)
		}
		if want := "'" + a.User + "'@'" + a.Host + "'"; a.SQL() != want {
			t.Errorf("%+v.SQL() = %s, want %s", a, a.SQL(), want)
		}
	})
}
