package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
)

// scratch is a folder for a test that makes many stores: in memory where the
// system has /dev/shm, because there flushing costs nothing.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "myca-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// foundingOf is a small authority.
func foundingOf() (Founding, error) {
	subject, err := dn.Parse("/C=US/O=sampdb/CN=sampdb CA")
	if err != nil {
		return Founding{}, err
	}
	target, err := dialect.Parse("mysql-8.4")
	if err != nil {
		return Founding{}, err
	}
	now := time.Now()
	return Founding{
		Target: target,
		CA:     ca.Spec{Subject: subject, Key: ca.ECP256, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0)},
		Spec:   Spec{Target: "mysql-8.4", Key: "ec-p256"},
		Now:    now,
	}, nil
}

// orderOf is an order of that kind and name with defaults.
func orderOf(s *Store, kind issue.Kind, name string, change ...func(*Order)) (Order, error) {
	a, err := s.Authority()
	if err != nil {
		return Order{}, err
	}
	now := time.Now()
	r := issue.Request{Kind: kind, Name: name, CommonName: name, Key: ca.ECP256, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}
	o := Order{Spec: Spec{Target: "mysql-8.4", Key: "ec-p256"}, Now: now}
	if kind == issue.Server {
		r.SANs = []string{name}
	} else {
		o.Spec.Accounts = []string{name + "@%"}
		o.Spec.Require, o.Spec.Mode, o.Spec.Password = "issuer,subject", "new", "none"
	}
	if o.Plan, err = r.Check(a, now); err != nil {
		return Order{}, err
	}
	for _, c := range change {
		c(&o)
	}
	return o, nil
}

func forced(o *Order) { o.Force = true }

// random gives the accounts a random password.
func random(password string) func(*Order) {
	return func(o *Order) { o.Spec.Password, o.Password = passwordRandom, &password }
}

func found(t *testing.T, dir string, names ...string) *Store {
	t.Helper()
	f, err := foundingOf()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Found(dir, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	commit(t, s, drafts(t, s, names...)...)
	return s
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// drafts are items of "server/NAME" or "client/NAME".
func drafts(t *testing.T, s *Store, names ...string) []*Item {
	t.Helper()
	var items []*Item
	for _, name := range names {
		items = append(items, draft(t, s, name))
	}
	return items
}

func draft(t *testing.T, s *Store, name string, change ...func(*Order)) *Item {
	t.Helper()
	i, err := tryDraft(s, name, change...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func tryDraft(s *Store, name string, change ...func(*Order)) (*Item, error) {
	kind, name, _ := strings.Cut(name, "/")
	o, err := orderOf(s, issue.Kind(kind), name, change...)
	if err != nil {
		return nil, err
	}
	return s.Draft(o)
}

func commit(t *testing.T, s *Store, items ...*Item) {
	t.Helper()
	if err := s.Commit(t.Context(), items...); err != nil {
		t.Fatal(err)
	}
}

// names is "kind name state" of every row, sorted.
func names(rows []ledger.Row) []string {
	var list []string
	for _, r := range rows {
		list = append(list, fmt.Sprintf("%s %s %s", r.Kind, r.Name, r.State))
	}
	slices.Sort(list)
	return list
}

// rowsOf narrows rows; "" is any kind or state.
func rowsOf(rows []ledger.Row, kind, name string, state ledger.State) []ledger.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r ledger.Row) bool {
		return kind != "" && r.Kind != kind || r.Name != name || state != "" && r.State != state
	})
}

func hint(err error) string {
	var h interface{ Hint() string }
	if !errors.As(err, &h) {
		return ""
	}
	return h.Hint()
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var errFault = errors.New("injected fault")

// faultAt lets the nth passing of step fail.
func faultAt(step string, n int) func(string) error {
	var mu sync.Mutex
	return func(passed string) error {
		mu.Lock()
		defer mu.Unlock()
		if passed == step {
			if n--; n == 0 {
				return errFault
			}
		}
		return nil
	}
}

// passesOf runs act and writes down the steps that the store passes: "step:n".
func passesOf(t *testing.T, s *Store, act func() error) []string {
	t.Helper()
	var steps []string
	count := map[string]int{}
	var mu sync.Mutex
	s.fault = func(step string) error {
		mu.Lock()
		defer mu.Unlock()
		count[step]++
		steps = append(steps, fmt.Sprintf("%s:%d", step, count[step]))
		return nil
	}
	if err := act(); err != nil {
		t.Fatal(err)
	}
	s.fault = nil
	return steps
}

// onAllCores calls do with 0 … count-1.
func onAllCores(count int, do func(n int)) {
	var wait sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		wait.Go(func() {
			for n := core; n < count; n += cores {
				do(n)
			}
		})
	}
	wait.Wait()
}
