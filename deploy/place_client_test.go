package deploy

import (
	"strings"
	"testing"

	"myca/templates"
)

func client(tb testing.TB, target string, files tree, groups ...string) ClientOptions {
	tb.Helper()
	text, err := templates.ClientOptions{Target: version(tb, target), Name: "laura", User: "laura", Password: "geheim", Groups: groups,
		CA: "/home/laura/.mysql/ca-cert.pem", Cert: "/home/laura/.mysql/client-cert.pem", Key: "/home/laura/.mysql/client-key.pem"}.OptionFile()
	if err != nil {
		tb.Fatal(err)
	}
	return ClientOptions{System: files, Version: version(tb, target), Home: "/home/laura", Text: text}
}

func TestPlaceClient(t *testing.T) {
	const file = "/home/laura/.my.cnf"
	for name, c := range map[string]struct {
		files  tree
		groups []string
		path   string
		says   string // the overridden, notices, or the error
	}{
		"none":          {tree{"/home/laura/": ""}, nil, file, ""},
		"in other":      {tree{file: "[client]\nuser=root\npassword=geheim\n[mysqldump]\nquick\n", "/etc/my.cnf": "[mysqldump]\nssl-ca=/old.pem\n"}, nil, file, "user@/home/laura/.my.cnf:2 ssl-ca@/etc/my.cnf:2"},
		"other secret":  {tree{file: "[mysqldump]\npassword=secret\n"}, nil, file, "password@/home/laura/.my.cnf:2"},
		"a link":        {tree{file: "-> dotfiles/my.cnf", "/home/laura/dotfiles/my.cnf": "[mysql]\n"}, nil, "/home/laura/dotfiles/my.cnf", ""},
		"a link to nil": {tree{file: "-> dotfiles/my.cnf", "/home/laura/dotfiles/": ""}, nil, "/home/laura/dotfiles/my.cnf", ""},
		"home is one":   {tree{"/home/laura": "-> /srv/laura", "/srv/laura/.my.cnf": "[mysql]\n"}, nil, "/srv/laura/.my.cnf", ""},
		"a link out":    {tree{file: "-> /etc/passwd", "/etc/passwd": "x"}, nil, "", `"/home/laura/.my.cnf" leads to "/etc/passwd", outside of the home folder`},
		"a link beside": {tree{file: "-> ../laurax/f", "/home/laurax/f": "[mysql]\n"}, nil, "", "outside of the home folder"},
		"login path":    {tree{"/home/laura/.mylogin.cnf": "x"}, nil, file, `"/home/laura/.mylogin.cnf" is read last`},
		"group client":  {tree{file: "[client]\nssl-mode=DISABLED\n"}, []string{"client"}, file, "ssl-mode@/home/laura/.my.cnf:2"},
		"an own group":  {tree{file: "[shop]\nssl-cert=/old.pem\n"}, []string{"shop"}, file, "ssl-cert@/home/laura/.my.cnf:2"},
		"a broken one":  {tree{file: "user=laura\n"}, nil, "", "an option stands before the first [group]"},
		"no home":       {tree{"/home/": ""}, nil, "", "does not exist"},
	} {
		for _, target := range []string{"mysql-9.7", "mariadb-11.8", "mysql-5.6"} {
			if target != "mysql-9.7" && (c.groups != nil || strings.Contains(c.says, "@") || strings.Contains(c.says, "login")) {
				continue
			}
			o := client(t, target, c.files, c.groups...)
			edit, err := o.Place()
			if c.path == "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %s", name, err, c.says)
				}
				continue
			}
			if got := strings.Join(append(edit.Notices, overridesText(edit.Overrides)), " "); err != nil || edit.Path != c.path || !strings.Contains(got, c.says) || (got == "") != (c.says == "") {
				t.Errorf("%s for %s: %s, %v\ngot  %s\nwant %s", name, target, edit.Path, err, got, c.says)
				continue
			}
			if edit.Mode != 0o600 || !strings.HasPrefix(string(edit.New), c.files[c.path]) || !strings.Contains(string(edit.New), o.Text) {
				t.Errorf("%s for %s: mode %v, %s", name, target, edit.Mode, edit.New)
			}
			o.System = c.files.with(edit)
			if again, err := o.Place(); err != nil || again.Changed() || again.Mode != 0o600 || again.Path != c.path {
				t.Errorf("%s for %s: a second time %+v, %v", name, target, again, err)
			}
		}
	}
}

// TestClientRefused: one of the programs reads something else behind ours, and
// the password is not told.
func TestClientRefused(t *testing.T) {
	const file = "/home/laura/.my.cnf"
	placed, err := client(t, "mysql-9.7", tree{"/home/laura/": ""}).Place()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(t, "mysql-9.7", tree{file: string(placed.New) + "[mysqldump]\nssl-mode=DISABLED\npassword=other\n"}).Place()
	if err == nil || !strings.Contains(err.Error(), ` sets ssl-mode to "DISABLED"`) || !strings.Contains(err.Error(), " sets password") || strings.Contains(err.Error(), "other") {
		t.Errorf("%v", err)
	}
	// and it is in force where only the password is another
	changed := client(t, "mysql-9.7", tree{file: string(placed.New)})
	changed.Text = strings.ReplaceAll(changed.Text, "geheim", "neu")
	edit, err := changed.Place()
	if err != nil || !edit.Changed() || strings.Contains(string(edit.New), "geheim") {
		t.Errorf("%s, %v", edit.New, err)
	}
}

// TestClientInForce: a file that the user wrote, with all of it.
func TestClientInForce(t *testing.T) {
	files := tree{}
	o := client(t, "mariadb-11.8", files)
	files["/home/laura/.my.cnf"] = o.Text
	edit, err := o.Place()
	if err != nil || edit.Changed() || edit.Path != "/home/laura/.my.cnf" || edit.Mode != 0o600 {
		t.Errorf("%+v, %v", edit, err)
	}
}
