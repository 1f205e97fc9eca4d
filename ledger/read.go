package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Active is the active certificate of that kind and name. The error wraps
// ErrNotFound when there is none.
func (l *Ledger) Active(ctx context.Context, kind, name string) (Row, error) {
	r, err := l.one(ctx, "kind = ? AND name = ? AND active = 1", kind, name)
	if err != nil {
		return Row{}, l.explain("read", fmt.Errorf("%s %q: %w", kind, name, err))
	}
	return r, nil
}

// maxNames is how many names one query asks for. SQLite binds 32766 variables
// (SQLITE_LIMIT_VARIABLE_NUMBER, 999 before 3.32), MySQL and MariaDB 65535.
const maxNames = 900

// ActiveAmong is the active certificates of that kind that have one of the
// names, by name. A name without one is not in the map.
func (l *Ledger) ActiveAmong(ctx context.Context, kind string, names []string) (map[string]Row, error) {
	found := make(map[string]Row, len(names))
	for some := range slices.Chunk(names, maxNames) {
		where, args := among(kind, some)
		err := l.each(ctx, func(r Row) bool { found[r.Name] = r; return true }, where, args...)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// among is the condition of ActiveAmong, for at least one name.
func among(kind string, names []string) (where string, args []any) {
	args = append(make([]any, 0, len(names)+1), kind)
	for _, name := range names {
		args = append(args, name)
	}
	return "kind = ? AND active = 1 AND name IN (?" + strings.Repeat(", ?", len(names)-1) + ")", args
}

// BySerial is the certificate with exactly that serial (see [Serial] for what
// users write). The error wraps ErrNotFound when there is none.
func (l *Ledger) BySerial(ctx context.Context, serial string) (Row, error) {
	r, err := l.one(ctx, "serial = ?", serial)
	if err != nil {
		return Row{}, l.explain("read", fmt.Errorf("serial %s: %w", serial, err))
	}
	return r, nil
}

// Find is every certificate whose serial begins with prefix, which is written
// as in [Serial], ordered by serial, at most limit of them.
func (l *Ledger) Find(ctx context.Context, prefix string, limit int) ([]Row, error) {
	from := Serial(prefix)
	// 'g' comes after every hexadecimal digit.
	return l.many(ctx, "serial >= ? AND serial < ? ORDER BY serial LIMIT ?", from, from+"g", limit)
}

// Serial is what a user wrote of a serial in the form it is recorded: without
// colons and blanks, in lower case (openssl prints capitals and colons).
func Serial(text string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(text))
}

// Named is every certificate of that kind and name, the active one first,
// then by age, newest first; kind "" stands for servers and clients.
func (l *Ledger) Named(ctx context.Context, kind, name string) ([]Row, error) {
	kinds := []any{kind, kind}
	if kind == "" {
		kinds = []any{Client, Server}
	}
	return l.many(ctx, "kind IN (?, ?) AND name = ? ORDER BY kind, active DESC, created DESC, not_before DESC, serial",
		append(kinds, name)...)
}

// Authorities is the certificates of the authority that are active, the one
// of the highest generation first: the trust bundle.
func (l *Ledger) Authorities(ctx context.Context) ([]Row, error) {
	return l.many(ctx, "kind = ? AND active = 1 ORDER BY generation DESC", CA)
}

// Filter narrows All; its zero value lets everything through.
type Filter struct {
	Kind     string    // "": every kind
	State    State     // "": every state
	Expiring time.Time // not zero: only what ends before
	Lasting  time.Time // not zero: only what ends after
	// Generation, not 0: only what this generation of the authority signed.
	Generation int
}

// All goes through the certificates that the filter lets through, ordered by
// kind, name, and age, oldest first, without holding more than one in memory.
// An error comes last, with a zero Row.
func (l *Ledger) All(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	where, args := f.where()
	return func(yield func(Row, error) bool) {
		err := l.each(ctx, func(r Row) bool { return yield(r, nil) },
			where+" ORDER BY kind, name, created, not_before, serial", args...)
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// Tally is how many certificates there are of one kind and state that one
// generation of the authority signed.
type Tally struct {
	Generation int
	Kind       string
	State      State
	Count      int
}

// Count is how many certificates All would go through, of each generation, kind
// and state of which there are any, in this order. It reads every row, once.
func (l *Ledger) Count(ctx context.Context, f Filter) ([]Tally, error) {
	where, args := f.where()
	rows, err := l.db.QueryContext(ctx, "SELECT generation, kind, state, COUNT(*) FROM certificates WHERE "+where+
		" GROUP BY generation, kind, state ORDER BY generation, kind, state", args...)
	if err != nil {
		return nil, l.explain("read", err)
	}
	defer rows.Close()
	var tallies []Tally
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Generation, &t.Kind, &t.State, &t.Count); err != nil {
			return nil, l.explain("read", err)
		}
		tallies = append(tallies, t)
	}
	if err := rows.Err(); err != nil {
		return nil, l.explain("read", err)
	}
	return tallies, nil
}

func (f Filter) where() (string, []any) {
	where, args := "1 = 1", []any(nil)
	add := func(condition string, value any) {
		where, args = where+" AND "+condition, append(args, value)
	}
	if f.Kind != "" {
		add("kind = ?", f.Kind)
	}
	if f.State != "" {
		add("state = ?", string(f.State))
	}
	if !f.Expiring.IsZero() {
		add("not_after < ?", f.Expiring.Unix())
	}
	if !f.Lasting.IsZero() {
		add("not_after > ?", f.Lasting.Unix())
	}
	if f.Generation != 0 {
		add("generation = ?", f.Generation)
	}
	return where, args
}

func (l *Ledger) one(ctx context.Context, where string, args ...any) (Row, error) {
	r, err := scan(l.db.QueryRowContext(ctx, "SELECT "+columns+" FROM certificates WHERE "+where, args...))
	if err == sql.ErrNoRows {
		err = ErrNotFound
	}
	return r, err
}

func (l *Ledger) many(ctx context.Context, where string, args ...any) ([]Row, error) {
	var rows []Row
	err := l.each(ctx, func(r Row) bool { rows = append(rows, r); return true }, where, args...)
	return rows, err
}

// each calls yield with every row until it returns false.
func (l *Ledger) each(ctx context.Context, yield func(Row) bool, where string, args ...any) error {
	rows, err := l.db.QueryContext(ctx, "SELECT "+columns+" FROM certificates WHERE "+where, args...)
	if err != nil {
		return l.explain("read", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return l.explain("read", err)
		}
		if !yield(r) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return l.explain("read", err)
	}
	return nil
}

func scan(row interface{ Scan(...any) error }) (Row, error) {
	var r Row
	var notBefore, notAfter, created int64
	var revoked sql.NullInt64
	err := row.Scan(&r.Serial, &r.Kind, &r.Name, &r.Generation, &r.State, &notBefore, &notAfter, &created,
		&revoked, &r.Reason, &r.Subject, &r.Issuer, &r.SPKI, &r.Spec, &r.DER)
	if err != nil {
		return Row{}, err
	}
	r.NotBefore, r.NotAfter, r.Created = at(notBefore), at(notAfter), at(created)
	if revoked.Valid {
		r.RevokedAt = at(revoked.Int64)
	}
	return r, nil
}

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
