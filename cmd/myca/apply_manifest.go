package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"myca/ca"
	"myca/dialect"
	"myca/fleet"
	"myca/store"
)

// maxManifest bounds a manifest in bytes.
const maxManifest = 64 << 20

// readManifest reads the manifest at path, or standard input for "-", and says
// what messages call it.
func (t *tool) readManifest(path string) (text []byte, name string, err error) {
	var in io.Reader = t.in
	name = "standard input"
	if path == "-" && !t.quiet && term.IsTerminal(int(t.in.Fd())) {
		fmt.Fprintln(t.err, "myca: reading the manifest from standard input (end with Ctrl-D)")
	}
	if path != "-" {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, path, usagef(applyUsage+", or - for standard input", "manifest %q does not exist", path)
		}
		if err != nil {
			return nil, path, fmt.Errorf("reading the manifest: %w", err)
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return nil, path, usagef("myca apply "+shellWord(filepath.Join(path, "fleet.yaml")), "manifest %q is a folder", path)
		}
		in, name = file, path
	}
	text, err = io.ReadAll(io.LimitReader(in, maxManifest+1))
	switch {
	case err != nil:
		return nil, name, fmt.Errorf("reading the manifest %q: %w", name, err)
	case len(text) > maxManifest:
		return nil, name, usagef("ranges such as app-{001..500} stand for many", "manifest %q has more than %d bytes", name, maxManifest)
	}
	return text, name, nil
}

// read reads the manifest against the store, and makes the authority of one
// that is not there, in memory.
func (r *provisioning) read(name string, text []byte, secrets *secretFiles) error {
	ground := fleet.Ground{Now: r.options.Now, Dir: r.t.dir, Founds: r.store == nil, Secret: secrets.check}
	recorded := ""
	var err error
	if r.store != nil {
		recorded = r.store.Target().String()
		if ground.Authority, err = r.store.Authority(); err != nil {
			return err
		}
	}
	if ground.Target, err = r.t.targetOf(recorded); err != nil {
		return err
	}
	if r.manifest, err = fleet.Read(name, text, ground); err != nil {
		return err
	}
	if r.store != nil {
		return nil
	}
	a, err := r.t.manifestAuthority(r.manifest.CA)
	if err != nil {
		return err
	}
	r.founds = true
	r.store, err = store.Found(r.t.dir, r.t.founding(a, r.foundingTarget(ground.Target)))
	return err
}

// manifestAuthority is the CA of a manifest that names it, with the defaults of
// ca create for the rest.
func (t *tool) manifestAuthority(of fleet.CA) (authority, error) {
	a := authority{
		subject: of.Subject, given: of.Subject.String(), nonportable: of.AllowNonportable,
		key: cmp.Or(of.Key, ca.KeyType(defaultCAKey)),
	}
	var err error
	a.valid, err = parseValidity("", "", cmp.Or(of.Days, defaultCADays), t.now())
	return a, err
}

// foundingTarget is what a new store is for: what all of the manifest is for,
// else fallback. So the store's target never changes what the manifest leaves
// open.
func (r *provisioning) foundingTarget(fallback dialect.Version) dialect.Version {
	if r.manifest.Len() == 0 {
		return fallback
	}
	first := r.manifest.At(0).Target
	for i := 1; i < r.manifest.Len(); i++ {
		if r.manifest.At(i).Target != first {
			return fallback
		}
	}
	return first
}

// secretFiles are the password files of a manifest. Each is read once.
type secretFiles struct {
	t      *tool
	folder string // relative paths begin there

	mu   sync.Mutex
	read map[string]secretFile
}

type secretFile struct {
	password *string
	stamp    string // size and time of the file
	err      error
}

// check says what is wrong with a password file.
func (f *secretFiles) check(path string) error {
	_, err := f.file(path)
	return err
}

// stamps changes when one of the files that were read is written.
func (f *secretFiles) stamps() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, one := range f.read {
		all = append(all, one.stamp)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// of is the password of an identity's accounts; nil for none. It may be called
// by several goroutines at a time.
func (f *secretFiles) of(identity fleet.Identity) (*string, error) {
	switch identity.Secret.Mode {
	case passwordRandom:
		return randomPassword()
	case passwordFile:
		return f.file(identity.Secret.File)
	}
	return nil, nil
}

func (f *secretFiles) file(path string) (*string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.folder, path)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, ok := f.read[path]; ok {
		return known.password, known.err
	}
	one := secretFile{}
	absolute, err := filepath.Abs(path) // never "-", which is standard input
	if err == nil {
		one.password, err = f.t.readPassword(absolute)
	}
	if info, statErr := os.Stat(absolute); statErr == nil {
		one.stamp = fmt.Sprintf("%q %d %d", absolute, info.Size(), info.ModTime().UnixNano())
	}
	if err != nil {
		one.err = usagef("write one line of text into it; or let myca make a password: password: random", "%v", err)
	}
	if f.read == nil {
		f.read = map[string]secretFile{}
	}
	f.read[path] = one
	return one.password, one.err
}
