package optionfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Resolver is a System that knows where symbolic links lead.
type Resolver interface {
	// Resolve is the path with no symbolic link left in it. What it stands for
	// need not exist, the folder that would be in has to.
	Resolve(path string) (string, error)
}

// maxLinks is how many links Resolve follows to something that does not exist.
const maxLinks = 40

// Resolve follows links, and makes the path absolute.
func (osSystem) Resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for range maxLinks {
		resolved, err := filepath.EvalSymlinks(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return resolved, err
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, filepath.Base(path))
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // nothing there, so no link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", &fs.PathError{Op: "resolve", Path: path, Err: errors.New("too many symbolic links")}
}

// Overlay is a System on which some files are changed.
type Overlay struct {
	under   System
	changed map[string][]byte // by resolved path; nil for a file that is removed
}

// NewOverlay lays the changed files, by their paths, over a System: they have
// that content there, whether they exist beneath or not; those with nil are
// missing. The folder of an added file has to exist. Where the System is a Resolver, it is the file that a link leads to
// which is changed, and all paths to it show that.
//
// A replaced file keeps its mode, an added one has the mode 0644.
func NewOverlay(under System, changed map[string][]byte) Overlay {
	o := Overlay{under, map[string][]byte{}}
	for path, data := range changed {
		o.changed[o.resolve(path)] = data
	}
	return o
}

// Resolve follows links beneath.
func (o Overlay) Resolve(path string) (string, error) {
	if r, ok := o.under.(Resolver); ok {
		return r.Resolve(path)
	}
	return filepath.Clean(path), nil
}

// resolve is Resolve, and the path as it is where that fails.
func (o Overlay) resolve(path string) string {
	if resolved, err := o.Resolve(path); err == nil {
		return resolved
	}
	return filepath.Clean(path)
}

// ReadFile is the changed content, else what is beneath.
func (o Overlay) ReadFile(path string) ([]byte, error) {
	data, changed := o.changed[o.resolve(path)]
	switch {
	case !changed:
		return o.under.ReadFile(path)
	case data == nil:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return bytes.Clone(data), nil
}

// Stat tells of a changed file its new size.
func (o Overlay) Stat(path string) (fs.FileInfo, error) {
	data, changed := o.changed[o.resolve(path)]
	switch {
	case !changed:
		return o.under.Stat(path)
	case data == nil:
		return nil, &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}
	}
	info := changedFile{filepath.Base(path), int64(len(data)), 0o644, time.Time{}}
	if old, err := o.under.Stat(path); err == nil {
		info.mode, info.time = old.Mode(), old.ModTime()
	}
	return info, nil
}

// ReadDir lists what is beneath and what is added, without what is removed.
func (o Overlay) ReadDir(path string) ([]string, error) {
	names, err := o.under.ReadDir(path)
	if err != nil {
		return nil, err
	}
	dir := o.resolve(path)
	for changed, data := range o.changed {
		name := filepath.Base(changed)
		switch {
		case filepath.Dir(changed) != dir:
		case data == nil:
			names = slices.DeleteFunc(names, func(n string) bool { return n == name })
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names, nil
}

// changedFile is the fs.FileInfo of a changed file.
type changedFile struct {
	name string
	size int64
	mode fs.FileMode
	time time.Time
}

func (c changedFile) Name() string       { return c.name }
func (c changedFile) Size() int64        { return c.size }
func (c changedFile) Mode() fs.FileMode  { return c.mode }
func (c changedFile) ModTime() time.Time { return c.time }
func (c changedFile) IsDir() bool        { return c.mode.IsDir() }
func (c changedFile) Sys() any           { return nil }
