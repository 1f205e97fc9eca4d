package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dialect"
	"myca/dn"
	"myca/templates"
)

// split is the statements of a file as a server reads them while backslashes
// escape: quoted text, comments to the end of the line, semicolons between.
func split(text string) []string {
	var all []string
	var statement strings.Builder
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && strings.HasPrefix(text[i:], "-- "):
			i += strings.IndexByte(text[i:], '\n')
			continue
		case quote == 0 && c == ';':
			all = append(all, strings.TrimSpace(statement.String()))
			statement.Reset()
			continue
		case quote == 0 && (c == '\'' || c == '"' || c == '`'):
			quote = c
		case quote == c:
			quote = 0
		case quote == '\'' && c == '\\':
			statement.WriteByte(c)
			i++
		}
		statement.WriteByte(text[i])
	}
	if rest := strings.TrimSpace(statement.String()); rest != "" {
		all = append(all, rest)
	}
	return all
}

// FuzzAccounts: whatever the input, the file is refused or holds the statements
// it should, one a line, and nothing else.
func FuzzAccounts(f *testing.F) {
	f.Add("laura", "5f0c", "laura", "%", "it's \\", "/O=a/CN=b")
	f.Add("x\n-- y", "';", "jürgen", "10.0.0.0/255.0.0.0", "';\n-- ", `/CN=\/\\'"`)
	f.Fuzz(func(t *testing.T, name, serial, user, host, password, subject string) {
		for _, text := range []string{"mysql-4.0", "mysql-5.6", "mysql-9.7", "mariadb-10.1", "mariadb-11.8"} {
			a := laura(t, target(t, text))
			a.Name, a.Serial, a.Password = name, serial, &password
			a.Accounts = []dialect.Account{{User: user, Host: host}}
			if n, err := dn.Parse(subject); err == nil {
				a.Subject = n
			}
			got, err := a.SQL()
			if err != nil {
				if got != "" {
					t.Errorf("%s: text beside the error %v", text, err)
				}
				continue
			}
			lines := statements(got)
			for i := range lines {
				lines[i] = strings.TrimSuffix(lines[i], ";")
			}
			if diff := cmp.Diff(lines, split(got)); diff != "" {
				t.Errorf("%s: statements (-lines +as read):\n%s", text, diff)
			}
			if listed, err := a.Statements(); err != nil || !slices.Equal(listed, lines) {
				t.Errorf("%s: statements %q, %v; the file has %q", text, listed, err, lines)
			}
			plain := laura(t, target(t, text))
			plain.Accounts = plain.Accounts[:1]
			want := len(statements(sql(t, plain)))
			if strings.Contains(got, "\nSET NAMES binary;\n") {
				want += 7
			}
			if len(lines) != want {
				t.Errorf("%s: %d statements, want %d:\n%s", text, len(lines), want, got)
			}
		}
	})
}

// FuzzOptionFile: whatever the input, the file is refused or reads back as it
// was given, in the groups it was meant for.
func FuzzOptionFile(f *testing.F) {
	f.Add("laura", "it's \"x\" #1", "db1", "/a b/#c", "x")
	f.Add(" \t", "\\n'", "::1\r", `C:\ssl\new`, "a\n[mysqld]\nuser=root")
	f.Fuzz(func(t *testing.T, user, password, host, path, name string) {
		for _, text := range []string{"mysql-5.5", "mysql-9.7", "mariadb-11.8"} {
			o := templates.ClientOptions{Target: target(t, text), CA: path, Cert: path, Key: path, User: user, Password: password, Host: host, Name: name, Serial: name}
			got, err := o.OptionFile()
			if err != nil {
				if got != "" {
					t.Errorf("%s: text beside the error %v", text, err)
				}
				continue
			}
			var want []string
			for _, s := range [][2]string{{"user", user}, {"password", password}, {"host", host}, {"ssl-ca", path}, {"ssl-cert", path}, {"ssl-key", path}} {
				if s[1] != "" {
					want = append(want, s[0]+"="+s[1])
				}
			}
			groups := optionFile(t, got)
			if len(groups) != len(o.Target.ClientGroups()) {
				t.Errorf("%s: groups %v", text, groups)
			}
			for group, settings := range groups {
				if diff := cmp.Diff(want, settings[:len(settings)-1]); diff != "" {
					t.Errorf("%s: [%s] (-want +read):\n%s", text, group, diff)
				}
			}
		}
	})
}
