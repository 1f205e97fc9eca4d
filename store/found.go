package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// Founding is what a store is made from.
type Founding struct {
	Target dialect.Version // of servers and clients, unless their specs say otherwise
	CA     ca.Spec
	Spec   Spec      // recorded with the authority
	Now    time.Time // recorded as the time of creation; zero: the clock's
}

// founding is a store's authority before there is a store.
type founding struct {
	authority *ca.Authority
	item      *Item
	target    dialect.Version
}

// Found makes a store's authority in memory. The folder dir, which must be
// missing, empty, or what a founding that was cut short left behind, becomes a
// store at the first Commit, together with the items given there. Errors:
// ErrExists when dir holds something, ErrForeign.
func Found(dir string, f Founding) (*Store, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", dir, err)
	}
	s := &Store{layout: layout(abs), target: f.Target}
	if err := s.ours(); err != nil && !errors.Is(err, ErrNoStore) {
		return nil, err
	}
	s.notices = nil // the folder's mode is about to change
	if err := s.unfounded(); err != nil {
		return nil, err
	}
	authority, keyPEM, err := ca.Create(f.CA)
	if err != nil {
		return nil, err
	}
	spec := f.Spec
	if spec.Target == "" {
		spec.Target = f.Target.String()
	}
	r, err := row(authority.Certificate, spec, ledger.CA, generationName(1), 1, f.Now)
	if err != nil {
		return nil, err
	}
	s.founding = &founding{authority: authority, target: f.Target, item: authorityItem(s, r, spec, keyPEM)}
	return s, nil
}

// The states of a folder without a ledger.
const (
	vacant  = iota // nothing, or what a founding that was cut short left
	remains        // a store that lost its ledger
	other          // something else
)

// survey says what is in the store's folder, ledger.db aside. What a founding
// leaves before its ledger has its name are the lock, staged material, and
// empty folders.
func (s *Store) survey() (int, error) {
	entries, err := os.ReadDir(s.Dir())
	if errors.Is(err, fs.ErrNotExist) {
		return vacant, nil
	}
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	state := vacant
	for _, entry := range entries {
		name := entry.Name()
		if name == lockName || name == stagingName || name == ledgerName || name == ledgerName+journalSuffix {
			continue
		}
		if strings.HasPrefix(name, ledgerName) { // such as one that was damaged, and moved away
			state = remains
			continue
		}
		if name != bundleFile && name != crlFile && name != installName && !slices.Contains(folders(), name) {
			return other, nil
		}
		inside, err := os.ReadDir(s.path(name))
		if err != nil || len(inside) > 0 {
			state = remains
		}
	}
	return state, nil
}

// unfounded refuses a folder in which a store cannot be founded.
func (s *Store) unfounded() error {
	if info, err := os.Stat(s.Dir()); err == nil && !info.IsDir() {
		return refuse(ErrExists, "name an empty or new folder with --dir", "%q is not a folder", s.Dir())
	}
	there, err := out.Exists(s.ledger())
	if err != nil {
		return err
	}
	if there {
		return refuse(ErrExists, "myca --dir "+templates.Shell(s.Dir())+" list shows it; name another folder with --dir for a new one",
			"there is a store in %q already", s.Dir())
	}
	state, err := s.survey()
	if err != nil {
		return err
	}
	switch state {
	case remains:
		return s.noLedger()
	case other:
		return refuse(ErrExists, "name an empty or new folder with --dir", "folder %q is not empty", s.Dir())
	}
	return nil
}

// found is Commit for a store that is not there yet.
func (s *Store) found(ctx context.Context, items []*Item) error {
	items = append([]*Item{s.founding.item}, items...)
	for range lockTries {
		g, err := s.breakGround()
		if err != nil {
			return err
		}
		unlock, err := takeLock(ctx, s.path(lockName))
		if errors.Is(err, fs.ErrNotExist) {
			continue // the folder went with somebody else's failed founding
		}
		if err != nil {
			g.remove()
			return err
		}
		if err := s.unfounded(); err != nil {
			unlock()
			return err
		}
		if err := s.foundLedger(ctx, items, &g); err != nil {
			err = s.clear(&g, err)
			unlock()
			g.remove()
			return err
		}
		defer unlock()
		return unfinished(s.foundPlaces(items))
	}
	return fmt.Errorf("folder %q cannot be made, or vanishes as often as it is", s.Dir())
}

// foundLedger is steps 3 and 4 of a founding. After an error there is no store.
func (s *Store) foundLedger(ctx context.Context, items []*Item, g *ground) error {
	if err := s.passed("lock"); err != nil {
		return err
	}
	if err := g.claim(); err != nil {
		return err
	}
	if err := out.Remove(s.staging()); err != nil {
		return err
	}
	if err := s.makeFolders(); err != nil {
		return err
	}
	if err := s.passed("folders"); err != nil {
		return err
	}
	c := &change{items: items}
	if err := s.stage(ctx, c, ca.EncodeCertificate(s.founding.authority.Certificate)); err != nil {
		return err
	}
	if err := s.flush(c); err != nil {
		return err
	}
	if err := s.stageLedger(ctx, items); err != nil {
		return err
	}
	if err := g.sync(); err != nil {
		return err
	}
	return out.Replace(s.path(stagingName, ledgerName), s.ledger())
}

// stageLedger makes the ledger in .new.
func (s *Store) stageLedger(ctx context.Context, items []*Item) error {
	path := s.path(stagingName, ledgerName)
	if err := out.Create(path, nil, publicMode, false); err != nil {
		return err
	}
	var rows []ledger.Row
	for _, i := range items {
		rows = append(rows, i.Row)
	}
	settings := ledger.Settings{Target: s.founding.target.String(), Generation: s.founding.item.Row.Generation}
	if err := ledger.Create(ctx, path, settings, rows); err != nil {
		return err
	}
	return s.passed("ledger")
}

// foundPlaces is step 5 of a founding.
func (s *Store) foundPlaces(items []*Item) error {
	if err := out.Sync(s.Dir()); err != nil {
		return err
	}
	if err := s.passed("commit"); err != nil {
		return err
	}
	db, _, err := ledger.Open(context.Background(), s.ledger())
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.db, s.founding = db, nil
	s.mu.Unlock()
	return s.settle(&change{items: items})
}

// clear removes what a founding made that failed because of cause, which it
// returns. The lock goes last: until then nobody else founds here.
func (s *Store) clear(g *ground, cause error) error {
	var failed []error
	for _, name := range folders() {
		if name == stagingName {
			failed = append(failed, out.Remove(s.path(name)))
			continue
		}
		if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	g.restore()
	failed = append(failed, out.Remove(s.path(lockName)))
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("%w (removing what was made: %v)", cause, err)
	}
	return cause
}
