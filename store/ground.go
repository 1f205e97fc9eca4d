package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"myca/out"
)

// ground is the folder on which a store is founded, and how to leave it when
// that fails.
type ground struct {
	dir    string
	made   []string    // folders that were made, the outermost first
	mode   fs.FileMode // of dir, when it was there
	narrow bool        // dir was there with another mode
}

// breakGround makes the store's folder and those above it that are missing.
func (s *Store) breakGround() (ground, error) {
	g := ground{dir: s.Dir()}
	err := g.makeAll()
	if err == nil {
		err = s.passed("ground")
	}
	if err != nil {
		g.remove()
	}
	return g, err
}

func (g *ground) makeAll() error {
	var missing []string
	for path := g.dir; ; path = filepath.Dir(path) {
		there, err := out.Exists(path)
		if err != nil {
			return err
		}
		if there {
			break
		}
		missing = append(missing, path)
	}
	for _, path := range slices.Backward(missing) {
		switch err := out.Mkdir(path); {
		case err == nil:
			g.made = append(g.made, path)
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	return nil
}

// sync makes the store's folder and its name durable. A folder above it that
// may be written but not read cannot be flushed; its owner's system does it in
// time.
func (g *ground) sync() error {
	if err := out.Sync(g.dir); err != nil {
		return err
	}
	for _, path := range g.made {
		if err := out.Sync(filepath.Dir(path)); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

// claim keeps a folder that was there for the store alone. The lock is held.
func (g *ground) claim() error {
	info, err := os.Stat(g.dir)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	g.mode = info.Mode().Perm()
	g.narrow = g.mode != out.FolderMode
	if !g.narrow {
		return nil
	}
	if err := os.Chmod(g.dir, out.FolderMode); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// restore gives a folder that was there its mode back.
func (g *ground) restore() {
	if g.narrow {
		_ = os.Chmod(g.dir, g.mode) // it could be changed a moment ago
	}
}

// remove removes the folders that were made, as far as nobody put anything
// there meanwhile.
func (g *ground) remove() {
	for _, path := range slices.Backward(g.made) {
		_ = os.Remove(path) // not empty: somebody else's by now
	}
}
