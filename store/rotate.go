package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"myca/ca"
	"myca/ledger"
)

// RotateBegin makes a new generation of the authority and puts both into the
// trust bundle and every folder's ca-cert.pem; the old one goes on signing.
// Where a CRL is in use, lists of both are written in the same change. What is
// zero in next is taken from the generation that signs: the subject (byte for
// byte, so that every REQUIRE ISSUER stays true), the type of key, the length
// of the validity, from an hour before now on. A sp without Target stands for
// the spec of that generation, whose key may be lost. The row is the new
// generation's.
//
// During a rotation that has begun it replaces the new generation when that
// cannot be opened: its key is lost, say. That one signed no certificate yet;
// it leaves the bundles and the CRL, and its folder moves to the archive.
//
// Errors: ErrExists during any other rotation, ca.Problems, ErrChanged,
// ErrUnfinished.
func (s *Store) RotateBegin(ctx context.Context, next ca.Spec, sp Spec, now time.Time) (ledger.Row, error) {
	if _, err := s.unusable(ctx); err != nil {
		return ledger.Row{}, err
	}
	signer, err := s.signer(ctx)
	if err != nil {
		return ledger.Row{}, err
	}
	item, made, err := s.draftAuthority(ctx, signer, next, sp, now)
	if err != nil {
		return ledger.Row{}, err
	}
	return item.Row, s.change(ctx, func(ctx context.Context) (*change, error) {
		lost, err := s.unusable(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.checkAuthority(ctx, item, signer); err != nil {
			return nil, err
		}
		c := &change{items: []*Item{item}, withdraw: lost}
		for _, r := range lost {
			c.record.Supersede = append(c.record.Supersede, r.Serial)
		}
		all := []*signing{{authority: made, row: item.Row}, s.openOrNot(signer)}
		if err := s.drawUpIfUsed(ctx, c, all, now); err != nil {
			return nil, err
		}
		return c, s.passed("check")
	})
}

// unusable is the new generation of a rotation that has begun, when it cannot
// be opened: nobody could go on with it. It is nothing when there is no
// rotation, and an error with ErrExists during any other.
func (s *Store) unusable(ctx context.Context) ([]ledger.Row, error) {
	phase, rows, err := s.phase(ctx)
	if err != nil || phase == NoRotation {
		return nil, err
	}
	next := "myca ca rotate finish"
	if phase == Begun {
		if _, _, err := s.openRow(rows[0]); errors.Is(err, ErrDamaged) {
			return rows[:1], nil
		} else if err != nil {
			return nil, err
		}
		next = "myca ca rotate switch, then finish"
	}
	return nil, refuse(ErrExists, next, "a rotation to generation %s is under way", rows[0].Name)
}

// drawUpIfUsed adds a new crl.pem to c when there was one before.
func (s *Store) drawUpIfUsed(ctx context.Context, c *change, authorities []*signing, now time.Time) error {
	settings, err := s.db.Settings(ctx)
	if err != nil || settings.CRLNumber == 0 {
		return err
	}
	return s.drawUp(ctx, c, authorities, now, 0)
}

// RotateSwitch lets the new generation sign. It refuses when there is no
// rotation, and when the bundle of a folder lacked the new generation (ErrInUse;
// it is rewritten then). Switched already is no error.
func (s *Store) RotateSwitch(ctx context.Context) error {
	err := s.change(ctx, func(ctx context.Context) (*change, error) {
		phase, rows, err := s.phase(ctx)
		switch {
		case err != nil || phase == Switched:
			return nil, err
		case phase == NoRotation:
			return nil, notRotating()
		}
		if err := s.bundled(ctx); err != nil {
			return nil, err
		}
		if _, _, err := s.openRow(rows[0]); err != nil {
			return nil, fmt.Errorf("the new authority: %w", err)
		}
		return &change{record: ledger.Change{Generation: rows[0].Generation}}, s.passed("check")
	})
	s.forgetAuthority()
	return err
}

// bundled is an error unless every folder has the trust bundle: one that was
// put back from a copy after the rotation began does not. It is rewritten, but
// its server or client has not read it yet.
func (s *Store) bundled(ctx context.Context) error {
	stale, err := s.stale(ctx)
	if err != nil || len(stale) == 0 {
		return err
	}
	certs, err := s.bundleOf(ctx)
	if err != nil {
		return err
	}
	if err := s.rewriteAll(ctx, encode(certs)); err != nil {
		return err
	}
	return refuse(ErrInUse, "deploy it where its pair is used, reload there, and run the command again",
		"the trust bundle in %s lacked the new authority and was rewritten now", some(stale))
}

func notRotating() error {
	return refuse(nil, "myca ca rotate begin", "there is one generation of the authority, and no rotation under way")
}

// forgetAuthority lets the next one ask which authority signs.
func (s *Store) forgetAuthority() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signing = nil
}

// Finished is what the end of a rotation means for certificates of the old
// generation that have not ended.
type Finished struct {
	CutOff     []ledger.Row // active ones: their holders cannot connect any more; only when it was compromised
	Superseded []ledger.Row // old ones of renewed pairs
}

// RotateFinish drops the old generation from the bundles, and its list from
// the CRL; its folder moves to the archive. It refuses before the switch, and
// while active certificates of it remain that have not ended at now (ErrInUse).
// With compromised it switches, if that was not done, and drops it at once,
// marks the old generation revoked, and says who is cut off.
func (s *Store) RotateFinish(ctx context.Context, compromised bool, now time.Time) (Finished, error) {
	var finished Finished
	err := s.change(ctx, func(ctx context.Context) (*change, error) {
		phase, rows, err := s.phase(ctx)
		switch {
		case err != nil:
			return nil, err
		case phase == NoRotation:
			return nil, notRotating()
		case phase == Begun && !compromised:
			return nil, refuse(ErrInUse, "myca ca rotate switch, then myca renew --all", "generation %s of the authority still signs", rows[1].Name)
		}
		if finished, err = s.left(ctx, rows[1], now); err != nil {
			return nil, err
		}
		if len(finished.CutOff) > 0 && !compromised {
			return nil, inUse(rows[1], finished.CutOff)
		}
		c, err := s.giveUp(ctx, rows[0], rows[1], compromised, now)
		if err != nil {
			return nil, err
		}
		return c, s.passed("check")
	})
	s.forgetAuthority()
	return finished, err
}

// giveUp is the change that drops the authority old.
func (s *Store) giveUp(ctx context.Context, fresh, old ledger.Row, compromised bool, now time.Time) (*change, error) {
	signs, _, err := s.openRow(fresh)
	if err != nil {
		return nil, fmt.Errorf("the new authority: %w", err)
	}
	c := &change{withdraw: []ledger.Row{old}, record: ledger.Change{Generation: fresh.Generation}}
	if compromised {
		c.record.Revoke = []ledger.Revocation{{Serial: old.Serial, At: ca.Second(now), Reason: "ca-compromise"}}
	} else {
		c.record.Supersede = []string{old.Serial}
	}
	return c, s.drawUpIfUsed(ctx, c, []*signing{signs}, now)
}

// left is what a generation signed and what has not ended.
func (s *Store) left(ctx context.Context, old ledger.Row, now time.Time) (Finished, error) {
	var f Finished
	for r, err := range s.db.All(ctx, ledger.Filter{Generation: old.Generation, Lasting: now}) {
		switch {
		case err != nil:
			return Finished{}, err
		case r.Kind == ledger.CA:
		case r.State == ledger.Active:
			f.CutOff = append(f.CutOff, r)
		case r.State == ledger.Superseded:
			f.Superseded = append(f.Superseded, r)
		}
	}
	return f, nil
}

func inUse(old ledger.Row, rows []ledger.Row) error {
	var who []string
	for _, r := range rows {
		who = append(who, r.Kind+"/"+r.Name)
	}
	return refuse(ErrInUse, "renew and deploy them first: myca renew --all", "%d certificates of generation %s are in use: %s", len(rows), old.Name, some(who))
}

// some is a list, or its beginning.
func some(list []string) string {
	const most = 5
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
