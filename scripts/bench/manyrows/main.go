// Command manyrows gives the ledger of a store a great number of certificates,
// for measuring and for nothing else: it copies the row of one client, with
// serials, names and subjects of their own, in one transaction. The copies have
// no folders, and the signed bytes in them are those of that client.
//
//	go run ./scripts/bench/manyrows LEDGER CLIENT N
//
// The copies are named CLIENT-1 to CLIENT-N. They are active and end, spread
// evenly, between 60 and 760 days from now: none of them soon. A million takes
// less than a minute and 1 GB.
package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: manyrows LEDGER CLIENT N")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintf(os.Stderr, "manyrows: %v\n", err)
		os.Exit(1)
	}
}

func run(path, client, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no number of certificates", count)
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	return errors.Join(multiply(db, client, n, time.Now()), db.Close())
}

// multiply copies the row.
func multiply(db *sql.DB, client string, n int, now time.Time) error {
	const day = 24 * 60 * 60
	result, err := db.Exec(`
		WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
		INSERT INTO certificates (serial, kind, name, generation, state, active, not_before, not_after, created,
			revoked_at, reason, subject, issuer, spki, spec, der)
		SELECT lower(hex(randomblob(16))), kind, name || '-' || n, generation, state, active, not_before,
			?3 + (60 + n % 700) * ?4, created, revoked_at, reason,
			subject || '-' || n, issuer, lower(hex(randomblob(32))), spec, der
		FROM certificates, numbers
		WHERE kind = 'client' AND name = ?1 AND active = 1`, client, n, now.Unix(), day)
	if err != nil {
		return fmt.Errorf("copying client %q: %w", client, err)
	}
	copied, err := result.RowsAffected()
	if err == nil && copied != int64(n) {
		err = fmt.Errorf("copying client %q: %d rows were made, not %d: is there an active client of that name?", client, copied, n)
	}
	return err
}
