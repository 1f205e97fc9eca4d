package fleet

import (
	"context"
	"path/filepath"
	"runtime"

	"myca/killpoint"
	"myca/out"
	"myca/store"
)

// Written is what Outputs left in the folder of outputs: absolute paths.
type Written struct {
	Changed   bool     // false: everything was there already
	Inventory string   // inventory.json
	SQL       []string // fleet.sql of each target, then the replicas' statements
	Archives  int      // how many archives there are
	Notices   []string // when they are Changed: what the user should know about them
}

// Outputs writes the texts and archives of a fleet whose plan is carried out. It
// writes nothing when all of it is there already, made from the same manifest
// and certificates by the same program, as it was written: statements by their
// checksum, archives and the inventory by their size. Its folder, which gets mode 0700 when it
// is made, afterwards holds files of mode 0600, the inventory too: the checksum of
// a file tells who guesses the one password in it that the guess is right.
//
//	TARGET/fleet.sql               what makes the accounts on servers of a target
//	TARGET/replica-NAME.sql        what makes the server NAME replicate
//	archives/servers/NAME.tar.gz   with Options.Archive, or where there are some: the files of a pair
//	archives/clients/NAME.tar.gz
//	inventory.json                 every file and its checksum, as Ansible reads it
//	.myca-lock                     held by the one process that writes
//
// Everything is made in .myca-new first, flushed, and then renamed, the inventory as
// the last: whoever reads a file finds the old one or the new one. What was cut
// short is made again by the next call. Files of these names that are not made
// any more are removed, anything else stays. A folder that has such files, but
// none of myca's, is refused (fs.ErrExist), and so is one of another user
// (store.ErrForeign).
//
// The error wraps store.ErrChanged when the store does not hold what the plan
// says (any more).
func (p *Plan) Outputs(ctx context.Context) (Written, error) { return p.outputs().write(ctx) }

func (p *Plan) outputs() outputs {
	o := outputs{
		store: p.store, manifest: p.manifest.Name, count: p.manifest.Len(), at: p.manifest.At, secret: p.options.Secret,
		folder: outputFolder(p.options.Output), archive: p.options.Archive,
		version: p.options.Version, inputs: p.options.Inputs,
	}
	if o.folder == "" {
		o.folder = outputFolder(filepath.Join(p.store.Dir(), "fleet"))
	}
	return o
}

// Outdated says whether Outputs would write something, for a plan that changes
// nothing. It reads only.
func (p *Plan) Outdated(ctx context.Context) (bool, error) {
	c, err := p.outputs().current(ctx)
	return c == nil, err
}

// outputs is one call of Outputs.
type outputs struct {
	store    *store.Store
	manifest string             // name of the file
	count    int                // of identities
	at       func(int) Identity // for one goroutine
	secret   func(Identity) (*string, error)
	folder   outputFolder
	archive  bool
	version  string
	inputs   string
	bundle   []byte // the trust bundle, in every pair's folder
	gate     *gate  // of the identities whose pairs are in place; nil: all are
}

func (o outputs) write(ctx context.Context) (Written, error) {
	c, err := o.current(ctx)
	if err != nil {
		return Written{}, err
	}
	if c != nil {
		return o.written(c, false), nil
	}
	return o.publish(o.prepare(ctx))
}

// prepared is outputs in the staging folder, whose lock is held unless there is
// an error.
type prepared struct {
	outputs
	catalog *catalog
	notices []string
	unlock  func()
	err     error
}

// prepare makes the outputs in the staging folder.
func (o outputs) prepare(ctx context.Context) prepared {
	if err := o.gate.wait(ctx, 1); err != nil { // there may be no store before
		return prepared{err: err}
	}
	unlock, err := o.folder.claim(ctx)
	if err != nil {
		return prepared{err: err}
	}
	made := prepared{outputs: o, unlock: unlock}
	if made.archive, err = o.archives(); err == nil {
		made.catalog, made.notices, err = made.stage(ctx)
	}
	if err != nil {
		made.discard()
		return prepared{err: err}
	}
	return made
}

// archives says whether there are to be archives: where there are some, they are
// kept up to date.
func (o outputs) archives() (bool, error) {
	if o.archive {
		return true, nil
	}
	return o.folder.archived()
}

// discard gives up what is prepared. What cannot be removed, the next call does.
func (p prepared) discard() {
	defer p.unlock()
	_ = p.folder.clear()
}

// publish puts what is prepared in place.
func (o outputs) publish(made prepared) (Written, error) {
	if made.err != nil {
		return Written{}, made.err
	}
	defer made.unlock()
	killpoint.After("outputs staged")
	if err := o.folder.publish(); err != nil {
		return Written{}, err // what is staged still tells that some may be in place
	}
	w := o.written(made.catalog, true)
	w.Notices = made.notices
	return w, o.folder.clear()
}

// current lists the outputs when all of them are there as they are to be; else
// it is nil.
func (o outputs) current(ctx context.Context) (*catalog, error) {
	recorded, err := o.folder.look()
	if err != nil || recorded == "" {
		return nil, err
	}
	if o.archive, err = o.archives(); err != nil {
		return nil, err
	}
	c, err := o.catalog(ctx)
	if err != nil {
		return nil, err
	}
	state := c.state()
	if recorded[:len(state)] != state {
		return nil, nil
	}
	complete, err := o.folder.holds(c.expected, recorded[len(state):])
	if err != nil || !complete {
		return nil, err
	}
	return c, nil
}

// written is what a catalog lists.
func (o outputs) written(c *catalog, changed bool) Written {
	w := Written{Changed: changed, Inventory: o.folder.path(inventoryName), Archives: c.archives}
	for _, name := range append(c.scripts, c.replicas...) {
		w.SQL = append(w.SQL, o.folder.path(name))
	}
	return w
}

// catalog goes through all identities and lists the outputs.
func (o outputs) catalog(ctx context.Context) (*catalog, error) {
	c, err := o.newCatalog()
	if err != nil {
		return nil, err
	}
	err = o.each(ctx, func(batch []member) error {
		for _, m := range batch {
			c.add(m)
		}
		return nil
	})
	if err == nil {
		err = o.addCRL(ctx, c)
	}
	return c, err
}

// stage makes every output in the staging folder.
func (o outputs) stage(ctx context.Context) (*catalog, []string, error) {
	c, err := o.newCatalog()
	if err != nil {
		return nil, nil, err
	}
	w, err := o.newWriter()
	if err != nil {
		return nil, nil, err
	}
	defer w.discard()
	err = o.each(ctx, func(batch []member) error {
		for _, m := range batch {
			c.add(m)
		}
		return w.add(batch)
	})
	if err == nil {
		err = o.addCRL(ctx, c)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := w.close(c.state()); err != nil {
		return nil, nil, err
	}
	return c, w.notices, out.SyncAll(o.folder.staging())
}

// workers is how many goroutines make outputs.
func workers() int { return runtime.GOMAXPROCS(0) }
