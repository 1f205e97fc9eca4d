package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ledger"
)

func TestAuthorityAlone(t *testing.T) {
	dir := t.TempDir() // empty, and 0755
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	found(t, dir)
	verify(t, dir)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode is %v, %v", info.Mode(), err)
	}
}

func TestForceReplacesAndArchives(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir, "server/db1", "client/laura")
	before := tree(t, dir)
	laura, err := s.Ledger().Active(t.Context(), ledger.Client, "laura")
	if err != nil {
		t.Fatal(err)
	}
	commit(t, s, draft(t, s, "client/laura", forced))
	rows := verify(t, dir)
	want := []string{"ca 1 active", "client laura active", "client laura superseded", "server db1 active"}
	if diff := cmp.Diff(want, names(rows)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	after := tree(t, dir)
	archive := filepath.Join(archiveName, laura.Serial)
	for now, then := range map[string]string{
		archive + "/client-key.pem": "clients/laura/client-key.pem",
		archive + "/my.cnf":         "clients/laura/my.cnf",
		archive + "/laura.sql":      "sql/laura.sql",
		"servers/db1/my.cnf":        "servers/db1/my.cnf",
	} {
		if diff := cmp.Diff(before[then].content, after[now].content); diff != "" {
			t.Errorf("%s is not what %s was:\n%s", now, then, diff)
		}
	}
	if before["clients/laura/client-key.pem"].content == after["clients/laura/client-key.pem"].content {
		t.Error("the key is the old one")
	}
}

func TestNamesThatAreTaken(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir, "client/laura")
	late := draft(t, s, "client/late")
	commit(t, s, drafts(t, s, "client/late")...)
	write(t, filepath.Join(dir, "clients", "byhand", "notes"), "mine")
	write(t, filepath.Join(dir, "sql", "old.sql"), "SELECT 1")
	before := tree(t, dir)

	for _, name := range []string{"client/laura", "client/byhand", "client/old"} {
		if _, err := tryDraft(s, name); !errors.Is(err, ErrExists) || !strings.Contains(hint(err), "--force") {
			t.Errorf("draft of %s: %v with hint %q", name, err, hint(err))
		}
	}
	if err := s.Commit(t.Context(), late); !errors.Is(err, ErrExists) {
		t.Errorf("a name taken after the draft: %v", err)
	}
	twice := drafts(t, s, "client/new", "client/new")
	if err := s.Commit(t.Context(), twice...); !errors.Is(err, ErrExists) {
		t.Errorf("two of one name: %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}

	for _, name := range []string{"client/byhand", "client/old"} {
		commit(t, s, draft(t, s, name, forced))
	}
	after := tree(t, dir)
	var kept []string
	for path, e := range after {
		if strings.HasPrefix(path, archiveName+"/") && (e.content == "mine" || e.content == "SELECT 1") {
			kept = append(kept, filepath.Base(path))
		}
	}
	if len(kept) != 2 {
		t.Errorf("of what was replaced, %q is in the archive", kept)
	}
}

func TestForceNeverTakesAnothersFolder(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir, "client/laura")
	if err := os.Rename(filepath.Join(dir, "clients", "laura"), filepath.Join(dir, "clients", "bob")); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	if err := s.Commit(t.Context(), draft(t, s, "client/bob", forced)); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "laura") {
		t.Errorf("Commit = %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestChangedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir, "client/laura")
	stale := draft(t, s, "client/laura", forced)
	commit(t, s, draft(t, s, "client/laura", forced))
	fresh := draft(t, s, "client/bob", forced)
	commit(t, s, draft(t, s, "client/bob"))
	before := tree(t, dir)
	for _, i := range []*Item{stale, fresh} {
		if err := s.Commit(t.Context(), i); !errors.Is(err, ErrChanged) || hint(err) == "" {
			t.Errorf("%s: %v, want ErrChanged with a hint", i.Row.Name, err)
		}
	}
	other := found(t, t.TempDir())
	if err := s.Commit(t.Context(), draft(t, other, "client/carol")); err == nil {
		t.Error("an item of another store was committed")
	}
	stolen := draft(t, other, "client/carol")
	stolen.store = s
	if err := s.Commit(t.Context(), stolen); !errors.Is(err, ErrChanged) {
		t.Errorf("an item signed by another authority: %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("something changed:\n%s", diff)
	}
}

func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir, "client/laura")
	item := draft(t, s, "client/bob")
	before := tree(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	for _, step := range []string{"", "lock", "recover", "stage", "sync"} {
		if step == "" {
			cancel()
		} else {
			ctx, cancel = context.WithCancel(t.Context())
		}
		s.fault = func(passed string) error {
			if passed == step {
				cancel()
			}
			return nil
		}
		if err := s.Commit(ctx, item); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted after %q: %v", step, err)
		}
		if diff := cmp.Diff(before, tree(t, dir), cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("interrupted after %q, something changed:\n%s", step, diff)
		}
	}
}

// The lock is waited for, no longer than the context lasts.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir)
	path := filepath.Join(dir, lockName)
	unlock, err := takeLock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	item := draft(t, s, "client/laura")
	done := make(chan error)
	go func() { done <- s.Commit(ctx, item) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting was ended: %v", err)
	}
	go func() { done <- s.Commit(t.Context(), item) }()
	// A lock on a file that is not there any more is worth nothing.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("with a new lock file: %v", err)
	}
	unlock()
	verify(t, dir)
}

func TestDraftInParallel(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir)
	s = open(t, dir) // the authority is not read yet
	var wg sync.WaitGroup
	items := make([]*Item, 8)
	for n := range items {
		wg.Go(func() {
			var err error
			if items[n], err = tryDraft(s, "client/c"+string(rune('a'+n))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	commit(t, s, items...)
	if rows := verify(t, dir); len(rows) != 9 {
		t.Errorf("%d rows", len(rows))
	}
}

// What the ledger keeps is enough to make every text again.
func TestTextsCanBeRepeated(t *testing.T) {
	dir := t.TempDir()
	s := found(t, dir)
	commit(t, s,
		draft(t, s, "server/db1", func(o *Order) { o.Spec.DeployDir = "/etc/mysql/myca/" }),
		draft(t, s, "client/plain"),
		draft(t, s, "client/laura", random("Secret-1"), func(o *Order) {
			o.Spec.Accounts = []string{"laura@10.%", "laura@localhost"}
			o.Spec.Grants = []string{"ALL ON finance.*"}
			o.Spec.Connect, o.Spec.Groups = "[::1]:3307", []string{"client", "mysql"}
			o.Spec.Target, o.Spec.TLSLibrary = "mariadb-10.11", "wolfssl"
		}))
	s = open(t, dir)
	for r, err := range s.Ledger().All(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		sp, err := ReadSpec(r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == ledger.CA {
			continue
		}
		if r.Kind == ledger.Server {
			o, err := s.ServerOptions(sp, r)
			same(t, s.Files(r).MyCnf, o.OptionFile, err)
			continue
		}
		password, err := s.Password(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.ClientOptions(sp, r, password)
		same(t, s.Files(r).MyCnf, o.OptionFile, err)
		a, err := s.AccountStatements(sp, r, password)
		same(t, s.Files(r).SQL, a.SQL, err)
	}
	text := read(t, filepath.Join(dir, "clients", "laura", mycnfFile))
	for _, line := range []string{"host=::1", "port=3307", "user=laura", "password=Secret-1"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("my.cnf has no line %q:\n%s", line, text)
		}
	}
	if text := read(t, filepath.Join(dir, "servers", "db1", mycnfFile)); !strings.Contains(text, "=/etc/mysql/myca/server-key.pem\n") {
		t.Errorf("the server's my.cnf does not name the deploy folder:\n%s", text)
	}
	if password, err := s.Password("nobody"); password != nil || err != nil {
		t.Errorf("the password of nobody: %v, %v", password, err)
	}
}

func same(t *testing.T, path string, text func() (string, error), err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	again, err := text()
	if diff := cmp.Diff(read(t, path), again); diff != "" || err != nil {
		t.Errorf("%s, made again: %v\n%s", path, err, diff)
	}
}
