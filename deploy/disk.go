package deploy

import (
	"fmt"

	"myca/optionfile"
	"myca/out"
)

// disk is the file system of this machine, in which somebody else may put a pipe
// where a file is looked for: only regular files of at most maxFile are read, and
// nothing is waited for.
type disk struct{ optionfile.System }

// Resolve follows links.
func (d disk) Resolve(path string) (string, error) {
	return optionfile.NewOverlay(d.System, nil).Resolve(path)
}

// ReadFile reads the file that path leads to.
func (d disk) ReadFile(path string) ([]byte, error) {
	path, err := d.Resolve(path)
	if err != nil {
		return nil, err
	}
	return out.ReadFile(path, maxFile)
}

// readFile reads what is to be edited: a regular file. That it has an end is
// known from reading all option files before.
func readFile(sys optionfile.System, path string) ([]byte, error) {
	info, err := sys.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &Refusal{Path: path, Problem: fmt.Sprintf("%q is to be an option file, but it is %s", path, kind(info.Mode())), Fix: "move it away, or name another option file"}
	}
	return sys.ReadFile(path)
}
