//go:build unix

package deploy

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"myca/optionfile"
)

// Whoever has a login in ~/.my.cnf keeps it, unless the user was named.
func TestClientOwnLogin(t *testing.T) {
	placed, err := optionfile.Parse("", nil).WithBlock("client", []string{"[mysql]", "user=laura"})
	if err != nil {
		t.Fatal(err)
	}
	block := string(placed.Bytes())
	for _, test := range []struct {
		name, login, cnf string
		says             string // "": it goes on
	}{
		{"another user", "root", "[client]\nport=3306\nuser=root\npassword=secret\n", `line 3 names the user "root" already for mysql`},
		{"of one program", "root", "[mysqldump]\nuser = backup\n", `names the user "backup" already for mysqldump`},
		{"the password of that user", "root", "[client]\npassword=secret\n", `names a password of "root"`},
		{"another password of laura", "laura", "[client]\npassword=secret\n", `names a password of "laura"`},
		{"the same", "root", "[client]\nuser=laura\npassword=topsecret\n", ""},
		{"laura without password", "root", "[client]\nuser=laura\n", ""},
		{"another program's", "root", "[mysqld]\nuser=mysql\n", ""},
		{"no login", "root", "[client]\nsocket=/nowhere\n", ""},
		{"what was asked for before", "root", "[client]\nuser=root\n" + block, ""},
	} {
		_, c := home(t)
		c.Login, c.Asked = test.login, false
		file := filepath.Join(c.Options.Home, ".my.cnf")
		c.give(t, file, test.cnf, 0o600)
		_, err := c.Plan()
		switch {
		case test.says == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.says != "" && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(hint(err), "--user OSUSER")):
			t.Errorf("%s: %v (%s)", test.name, err, hint(err))
		}
		if err != nil && strings.Contains(err.Error()+hint(err), "secret") {
			t.Errorf("%s: tells the password: %v", test.name, err)
		}
		c.Asked = true
		if _, err := c.Plan(); err != nil {
			t.Errorf("%s, with the user named: %v", test.name, err)
		}
	}
}

// What one product's programs know, the other's stop at.
func TestClientStopper(t *testing.T) {
	_, c := home(t)
	o := c.Options
	if option, found := o.Stopper(); found {
		t.Errorf("the programs that it is for stop at %s", option.Name)
	}
	o.Version = version(t, "mariadb-10.11")
	if option, found := o.Stopper(); !found || option.Name != "ssl-mode" {
		t.Errorf("MariaDB's stop at %q", option.Name)
	}
}
