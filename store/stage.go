package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"myca/ledger"
	"myca/out"
)

// smallBatch is how many certificates are flushed file by file. That costs a
// few flushes each, but does not wait for what other programs have written;
// more of them are flushed with one call for the whole file system.
const smallBatch = 4

// stage puts everything of the change into .new; flush makes it durable. Of what
// is to be withdrawn that is an empty folder, which tells recovery to look.
func (s *Store) stage(ctx context.Context, c *change, bundle []byte) error {
	each := c.small()
	err := eachOf(c.items, func(i *Item) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.stageOne(i, bundle, each); err != nil {
			return err
		}
		return s.passed("stage")
	})
	if err != nil {
		return err
	}
	for _, r := range c.withdraw {
		if err := out.Mkdir(s.stagedOf(r).withdrawal()); err != nil {
			return err
		}
		if err := s.passed("stage"); err != nil {
			return err
		}
	}
	if c.crl != nil {
		if err := out.Create(s.path(stagingName, crlFile), c.crl, publicMode, each); err != nil {
			return err
		}
		if err := s.passed("stage"); err != nil {
			return err
		}
	}
	return nil
}

// small says whether the files of a change are flushed one by one.
func (c *change) small() bool { return len(c.items) <= smallBatch }

// flush makes durable what was staged.
func (s *Store) flush(c *change) error {
	sync := out.SyncAll
	if c.small() {
		sync = func(folder string) error { return out.Sync(folder) }
	}
	if err := sync(s.staging()); err != nil {
		return err
	}
	return s.passed("sync")
}

func (s *Store) stageOne(i *Item, bundle []byte, sync bool) error {
	if i.amends() {
		return s.stageAmendment(i, sync)
	}
	at := s.stagedOf(i.Row)
	files := i.files
	if i.Row.Kind != ledger.CA {
		files = append([]out.File{{Name: bundleFile, Data: bundle, Mode: publicMode}}, files...)
	}
	if i.sql != nil {
		files = append(files, out.File{Name: filepath.Base(at.accounts()), Data: i.sql, Mode: secretMode})
	}
	if err := out.MakeFolder(at.pair(), files, i.owner, sync); err != nil {
		return err
	}
	if i.force && i.Row.Kind == ledger.Client {
		return s.copyStatements(at, sync)
	}
	return nil
}

// copyStatements stages a copy of the account statements that are in place,
// if there are any.
func (s *Store) copyStatements(at staged, sync bool) error {
	old, err := out.ReadFile(s.sql(at.name), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return out.Create(at.replaced(), old, secretMode, sync)
}
