package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBadFiles(t *testing.T) {
	write := func(content string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	statement := func(text string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { raw(t, path, text) }
	}
	tests := []struct {
		name   string
		spoil  func(t *testing.T, path string)
		target error // nil: any
		words  string
	}{
		{"missing", func(t *testing.T, path string) { os.Remove(path) }, ErrMissing, ""},
		{"empty", write(""), ErrDamaged, ""},
		{"something else", write(strings.Repeat("not a database ", 100)), ErrDamaged, ""},
		{"cut short", func(t *testing.T, path string) {
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		}, ErrDamaged, ""},
		{"without settings", statement("DROP TABLE settings"), ErrDamaged, ""},
		{"a setting missing", statement("DELETE FROM settings WHERE name = 'generation'"), ErrDamaged, "generation"},
		{"a setting that is no number", statement("UPDATE settings SET value = 'x' WHERE name = 'crl_number'"), ErrDamaged, "crl_number"},
		{"of a newer version", statement("UPDATE settings SET value = '99' WHERE name = 'schema'"), nil, "schema 99"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, path := create(t, authority(1))
			l.Close()
			test.spoil(t, path)
			before, _ := os.ReadFile(path)
			_, _, err := Open(t.Context(), path)
			if err == nil || test.target != nil && !errors.Is(err, test.target) || !strings.Contains(err.Error(), test.words) {
				t.Errorf("Open = %v, want %v with %q", err, test.target, test.words)
			}
			if after, _ := os.ReadFile(path); string(before) != string(after) {
				t.Error("opening it wrote to it")
			}
		})
	}
}

// A write-ahead log, which somebody may have switched on, is gone after the
// next change, so that the ledger can be read on a read-only file system.
func TestJournalModeIsKept(t *testing.T) {
	l, path := create(t)
	l.Close()
	raw(t, path, "PRAGMA journal_mode=WAL")
	l = reopen(t, path)
	if err := l.Apply(t.Context(), Change{Insert: []Row{sample(1, "laura")}}); err != nil {
		t.Fatal(err)
	}
	var mode string
	if err := l.db.QueryRow("PRAGMA journal_mode").Scan(&mode); mode != "delete" || err != nil {
		t.Errorf("journal mode %q, %v", mode, err)
	}
	var synchronous, timeout int
	err := errors.Join(l.db.QueryRow("PRAGMA synchronous").Scan(&synchronous), l.db.QueryRow("PRAGMA busy_timeout").Scan(&timeout))
	if synchronous != 2 || timeout != busyTimeout || err != nil {
		t.Errorf("synchronous %d (want 2, FULL), busy_timeout %d, %v", synchronous, timeout, err)
	}
}

// A process that died within its transaction left a journal; whoever opens the
// ledger next sees what was there before.
func TestHotJournal(t *testing.T) {
	l, path := create(t, sample(1, "laura"))
	db := l.db
	db.SetMaxOpenConns(1)
	for _, text := range []string{"PRAGMA cache_size=1", "BEGIN IMMEDIATE"} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	for n := 100; n < 300; n++ { // more than the cache holds: half of it is in the file
		if _, err := db.Exec("INSERT INTO settings VALUES (?, ?)", fmt.Sprint(n), strings.Repeat("x", 200)); err != nil {
			t.Fatal(err)
		}
	}
	crashed := filepath.Join(t.TempDir(), "ledger.db")
	copyFile(t, path, crashed)
	copyFile(t, path+"-journal", crashed+"-journal")
	if before, after := size(t, path), int64(4096*8); before <= after {
		t.Fatalf("the ledger has %d bytes: nothing of the transaction is in it", before)
	}
	rows, err := all(reopen(t, crashed).All(t.Context(), Filter{}))
	if diff := cmp.Diff([]Row{sample(1, "laura")}, rows); diff != "" || err != nil {
		t.Errorf("after the crash: %v\n%s", err, diff)
	}
	values, err := reopen(t, crashed).settings(t.Context())
	if len(values) != 4 || err != nil {
		t.Errorf("%d settings, %v: the transaction was not undone", len(values), err)
	}
	if _, err := os.Stat(crashed + "-journal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the journal is still there: %v", err)
	}
}
