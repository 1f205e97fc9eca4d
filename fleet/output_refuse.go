package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"myca/out"
	"myca/store"
	"myca/templates"
)

// makeable is the error that making the folder would have, if it is missing.
func (f outputFolder) makeable() error {
	err := out.Mkdir(string(f))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		above := filepath.Dir(string(f))
		if info, statErr := os.Stat(above); statErr == nil && info.IsDir() { // as /proc
			return &store.Error{Message: fmt.Sprintf("no folder can be made in %q, where the folder of outputs is to be", above), Err: err,
				Fix: "name a folder elsewhere: --output DIR"}
		}
		return &store.Error{Message: fmt.Sprintf("the folder %q, in which the folder of outputs is to be made, does not exist", above), Err: err,
			Fix: "mkdir -p " + templates.Shell(above)}
	}
	if err != nil {
		return err
	}
	return out.Unlink(string(f))
}

// check refuses a folder that is a link, that is another user's, or that holds
// files of the names of outputs that are not myca's.
func (f outputFolder) check() error {
	info, err := os.Lstat(string(f))
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &store.Error{Message: fmt.Sprintf("%q is not a folder", f), Err: fs.ErrExist, Fix: "--output names the folder itself, not a link to it"}
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 && runtime.GOOS != "windows" {
		return &store.Error{Message: fmt.Sprintf("others may change what is in the folder of outputs %q (mode %04o)", f, mode), Err: fs.ErrPermission, Fix: "chmod go-w " + templates.Shell(string(f))}
	}
	uid, foreign, err := out.Foreign(string(f))
	if err != nil {
		return err
	}
	if foreign {
		return &store.Error{Message: fmt.Sprintf("the folder of outputs %q belongs to user number %d", f, uid), Err: store.ErrForeign, Fix: "run myca as that user, or name another folder: --output DIR"}
	}
	if err := f.checkFolders(); err != nil {
		return err
	}
	if mine, err := f.mine(); err != nil || mine {
		return err
	}
	var there string
	for _, name := range []string{inventoryName, stagingName, lockName} {
		if found, err := out.Exists(f.path(name)); err != nil {
			return err
		} else if found {
			there = name
		}
	}
	err = f.walk(func(name string) error { there = name; return nil })
	if err != nil || there == "" {
		return err
	}
	mine, err := f.mine() // another process may have begun meanwhile
	if err == nil && !mine {
		return &store.Error{Message: fmt.Sprintf("%q is there already, and myca did not make it", f.path(there)), Err: fs.ErrExist, Fix: "name another folder for the outputs: --output DIR"}
	}
	return err
}

// checkFolders refuses links, and whatever else is no folder, in place of the
// folders of outputs.
func (f outputFolder) checkFolders() error {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return err
	}
	folders := []string{archivesName + "/servers", archivesName + "/clients"}
	for _, e := range entries {
		if e.Name() == archivesName || ownFiles(e.Name()) != nil {
			folders = append(folders, e.Name())
		}
	}
	for _, name := range folders {
		info, err := os.Lstat(f.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return &store.Error{Message: fmt.Sprintf("%q is not a folder, outputs are to go there", f.path(name)), Err: fs.ErrExist, Fix: "move it away, or name another folder for the outputs: --output DIR"}
		}
	}
	return nil
}

// mine says whether myca wrote to the folder before.
func (f outputFolder) mine() (bool, error) {
	if state, err := f.recorded(); err != nil || state != "" {
		return state != "", err
	}
	for range 20 {
		text, err := out.ReadFile(f.path(lockName), int64(len(lockText)))
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil || string(text) == lockText {
			return err == nil, err
		}
		if !strings.HasPrefix(lockText, string(text)) {
			break
		}
		time.Sleep(10 * time.Millisecond) // another process may be writing it
	}
	return false, nil
}
