package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ledger"
	"myca/out"
)

// amended is the amendment of "server/NAME" or "client/NAME" with one day more,
// which shows in all texts: in the folder on the host, the address of the server,
// and the privileges.
func amended(s *Store, name string, change ...func(*Amendment)) (*Item, error) {
	kind, name, _ := strings.Cut(name, "/")
	r, err := s.Ledger().Active(context.Background(), kind, name)
	if err != nil {
		return nil, err
	}
	sp, err := ReadSpec(r)
	if err != nil {
		return nil, err
	}
	sp.Days++
	sp.DeployDir = fmt.Sprintf("/etc/mysql/days-%d", sp.Days)
	if kind == ledger.Client {
		sp.Connect = fmt.Sprintf("days-%d.example.com", sp.Days)
		sp.Grants = []string{fmt.Sprintf("SELECT ON days_%d.*", sp.Days)}
	}
	a := Amendment{Row: r, Spec: sp}
	for _, c := range change {
		c(&a)
	}
	return s.Amend(a)
}

// amendments is one batch of amendments, and of new clients "new/NAME".
func amendments(s *Store, names []string) ([]*Item, error) {
	var items []*Item
	for _, name := range names {
		var i *Item
		var err error
		if fresh, is := strings.CutPrefix(name, "new/"); is {
			i, err = tryDraft(s, "client/"+fresh)
		} else {
			i, err = amended(s, name)
		}
		if err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, nil
}

// agree fails unless the texts of every active pair are those of its record.
func agree(t *testing.T, s *Store) {
	t.Helper()
	for r, err := range s.Ledger().All(t.Context(), ledger.Filter{State: ledger.Active}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == ledger.CA {
			continue
		}
		sp, err := ReadSpec(r)
		if err != nil {
			t.Fatal(err)
		}
		password, err := s.passwordOf(r)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{mycnfFile: optionText(t, s, sp, r, password)}
		got := map[string]string{mycnfFile: read(t, s.Files(r).MyCnf)}
		if s.Files(r).SQL != "" && sp.Password != passwordFile {
			statements, err := s.AccountStatements(sp, r, password)
			if err != nil {
				t.Fatal(err)
			}
			want[sqlName] = must(statements.SQL())(t)
			got[sqlName] = read(t, s.Files(r).SQL)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %q (-as recorded +in place):\n%s", r.Kind, r.Name, diff)
		}
	}
}

func optionText(t *testing.T, s *Store, sp Spec, r ledger.Row, password *string) string {
	t.Helper()
	if r.Kind == ledger.Server {
		return must(must(s.ServerOptions(sp, r))(t).OptionFile())(t)
	}
	return must(must(s.ClientOptions(sp, r, password))(t).OptionFile())(t)
}

func amend(t *testing.T, s *Store, name string, change ...func(*Amendment)) *Item {
	t.Helper()
	i, err := amended(s, name, change...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// An amendment changes spec and texts and nothing else, in one commit with new
// pairs and renewals.
func TestAmend(t *testing.T) {
	s := installation(t, scratch(t))
	commit(t, s, drafts(t, s, "client/none", "server/db2")...)
	before := verify(t, s.Dir())
	files := tree(t, s.Dir())
	commit(t, s, amend(t, s, "client/laura"), amend(t, s, "server/db1"), draft(t, s, "client/bob"), renewal(t, s, "client/none"), amend(t, s, "server/db2"))
	verify(t, s.Dir())
	agree(t, s)
	for _, name := range []string{"client/laura", "server/db1", "server/db2"} {
		kind, short, _ := strings.Cut(name, "/")
		old := rowsOf(before, kind, short, ledger.Active)[0]
		now, err := s.Ledger().Active(t.Context(), kind, short)
		if err != nil {
			t.Fatal(err)
		}
		if string(old.Spec) == string(now.Spec) {
			t.Errorf("%s has the old spec", name)
		}
		now.Spec = old.Spec
		if diff := cmp.Diff(old, now); diff != "" {
			t.Errorf("the row of %s (-before +after):\n%s", name, diff)
		}
		for path, e := range tree(t, s.Folder(now)) {
			was := files[filepath.Join(kind+"s", short, path)]
			if same := was == e; same != (path != mycnfFile) || was.mode != e.mode {
				t.Errorf("%s of %s: %v before, %v after", path, name, was, e)
			}
		}
	}
	if password, err := s.Password("laura"); err != nil || password == nil || *password != "Old-1" {
		t.Errorf("laura's password: %v, %v", password, err)
	}
}

// The password of the accounts is kept wherever it is, unless another is given.
func TestAmendKeepsThePassword(t *testing.T) {
	s := found(t, scratch(t))
	commit(t, s,
		draft(t, s, "client/random", random("Old-1")),
		draft(t, s, "client/file", fromFile(`it's "\o/" #1`)),
		draft(t, s, "client/none"),
		draft(t, s, "client/existing", fromFile("x"), func(o *Order) { o.Spec.Mode = "existing" }),
	)
	given := func(kind, password string) func(*Amendment) {
		return func(a *Amendment) { a.Spec.Password, a.Password = kind, &password }
	}
	tests := []struct {
		name, spec, mycnf, sql string
		change                 []func(*Amendment)
	}{
		{"random", "random", "Old-1", "'Old-1'", nil},
		{"file", "file", "", `'it''s "\\o/" #1'`, nil},
		{"none", "none", "", "", nil},
		{"existing", "file", "", "", nil},
		{"random", "random", "New-1", "'New-1'", []func(*Amendment){given("random", "New-1")}},
		{"file", "file", "", "'New-2'", []func(*Amendment){given("file", "New-2")}},
		{"random", "file", "", "'New-1'", []func(*Amendment){func(a *Amendment) { a.Spec.Password = "file" }}},
		{"none", "random", "New-3", "'New-3'", []func(*Amendment){given("random", "New-3")}},
		{"none", "none", "", "", []func(*Amendment){func(a *Amendment) { a.Spec.Password = "none" }}},
	}
	for _, test := range tests {
		commit(t, s, amend(t, s, "client/"+test.name, test.change...))
		verify(t, s.Dir())
		agree(t, s)
		r := active(t, s, test.name)
		sp, err := ReadSpec(r)
		if err != nil || sp.Password != test.spec {
			t.Errorf("%s: the spec has the password %q (%v), want %q", test.name, sp.Password, err, test.spec)
		}
		if got, err := s.Password(test.name); err != nil || (got == nil) != (test.mycnf == "") || got != nil && *got != test.mycnf {
			t.Errorf("%s: my.cnf has %v, %v; want %q", test.name, got, err, test.mycnf)
		}
		sql := read(t, s.sql(test.name))
		if !strings.Contains(sql, "ON `days\\_") || !strings.Contains(sql, test.sql) || (test.sql == "") == strings.Contains(sql, "IDENTIFIED BY") {
			t.Errorf("%s: statements without %s:\n%s", test.name, test.sql, sql)
		}
	}
}

// What is refused changes nothing.
func TestAmendRefuses(t *testing.T) {
	s := installation(t, scratch(t))
	commit(t, s, draft(t, s, "client/file", fromFile("x-1")), draft(t, s, "client/none"))
	before := tree(t, s.Dir())
	tests := []struct {
		name, client string
		change       func(*Amendment)
		want, hint   string
	}{
		{"the same spec", "laura", func(a *Amendment) { a.Spec = must(ReadSpec(a.Row))(t) }, "nothing to amend", ""},
		{"superseded", "laura", func(a *Amendment) { a.Row.State = ledger.Superseded }, "not that of an active", ""},
		{"of an authority", "laura", func(a *Amendment) { a.Row.Kind = ledger.CA }, "not that of an active", ""},
		{"without accounts", "laura", func(a *Amendment) { a.Spec.Accounts = nil }, "neither gives", ""},
		{"a random password that is not there", "none", func(a *Amendment) { a.Spec.Password = "random" }, "there is none", "--random-password"},
		{"no password in the statements", "none", func(a *Amendment) { a.Spec.Password = "file" }, "by hand", "give the password"},
		{"a bad grant", "laura", func(a *Amendment) { a.Spec.Grants = []string{"SELEC ON a.*"} }, "SELEC", ""},
		{"a damaged record", "laura", func(a *Amendment) { a.Row.Spec = []byte("{") }, "spec of certificate", ""},
	}
	for _, test := range tests {
		_, err := amended(s, "client/"+test.client, test.change)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(hint(err), test.hint) {
			t.Errorf("%s: %v with hint %q", test.name, err, hint(err))
		}
	}
	path := s.sql("file")
	write(t, path, read(t, path)+"-- mine\n")
	if _, err := amended(s, "client/file"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("statements changed by hand: %v", err)
	}
	remove(t, path)
	if i, err := amended(s, "client/file"); err != nil || i.sql != nil || len(i.Notices) == 0 {
		t.Errorf("without statements: %v", err)
	}
	delete(before, filepath.Join(sqlName, "file.sql"))
	if diff := cmp.Diff(before, tree(t, s.Dir()), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

// A certificate whose names the new target's TLS library reads in another way
// needs another row.
func TestAmendWithAnotherLibrary(t *testing.T) {
	s := installation(t, scratch(t))
	other := func(a *Amendment) { a.Row.Subject += " as another library reads it" }
	if _, err := amended(s, "client/laura", other); err == nil || !strings.Contains(hint(err), "myca renew laura") {
		t.Errorf("%v with hint %q", err, hint(err))
	}
}

// Of two changes of one pair the second is refused.
func TestAmendMeanwhile(t *testing.T) {
	s := installation(t, scratch(t))
	first, second, server := amend(t, s, "client/laura"), amend(t, s, "client/laura"), amend(t, s, "server/db1")
	renewed := renewal(t, s, "client/laura")
	commit(t, s, first)
	if err := s.Commit(t.Context(), server, second); !errors.Is(err, ErrChanged) || hint(err) == "" {
		t.Errorf("the second amendment: %v", err)
	}
	commit(t, s, renewed)
	for _, err := range []error{s.Commit(t.Context(), second), s.Commit(t.Context(), amend(t, s, "client/laura"), second)} {
		if err == nil {
			t.Error("an amendment of a certificate that was renewed")
		}
	}
	third := amend(t, s, "client/laura")
	revoke(t, s, revocable(t, s, "", "laura")...)
	if err := s.Commit(t.Context(), third); !errors.Is(err, ErrChanged) {
		t.Errorf("an amendment of a certificate that was revoked: %v", err)
	}
	rename(t, s.place(ledger.Server, "db1"), s.path(archiveName, "away"))
	if err := s.Commit(t.Context(), server); !errors.Is(err, ErrDamaged) || hint(err) == "" {
		t.Errorf("without a folder: %v", err)
	}
}

// A server's folder may belong to the server's user: so does the new my.cnf.
func TestAmendOfAnOwnedFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	s := found(t, scratch(t))
	commit(t, s, draft(t, s, "server/db1", func(o *Order) { o.Spec.Owner = "4711:4712" }))
	commit(t, s, amend(t, s, "server/db1"))
	verify(t, s.Dir())
	for path := range tree(t, s.place(ledger.Server, "db1")) {
		owner, err := out.OwnerOf(filepath.Join(s.place(ledger.Server, "db1"), path))
		if err != nil || owner.UID != 4711 || owner.GID != 4712 {
			t.Errorf("%s belongs to %v, %v", path, owner, err)
		}
	}
}
