package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// busyTimeout is how long a statement waits for another process's
// transaction, in milliseconds. Writers wait for each other elsewhere, at the
// store's lock; here only readers and a writer meet, for milliseconds.
const busyTimeout = 30_000

// open prepares path for use; the file must exist. The busy timeout is the
// first pragma, so that it holds for the others. A file that may only be read
// is opened for reading by SQLite itself. mode is SQLite's: rw or ro.
func open(path, mode string) (*Ledger, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger %q: %w", path, err)
	}
	query := url.Values{
		"mode":    {mode},
		"_txlock": {"immediate"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout), "synchronous(FULL)"},
	}
	uri := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(abs), "/"), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, fmt.Errorf("open ledger %q: %w", path, err)
	}
	return &Ledger{db: db, path: path}, nil
}

// Create makes the ledger path out of an existing empty file (whose mode it
// keeps), with its settings and first rows, in one transaction. The file is
// complete and closed afterwards, and durable up to its name.
func Create(ctx context.Context, path string, settings Settings, rows []Row) error {
	l, err := open(path, "rw")
	if err != nil {
		return err
	}
	err = l.create(ctx, settings, rows)
	if err := errors.Join(err, l.Close()); err != nil {
		return l.explain("make", err)
	}
	return nil
}

func (l *Ledger) create(ctx context.Context, settings Settings, rows []Row) error {
	if err := l.journal(ctx); err != nil {
		return err
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range schema() {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for name, value := range settings.values() {
		if _, err := tx.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", name, value); err != nil {
			return err
		}
	}
	if err := insert(ctx, tx, rows); err != nil {
		return err
	}
	return tx.Commit()
}

// Open opens the ledger path and reads its settings. The errors are
// ErrMissing and ErrDamaged, and that it was made by a newer version of the
// program.
func Open(ctx context.Context, path string) (*Ledger, Settings, error) {
	return openAs(ctx, path, "rw")
}

// OpenRead is Open of a ledger that must not be written: it is an error where
// SQLite would have to roll back what a process left that died.
func OpenRead(ctx context.Context, path string) (*Ledger, Settings, error) {
	return openAs(ctx, path, "ro")
}

func openAs(ctx context.Context, path, mode string) (*Ledger, Settings, error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%q: %w", path, ErrMissing)
		}
		return nil, Settings{}, err
	}
	l, err := open(path, mode)
	if err != nil {
		return nil, Settings{}, err
	}
	settings, err := l.Settings(ctx)
	if err != nil {
		return nil, Settings{}, errors.Join(err, l.Close())
	}
	return l, settings, nil
}

// Settings reads the settings as they are now.
func (l *Ledger) Settings(ctx context.Context) (Settings, error) {
	values, err := l.settings(ctx)
	if err != nil {
		return Settings{}, l.explain("read", err)
	}
	number := func(name string) int64 {
		n, bad := strconv.ParseInt(values[name], 10, 64)
		if bad != nil || n < 0 {
			err = errors.Join(err, fmt.Errorf("%w: setting %s is %q", ErrDamaged, name, values[name]))
		}
		return n
	}
	version := number(settingSchema)
	s := Settings{Target: values[settingTarget], Generation: int(number(settingGeneration)), CRLNumber: number(settingCRLNumber)}
	if version > schemaVersion {
		err = &Error{
			Err: fmt.Errorf("ledger %q has schema %d, this program knows %d", l.path, version, schemaVersion),
			Fix: "use the newer version of myca that wrote it",
		}
	}
	if err != nil {
		return Settings{}, l.explain("read", err)
	}
	return s, nil
}

func (l *Ledger) settings(ctx context.Context) (map[string]string, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT name, value FROM settings")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, rows.Err()
}

// journal makes sure of a rollback journal: a write-ahead log, which somebody
// may have switched on by hand, cannot be read on a read-only file system.
func (l *Ledger) journal(ctx context.Context) error {
	var mode string
	if err := l.db.QueryRowContext(ctx, "PRAGMA journal_mode=DELETE").Scan(&mode); err != nil {
		return err
	}
	if mode != "delete" {
		return fmt.Errorf("journal mode is %q", mode)
	}
	return nil
}
