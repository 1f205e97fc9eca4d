package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"myca/ca"
	"myca/ledger"
)

// prepared is a change that is about to be made.
type prepared struct {
	do    func() error
	phase Phase                   // of the authority's rotation afterwards; "" is none
	rows  map[string]ledger.State // what the change makes of certificates, by serial
}

// changes are one of each kind of change, on a store with server db1 and
// client laura, whose certificate was renewed once.
func changes() map[string]func(s *Store) (prepared, error) {
	several := func(make func(s *Store, name string) (*Item, error), names ...string) func(s *Store) (prepared, error) {
		return func(s *Store) (prepared, error) {
			p := prepared{rows: map[string]ledger.State{}}
			var items []*Item
			for _, name := range names {
				i, err := make(s, name)
				if err != nil {
					return prepared{}, err
				}
				items = append(items, i)
				p.rows[i.Row.Serial] = ledger.Active
				if i.replaces != "" {
					p.rows[i.replaces] = ledger.Superseded
				}
			}
			p.do = func() error { return s.Commit(context.Background(), items...) }
			return p, nil
		}
	}
	drafted := func(change ...func(*Order)) func(s *Store, name string) (*Item, error) {
		return func(s *Store, name string) (*Item, error) { return tryDraft(s, name, change...) }
	}
	renewed := func(s *Store, name string) (*Item, error) { return tryRenewal(s, name) }
	return map[string]func(s *Store) (prepared, error){
		"issue server":  several(drafted(), "server/db2"),
		"issue client":  several(drafted(), "client/bob"),
		"batch":         several(drafted(), "client/c1", "client/c2", "server/s1", "client/c4", "client/c5", "client/c6"),
		"force server":  several(drafted(forced), "server/db1"),
		"force client":  several(drafted(forced, random("New-2")), "client/laura"),
		"force both":    several(drafted(forced), "client/laura", "server/db1", "client/new"),
		"renew both":    several(renewed, "client/laura", "server/db1"),
		"amend server":  amending("server/db1"),
		"amend both":    amending("client/laura", "server/db1", "new/eve"),
		"revoke server": revoking("server/db1"),
		"revoke client": revoking("client/laura"),
		"revoke both":   revoking("client/laura", "server/db1"),
		"crl":           writingCRL,
		"begin":         rotating(Begun, false),
		"begin, crl":    rotating(Begun, true),
		"begin again":   beginningAgain,
		"switch":        rotating(Switched, false),
		"finish":        rotating(NoRotation, false),
		"finish, crl":   rotating(NoRotation, true),
		"compromised":   compromised,
	}
}

// amending gives names another spec; "new/NAME" is a new client beside them.
func amending(names ...string) func(s *Store) (prepared, error) {
	return func(s *Store) (prepared, error) {
		p := prepared{rows: map[string]ledger.State{}}
		items, err := amendments(s, names)
		if err != nil {
			return prepared{}, err
		}
		for _, i := range items {
			if !i.amends() {
				p.rows[i.Row.Serial] = ledger.Active
			}
		}
		p.do = func() error { return s.Commit(context.Background(), items...) }
		return p, nil
	}
}

// revoking revokes all that is in force of names.
func revoking(names ...string) func(s *Store) (prepared, error) {
	return func(s *Store) (prepared, error) {
		p := prepared{rows: map[string]ledger.State{}}
		var rows []ledger.Row
		for _, name := range names {
			kind, name, _ := strings.Cut(name, "/")
			found, err := s.Revocable(context.Background(), kind, name, time.Now())
			if err != nil {
				return prepared{}, err
			}
			for _, r := range found {
				rows = append(rows, r)
				p.rows[r.Serial] = ledger.Revoked
			}
		}
		p.do = func() error { return s.Revoke(context.Background(), rows, 1, time.Now()) }
		return p, nil
	}
}

func writingCRL(s *Store) (prepared, error) {
	return prepared{do: func() error { return s.WriteCRL(context.Background(), time.Now(), 7) }}, nil
}

// rotating does what has to come before a step of a rotation.
func rotating(to Phase, crl bool) func(s *Store) (prepared, error) {
	return func(s *Store) (prepared, error) {
		p := prepared{phase: to, rows: map[string]ledger.State{}}
		begin := func() error {
			_, err := s.RotateBegin(context.Background(), ca.Spec{}, Spec{}, time.Now())
			return err
		}
		toSwitch := func() error { return s.RotateSwitch(context.Background()) }
		if crl {
			if err := s.WriteCRL(context.Background(), time.Now(), 7); err != nil {
				return prepared{}, err
			}
		}
		switch to {
		case Begun:
			p.do = begin
			return p, nil
		case Switched:
			p.do = toSwitch
			return p, begin()
		}
		old, err := s.signer(context.Background())
		if err != nil {
			return prepared{}, err
		}
		p.rows[old.Serial] = ledger.Superseded
		p.do = func() error {
			_, err := s.RotateFinish(context.Background(), false, time.Now())
			return err
		}
		return p, errors.Join(begin(), toSwitch(), renewAll(s))
	}
}

// loseNew empties the key of the newest authority.
func loseNew(s *Store) error {
	rows, err := s.Ledger().Authorities(context.Background())
	if err != nil {
		return err
	}
	return os.Truncate(filepath.Join(s.Folder(rows[0]), keyFile(ledger.CA)), 0)
}

// beginningAgain begins a rotation whose new authority was lost.
func beginningAgain(s *Store) (prepared, error) {
	if _, err := rotating(Switched, true)(s); err != nil {
		return prepared{}, err
	}
	rows, err := s.Ledger().Authorities(context.Background())
	if err != nil {
		return prepared{}, err
	}
	begin, err := rotating(Begun, false)(s)
	begin.rows[rows[0].Serial] = ledger.Superseded
	return begin, errors.Join(err, loseNew(s))
}

// compromised gives up an authority that is in use.
func compromised(s *Store) (prepared, error) {
	p, err := rotating(Switched, true)(s)
	if err != nil {
		return prepared{}, err
	}
	old, err := s.signer(context.Background())
	p.phase, p.rows[old.Serial] = NoRotation, ledger.Revoked
	p.do = func() error {
		_, err := s.RotateFinish(context.Background(), true, time.Now())
		return err
	}
	return p, err
}

// renewAll renews every server and client.
func renewAll(s *Store) error {
	var items []*Item
	for r, err := range s.Ledger().All(context.Background(), ledger.Filter{State: ledger.Active}) {
		if err != nil {
			return err
		}
		if r.Kind == ledger.CA {
			continue
		}
		i, err := tryRenewal(s, r.Kind+"/"+r.Name)
		if err != nil {
			return err
		}
		items = append(items, i)
	}
	return s.Commit(context.Background(), items...)
}
