package store

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// verify fails unless the store in dir is whole: nothing staged, every active
// certificate in place with its key, texts and bundle, every folder in the
// ledger, nothing else there. It returns the rows.
func verify(t *testing.T, dir string) []ledger.Row {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatalf("the store does not open: %v", err)
	}
	defer s.Close()
	if _, err := s.Authority(); err != nil {
		t.Errorf("the authority does not open: %v", err)
	}
	certs, err := s.CACertificates()
	if err != nil {
		t.Fatal(err)
	}
	bundle := string(encode(certs))
	files := tree(t, dir)
	expect := func(path, content string, mode fs.FileMode) {
		t.Helper()
		f, there := files[path]
		switch {
		case !there:
			t.Errorf("%s is missing", path)
		case f.mode != mode:
			t.Errorf("%s has mode %v, want %v", path, f.mode, mode)
		case content != "" && f.content != content:
			t.Errorf("%s holds %q, want %q", path, f.content, content)
		}
		delete(files, path)
	}
	expect(ledgerName, "", publicMode)
	expect(lockName, "", secretMode)
	expect(bundleFile, bundle, publicMode)
	for _, name := range folders() {
		expect(name, "", 0o700|fs.ModeDir)
	}
	var rows []ledger.Row
	for r, err := range s.Ledger().All(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
		expectPair(t, s, r, bundle, expect)
	}
	// A process that died within its transaction, before it wrote to the ledger,
	// leaves a journal whose first byte is zero or missing: it means nothing to
	// SQLite, and the next transaction removes it.
	if journal := files[ledgerName+"-journal"].content; journal == "" || journal[0] == 0 {
		delete(files, ledgerName+"-journal")
	}
	for path := range files {
		t.Errorf("%s belongs to no certificate of the ledger", path)
	}
	return rows
}

// expectPair expects the folder of r.
func expectPair(t *testing.T, s *Store, r ledger.Row, bundle string, expect func(path, content string, mode fs.FileMode)) {
	t.Helper()
	folder, err := filepath.Rel(s.Dir(), s.Folder(r))
	if err != nil {
		t.Fatal(err)
	}
	cert, key := filepath.Join(folder, certFile(r.Kind)), filepath.Join(folder, keyFile(r.Kind))
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.Dir(), cert), filepath.Join(s.Dir(), key))
	if err != nil {
		t.Errorf("%s %q (%s): %v", r.Kind, r.Name, r.State, err)
	} else if string(pair.Certificate[0]) != string(r.DER) {
		t.Errorf("%s does not hold the certificate %s", folder, r.Serial)
	}
	expect(folder, "", 0o700|fs.ModeDir)
	expect(cert, "", publicMode)
	expect(key, "", secretMode)
	if r.Kind == ledger.CA {
		return
	}
	expect(filepath.Join(folder, bundleFile), bundle, publicMode)
	sp, err := ReadSpec(r)
	if err != nil {
		t.Error(err)
	}
	mode := publicMode
	if sp.Password == passwordRandom {
		mode = secretMode
	}
	mycnf := filepath.Join(folder, mycnfFile)
	expect(mycnf, "", mode)
	if r.Kind == ledger.Client {
		sql, err := filepath.Rel(s.Dir(), s.Files(r).SQL)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(filepath.Join(s.Dir(), sql)); err != nil || !strings.Contains(string(text), r.Serial) {
			t.Errorf("%s is not of certificate %s (%v)", sql, r.Serial, err)
		}
		expect(sql, "", secretMode)
	}
}

// entry is one file or folder.
type entry struct {
	mode    fs.FileMode
	content string
}

// tree is everything below dir, by its path there.
func tree(t *testing.T, dir string) map[string]entry {
	t.Helper()
	all := map[string]entry{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		e := entry{mode: info.Mode()}
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			e.content = string(data)
		}
		all[name] = e
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
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
	return func(passed string) error {
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
	s.fault = func(step string) error {
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
