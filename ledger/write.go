package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Apply makes the change in one immediate transaction: all of it is durable
// when it returns nil. After an error the caller learns from BySerial whether
// it is in force after all: a disk may fail after the transaction. The error
// wraps ErrConflict when another process came first.
func (l *Ledger) Apply(ctx context.Context, c Change) error {
	err := l.apply(ctx, c)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w (%v)", ctx.Err(), err) // database/sql tells only that the transaction is over
	}
	if err != nil {
		return l.explain("write", err)
	}
	return nil
}

func (l *Ledger) apply(ctx context.Context, c Change) error {
	if err := l.journal(ctx); err != nil {
		return err
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := supersede(ctx, tx, c.Supersede); err != nil {
		return err
	}
	if err := insert(ctx, tx, c.Insert); err != nil {
		return err
	}
	return tx.Commit()
}

func supersede(ctx context.Context, tx *sql.Tx, serials []string) error {
	for _, serial := range serials {
		result, err := tx.ExecContext(ctx,
			"UPDATE certificates SET state = ?, active = NULL WHERE serial = ? AND state = ?",
			string(Superseded), serial, string(Active))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n != 1 {
			return fmt.Errorf("%w: certificate %s is not active", ErrConflict, serial)
		}
	}
	return nil
}

func insert(ctx context.Context, tx *sql.Tx, rows []Row) error {
	statement, err := tx.PrepareContext(ctx, `INSERT INTO certificates (`+columns+`, active)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, r := range rows {
		_, err := statement.ExecContext(ctx, r.Serial, r.Kind, r.Name, r.Generation, string(r.State),
			r.NotBefore.Unix(), r.NotAfter.Unix(), r.Created.Unix(), seconds(r.RevokedAt), r.Reason,
			r.Subject, r.Issuer, r.SPKI, string(r.Spec), r.DER, active(r.State))
		if err != nil {
			return fmt.Errorf("%s %q: %w", r.Kind, r.Name, err)
		}
	}
	return nil
}

// active is the value of that column.
func active(s State) sql.NullInt64 { return sql.NullInt64{Int64: 1, Valid: s == Active} }

// seconds is a time that may be missing.
func seconds(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.Unix(), Valid: !t.IsZero()}
}
