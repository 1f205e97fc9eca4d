package fleet

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"myca/killpoint"
	"myca/out"
)

// publish removes the outputs that are not made any more, and puts those in the
// staging folder in their places: the inventory last.
func (f outputFolder) publish() error {
	folders, err := f.ownFolders()
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	for _, folder := range folders { // one of these may have been left empty
		touched[folder] = true
	}
	err = f.walk(func(name string) error {
		if kept, err := out.Exists(f.staged(name)); err != nil || kept {
			return err
		}
		return out.Unlink(f.path(name))
	})
	if err != nil {
		return err
	}
	stage := outputFolder(f.staging())
	err = stage.walk(func(name string) error {
		folder := path.Dir(name)
		if !touched[folder] {
			if err := f.makeFolder(folder); err != nil {
				return err
			}
			touched[folder] = true
		}
		if err := out.Replace(f.staged(name), f.path(name)); err != nil {
			return err
		}
		killpoint.After("output placed")
		return nil
	})
	if err != nil {
		return err
	}
	for folder := range touched {
		if err := f.settle(folder); err != nil {
			return err
		}
	}
	if err := out.Replace(f.staged(inventoryName), f.path(inventoryName)); err != nil {
		return err
	}
	killpoint.After("inventory placed")
	return out.Sync(string(f))
}

// makeFolder makes a folder of outputs and those above it.
func (f outputFolder) makeFolder(name string) error {
	if above := path.Dir(name); above != "." {
		if err := f.makeFolder(above); err != nil {
			return err
		}
	}
	if err := out.Mkdir(f.path(name)); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// settle flushes the names in a folder, or removes it when it is empty.
func (f outputFolder) settle(name string) error {
	err := out.Unlink(f.path(name))
	if errors.Is(err, fs.ErrExist) {
		return out.Sync(f.path(name))
	}
	if above := path.Dir(name); err == nil && above != "." {
		return f.settle(above)
	}
	return err
}

// subfolders is the names of the folders in a folder, sorted.
func subfolders(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// eachFile calls do with the names of the regular files in a folder, some at a
// time and sorted among these. do may remove them. A missing folder has none.
func eachFile(folder string, do func(base string) error) error {
	f, err := os.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(4096)
		var names []string
		for _, e := range entries {
			if e.Type().IsRegular() {
				names = append(names, e.Name())
			}
		}
		slices.Sort(names)
		for _, name := range names {
			if err := do(name); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
