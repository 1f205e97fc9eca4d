package ledger

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
)

// InForce is the certificates of servers and clients that have one of the
// subjects, as they are recorded, and count at now: active or superseded, and
// not ended. They come by subject: at most that many of each, active ones first.
func (l *Ledger) InForce(ctx context.Context, subjects []string, now time.Time, most int) (map[string][]Row, error) {
	found := map[string][]Row{}
	keep := func(r Row) bool {
		if len(found[r.Subject]) < most {
			found[r.Subject] = append(found[r.Subject], r)
		}
		return true
	}
	for some := range slices.Chunk(subjects, maxNames) {
		where, args := inForce(some, now)
		err := l.each(ctx, keep, where+" ORDER BY state", args...) // "active" is the first of the words
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// inForce is the condition of InForce, for at least one subject. Its inequalities
// keep SQLite from any other index than that of subjects.
func inForce(subjects []string, now time.Time) (where string, args []any) {
	args = make([]any, 0, len(subjects)+3)
	for _, subject := range subjects {
		args = append(args, subject)
	}
	return "subject IN (?" + strings.Repeat(", ?", len(subjects)-1) + ") AND kind <> ? AND state <> ? AND not_after > ?",
		append(args, CA, string(Revoked), now.Unix())
}

// Names is the names of the active certificates of that kind, sorted. It reads
// an index alone, which holds those that are not active too. An error comes
// last, with an empty name.
func (l *Ledger) Names(ctx context.Context, kind string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		rows, err := l.db.QueryContext(ctx, "SELECT name FROM certificates WHERE "+activeNames, kind)
		if err != nil {
			yield("", l.explain("read", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				yield("", l.explain("read", err))
				return
			}
			if !yield(name, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield("", l.explain("read", err))
		}
	}
}

const activeNames = "kind = ? AND active = 1 ORDER BY name"

// CountUpTo is how many certificates All would go through, but at most that
// many, which bounds what it reads when the filter has a State or nothing.
func (l *Ledger) CountUpTo(ctx context.Context, most int, f Filter) (int, error) {
	where, args := f.where()
	var n int
	err := l.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM certificates WHERE "+where+" LIMIT ?) AS some", append(args, most)...).Scan(&n)
	if err != nil {
		return 0, l.explain("read", err)
	}
	return n, nil
}
