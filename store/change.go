package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"myca/ledger"
	"myca/out"
)

// change is what one command does to a store that is there.
type change struct {
	items    []*Item       // put in place
	withdraw []ledger.Row  // active ones whose folders go to the archive: revoked, or authorities given up
	record   ledger.Change // what is recorded beside the items
	crl      []byte        // the new crl.pem, nil for none; record.CRLNumber is its number
	revokes  map[int]bool  // the generations of what is revoked
}

// change takes the lock, recovers, and makes the change that plan, which is
// called under the lock, asks for; nil is none. See the package comment for
// the steps, and Commit for the errors.
func (s *Store) change(ctx context.Context, plan func(context.Context) (*change, error)) error {
	return s.locked(ctx, func() error {
		c, err := plan(ctx)
		if err != nil || c == nil {
			return err
		}
		if err := s.prepare(ctx, c); err != nil {
			return err
		}
		return s.enforce(ctx, c)
	})
}

// locked takes the lock, recovers, and calls do.
func (s *Store) locked(ctx context.Context, do func() error) error {
	if s.foreign != nil {
		return s.foreign
	}
	unlock, err := takeLock(ctx, s.path(lockName))
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.passed("lock"); err != nil {
		return err
	}
	if err := s.recover(ctx); err != nil {
		return err
	}
	if err := s.passed("recover"); err != nil {
		return err
	}
	return do()
}

// prepare is step 3 but for the flush. After an error nothing is staged any more.
func (s *Store) prepare(ctx context.Context, c *change) error {
	certs, err := s.bundleOf(ctx)
	if err != nil {
		return err
	}
	if err := s.stage(ctx, c, encode(certs)); err != nil {
		return s.discard(c, err)
	}
	return nil
}

// enforce is what comes after prepare: the change is flushed, recorded and put
// in place. After an error nothing is staged any more, or it is left to recovery
// because it may be recorded.
func (s *Store) enforce(ctx context.Context, c *change) error {
	if err := s.flush(c); err != nil {
		return s.discard(c, err)
	}
	if err := s.record(ctx, c); err != nil {
		return err
	}
	return unfinished(s.settle(c))
}

// record is step 4.
func (s *Store) record(ctx context.Context, c *change) error {
	for _, i := range c.items {
		if i.amends() {
			c.record.Respec = append(c.record.Respec, ledger.Respec{Serial: i.Row.Serial, From: i.before, To: i.Row.Spec})
			continue
		}
		c.record.Insert = append(c.record.Insert, i.Row)
		if i.replaces != "" {
			c.record.Supersede = append(c.record.Supersede, i.replaces)
		}
	}
	err := s.db.Apply(ctx, c.record)
	if err != nil {
		if recorded, askErr := s.recorded(c.record); askErr != nil {
			return fmt.Errorf("whether the change is recorded is not known, the next command that writes finds out: %w", errors.Join(err, askErr))
		} else if !recorded {
			return s.discard(c, err)
		}
	}
	return unfinished(s.passed("commit"))
}

// recorded says whether the transaction of c is in force: whether any part of
// it is, since it is there as a whole or not at all.
func (s *Store) recorded(c ledger.Change) (bool, error) {
	ctx := context.Background()
	state := func(serial string, states ...ledger.State) (bool, error) {
		r, err := s.db.BySerial(ctx, serial)
		if errors.Is(err, ledger.ErrNotFound) {
			return false, nil
		}
		for _, state := range states {
			if r.State == state {
				return true, err
			}
		}
		return false, err
	}
	switch {
	case len(c.Insert) > 0:
		return state(c.Insert[0].Serial, ledger.Active)
	case len(c.Respec) > 0:
		r, err := s.db.BySerial(ctx, c.Respec[0].Serial)
		return err == nil && bytes.Equal(r.Spec, c.Respec[0].To), err
	case len(c.Revoke) > 0:
		return state(c.Revoke[0].Serial, ledger.Revoked)
	case len(c.Supersede) > 0:
		return state(c.Supersede[0], ledger.Superseded)
	}
	settings, err := s.db.Settings(ctx)
	return err == nil && (c.CRLNumber == 0 || settings.CRLNumber == c.CRLNumber) &&
		(c.Generation == 0 || settings.Generation == c.Generation), err
}

// stagedOf is where the material of r is staged.
func (s *Store) stagedOf(r ledger.Row) staged { return s.staged(r.Kind, r.Name, r.Serial) }

// discard removes what was staged for a change that does not happen because
// of cause, which it returns.
func (s *Store) discard(c *change, cause error) error {
	left := []string{s.path(stagingName, crlFile)}
	for _, i := range c.items {
		left = append(left, s.stagedOf(i.Row).all()...)
	}
	for _, r := range c.withdraw {
		left = append(left, s.stagedOf(r).withdrawal())
	}
	for _, path := range left {
		if err := out.Remove(path); err != nil {
			cause = fmt.Errorf("%w (removing what was staged: %v)", cause, err)
		}
	}
	return cause
}

// settle is step 5: what was staged is put in place.
func (s *Store) settle(c *change) error {
	p := s.settling()
	for _, i := range c.items {
		if err := p.settle(i); err != nil {
			return err
		}
	}
	for _, r := range c.withdraw {
		if err := p.withdraw(s.stagedOf(r)); err != nil {
			return err
		}
	}
	if c.crl != nil {
		if err := p.placeCRL(); err != nil {
			return err
		}
	}
	if err := p.finish(); err != nil {
		return err
	}
	return s.publish(context.Background())
}
