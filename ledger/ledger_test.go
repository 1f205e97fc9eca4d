package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var base = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// sample is a client row that differs from others by n.
func sample(n int, name string) Row {
	return Row{
		Serial: fmt.Sprintf("%032x", n), Kind: Client, Name: name,
		Subject: "/CN=" + name, Issuer: "/CN=test CA", Generation: 1,
		NotBefore: base.Add(-time.Hour), NotAfter: base.AddDate(0, 0, n),
		SPKI: strings.Repeat("ab", 32), DER: []byte{0x30, 0, byte(n)}, State: Active,
		Spec: []byte(`{"target":"mysql-8.4"}`), Created: base.Add(time.Duration(n) * time.Second),
	}
}

func authority(generation int) Row {
	r := sample(1000+generation, fmt.Sprint(generation))
	r.Kind, r.Generation = CA, generation
	return r
}

func create(t *testing.T, rows ...Row) (*Ledger, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "odd name%41?#&.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Create(t.Context(), path, Settings{Target: "mysql-8.4", Generation: 1}, rows); err != nil {
		t.Fatal(err)
	}
	return reopen(t, path), path
}

func reopen(t *testing.T, path string) *Ledger {
	t.Helper()
	l, _, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	first := authority(1)
	l, path := create(t, first)
	revoked := sample(2, "bob")
	revoked.State, revoked.RevokedAt, revoked.Reason = Revoked, base, "keyCompromise"
	far := sample(3, "carol")
	far.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if err := l.Apply(t.Context(), Change{Insert: []Row{sample(1, "laura"), revoked, far}}); err != nil {
		t.Fatal(err)
	}
	var got []Row
	for r, err := range reopen(t, path).All(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if diff := cmp.Diff([]Row{first, revoked, far, sample(1, "laura")}, got); diff != "" {
		t.Errorf("rows differ (-written +read):\n%s", diff)
	}
	settings, err := l.Settings(t.Context())
	if diff := cmp.Diff(Settings{Target: "mysql-8.4", Generation: 1}, settings); diff != "" || err != nil {
		t.Errorf("settings: %v\n%s", err, diff)
	}
}

func TestQueries(t *testing.T) {
	old := sample(1, "laura")
	server := sample(3, "laura")
	server.Kind = Server
	l, _ := create(t, authority(2), authority(1), old, server, sample(0x40, "bob"))
	next := sample(2, "laura")
	if err := l.Apply(t.Context(), Change{Supersede: []string{old.Serial}, Insert: []Row{next}}); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	tests := []struct {
		name string
		got  func() ([]Row, error)
		want []string // kind name serial(short) state
	}{
		{"named", func() ([]Row, error) { return l.Named(ctx, Client, "laura") }, []string{"client laura 2 active", "client laura 1 superseded"}},
		{"named, both kinds", func() ([]Row, error) { return l.Named(ctx, "", "laura") },
			[]string{"client laura 2 active", "client laura 1 superseded", "server laura 3 active"}},
		{"named, a generation is no name", func() ([]Row, error) { return l.Named(ctx, "", "1") }, nil},
		{"nobody", func() ([]Row, error) { return l.Named(ctx, Client, "Laura") }, nil},
		{"authorities", func() ([]Row, error) { return l.Authorities(ctx) }, []string{"ca 2 3ea active", "ca 1 3e9 active"}},
		{"beginning of a serial", func() ([]Row, error) { return l.Find(ctx, "0000", 3) },
			[]string{"client laura 1 superseded", "client laura 2 active", "server laura 3 active"}},
		{"whole serial as openssl prints it", func() ([]Row, error) { return l.Find(ctx, strings.Repeat("00:", 15)+"40", 9) }, []string{"client bob 40 active"}},
		{"capitals", func() ([]Row, error) { return l.Find(ctx, strings.Repeat("0", 29)+"3EA", 9) }, []string{"ca 2 3ea active"}},
		{"no serial", func() ([]Row, error) { return l.Find(ctx, "%", 9) }, nil},
		{"active", func() ([]Row, error) { r, err := l.Active(ctx, Client, "laura"); return []Row{r}, err }, []string{"client laura 2 active"}},
		{"by serial", func() ([]Row, error) { r, err := l.BySerial(ctx, old.Serial); return []Row{r}, err }, []string{"client laura 1 superseded"}},
		{"expiring", func() ([]Row, error) { return all(l.All(ctx, Filter{State: Active, Expiring: base.AddDate(0, 0, 4)})) },
			[]string{"client laura 2 active", "server laura 3 active"}},
		{"all of a kind", func() ([]Row, error) { return all(l.All(ctx, Filter{Kind: Client})) },
			[]string{"client bob 40 active", "client laura 1 superseded", "client laura 2 active"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, err := test.got()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, fmt.Sprintf("%s %s %s %s", r.Kind, r.Name, strings.TrimLeft(r.Serial, "0"), r.State))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for name, err := range map[string]error{
		"Active":   second(l.Active(ctx, Client, "nobody")),
		"BySerial": second(l.BySerial(ctx, "00")),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s of what is not there: %v", name, err)
		}
	}
}

func TestBreakingOffLeavesTheLedgerUsable(t *testing.T) {
	l, _ := create(t, sample(1, "a"), sample(2, "b"))
	for r, err := range l.All(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.BySerial(t.Context(), r.Serial); err != nil {
			t.Errorf("a query within a loop: %v", err)
		}
		break
	}
	if err := l.Apply(t.Context(), Change{Insert: []Row{sample(3, "c")}}); err != nil {
		t.Error(err)
	}
}

func TestConflictsChangeNothing(t *testing.T) {
	l, _ := create(t, sample(1, "laura"))
	sameSerial := sample(1, "bob")
	tests := map[string]Change{
		"an active name":                  {Insert: []Row{sample(9, "first"), sample(2, "laura")}},
		"a serial":                        {Insert: []Row{sample(9, "first"), sameSerial}},
		"superseding what is not there":   {Supersede: []string{"ff"}, Insert: []Row{sample(9, "first")}},
		"superseding twice":               {Supersede: []string{sample(1, "").Serial, sample(1, "").Serial}},
		"two of one name in one change":   {Insert: []Row{sample(8, "first"), sample(9, "first")}},
		"superseded, and the name is hit": {Supersede: []string{sample(1, "").Serial}, Insert: []Row{sample(2, "laura"), sample(3, "laura")}},
	}
	for name, change := range tests {
		if err := l.Apply(t.Context(), change); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
		rows, err := all(l.All(t.Context(), Filter{}))
		if diff := cmp.Diff([]Row{sample(1, "laura")}, rows); diff != "" || err != nil {
			t.Errorf("%s: the ledger changed (%v):\n%s", name, err, diff)
		}
	}
}

func TestInterruptedBeforeTheTransaction(t *testing.T) {
	l, _ := create(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Apply(ctx, Change{Insert: []Row{sample(1, "laura")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply = %v, want context.Canceled", err)
	}
	if _, err := l.BySerial(t.Context(), sample(1, "").Serial); !errors.Is(err, ErrNotFound) {
		t.Errorf("the row is there: %v", err)
	}
}

// A program that reads in a transaction of its own keeps the change from being
// made; it is as if it had not been tried.
func TestHeldByAnotherProgram(t *testing.T) {
	l, path := create(t)
	l.db.SetMaxOpenConns(1)
	if _, err := l.db.Exec("PRAGMA busy_timeout=20"); err != nil {
		t.Fatal(err)
	}
	reader := reopen(t, path)
	rows, err := reader.db.Query("SELECT name FROM settings")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	err = l.Apply(t.Context(), Change{Insert: []Row{sample(1, "laura")}})
	var hint interface{ Hint() string }
	if !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "another program") {
		t.Errorf("Apply = %v", err)
	}
	if _, err := l.BySerial(t.Context(), sample(1, "").Serial); !errors.Is(err, ErrNotFound) {
		t.Errorf("the row is there: %v", err)
	}
	rows.Close()
	if err := l.Apply(t.Context(), Change{Insert: []Row{sample(1, "laura")}}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// The cost of these must not grow with the ledger: none may read it all.
func TestQueryPlans(t *testing.T) {
	l, _ := create(t)
	expiring, _ := Filter{State: Active, Expiring: base}.where()
	many, _ := among(Client, make([]string, maxNames))
	same, _ := inForce(make([]string, maxNames), base)
	for where, index := range map[string]string{
		"kind = ? AND name = ? AND active = 1":       "certificates_name (kind=? AND name=? AND active=?)",
		"serial = ?":                                 "sqlite_autoindex_certificates_1 (serial=?)",
		"serial >= ? AND serial < ? ORDER BY serial": "sqlite_autoindex_certificates_1 (serial>? AND serial<?)",
		"kind IN (?, ?) AND name = ?":                "certificates_name (kind=? AND name=?)",
		many:                                         "certificates_name (kind=? AND name=? AND active=?)",
		"kind = ? AND active = 1":                    "certificates_name (kind=?)",
		expiring + " ORDER BY kind, name, created":   "certificates_expiry (state=? AND not_after<?)",
		same: "certificates_subject (subject=?)",
		"1 = 1 ORDER BY kind, name, created, not_before": "certificates_name",
	} {
		plan := planOf(t, l, "SELECT "+columns+" FROM certificates WHERE "+where)
		if !strings.Contains(plan, "USING INDEX "+index) {
			t.Errorf("%s\nis answered by %swant index %s", where, plan, index)
		}
	}
}

// These read an index and no rows.
func TestCoveringIndexes(t *testing.T) {
	l, _ := create(t)
	for statement, index := range map[string]string{
		"SELECT name FROM certificates WHERE " + activeNames:           "certificates_name (kind=?)",
		"SELECT 1 FROM certificates WHERE 1 = 1 AND state = ? LIMIT ?": "certificates_expiry (state=?)",
		"SELECT 1 FROM certificates WHERE 1 = 1 LIMIT ?":               "",
		"SELECT 1 FROM certificates WHERE 1 = 1 AND kind = ? LIMIT ?":  "certificates_name (kind=?)",
	} {
		if plan := planOf(t, l, statement); !strings.Contains(plan, "USING COVERING INDEX "+index) {
			t.Errorf("%s\nis answered by %swant index %s", statement, plan, index)
		}
	}
}

// planOf is how SQLite answers a query.
func planOf(t *testing.T, l *Ledger, query string) string {
	t.Helper()
	rows, err := l.db.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	return plan
}

func raw(t *testing.T, path, statement string) {
	t.Helper()
	l, err := open(path, "rw")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func all(rows func(func(Row, error) bool)) (list []Row, err error) {
	for r, err := range rows {
		if err != nil {
			return list, err
		}
		list = append(list, r)
	}
	return list, nil
}

func second(_ Row, err error) error { return err }

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
