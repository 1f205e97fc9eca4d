package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
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
	if _, err := tx.ExecContext(ctx, subjectIndex); err != nil {
		return err
	}
	if err := supersede(ctx, tx, c.Supersede); err != nil {
		return err
	}
	if err := revoke(ctx, tx, c.Revoke); err != nil {
		return err
	}
	if err := respec(ctx, tx, c.Respec); err != nil {
		return err
	}
	if err := insert(ctx, tx, c.Insert); err != nil {
		return err
	}
	if err := set(ctx, tx, c); err != nil {
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
		if err := changedOne(result, serial, "not active"); err != nil {
			return err
		}
	}
	return nil
}

// changedOne is an error unless the statement found the certificate.
func changedOne(result sql.Result, serial, problem string) error {
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("%w: certificate %s is %s", ErrConflict, serial, problem)
	}
	return err
}

func revoke(ctx context.Context, tx *sql.Tx, revocations []Revocation) error {
	for _, r := range revocations {
		result, err := tx.ExecContext(ctx,
			"UPDATE certificates SET state = ?, active = NULL, revoked_at = ?, reason = ? WHERE serial = ? AND state IN (?, ?)",
			string(Revoked), r.At.Unix(), r.Reason, r.Serial, string(Active), string(Superseded))
		if err != nil {
			return err
		}
		if err := changedOne(result, r.Serial, "missing, or revoked already"); err != nil {
			return err
		}
	}
	return nil
}

func respec(ctx context.Context, tx *sql.Tx, respecs []Respec) error {
	for _, r := range respecs {
		result, err := tx.ExecContext(ctx, "UPDATE certificates SET spec = ? WHERE serial = ? AND state = ? AND spec = ?",
			string(r.To), r.Serial, string(Active), string(r.From))
		if err != nil {
			return err
		}
		if err := changedOne(result, r.Serial, "not active, or has another spec by now"); err != nil {
			return err
		}
	}
	return nil
}

// set changes the settings. The transaction is an immediate one: nobody
// changes the number between the two statements.
func set(ctx context.Context, tx *sql.Tx, c Change) error {
	const update = "UPDATE settings SET value = ? WHERE name = ?"
	if c.Generation != 0 {
		if _, err := tx.ExecContext(ctx, update, strconv.Itoa(c.Generation), settingGeneration); err != nil {
			return err
		}
	}
	if c.CRLNumber == 0 {
		return nil
	}
	var last string
	if err := tx.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = ?", settingCRLNumber).Scan(&last); err != nil {
		return err
	}
	if n, err := strconv.ParseInt(last, 10, 64); err != nil || n >= c.CRLNumber {
		return fmt.Errorf("%w: the number of the last CRL is %s, not below %d", ErrConflict, last, c.CRLNumber)
	}
	_, err := tx.ExecContext(ctx, update, strconv.FormatInt(c.CRLNumber, 10), settingCRLNumber)
	return err
}

func insert(ctx context.Context, tx *sql.Tx, rows []Row) error {
	statement, err := tx.PrepareContext(ctx, `INSERT INTO certificates (`+columns+`, active)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer statement.Close()
	whole := context.WithoutCancel(ctx) // the driver watches another one for each row; the transaction ends with ctx
	for _, r := range rows {
		_, err := statement.ExecContext(whole, r.Serial, r.Kind, r.Name, r.Generation, string(r.State),
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
