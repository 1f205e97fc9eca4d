package store

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"myca/ledger"
	"myca/out"
)

// settling is step 5 for any number of certificates: each is put in place and
// what it replaces archived; finish makes that durable.
type settling struct {
	*Store
	mu      sync.Mutex      // guards what follows
	touched map[string]bool // folders whose names changed
	done    []staged        // whose names in .new are to be removed
}

func (s *Store) settling() *settling { return &settling{Store: s, touched: map[string]bool{}} }

// touch remembers a folder whose names changed.
func (p *settling) touch(folder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.touched[folder] = true
}

// leave remembers what is to be removed from .new: when all that is of use there
// has been moved, and not before, since others may still be finished after an
// error.
func (p *settling) leave(at staged) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = append(p.done, at)
}

// settle puts an item in place that was staged and recorded a moment ago.
func (p *settling) settle(i *Item) error {
	at := p.stagedOf(i.Row)
	if i.amends() {
		return p.amend(at)
	}
	replaced, err := p.put(at, i.accounts || i.sql != nil)
	if err != nil || !replaced && !i.force {
		return err // nothing of it is in .new any more
	}
	return p.retire(at)
}

// put renames the account statements, if there are any, and then the new pair
// into place. The order matters: see Recovery in the package comment. replaced
// says whether there was something in that place.
func (p *settling) put(at staged, statements bool) (replaced bool, err error) {
	if statements {
		if err := out.Replace(at.accounts(), p.sql(at.name)); err != nil {
			return false, err
		}
		p.touch(p.path(sqlName))
		if err := p.passed("sql"); err != nil {
			return false, err
		}
	}
	place := p.place(at.kind, at.name)
	if replaced, err = out.Place(at.pair(), place, at.aside()); err != nil {
		return false, err
	}
	p.touch(filepath.Dir(place))
	return replaced, p.passed("place")
}

// withdraw takes the folder of a certificate that is not active any more out of
// its place, when it is still there, and archives it. Its statements go first:
// as long as the folder is in place, they are its own.
func (p *settling) withdraw(at staged) error {
	place := p.place(at.kind, at.name)
	if at.kind == ledger.CA {
		return p.retireAuthority(at, place)
	}
	if serialIn(place, at.kind) != at.serial {
		return p.retire(at)
	}
	if at.kind == ledger.Client {
		there, err := out.Exists(p.sql(at.name))
		if err != nil {
			return err
		}
		if there {
			if err := out.Replace(p.sql(at.name), at.statementsIn(place)); err != nil {
				return err
			}
			p.touch(p.path(sqlName))
			if err := p.passed("sql"); err != nil {
				return err
			}
		}
	}
	if err := out.Move(place, at.pair()); err != nil {
		return err
	}
	p.touch(filepath.Dir(place))
	if err := p.passed("withdraw"); err != nil {
		return err
	}
	return p.retire(at)
}

// retireAuthority archives the folder of an authority, whatever is left in it:
// no other one gets its number.
func (p *settling) retireAuthority(at staged, place string) error {
	for _, folder := range []string{at.pair(), place} {
		there, err := out.Exists(folder)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		p.touch(filepath.Dir(folder))
		if err := p.retireOne(at, folder, at.serial, ""); err != nil {
			return err
		}
	}
	p.leave(at)
	return nil
}

// placeCRL renames the staged crl.pem into place.
func (p *settling) placeCRL() error {
	if err := out.Replace(p.path(stagingName, crlFile), p.crl()); err != nil {
		return err
	}
	p.touch(p.Dir())
	return p.passed("crl")
}

// retire archives the folders that are still staged, each with the account
// statements that belong to it: the new ones with the new certificate, the
// replaced ones with the old.
func (p *settling) retire(at staged) error {
	for _, folder := range []string{at.pair(), at.aside()} {
		there, err := out.Exists(folder)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		serial, statements := serialIn(folder, at.kind), at.replaced()
		if serial == at.serial {
			statements = "" // they are in it
		}
		if err := p.retireOne(at, folder, serial, statements); err != nil {
			return err
		}
	}
	if err := p.retireStatements(at); err != nil {
		return err
	}
	p.leave(at)
	return nil
}

// retireStatements archives statements whose pair is gone.
func (p *settling) retireStatements(at staged) error {
	left, err := out.Exists(at.replaced())
	if err != nil || !left {
		return err
	}
	if err := out.Mkdir(at.aside()); err != nil {
		return err
	}
	return p.retireOne(at, at.aside(), "", at.replaced())
}

// retireOne moves folder to the archive, with the statements at that path if there
// are any; "" is no path.
func (p *settling) retireOne(at staged, folder, serial, statements string) error {
	if statements != "" {
		if err := p.join(at, statements, folder); err != nil {
			return err
		}
	}
	if serial == "" {
		serial = at.serial + "-replaced" // something without a certificate
	}
	to, err := vacantName(p.path(archiveName, serial))
	if err != nil {
		return err
	}
	if err := out.Move(folder, to); err != nil {
		return err
	}
	p.touch(p.archive())
	return p.passed("archive")
}

// join moves account statements, if there are any, into a folder.
func (p *settling) join(at staged, statements, folder string) error {
	left, err := out.Exists(statements)
	if err != nil || !left {
		return err
	}
	to, err := vacantName(at.statementsIn(folder))
	if err != nil {
		return err
	}
	return out.Move(statements, to)
}

// finish flushes the names that changed and removes what is left in .new. What
// is lost with that at a power failure is only that it is gone.
func (p *settling) finish() error {
	if err := p.flush(); err != nil {
		return err
	}
	if err := p.passed("flush"); err != nil {
		return err
	}
	for _, at := range p.done {
		for _, path := range at.all() {
			if err := out.Remove(path); err != nil {
				return err
			}
		}
	}
	return p.passed("clean")
}

// flush makes the names durable that changed. Amendments change names in the
// folder of every pair: many folders are flushed with one call.
func (p *settling) flush() error {
	if len(p.touched) > maxTouched {
		return out.SyncAll(p.Dir())
	}
	return out.Sync(slices.Collect(maps.Keys(p.touched))...)
}

// maxTouched is how many folders are flushed one by one: those of the store, and
// those of a small batch of amendments.
const maxTouched = 8 + smallBatch

// vacantName is path, or path with the first number after it that is free.
func vacantName(path string) (string, error) {
	name := path
	for n := 1; ; n++ {
		taken, err := out.Exists(name)
		if err != nil {
			return "", fmt.Errorf("a free name for %q: %w", path, err)
		}
		if !taken {
			return name, nil
		}
		name = path + "." + strconv.Itoa(n)
	}
}
