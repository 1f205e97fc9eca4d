package out

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Sync flushes files and folders to the disk: of a folder, which names it holds.
func Sync(paths ...string) error {
	for _, path := range paths {
		f, err := os.OpenFile(path, os.O_RDONLY|waitNot, 0)
		if err != nil {
			return explain(path, err)
		}
		if err := errors.Join(syncOpen(f), f.Close()); err != nil {
			return explain(path, err)
		}
	}
	return nil
}

// syncTree flushes everything below root, and root.
func syncTree(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return explain(path, err)
		}
		if d.IsDir() || d.Type().IsRegular() {
			return Sync(path)
		}
		return nil
	})
}
