package store

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/dialect"
	"myca/ledger"
)

// rebuild removes the ledger of dir and makes it again.
func rebuild(t *testing.T, dir string) Rebuilt {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, ledgerName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrDamaged) || !strings.Contains(hint(err), "ca rebuild") {
		t.Errorf("without its ledger: %v with hint %q", err, hint(err))
	}
	rebuilt, err := Rebuild(t.Context(), dir, dialect.Version{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return rebuilt
}

// everything gives a client everything that a spec can hold.
func everything(o *Order) {
	random("S-1 ä")(o)
	o.Spec.Target = "mariadb-10.11"
	o.Spec.Accounts = []string{"app@localhost", "app@10.%"}
	o.Spec.Require = "issuer,cipher=DHE-RSA-AES256-SHA"
	o.Spec.Grants = []string{"SELECT, INSERT ON `a\\_b`.*", "ALL PRIVILEGES ON *.* WITH GRANT OPTION", "EXECUTE ON PROCEDURE `x`.`TO 'a'@'b'`"}
	o.Spec.Mode, o.Spec.Connect, o.Spec.Groups = "if-not-exists", "[fd00::1]:3307", []string{"client"}
	o.Spec.DeployDir = "/home/app/my certs"
}

// The ledger that is made from the files is the one that was lost, but for what
// the files do not tell.
func TestRebuild(t *testing.T) {
	s := installation(t, scratch(t))
	days := func(o *Order) {
		o.Plan.NotAfter = o.Plan.Request.NotBefore.AddDate(0, 0, 90)
		o.Spec.Days = 90
	}
	commit(t, s,
		draft(t, s, "client/app", everything, days),
		draft(t, s, "client/file", fromFile("x"), days),
		draft(t, s, "client/existing", days, func(o *Order) { o.Spec.Mode, o.Spec.Password, o.Spec.Require = "existing", "", "ssl" }),
		draft(t, s, "client/bare", days, func(o *Order) { o.Spec.Accounts, o.Spec.Require, o.Spec.Mode, o.Spec.Password = nil, "", "", "" }),
		draft(t, s, "client/gone"), draft(t, s, "server/peer", days, func(o *Order) {
			o.Plan.Request.Profile, o.Spec.Profile, o.Spec.DeployDir = "peer", "peer", "/etc/mysql/myca"
		}),
	)
	commit(t, s, renewal(t, s, "client/laura"), renewal(t, s, "server/db1"))
	revoke(t, s, revocable(t, s, "client", "gone")...)
	rotateBegin(t, s)
	if err := s.RotateSwitch(t.Context()); err != nil {
		t.Fatal(err)
	}
	commit(t, s, renewal(t, s, "client/laura"))
	want := verify(t, s.Dir())
	s.Close()
	rebuilt := rebuild(t, s.Dir())
	if rebuilt.Authorities != 2 || rebuilt.Active != 7 || rebuilt.Archived != 3 || rebuilt.Revoked != 1 {
		t.Errorf("rebuilt %+v", rebuilt)
	}
	got := verify(t, s.Dir())
	if diff := cmp.Diff(told(t, want), told(t, got)); diff != "" {
		t.Errorf("(-lost +rebuilt):\n%s", diff)
	}
	s = open(t, s.Dir())
	if got := rotationOf(t, s); got != "switched 2:1+0* 1:6+3" {
		t.Errorf("rotation %q", got)
	}
	if s.Target().String() != "mysql-8.4" {
		t.Errorf("target %s", s.Target())
	}
	if err := renewAll(s); err != nil {
		t.Fatal(err)
	}
	revoke(t, s, revocable(t, s, "", "file")...)
	if _, err := s.RotateFinish(t.Context(), false, time.Now()); err != nil {
		t.Error(err)
	}
	accepted(t, s)
	verify(t, s.Dir())
}

// told is what files tell of rows: not when they were recorded, how a length
// that was no number of days was asked for, nor what nobody wrote down.
func told(t *testing.T, rows []ledger.Row) map[string]ledger.Row {
	t.Helper()
	all := map[string]ledger.Row{}
	for _, r := range rows {
		sp, err := ReadSpec(r)
		if err != nil {
			t.Fatal(err)
		}
		cert := certificateOf(t, r)
		sp.Days, sp.Subject, sp.SANs = wholeDays(cert), "", nil
		for _, san := range sansOf(cert) {
			sp.SANs = append(sp.SANs, strings.TrimPrefix(strings.TrimPrefix(san, "dns:"), "ip:"))
		}
		if sp.Profile == "" && r.Kind != ledger.CA {
			sp.Profile = r.Kind
		}
		if sp.KeyFormat == "" && r.Kind != ledger.CA {
			sp.KeyFormat = "pkcs8"
		}
		sp.Grants = slices.Clone(sp.Grants)
		if r.Spec, err = json.Marshal(sp); err != nil {
			t.Fatal(err)
		}
		r.Created = time.Time{}
		all[r.Kind+" "+r.Name+" "+r.Serial] = r
	}
	return all
}

// What is left of a store decides what its ledger can be.
func TestRebuildOfWhatIsDamaged(t *testing.T) {
	tests := []struct {
		name   string
		spoil  func(t *testing.T, s *Store)
		notice string
		want   []string
	}{
		{"no crl.pem", func(t *testing.T, s *Store) { remove(t, s.crl()) }, "revoke it again",
			[]string{"ca 1 active", "client bob superseded", "client laura active", "server db1 active"}},
		{"a truncated key", func(t *testing.T, s *Store) {
			if err := os.Truncate(filepath.Join(s.place(ledger.CA, "1"), ca.KeyFile), 50); err != nil {
				t.Fatal(err)
			}
		}, ca.KeyFile, nil},
		{"a damaged certificate", func(t *testing.T, s *Store) {
			write(t, filepath.Join(s.place(ledger.Server, "db1"), certFile(ledger.Server)), "x")
		}, "db1", []string{"ca 1 active", "client bob revoked", "client laura active"}},
		{"somebody else's certificate", func(t *testing.T, s *Store) {
			other := found(t, scratch(t), "server/db1")
			remove(t, s.place(ledger.Server, "db1"))
			rename(t, other.place(ledger.Server, "db1"), s.place(ledger.Server, "db1"))
		}, "no authority", []string{"ca 1 active", "client bob revoked", "client laura active"}},
		{"a journal of the lost ledger", func(t *testing.T, s *Store) {
			write(t, s.ledger()+journalSuffix, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
		}, "", nil},
		{"a revoked pair in place", func(t *testing.T, s *Store) {
			rows := rowsOf(verify(t, s.Dir()), ledger.Client, "bob", ledger.Revoked)
			rename(t, s.Folder(rows[0]), s.place(ledger.Client, "bob"))
			rename(t, filepath.Join(s.place(ledger.Client, "bob"), "bob.sql"), s.sql("bob"))
		}, "", nil},
		{"a text changed by hand", func(t *testing.T, s *Store) { write(t, s.sql("laura"), read(t, s.sql("laura"))+"SELECT 1;\n") }, "myca grant", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := installation(t, scratch(t))
			commit(t, s, draft(t, s, "client/bob"))
			revoke(t, s, revocable(t, s, "", "bob")...)
			test.spoil(t, s)
			s.Close()
			rebuilt := rebuild(t, s.Dir())
			if !strings.Contains(strings.Join(rebuilt.Notices, "\n"), test.notice) {
				t.Errorf("notices %q, want %q", rebuilt.Notices, test.notice)
			}
			s = open(t, s.Dir())
			var rows []ledger.Row
			for r, err := range s.Ledger().All(t.Context(), ledger.Filter{}) {
				if err != nil {
					t.Fatal(err)
				}
				rows = append(rows, r)
			}
			want := test.want
			if want == nil {
				want = []string{"ca 1 active", "client bob revoked", "client laura active", "server db1 active"}
			}
			if diff := cmp.Diff(want, names(rows)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := s.Recover(t.Context()); err != nil {
				t.Error(err)
			}
			if test.name == "a revoked pair in place" {
				verify(t, s.Dir())
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// What was revoked stays in the CRL though its certificate is gone, and
// numbers grow.
func TestRebuildKeepsRevocations(t *testing.T) {
	s := installation(t, scratch(t))
	laura := active(t, s, "laura")
	revoke(t, s, laura)
	if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
		t.Fatal(err)
	}
	remove(t, s.path(archiveName, laura.Serial))
	s.Close()
	rebuild(t, s.Dir())
	s = open(t, s.Dir())
	for n := range int64(2) {
		if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
			t.Fatal(err)
		}
		if list, err := s.CRL(); err != nil || list.Number != 3+n || list.Revoked != 1 {
			t.Errorf("number %d with %d certificates, %v; want %d with 1", list.Number, list.Revoked, err, 3+n)
		}
	}
	remove(t, s.crl())
	s.Close()
	rebuild(t, s.Dir())
	s = open(t, s.Dir())
	if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
		t.Fatal(err)
	}
	if list, err := s.CRL(); err != nil || list.Number < 1_700_000_000 {
		t.Errorf("number %d, %v: below what may have been used", list.Number, err)
	}
}

func TestRebuildWhereThereIsNothingToRebuild(t *testing.T) {
	s := installation(t, scratch(t))
	other := t.TempDir()
	write(t, filepath.Join(other, "notes"), "x")
	bare := t.TempDir()
	write(t, filepath.Join(bare, bundleFile), "x")
	damaged := scratch(t)
	found(t, damaged).Close()
	write(t, filepath.Join(damaged, ledgerName), "x")
	for _, test := range []struct {
		name, dir string
		want      error
	}{
		{"a store", s.Dir(), ErrExists},
		{"a store with a damaged ledger", damaged, ErrExists},
		{"nothing", filepath.Join(other, "none"), ErrNoStore},
		{"an empty folder", t.TempDir(), ErrNoStore},
		{"something else", other, ErrNoStore},
		{"no authority", bare, ErrDamaged},
	} {
		_, err := Rebuild(t.Context(), test.dir, dialect.Version{}, time.Now())
		if !errors.Is(err, test.want) || hint(err) == "" {
			t.Errorf("%s: %v with hint %q, want %v", test.name, err, hint(err), test.want)
		}
	}
	if _, err := Open(damaged); !errors.Is(err, ErrDamaged) || !strings.Contains(hint(err), "mv ") || !strings.Contains(hint(err), "ca rebuild") {
		t.Errorf("a damaged ledger: %v with hint %q", err, hint(err))
	}
	ledgerFile := filepath.Join(damaged, ledgerName)
	rename(t, ledgerFile, ledgerFile+".damaged") // as the hint says
	if _, err := Rebuild(t.Context(), damaged, dialect.Version{}, time.Now()); err != nil {
		t.Errorf("beside a damaged ledger that was moved away: %v", err)
	}
	remove(t, ledgerFile+".damaged")
	if err := open(t, damaged).WriteCRL(t.Context(), time.Now(), 7); err != nil { // whether there was one is not known
		t.Error(err)
	}
	verify(t, damaged)
	write(t, filepath.Join(bare, ledgerName+".damaged"), "x")
	remove(t, filepath.Join(bare, bundleFile))
	if f, err := foundingOf(); err != nil {
		t.Error(err)
	} else if _, err := Found(bare, f); !errors.Is(err, ErrDamaged) {
		t.Errorf("founding beside a damaged ledger: %v, want ErrDamaged", err)
	}
	verify(t, s.Dir())
}
