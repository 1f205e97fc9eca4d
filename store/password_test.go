package store

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/ledger"
)

// What becomes of the random password of a client that is replaced.
func TestPasswordWhenReplaced(t *testing.T) {
	given := func(kind, password string) func(*Order) {
		return func(o *Order) {
			o.Spec.Password = kind
			if password != "" {
				o.Password = &password
			}
		}
	}
	existing := func(o *Order) { o.Spec.Mode, o.Spec.Password = "existing", "" }
	tests := []struct {
		name   string
		first  func(*Order)
		second func(*Order)
		mycnf  string // the password in my.cnf afterwards, "" for none
		sql    string // the password in the statements, "" for none
		spec   string
	}{
		{"kept, for new accounts", given("random", "Old-1"), given("random", ""), "Old-1", "Old-1", "random"},
		{"kept, for an existing account", given("random", "Old-1"), existing, "Old-1", "", "random"},
		{"a new random one", given("random", "Old-1"), given("random", "New-2"), "New-2", "New-2", "random"},
		{"one from a file", given("random", "Old-1"), given("file", "New-2"), "", "New-2", "file"},
		{"none any more", given("random", "Old-1"), given("none", ""), "", "", "none"},
		{"never had one", given("none", ""), existing, "", "", ""},
		{"the first", given("none", ""), given("random", "New-2"), "New-2", "New-2", "random"},
		{"quoted", given("random", `a"b\c#d e`), given("random", ""), `a"b\c#d e`, `a"b\\c#d e`, "random"},
	}
	dir := t.TempDir()
	s := found(t, dir)
	for n, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name := "c" + string(rune('a'+n))
			commit(t, s, draft(t, s, "client/"+name, test.first))
			item := draft(t, s, "client/"+name, test.second, forced)
			commit(t, s, item)
			password, err := s.Password(name)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case test.mycnf == "" && password != nil:
				t.Errorf("my.cnf has password %q", *password)
			case test.mycnf != "" && (password == nil || *password != test.mycnf):
				t.Errorf("my.cnf has another password than %q: %v", test.mycnf, password)
			}
			if text := read(t, filepath.Join(dir, "clients", name, mycnfFile)); strings.Contains(text, "password") != (test.mycnf != "") {
				t.Errorf("my.cnf:\n%s", text)
			}
			text := read(t, item.Files().SQL)
			if identified := strings.Contains(text, "IDENTIFIED"); identified != (test.sql != "") || !strings.Contains(text, "'"+test.sql+"'") && identified {
				t.Errorf("the statements should have password %q:\n%s", test.sql, text)
			}
			if item.Spec.Password != test.spec {
				t.Errorf("the spec says %q, want %q", item.Spec.Password, test.spec)
			}
		})
	}
	for _, r := range verify(t, dir) {
		for _, secret := range []string{"Old-1", "New-2"} {
			if strings.Contains(string(r.Spec), secret) {
				t.Errorf("the ledger has the password of %s %q", r.Kind, r.Name)
			}
		}
	}
}

func TestPasswordMissing(t *testing.T) {
	s := found(t, t.TempDir(), "client/laura")
	for _, kind := range []string{"random", "file"} {
		for _, name := range []string{"client/laura", "client/bob"} {
			_, err := tryDraft(s, name, forced, func(o *Order) { o.Spec.Password = kind })
			if err == nil || !strings.Contains(hint(err), "--random-password") {
				t.Errorf("%s with password %q and none given: %v", name, kind, err)
			}
		}
	}
	if _, err := tryDraft(s, "server/db1", func(o *Order) { o.Spec.Password = "random" }); err != nil {
		t.Errorf("a server has no password: %v", err)
	}
	if _, err := s.Ledger().Active(t.Context(), ledger.Client, "bob"); err == nil {
		t.Error("bob was recorded")
	}
}
