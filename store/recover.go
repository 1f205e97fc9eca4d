package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// recover is what every change begins with, under the lock: see Recovery in
// the package comment.
func (s *Store) recover(ctx context.Context) error {
	if err := s.makeFolders(); err != nil {
		return err
	}
	left, err := os.ReadDir(s.staging())
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	p := s.settling()
	for _, entry := range left {
		path := s.path(stagingName, entry.Name())
		switch {
		case entry.IsDir():
			err = p.judge(ctx, entry.Name())
		case entry.Name() == crlFile:
			err = p.judgeCRL(ctx)
		default:
			err = out.Remove(path) // a bundle or a ledger that did not get its name
		}
		if err != nil {
			return fmt.Errorf("recover what a command left in %q: %w", path, err)
		}
	}
	if err := p.finish(); err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	return s.publish(ctx)
}

// makeFolders makes the folders of a store that are missing, durably.
func (s *Store) makeFolders() error {
	missing := 0
	for _, name := range folders() {
		switch err := out.Mkdir(s.path(name)); {
		case err == nil:
			missing++
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	if missing == 0 {
		return nil
	}
	return out.Sync(s.Dir())
}

// judge settles the staging folder of a dead process.
func (p *settling) judge(ctx context.Context, serial string) error {
	r, err := p.db.BySerial(ctx, serial)
	if errors.Is(err, ledger.ErrNotFound) {
		return p.judgeUnknown(ctx, serial)
	}
	if err != nil {
		return err
	}
	at := p.staged(r.Kind, r.Name, r.Serial)
	if r.State != ledger.Active {
		return p.withdraw(at)
	}
	if err := p.judgeActive(at); err != nil {
		return err
	}
	return p.retire(at)
}

// judgeCRL puts a staged crl.pem in place if it is the last one recorded.
func (p *settling) judgeCRL(ctx context.Context) error {
	settings, err := p.db.Settings(ctx)
	if err != nil {
		return err
	}
	path := p.path(stagingName, crlFile)
	if staged, err := readCRL(path); err == nil && staged.Number == settings.CRLNumber {
		return p.placeCRL()
	}
	return out.Remove(path)
}

// judgeActive puts the new pair in place unless it is there.
func (p *settling) judgeActive(at staged) error {
	switch serialIn(at.pair(), at.kind) {
	case at.serial:
		return p.put(at)
	case "":
		there, err := out.Exists(at.pair())
		if err != nil || !there || serialIn(p.place(at.kind, at.name), at.kind) == at.serial {
			return err // nothing there, or what was exchanged for the new pair
		}
		p.notice(fmt.Sprintf("%s %q: what was staged of it is damaged and was moved to %s; issue it again with --force",
			at.kind, at.name, templates.Shell(p.archive())))
	}
	return nil
}

// judgeUnknown deletes a staging folder whose certificate was never recorded.
// One that holds a certificate of the ledger all the same (of a ledger that was
// put back from a copy) is archived instead: nothing that was ever in force is
// deleted.
func (p *settling) judgeUnknown(ctx context.Context, serial string) error {
	for _, kind := range []string{ledger.CA, ledger.Server, ledger.Client} {
		at := p.staged(kind, serial, serial)
		for _, folder := range []string{at.pair(), at.aside()} {
			if !isOf(folder, kind) {
				continue
			}
			_, err := p.db.BySerial(ctx, serialIn(folder, kind))
			if err == nil {
				return p.retire(at)
			}
			if !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
		}
	}
	return out.Remove(filepath.Join(p.staging(), serial))
}
