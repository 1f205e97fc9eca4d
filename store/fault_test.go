package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"myca/ca"
	"myca/ledger"
)

// prepared is a change that is about to be made.
type prepared struct {
	do    func() error
	phase Phase                   // of the authority's rotation afterwards; "" is none
	rows  map[string]ledger.State // what the change makes of certificates, by serial
}

// changes are one of each kind of change, on a store with server db1 and
// client laura, whose certificate was renewed once.
func changes() map[string]func(s *Store) (prepared, error) {
	several := func(make func(s *Store, name string) (*Item, error), names ...string) func(s *Store) (prepared, error) {
		return func(s *Store) (prepared, error) {
			p := prepared{rows: map[string]ledger.State{}}
			var items []*Item
			for _, name := range names {
				i, err := make(s, name)
				if err != nil {
					return prepared{}, err
				}
				items = append(items, i)
				p.rows[i.Row.Serial] = ledger.Active
				if i.replaces != "" {
					p.rows[i.replaces] = ledger.Superseded
				}
			}
			p.do = func() error { return s.Commit(context.Background(), items...) }
			return p, nil
		}
	}
	drafted := func(change ...func(*Order)) func(s *Store, name string) (*Item, error) {
		return func(s *Store, name string) (*Item, error) { return tryDraft(s, name, change...) }
	}
	renewed := func(s *Store, name string) (*Item, error) { return tryRenewal(s, name) }
	return map[string]func(s *Store) (prepared, error){
		"issue server":  several(drafted(), "server/db2"),
		"issue client":  several(drafted(), "client/bob"),
		"batch":         several(drafted(), "client/c1", "client/c2", "server/s1", "client/c4", "client/c5", "client/c6"),
		"force server":  several(drafted(forced), "server/db1"),
		"force client":  several(drafted(forced, random("New-2")), "client/laura"),
		"force both":    several(drafted(forced), "client/laura", "server/db1", "client/new"),
		"renew both":    several(renewed, "client/laura", "server/db1"),
		"revoke server": revoking("server/db1"),
		"revoke client": revoking("client/laura"),
		"revoke both":   revoking("client/laura", "server/db1"),
		"crl":           writingCRL,
		"begin":         rotating(Begun, false),
		"begin, crl":    rotating(Begun, true),
		"switch":        rotating(Switched, false),
		"finish":        rotating(NoRotation, false),
		"finish, crl":   rotating(NoRotation, true),
		"compromised":   compromised,
	}
}

// revoking revokes all that is in force of names.
func revoking(names ...string) func(s *Store) (prepared, error) {
	return func(s *Store) (prepared, error) {
		p := prepared{rows: map[string]ledger.State{}}
		var rows []ledger.Row
		for _, name := range names {
			kind, name, _ := strings.Cut(name, "/")
			found, err := s.Revocable(context.Background(), kind, name, time.Now())
			if err != nil {
				return prepared{}, err
			}
			for _, r := range found {
				rows = append(rows, r)
				p.rows[r.Serial] = ledger.Revoked
			}
		}
		p.do = func() error { return s.Revoke(context.Background(), rows, 1, time.Now()) }
		return p, nil
	}
}

func writingCRL(s *Store) (prepared, error) {
	return prepared{do: func() error { return s.WriteCRL(context.Background(), time.Now(), 7) }}, nil
}

// rotating does what has to come before a step of a rotation.
func rotating(to Phase, crl bool) func(s *Store) (prepared, error) {
	return func(s *Store) (prepared, error) {
		p := prepared{phase: to, rows: map[string]ledger.State{}}
		begin := func() error {
			_, err := s.RotateBegin(context.Background(), ca.Spec{}, Spec{}, time.Now())
			return err
		}
		toSwitch := func() error { return s.RotateSwitch(context.Background()) }
		if crl {
			if err := s.WriteCRL(context.Background(), time.Now(), 7); err != nil {
				return prepared{}, err
			}
		}
		switch to {
		case Begun:
			p.do = begin
			return p, nil
		case Switched:
			p.do = toSwitch
			return p, begin()
		}
		old, err := s.signer(context.Background())
		if err != nil {
			return prepared{}, err
		}
		p.rows[old.Serial] = ledger.Superseded
		p.do = func() error {
			_, err := s.RotateFinish(context.Background(), false, time.Now())
			return err
		}
		return p, errors.Join(begin(), toSwitch(), renewAll(s))
	}
}

// compromised gives up an authority that is in use.
func compromised(s *Store) (prepared, error) {
	p, err := rotating(Switched, true)(s)
	if err != nil {
		return prepared{}, err
	}
	old, err := s.signer(context.Background())
	p.phase, p.rows[old.Serial] = NoRotation, ledger.Revoked
	p.do = func() error {
		_, err := s.RotateFinish(context.Background(), true, time.Now())
		return err
	}
	return p, err
}

// renewAll renews every server and client.
func renewAll(s *Store) error {
	var items []*Item
	for r, err := range s.Ledger().All(context.Background(), ledger.Filter{State: ledger.Active}) {
		if err != nil {
			return err
		}
		if r.Kind == ledger.CA {
			continue
		}
		i, err := tryRenewal(s, r.Kind+"/"+r.Name)
		if err != nil {
			return err
		}
		items = append(items, i)
	}
	return s.Commit(context.Background(), items...)
}

func installation(t *testing.T, dir string) *Store {
	t.Helper()
	s := found(t, dir, "server/db1")
	commit(t, s, draft(t, s, "client/laura", random("Old-1")))
	return s
}

// Each step fails in turn: before the transaction nothing has changed, after
// it the next command finishes.
func TestEveryStepMayFail(t *testing.T) {
	for name, change := range changes() {
		t.Run(name, func(t *testing.T) {
			s := installation(t, scratch(t))
			p, err := change(s)
			if err != nil {
				t.Fatal(err)
			}
			recorded := false
			for _, step := range passesOf(t, s, p.do) {
				recorded = recorded || step == "commit:1"
				failAt(t, step, change, recorded)
			}
			if !recorded {
				t.Error("there is no step commit")
			}
		})
	}
}

// failAt lets change fail at step, "name:n", in a store of its own.
func failAt(t *testing.T, step string, change func(s *Store) (prepared, error), recorded bool) {
	t.Helper()
	dir := scratch(t)
	s := installation(t, dir)
	p, err := change(s)
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	name, n, _ := strings.Cut(step, ":")
	s.fault = faultAt(name, int(n[0]-'0'))
	err = p.do()
	s.fault = nil
	if !errors.Is(err, errFault) || errors.Is(err, ErrUnfinished) != recorded {
		t.Errorf("failing at %s: %v", step, err)
	}
	if !recorded {
		if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("failing at %s, something changed:\n%s", step, diff)
		}
		if err := p.do(); err != nil {
			t.Errorf("failing at %s, then again: %v", step, err)
		}
	} else {
		if hint(err) == "" {
			t.Errorf("failing at %s: no hint", step)
		}
		readable(t, open(t, dir))
		if err := open(t, dir).Recover(t.Context()); err != nil {
			t.Errorf("recovering from %s: %v", step, err)
		}
	}
	if rotation, err := s.Rotation(t.Context(), time.Now()); err != nil || len(rotation.Stale) > 0 ||
		rotation.Phase != p.phase && (p.phase != "" || rotation.Phase != NoRotation) {
		t.Errorf("failing at %s: the rotation is %+v, %v; want %q", step, rotation, err, p.phase)
	}
	states := map[string]ledger.State{}
	for _, r := range verify(t, dir) {
		if _, changed := p.rows[r.Serial]; changed {
			states[r.Serial] = r.State
		}
	}
	if diff := cmp.Diff(p.rows, states, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("failing at %s (-want +got):\n%s", step, diff)
	}
}

// readable fails unless everything active can be read without recovery.
func readable(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.Authority(); err != nil {
		t.Error(err)
	}
	for r, err := range s.Ledger().All(t.Context(), ledger.Filter{State: ledger.Active}) {
		if err != nil {
			t.Fatal(err)
		}
		if folder, err := s.locate(r); folder == "" || err != nil {
			t.Errorf("%s %q is nowhere: %v", r.Kind, r.Name, err)
		}
		sp, err := ReadSpec(r)
		if err != nil {
			t.Fatal(err)
		}
		if password, err := s.passwordOf(r); err != nil || (password != nil) != (sp.Password == passwordRandom) {
			t.Errorf("the password of %s %q: %v, %v", r.Kind, r.Name, password, err)
		}
	}
}

func TestEveryStepOfAFoundingMayFail(t *testing.T) {
	begin := func(t *testing.T, dir string) (*Store, []*Item) {
		f, err := foundingOf()
		if err != nil {
			t.Fatal(err)
		}
		s, err := Found(dir, f)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s, drafts(t, s, "server/db1", "client/laura")
	}
	for _, existing := range []bool{false, true} {
		parent := scratch(t)
		s, items := begin(t, filepath.Join(parent, "steps"))
		recorded := false
		for _, step := range passesOf(t, s, func() error { return s.Commit(t.Context(), items...) }) {
			recorded = recorded || step == "commit:1"
			root := filepath.Join(parent, step)
			if err := os.Mkdir(root, 0o755); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(root, "new", "pki")
			if existing {
				dir = root
			}
			s, items := begin(t, dir)
			before, mode := tree(t, root), modeOf(t, root)
			name, n, _ := strings.Cut(step, ":")
			s.fault = faultAt(name, int(n[0]-'0'))
			err := s.Commit(t.Context(), items...)
			s.fault = nil
			if !errors.Is(err, errFault) || errors.Is(err, ErrUnfinished) != recorded {
				t.Errorf("failing at %s: %v", step, err)
			}
			if recorded {
				readable(t, open(t, dir))
				s = open(t, dir)
				items = nil
			} else if diff := cmp.Diff(before, tree(t, root), cmp.AllowUnexported(entry{})); diff != "" || modeOf(t, root) != mode {
				t.Errorf("failing at %s, something changed (mode %v to %v):\n%s", step, mode, modeOf(t, root), diff)
			}
			commit(t, s, items...)
			if rows := verify(t, dir); len(rows) != 3 {
				t.Errorf("failing at %s: %d rows", step, len(rows))
			}
		}
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}
