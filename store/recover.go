package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

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
	judged := ""
	for _, entry := range left { // sorted: what begins with one serial stands together
		path := s.path(stagingName, entry.Name())
		serial := serialStaged(entry.Name())
		switch {
		case serial != "" && serial == judged:
		case serial != "":
			judged, err = serial, p.judge(ctx, serial)
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

// judge settles what a dead process staged of one certificate.
func (p *settling) judge(ctx context.Context, serial string) error {
	r, err := p.db.BySerial(ctx, serial)
	if errors.Is(err, ledger.ErrNotFound) {
		return p.judgeUnknown(ctx, serial)
	}
	if err != nil {
		return err
	}
	at := p.stagedOf(r)
	if r.State != ledger.Active {
		return p.withdraw(at)
	}
	if err := p.judgeActive(at); err != nil {
		return err
	}
	if err := p.judgeAmendment(r, at); err != nil {
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
		fresh, err := out.Exists(at.accounts())
		if err != nil {
			return err
		}
		_, err = p.put(at, fresh)
		return err
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

// judgeUnknown deletes what was staged of a certificate that was never recorded.
// A folder that holds a certificate of the ledger all the same (of a ledger that was
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
	p.leave(p.staged("", serial, serial))
	return nil
}
