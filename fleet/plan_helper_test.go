package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/ledger"
	"myca/store"
)

// world is a store on which manifests are applied.
type world struct {
	testing.TB
	dir     string
	store   *store.Store // of an authority with the subject /O=acme/CN=acme CA
	options Options
}

// newWorld founds a store of an authority that lasts days. It lies in memory
// where the system has /dev/shm, because there flushing costs nothing.
func newWorld(t testing.TB, days int) *world {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "myca-test-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &world{TB: t, dir: filepath.Join(dir, "pki"), options: options()}
	subject, err := dn.Parse("/O=acme/CN=acme CA")
	if err != nil {
		t.Fatal(err)
	}
	begin := ca.Second(w.options.Now.Add(-time.Hour))
	w.store, err = store.Found(w.dir, store.Founding{
		Target: target(t, "mysql-8.4"), Now: w.options.Now,
		CA: ca.Spec{Subject: subject, Key: ca.ECP256, NotBefore: begin, NotAfter: begin.AddDate(0, 0, days)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	return w
}

func options() Options {
	return Options{Now: time.Now().UTC(), RenewBefore: 30 * 24 * time.Hour, Version: "test", Secret: secretOf}
}

func target(t testing.TB, text string) dialect.Version {
	t.Helper()
	v, err := dialect.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// secretOf gives every client another password.
func secretOf(i Identity) (*string, error) {
	password := "Secret-" + i.Request.Name
	return &password, nil
}

// read reads a manifest that has no mistakes.
func (w *world) read(text string) *Manifest {
	w.Helper()
	authority, err := w.store.Authority()
	if err != nil {
		w.Fatal(err)
	}
	m, err := Read("fleet.yaml", []byte(text), Ground{Authority: authority, Target: w.store.Target(), Now: w.options.Now})
	if err != nil {
		w.Fatalf("%v\n%s", err, text)
	}
	return m
}

func (w *world) survey(text string) *Plan {
	w.Helper()
	p, err := Survey(w.Context(), w.store, w.read(text), w.options)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// steps is the steps of a plan.
func (w *world) steps(p *Plan) []Step {
	w.Helper()
	var list []Step
	for step, err := range p.Steps(w.Context()) {
		if err != nil {
			w.Fatal(err)
		}
		list = append(list, step)
	}
	return list
}

// apply makes a plan and carries it out. It fails unless the steps that are done
// are those that were planned, and the manifest is met afterwards.
func (w *world) apply(text string) []Step {
	w.Helper()
	p := w.survey(text)
	planned := w.steps(p)
	var did []Step
	err := p.Apply(w.Context(), func(batch []Step) error {
		did = append(did, batch...)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	if len(planned) != p.Count().Changes() || len(did) != len(planned) {
		w.Errorf("%+v, but %d steps are planned and %d done", p.Count(), len(planned), len(did))
		return did
	}
	for n, step := range did {
		plan := planned[n]
		if step.Action == Renew && step.Replaced != plan.Serial || step.Action == Update && step.Serial != plan.Serial {
			w.Errorf("planned %+v, done %+v", plan, step)
		}
		plan.Serial, plan.Replaced, plan.Notices = step.Serial, step.Replaced, step.Notices
		if diff := cmp.Diff(plan, step); diff != "" {
			w.Errorf("planned, and done:\n%s", diff)
		}
	}
	w.met(text)
	return did
}

// met fails unless there is nothing to be done for the manifest, and doing that
// leaves every file as it is.
func (w *world) met(text string) {
	w.Helper()
	before := w.tree()
	p := w.survey(text)
	if count := p.Count(); count.Changes() != 0 || count.Keep != p.manifest.Len() {
		w.Errorf("%+v is not met: %+v", count, w.steps(p))
	}
	if err := p.Apply(w.Context(), func([]Step) error { return errors.New("nothing was to be done") }); err != nil {
		w.Error(err)
	}
	if diff := cmp.Diff(before, w.tree()); diff != "" {
		w.Errorf("the store changed:\n%s", diff)
	}
}

// tree is what is in the store: path to mode, time of change, and of a file a
// hash of its content.
func (w *world) tree() map[string]string {
	w.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := fmt.Sprint(info.Mode(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			text += " " + hex.EncodeToString(sum[:8])
		}
		found[strings.TrimPrefix(path, w.dir)] = text
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// active is the active servers and clients, KIND/NAME to serial.
func (w *world) active() map[string]string {
	w.Helper()
	found := map[string]string{}
	for r, err := range w.store.Ledger().All(w.Context(), ledger.Filter{State: ledger.Active}) {
		if err != nil {
			w.Fatal(err)
		}
		if r.Kind != ledger.CA {
			found[r.Kind+"/"+r.Name] = r.Serial
		}
	}
	return found
}

// names is the keys of active, sorted.
func (w *world) names() []string {
	w.Helper()
	return slices.Sorted(maps.Keys(w.active()))
}

// rowOf is the active row of KIND/NAME.
func (w *world) rowOf(key string) ledger.Row {
	w.Helper()
	kind, name, _ := strings.Cut(key, "/")
	r, err := w.store.Ledger().Active(w.Context(), kind, name)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// stepOf is the one step of a plan for KIND/NAME; its Action is Keep when there
// is none.
func stepOf(steps []Step, key string) Step {
	for _, step := range steps {
		if step.Kind+"/"+step.Name == key {
			return step
		}
	}
	kind, name, _ := strings.Cut(key, "/")
	return Step{Action: Keep, Kind: kind, Name: name}
}
