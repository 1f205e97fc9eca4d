package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"myca/killpoint"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// Commit makes the items durable by the protocol of the package comment: all
// of them or none. It waits for another writer as long as ctx lasts; a ctx
// that ends before the transaction leaves everything as it was.
//
// Errors: ErrExists when a name was taken meanwhile, ErrChanged when what an
// item was based on has changed, ErrUnfinished. Without items it founds a
// store that is not there yet, and otherwise only recovers.
func (s *Store) Commit(ctx context.Context, items ...*Item) error {
	if err := s.mine(items); err != nil {
		return err
	}
	if s.unfinishedFounding() != nil {
		return s.found(ctx, items)
	}
	return s.change(ctx, func(ctx context.Context) (*change, error) {
		if len(items) == 0 {
			return nil, nil
		}
		return &change{items: items}, s.check(ctx, items)
	})
}

// Recover finishes or undoes what a dead process left half done, as Commit
// does first. It is for a writing command that finds nothing to change.
func (s *Store) Recover(ctx context.Context) error {
	if s.unfinishedFounding() != nil {
		return nil
	}
	return s.Commit(ctx)
}

// passed is called after each step of the protocol: where tests kill the
// process (see package killpoint) or let the step fail.
func (s *Store) passed(step string) error {
	killpoint.After(step)
	if s.fault != nil {
		return s.fault(step)
	}
	return nil
}

// mine refuses items that do not belong together.
func (s *Store) mine(items []*Item) error {
	seen := map[string]bool{}
	for _, i := range items {
		if i.store != s {
			return fmt.Errorf("%s %q was drafted for another store", i.Row.Kind, i.Row.Name)
		}
		key := i.Row.Kind + "/" + i.Row.Name
		if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
			key = strings.ToLower(key) // as their file systems see it
		}
		if seen[key] {
			return refuse(ErrExists, "give one of them another name with --name", "%s %q comes twice", i.Row.Kind, i.Row.Name)
		}
		seen[key] = true
	}
	return nil
}

// check compares under the lock what the drafts were based on with what is.
func (s *Store) check(ctx context.Context, items []*Item) error {
	if err := s.checkSigner(ctx, items); err != nil {
		return err
	}
	active, err := s.activeNow(ctx, items)
	if err != nil {
		return err
	}
	err = eachOf(items, func(i *Item) error {
		return s.checkName(ctx, i, active[i.Row.Kind][i.Row.Name])
	})
	if err != nil {
		return err
	}
	return s.passed("check")
}

// checkSigner is an error unless the authority that signed the items signs still.
func (s *Store) checkSigner(ctx context.Context, items []*Item) error {
	signer, err := s.signer(ctx)
	if err != nil {
		return err
	}
	for _, i := range items {
		if !i.amends() && i.signer != signer.Serial {
			s.forgetAuthority()
			return refuse(ErrChanged, "run the command again", "the authority that signs was changed meanwhile: %s %q is signed by the one before",
				i.Row.Kind, i.Row.Name)
		}
	}
	return nil
}

// activeNow is the active rows that have the names of the items, by kind and
// name.
func (s *Store) activeNow(ctx context.Context, items []*Item) (map[string]map[string]ledger.Row, error) {
	names := map[string][]string{}
	for _, i := range items {
		names[i.Row.Kind] = append(names[i.Row.Kind], i.Row.Name)
	}
	active := map[string]map[string]ledger.Row{}
	for kind, names := range names {
		rows, err := s.db.ActiveAmong(ctx, kind, names)
		if err != nil {
			return nil, err
		}
		active[kind] = rows
	}
	return active, nil
}

// checkName compares what an item was based on with the active row of its name
// as it is now, the zero Row for none.
func (s *Store) checkName(ctx context.Context, i *Item, known ledger.Row) error {
	switch {
	case i.amends():
		return s.checkAmendment(i, known)
	case !i.force && known.Serial != "":
		return s.taken(known)
	case !i.force:
		return s.unused(i.Row.Kind, i.Row.Name)
	case known.Serial != i.replaces:
		return changedMeanwhile(i.Row.Kind, i.Row.Name)
	}
	return s.checkPlace(ctx, i)
}

func changedMeanwhile(kind, name string) error {
	return refuse(ErrChanged, "look at it (myca list) and run the command again",
		"%s %q was changed by another process meanwhile", kind, name)
}

// checkPlace refuses to replace the folder of another name, which somebody
// renamed, or which the file system takes for the same (Laura and laura).
func (s *Store) checkPlace(ctx context.Context, i *Item) error {
	place := s.place(i.Row.Kind, i.Row.Name)
	found := serialIn(place, i.Row.Kind)
	if found == "" || found == i.replaces {
		return nil
	}
	r, err := s.db.BySerial(ctx, found)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	case err != nil:
		return err
	case r.State == ledger.Active:
		return refuse(ErrExists, "move it back where it belongs: "+templates.Shell(s.place(r.Kind, r.Name)),
			"%q holds the active certificate of %s %q", place, r.Kind, r.Name)
	}
	return nil
}

// free is an error with ErrExists in its chain when that name is taken: by a
// certificate, or by files that nobody recorded.
func (s *Store) free(ctx context.Context, kind, name string) error {
	known, err := s.db.Active(ctx, kind, name)
	if err == nil {
		return s.taken(known)
	}
	if !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	return s.unused(kind, name)
}

// taken refuses the name of an active certificate.
func (s *Store) taken(known ledger.Row) error {
	return refuse(ErrExists, fmt.Sprintf("--force replaces it (the old pair goes to %s), --name gives the new one another name",
		templates.Shell(s.path(archiveName, known.Serial))), "%s %q exists already (serial %s)", known.Kind, known.Name, known.Serial)
}

// unused refuses a name under which there are files that nobody recorded.
func (s *Store) unused(kind, name string) error {
	paths := []string{s.place(kind, name)}
	if kind == ledger.Client {
		paths = append(paths, s.sql(name))
	}
	for _, path := range paths {
		taken, err := out.Exists(path)
		if err != nil {
			return err
		}
		if taken {
			return refuse(ErrExists, fmt.Sprintf("look at it, and move it away; or --force moves it to %s", templates.Shell(s.archive())),
				"%q exists already, though the ledger has no %s %q", path, kind, name)
		}
	}
	return nil
}
