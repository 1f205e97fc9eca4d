package store

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/ledger"
)

func revoke(t *testing.T, s *Store, rows ...ledger.Row) {
	t.Helper()
	if err := s.Revoke(t.Context(), rows, 1, time.Now()); err != nil {
		t.Fatal(err)
	}
}

func revocable(t *testing.T, s *Store, kind, name string) []ledger.Row {
	t.Helper()
	rows, err := s.Revocable(t.Context(), kind, name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A name is revoked with its superseded certificates, a serial alone.
func TestRevoke(t *testing.T) {
	s := installation(t, scratch(t))
	commit(t, s, renewal(t, s, "client/laura"))
	commit(t, s, renewal(t, s, "client/laura"))
	rows := revocable(t, s, "", "laura")
	if len(rows) != 3 {
		t.Fatalf("%d certificates of laura, want 3", len(rows))
	}
	revoke(t, s, rows[2]) // a superseded one
	want := []string{"ca 1 active", "client laura active", "client laura revoked", "client laura superseded", "server db1 active"}
	if diff := cmp.Diff(want, names(verify(t, s.Dir()))); diff != "" {
		t.Errorf("one serial (-want +got):\n%s", diff)
	}
	revoke(t, s, revocable(t, s, "client", "laura")...)
	want = []string{"ca 1 active", "client laura revoked", "client laura revoked", "client laura revoked", "server db1 active"}
	if diff := cmp.Diff(want, names(verify(t, s.Dir()))); diff != "" {
		t.Errorf("the name (-want +got):\n%s", diff)
	}
	for _, path := range []string{s.place(ledger.Client, "laura"), s.sql("laura")} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	if _, err := s.Revocable(t.Context(), "", "laura", time.Now()); !errors.Is(err, ledger.ErrNotFound) || hint(err) == "" {
		t.Errorf("what is revoked is in force: %v", err)
	}
	commit(t, s, draft(t, s, "client/laura")) // the name is free
	verify(t, s.Dir())
}

func TestWhatCannotBeRevoked(t *testing.T) {
	s := installation(t, scratch(t))
	laura := active(t, s, "laura")
	authority, err := s.signer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := s.Ledger().Active(t.Context(), ledger.Server, "db1")
	if err != nil {
		t.Fatal(err)
	}
	revoke(t, s, revoked)
	commit(t, s, renewal(t, s, "client/laura"))
	again, err := s.Ledger().BySerial(t.Context(), revoked.Serial)
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, s.Dir())
	for _, test := range []struct {
		name string
		row  ledger.Row
		want error
	}{
		{"renewed meanwhile", laura, ErrChanged},
		{"revoked meanwhile", revoked, ErrChanged},
		{"revoked already", again, ErrExists},
		{"an authority", authority, nil},
		{"unknown", ledger.Row{Serial: "0f", State: ledger.Active}, ledger.ErrNotFound},
	} {
		err := s.Revoke(t.Context(), []ledger.Row{active(t, s, "laura"), test.row}, 0, time.Now())
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if diff := cmp.Diff(before, tree(t, s.Dir()), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

// The numbers grow, a list is valid as long as the one before, and what has
// ended is named once more and then forgotten.
func TestCRL(t *testing.T) {
	s := found(t, scratch(t), "client/a", "client/b", "client/c")
	if list, err := s.CRL(); err != nil || list.Path != "" || list.Recorded != 0 {
		t.Errorf("before the first: %+v, %v", list, err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	check := func(number int64, revoked int, end time.Time) {
		t.Helper()
		want := CRL{Path: s.crl(), Number: number, Recorded: number, ThisUpdate: now.Add(-time.Hour), NextUpdate: end, Revoked: revoked}
		list, err := s.CRL()
		list.lists = nil
		if diff := cmp.Diff(want, list, cmp.AllowUnexported(CRL{})); diff != "" || err != nil {
			t.Errorf("crl.pem (%v):\n%s", err, diff)
		}
	}
	if err := s.Revoke(t.Context(), revocable(t, s, "", "a"), 1, now); err != nil {
		t.Fatal(err)
	}
	check(1, 1, now.Add(30*24*time.Hour))
	if err := s.WriteCRL(t.Context(), now, 7); err != nil {
		t.Fatal(err)
	}
	check(2, 1, now.Add(7*24*time.Hour))
	now = now.Add(time.Minute)
	if err := s.Revoke(t.Context(), revocable(t, s, "", "b"), 1, now); err != nil {
		t.Fatal(err)
	}
	check(3, 2, now.Add(7*24*time.Hour))
	verify(t, s.Dir())
	for n, revoked := range []int{2, 0, 0} { // the certificates end after one year
		now = now.AddDate(2, 0, n)
		if err := s.WriteCRL(t.Context(), now, 7); err != nil {
			t.Fatal(err)
		}
		check(int64(4+n), revoked, now.Add(7*24*time.Hour))
	}
	if err := s.WriteCRL(t.Context(), now, 0); err == nil || hint(err) == "" {
		t.Errorf("a CRL for no days: %v", err)
	}
}

// Numbers grow over a crl.pem that is lost or damaged, and over a ledger that
// was put back from a copy.
func TestCRLThatIsNotTheRecordedOne(t *testing.T) {
	s := found(t, scratch(t), "client/a")
	now := time.Now()
	for range 3 {
		if err := s.WriteCRL(t.Context(), now, 7); err != nil {
			t.Fatal(err)
		}
	}
	last := read(t, s.crl())
	spoil := []struct {
		act  func() error
		want int64
	}{
		{func() error { return os.Remove(s.crl()) }, 4},
		{func() error { return os.WriteFile(s.crl(), []byte("x"), 0o644) }, 5},
		{func() error { return os.WriteFile(s.crl(), []byte(last), 0o644) }, 6},
	}
	for _, test := range spoil {
		if err := test.act(); err != nil {
			t.Fatal(err)
		}
		if err := s.WriteCRL(t.Context(), now, 7); err != nil {
			t.Fatal(err)
		}
		if list, err := s.CRL(); err != nil || list.Number != test.want {
			t.Errorf("number %d, %v; want %d", list.Number, err, test.want)
		}
	}
	last = read(t, s.crl())
	copied := read(t, s.ledger())
	for range 2 {
		if err := s.WriteCRL(t.Context(), now, 7); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if err := os.WriteFile(s.ledger(), []byte(copied), 0o644); err != nil {
		t.Fatal(err)
	}
	s = open(t, s.Dir())
	if err := s.WriteCRL(t.Context(), now, 7); err != nil {
		t.Fatal(err)
	}
	if list, err := s.CRL(); err != nil || list.Number != 9 || list.Recorded != 9 {
		t.Errorf("after a ledger from a copy: %+v, %v; want number 9", list, err)
	}
	if err := os.WriteFile(s.crl(), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CRL(); !errors.Is(err, ErrDamaged) || !strings.Contains(hint(err), "ca crl") {
		t.Errorf("a damaged crl.pem: %v with hint %q", err, hint(err))
	}
}

// OpenSSL refuses what is revoked and nothing else.
func TestCRLWithOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed: apt-get install openssl")
	}
	s := installation(t, scratch(t))
	laura := active(t, s, "laura")
	revoke(t, s, laura)
	for path, good := range map[string]bool{
		filepath.Join(s.path(archiveName, laura.Serial), certFile(ledger.Client)): false,
		filepath.Join(s.place(ledger.Server, "db1"), certFile(ledger.Server)):     true,
	} {
		text, err := exec.Command("openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", s.bundle(), "-CRLfile", s.crl(), path).CombinedOutput()
		if (err == nil) != good || !good && !strings.Contains(string(text), "certificate revoked") {
			t.Errorf("%s: %v\n%s", path, err, text)
		}
	}
}

func TestReasonsAreRecorded(t *testing.T) {
	s := found(t, scratch(t))
	for _, name := range ca.Reasons() {
		reason, err := ca.ParseReason(name)
		if err != nil {
			t.Fatal(err)
		}
		commit(t, s, draft(t, s, "client/"+name))
		row := active(t, s, name)
		if err := s.Revoke(t.Context(), []ledger.Row{row, row}, reason, time.Now()); err != nil {
			t.Fatal(err)
		}
		if row, err = s.Ledger().BySerial(t.Context(), row.Serial); err != nil || row.Reason != name || row.RevokedAt.IsZero() {
			t.Errorf("recorded as %q at %v, want %q (%v)", row.Reason, row.RevokedAt, name, err)
		}
	}
	verify(t, s.Dir())
}
