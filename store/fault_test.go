package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"myca/ledger"
)

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
	agree(t, open(t, dir))
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

// A change whose transaction reports a failure is asked for in the ledger.
func TestRecorded(t *testing.T) {
	s := installation(t, scratch(t))
	bob, old, laura := draft(t, s, "client/bob"), must(s.signer(t.Context()))(t), active(t, s, "laura")
	changes := []ledger.Change{
		{Insert: []ledger.Row{bob.Row}},
		{Revoke: []ledger.Revocation{{Serial: laura.Serial, At: time.Now()}}, CRLNumber: 1},
		{CRLNumber: 2},
		{Generation: 2},
		{Supersede: []string{old.Serial}},
	}
	for n, c := range changes {
		for _, want := range []bool{false, true} {
			if got, err := s.recorded(c); got != want || err != nil {
				t.Errorf("change %d: %v, %v; want %v", n, got, err, want)
			}
			if want {
				break
			}
			if err := s.db.Apply(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
}
