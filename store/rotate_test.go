package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/dn"
	"myca/ledger"
)

func rotateBegin(t *testing.T, s *Store) ledger.Row {
	t.Helper()
	r, err := s.RotateBegin(t.Context(), ca.Spec{}, Spec{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rotationOf is the phase, and of each generation its number, what it has in
// force, and a * for the one that signs.
func rotationOf(t *testing.T, s *Store) string {
	t.Helper()
	rotation, err := s.Rotation(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	text := string(rotation.Phase)
	for _, g := range rotation.Generations {
		text += fmt.Sprintf(" %s:%d+%d", g.Row.Name, g.Active, g.Superseded)
		if g.Signs {
			text += "*"
		}
	}
	return text
}

// A rotation from end to end. At every moment each pair in place is accepted
// with each bundle in place.
func TestRotation(t *testing.T) {
	s := installation(t, scratch(t))
	commit(t, s, renewal(t, s, "client/laura"))
	issuer := active(t, s, "laura").Issuer
	if err := s.WriteCRL(t.Context(), time.Now(), 7); err != nil {
		t.Fatal(err)
	}
	old, err := s.Authority()
	if err != nil {
		t.Fatal(err)
	}
	step := func(want string) {
		t.Helper()
		if got := rotationOf(t, s); got != want {
			t.Errorf("rotation %q, want %q", got, want)
		}
		verify(t, s.Dir())
		accepted(t, s)
	}
	step("none 1:2+1*")
	if err := s.RotateSwitch(t.Context()); err == nil || !strings.Contains(hint(err), "rotate begin") {
		t.Errorf("switching before it began: %v", err)
	}
	if _, err := s.RotateFinish(t.Context(), true, time.Now()); err == nil || !strings.Contains(hint(err), "rotate begin") {
		t.Errorf("finishing before it began: %v", err)
	}

	fresh := rotateBegin(t, s)
	if fresh.Name != "2" || fresh.Subject != issuer {
		t.Errorf("the new generation is %s %q", fresh.Name, fresh.Subject)
	}
	step("begun 2:0+0 1:2+1*")
	if _, err := s.RotateBegin(t.Context(), ca.Spec{}, Spec{}, time.Now()); !errors.Is(err, ErrExists) || !strings.Contains(hint(err), "switch") {
		t.Errorf("beginning twice: %v", err)
	}
	if _, err := s.RotateFinish(t.Context(), false, time.Now()); !errors.Is(err, ErrInUse) || !strings.Contains(hint(err), "switch") {
		t.Errorf("finishing before the switch: %v", err)
	}
	commit(t, s, draft(t, s, "client/between"))
	revoke(t, s, active(t, s, "between"))
	step("begun 2:0+0 1:2+1*")

	late := draft(t, s, "client/late")
	if err := s.RotateSwitch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.RotateSwitch(t.Context()); err != nil {
		t.Errorf("switching twice: %v", err)
	}
	step("switched 2:0+0* 1:2+1")
	if err := s.Commit(t.Context(), late); !errors.Is(err, ErrChanged) {
		t.Errorf("a draft of before the switch: %v, want ErrChanged", err)
	}
	if _, err := s.RotateFinish(t.Context(), false, time.Now()); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "client/laura, server/db1") {
		t.Errorf("finishing while certificates are in use: %v", err)
	}
	if err := renewAll(s); err != nil {
		t.Fatal(err)
	}
	if after := active(t, s, "laura"); after.Issuer != issuer || after.Generation != 2 {
		t.Errorf("laura is of generation %d, issuer %q", after.Generation, after.Issuer)
	}
	revoke(t, s, revocable(t, s, "client", "laura")[0])
	step("switched 2:1+0* 1:0+3")

	finished, err := s.RotateFinish(t.Context(), false, time.Now())
	if err != nil || len(finished.CutOff) != 0 || len(finished.Superseded) != 3 {
		t.Errorf("finished: %d cut off, %d superseded, %v", len(finished.CutOff), len(finished.Superseded), err)
	}
	step("none 2:1+0*")
	if certs, err := s.CACertificates(); err != nil || len(certs) != 1 || certs[0].Equal(old.Certificate) {
		t.Errorf("%d authorities in the bundle, %v", len(certs), err)
	}
	if next := rotateBegin(t, s); next.Name != "3" {
		t.Errorf("the generation after is %s", next.Name)
	}
	step("begun 3:0+0 2:1+0*")
}

// A stolen authority goes at once, from any point of a rotation.
func TestRotationOfACompromisedAuthority(t *testing.T) {
	for _, switched := range []bool{false, true} {
		s := installation(t, scratch(t))
		commit(t, s, renewal(t, s, "client/laura"))
		rotateBegin(t, s)
		if switched {
			if err := s.RotateSwitch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		finished, err := s.RotateFinish(t.Context(), true, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(finished.CutOff) != 2 || len(finished.Superseded) != 1 {
			t.Errorf("%d cut off, %d superseded", len(finished.CutOff), len(finished.Superseded))
		}
		want := []string{"ca 1 revoked", "ca 2 active", "client laura active", "client laura superseded", "server db1 active"}
		if diff := cmp.Diff(want, names(verify(t, s.Dir()))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := renewAll(s); err != nil {
			t.Fatal(err)
		}
		accepted(t, s)
		verify(t, s.Dir())
	}
}

// What has ended does not hold a rotation up.
func TestRotationWithEndedCertificates(t *testing.T) {
	s := installation(t, scratch(t))
	rotateBegin(t, s)
	if err := s.RotateSwitch(t.Context()); err != nil {
		t.Fatal(err)
	}
	finished, err := s.RotateFinish(t.Context(), false, time.Now().AddDate(2, 0, 0))
	if err != nil || len(finished.CutOff) != 0 {
		t.Errorf("%+v, %v", finished, err)
	}
	verify(t, s.Dir())
}

func TestRotationToAnotherAuthority(t *testing.T) {
	s := installation(t, scratch(t))
	subject, err := dn.Parse("/O=other/CN=other CA")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	if _, err := s.RotateBegin(t.Context(), ca.Spec{NotAfter: now.AddDate(-1, 0, 0)}, Spec{}, now); !errors.As(err, new(ca.Problems)) {
		t.Errorf("an end that is past: %v", err)
	}
	next := ca.Spec{Subject: subject, Key: ca.ECP384, NotAfter: now.AddDate(3, 0, 0)}
	r, err := s.RotateBegin(t.Context(), next, Spec{}, now)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := ReadSpec(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Spec{Target: "mysql-8.4", Key: "ec-p384", Subject: "/O=other/CN=other CA"}, sp); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
	if r.Subject != "/O=other/CN=other CA" || !r.NotAfter.Equal(next.NotAfter) || !r.NotBefore.Equal(now.Add(-time.Hour)) {
		t.Errorf("%s, %v to %v", r.Subject, r.NotBefore, r.NotAfter)
	}
	if err := errors.Join(s.RotateSwitch(t.Context()), renewAll(s)); err != nil {
		t.Fatal(err)
	}
	if text := read(t, s.sql("laura")); !strings.Contains(text, "ISSUER '/O=other/CN=other CA'") {
		t.Errorf("statements:\n%s", text)
	}
	if _, err := s.RotateFinish(t.Context(), false, now); err != nil {
		t.Error(err)
	}
	accepted(t, s)
	verify(t, s.Dir())
}

// Of two processes that begin a rotation the second is refused, and where its
// folder would be, nothing is overwritten.
func TestRotationMeanwhile(t *testing.T) {
	s := installation(t, scratch(t))
	write(t, filepath.Join(s.place(ledger.CA, "2"), "notes"), "mine")
	if _, err := s.RotateBegin(t.Context(), ca.Spec{}, Spec{}, time.Now()); !errors.Is(err, ErrExists) || hint(err) == "" {
		t.Errorf("over a folder of that name: %v", err)
	}
	if err := os.RemoveAll(s.place(ledger.CA, "2")); err != nil {
		t.Fatal(err)
	}
	other := open(t, s.Dir())
	s.fault = func(step string) error {
		s.fault = nil
		if step == "lock" {
			return errFault
		}
		return nil
	}
	if _, err := s.RotateBegin(t.Context(), ca.Spec{}, Spec{}, time.Now()); !errors.Is(err, errFault) {
		t.Fatalf("%v, want a fault under the lock", err)
	}
	item, _, err := s.draftAuthority(t.Context(), must(s.signer(t.Context()))(t), ca.Spec{}, Spec{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	rotateBegin(t, other)
	if err := s.checkAuthority(t.Context(), item, must(s.signer(t.Context()))(t)); !errors.Is(err, ErrChanged) {
		t.Errorf("a generation that was made meanwhile: %v, want ErrChanged", err)
	}
}

func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
