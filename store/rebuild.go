package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"myca/dialect"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// Rebuilt is what Rebuild found.
type Rebuilt struct {
	Authorities               int      // of every generation
	Active, Archived, Revoked int      // certificates of servers and clients
	Notices                   []string // what could not be read, and what the files do not tell
}

// Rebuild makes the missing ledger of the store in dir from the certificates in
// its folders and its archive, and then recovers what was half done. Pairs in
// place become active, those in the archive superseded, and revoked what
// crl.pem names. Specs are read back from option files and account statements
// as far as these tell. A zero target is the one the option files name most.
//
// It writes nothing but the ledger, which appears at once and whole, and the
// my.cnf of a client whose amendment was half in place. One that is
// there, good or damaged, it never touches (ErrExists). A certificate that no
// authority of the store signed is left alone, with a notice.
func Rebuild(ctx context.Context, dir string, target dialect.Version, now time.Time) (Rebuilt, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Rebuilt{}, fmt.Errorf("store %q: %w", dir, err)
	}
	s := &Store{layout: layout(abs), target: target}
	if err := s.ours(); err != nil {
		return Rebuilt{}, err
	}
	if err := s.rebuildable(); err != nil {
		return Rebuilt{}, err
	}
	unlock, err := takeLock(ctx, s.path(lockName))
	if err != nil {
		return Rebuilt{}, err
	}
	defer unlock()
	if err := s.rebuildable(); err != nil {
		return Rebuilt{}, err
	}
	return s.rebuild(ctx, now)
}

// rebuildable refuses a folder that is no store without its ledger.
func (s *Store) rebuildable() error {
	there, err := out.Exists(s.ledger())
	if err != nil {
		return err
	}
	if there {
		path := templates.Shell(s.ledger())
		return refuse(ErrExists, "if it is damaged and there is no good copy, move it away and run the command again: mv "+path+" "+path+".damaged",
			"the ledger %q is there", s.ledger())
	}
	state, err := s.survey()
	if err == nil && state != remains {
		return s.noLedger()
	}
	return err
}

func (s *Store) rebuild(ctx context.Context, now time.Time) (Rebuilt, error) {
	if err := s.makeFolders(); err != nil {
		return Rebuilt{}, err
	}
	b := &rebuilding{Store: s, seen: map[string]bool{}, taken: map[string]string{}, targets: map[string]int{}}
	if err := b.read(); err != nil {
		return Rebuilt{}, err
	}
	main := b.mainTarget()
	b.addAuthorities(main)
	settings := ledger.Settings{Target: main, Generation: b.signing(), CRLNumber: b.crlNumber(now)}
	if err := b.mark(); err != nil {
		return Rebuilt{}, err
	}
	if err := s.placeLedger(ctx, settings, b.rows); err != nil {
		return Rebuilt{}, err
	}
	rebuilt := b.result()
	db, _, err := ledger.Open(ctx, s.ledger())
	if err != nil {
		return rebuilt, unfinished(err)
	}
	s.db = db
	return rebuilt, unfinished(errors.Join(s.recover(ctx), s.Close()))
}

// placeLedger makes the ledger in .new and renames it into place. A journal of
// the lost ledger, which SQLite would apply to the new one, is archived before.
func (s *Store) placeLedger(ctx context.Context, settings ledger.Settings, rows []ledger.Row) error {
	fresh := s.path(stagingName, ledgerName)
	for _, path := range []string{fresh, fresh + journalSuffix} {
		if err := out.Remove(path); err != nil {
			return err
		}
	}
	if err := out.Create(fresh, nil, publicMode, false); err != nil {
		return err
	}
	if err := ledger.Create(ctx, fresh, settings, rows); err != nil {
		return errors.Join(err, out.Remove(fresh), out.Remove(fresh+journalSuffix))
	}
	if err := s.passed("ledger"); err != nil {
		return errors.Join(err, out.Remove(fresh))
	}
	journal := s.ledger() + journalSuffix
	there, err := out.Exists(journal)
	if err != nil {
		return err
	}
	if there {
		to, err := vacantName(s.path(archiveName, ledgerName+journalSuffix))
		if err != nil {
			return err
		}
		if err := out.Move(journal, to); err != nil {
			return err
		}
		if err := out.Sync(s.archive(), s.Dir()); err != nil {
			return err
		}
	}
	if err := out.Replace(fresh, s.ledger()); err != nil {
		return err
	}
	if err := out.Sync(s.Dir()); err != nil {
		return unfinished(err)
	}
	return unfinished(s.passed("commit"))
}
