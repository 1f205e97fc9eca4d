package store

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/dn"
	"myca/ledger"
)

// renewal is an item that renews "server/NAME" or "client/NAME" as it is.
func renewal(t *testing.T, s *Store, name string, change ...func(*Renewal)) *Item {
	t.Helper()
	i, err := tryRenewal(s, name, change...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func tryRenewal(s *Store, name string, change ...func(*Renewal)) (*Item, error) {
	kind, name, _ := strings.Cut(name, "/")
	r, err := s.Ledger().Active(context.Background(), kind, name)
	if err != nil {
		return nil, err
	}
	q, err := s.Renewal(r, time.Now())
	if err != nil {
		return nil, err
	}
	for _, c := range change {
		c(&q)
	}
	a, err := s.Authority()
	if err != nil {
		return nil, err
	}
	plan, err := q.Request.Check(a, time.Now())
	if err != nil {
		return nil, err
	}
	return s.Draft(Order{Plan: plan, Spec: q.Spec, Renews: q.Serial, Now: time.Now()})
}

// fromFile gives the accounts a password that only the statements hold.
func fromFile(password string) func(*Order) {
	return func(o *Order) { o.Spec.Password, o.Password = passwordFile, &password }
}

// A renewed pair is the same but for serial, key and validity.
func TestRenewalIsTheSameAgain(t *testing.T) {
	s := found(t, scratch(t), "server/db1", "client/none")
	subject, err := dn.Parse("/O=b/C=DE/OU=1/OU=2/CN=app/emailAddress=a@example.com")
	if err != nil {
		t.Fatal(err)
	}
	commit(t, s,
		draft(t, s, "client/random", random("Old-1")),
		draft(t, s, "client/file", fromFile(`it's "\o/" #1`)),
		draft(t, s, "client/fremd", fromFile(`pä'ss\wort`)),
		draft(t, s, "client/existing", fromFile("x"), func(o *Order) { o.Spec.Mode = "existing" }),
		draft(t, s, "server/peer", func(o *Order) {
			o.Plan.Request.Profile, o.Spec.Profile = "peer", "peer"
			o.Plan.Subject = subject
			o.Spec.DeployDir, o.Spec.Days = "/etc/mysql/myca", 700
		}),
	)
	for _, name := range []string{"server/db1", "server/peer", "client/none", "client/random", "client/file", "client/fremd", "client/existing"} {
		t.Run(name, func(t *testing.T) {
			kind, short, _ := strings.Cut(name, "/")
			before := rowsOf(verify(t, s.Dir()), kind, short, ledger.Active)[0]
			old := filesOf(t, s, before)
			commit(t, s, renewal(t, s, name))
			rows := verify(t, s.Dir())
			after := rowsOf(rows, kind, short, ledger.Active)[0]
			compareRenewed(t, before, after)
			fresh := filesOf(t, s, after)
			for file := range old {
				if strings.HasSuffix(file, ".pem") {
					continue
				}
				same := strings.NewReplacer(before.Serial, "SERIAL", after.Serial, "SERIAL",
					stampOf(before), "END", stampOf(after), "END")
				if diff := cmp.Diff(same.Replace(old[file]), same.Replace(fresh[file])); diff != "" && name != "client/existing" {
					t.Errorf("%s (-before +after):\n%s", file, diff)
				}
			}
			if old[keyFile(kind)] == fresh[keyFile(kind)] {
				t.Error("the key is the old one")
			}
			if again, err := s.Ledger().BySerial(t.Context(), before.Serial); err != nil || again.State != ledger.Superseded {
				t.Errorf("the old certificate: %v, %v", again.State, err)
			}
		})
	}
}

func stampOf(r ledger.Row) string { return r.NotAfter.Format("2006-01-02 15:04:05 UTC") }

// compareRenewed fails unless after certifies what before did.
func compareRenewed(t *testing.T, before, after ledger.Row) {
	t.Helper()
	old, fresh := certificateOf(t, before), certificateOf(t, after)
	if !bytes.Equal(old.RawSubject, fresh.RawSubject) || !bytes.Equal(old.RawIssuer, fresh.RawIssuer) {
		t.Error("subject or issuer differs")
	}
	got := []any{fresh.DNSNames, fresh.IPAddresses, fresh.EmailAddresses, fresh.ExtKeyUsage, fresh.KeyUsage, after.Subject, string(after.Spec)}
	want := []any{old.DNSNames, old.IPAddresses, old.EmailAddresses, old.ExtKeyUsage, old.KeyUsage, before.Subject, string(before.Spec)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	sp, err := ReadSpec(before)
	if err != nil {
		t.Fatal(err)
	}
	length := old.NotAfter.Sub(old.NotBefore)
	if sp.Days > 0 {
		length = time.Duration(sp.Days) * 24 * time.Hour
	}
	if fresh.NotAfter.Sub(fresh.NotBefore) != length {
		t.Errorf("valid from %v to %v, not for %v", fresh.NotBefore, fresh.NotAfter, length)
	}
}

// filesOf is the texts of a pair by file name, the statements included.
func filesOf(t *testing.T, s *Store, r ledger.Row) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for path, e := range tree(t, s.Folder(r)) {
		texts[path] = e.content
	}
	if sql := s.Files(r).SQL; sql != "" {
		texts[sqlName] = read(t, sql)
	}
	return texts
}

func TestRenewalWithTheSameKey(t *testing.T) {
	s := installation(t, scratch(t))
	before := active(t, s, "laura")
	commit(t, s, renewal(t, s, "client/laura", func(q *Renewal) {
		key, err := s.PrivateKey(before)
		if err != nil {
			t.Fatal(err)
		}
		q.Request.ReuseKey = key
	}))
	after := active(t, s, "laura")
	if before.SPKI != after.SPKI || before.Serial == after.Serial {
		t.Errorf("serial %s, key %s; before %s, %s", after.Serial, after.SPKI, before.Serial, before.SPKI)
	}
	verify(t, s.Dir())
}

// A key that is not the certificate's is not certified.
func TestKeyThatIsNotTheCertificates(t *testing.T) {
	s := found(t, scratch(t), "client/laura", "client/bob")
	path := s.Files(active(t, s, "laura")).Key
	for _, text := range []string{read(t, s.Files(active(t, s, "bob")).Key), "x", ""} {
		write(t, path, text)
		if _, err := s.PrivateKey(active(t, s, "laura")); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) || hint(err) == "" {
			t.Errorf("%.20q: %v with hint %q", text, err, hint(err))
		}
	}
	remove(t, path)
	if _, err := s.PrivateKey(active(t, s, "laura")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a key: %v", err)
	}
}

func TestRenewalWithAnotherSubject(t *testing.T) {
	s := found(t, scratch(t))
	commit(t, s, draft(t, s, "client/app", fromFile("S-1")))
	subject, err := dn.Parse("/C=US/CN=other")
	if err != nil {
		t.Fatal(err)
	}
	other := func(q *Renewal) { q.Request.Subject = subject }
	item := renewal(t, s, "client/app", other)
	if text := string(item.sql); !strings.Contains(text, "SUBJECT '/C=US/CN=other'") || !strings.Contains(text, "IDENTIFIED BY 'S-1'") {
		t.Errorf("statements:\n%s", text)
	}
	path := s.sql("app")
	text := read(t, path)
	write(t, path, text+"-- mine\n")
	if _, err := tryRenewal(s, "client/app", other); err == nil || !strings.Contains(hint(err), "--password-file") {
		t.Errorf("with statements changed by hand: %v with hint %q", err, hint(err))
	}
	item = renewal(t, s, "client/app")
	if string(item.sql) != text+"-- mine\n" || !slices.ContainsFunc(item.Notices, func(n string) bool { return strings.Contains(n, "by hand") }) {
		t.Errorf("with statements changed by hand: %q, notices %q", item.sql, item.Notices)
	}
}

// Of two renewals of one certificate the second is refused, as is one of a
// certificate that is gone.
func TestRenewalMeanwhile(t *testing.T) {
	s := installation(t, scratch(t))
	first, second := renewal(t, s, "client/laura"), renewal(t, s, "client/laura")
	old, err := s.Renewal(active(t, s, "laura"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	commit(t, s, first)
	if err := s.Commit(t.Context(), second); !errors.Is(err, ErrChanged) {
		t.Errorf("the second commit: %v, want ErrChanged", err)
	}
	if _, err := tryRenewal(s, "client/laura", func(q *Renewal) { q.Serial = old.Serial }); !errors.Is(err, ErrChanged) {
		t.Errorf("drafting it again: %v, want ErrChanged", err)
	}
	if _, err := s.Renewal(ledger.Row{Kind: ledger.Client, State: ledger.Superseded, Serial: old.Serial}, time.Now()); err == nil {
		t.Error("a superseded certificate can be renewed")
	}
	verify(t, s.Dir())
}

func TestRenewalUsesTheKeyAsAsked(t *testing.T) {
	s := installation(t, scratch(t))
	key, err := ca.NewKey(ca.ECP384)
	if err != nil {
		t.Fatal(err)
	}
	text, err := ca.EncodeKey(key, ca.PKCS8)
	if err != nil {
		t.Fatal(err)
	}
	for _, reuse := range [][]byte{text, []byte("x")} {
		_, err := tryRenewal(s, "client/laura", func(q *Renewal) { q.Request.ReuseKey = reuse })
		if err == nil || !strings.Contains(err.Error(), "reuse_key") {
			t.Errorf("a key that does not fit: %v", err)
		}
	}
}

func certificateOf(t *testing.T, r ledger.Row) *x509.Certificate {
	t.Helper()
	cert, err := x509.ParseCertificate(r.DER)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
