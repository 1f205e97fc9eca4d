package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"myca/out"
)

// Names in the folder of a store, and below.
const (
	roomName   = "install"
	lockName   = "lock"         // install/lock
	recordName = "journal.json" // install/TIME-ID/journal.json
	besideName = "beside"       // there while names beside the files may be left
)

// What ends the name of a journal's folder; without any, the installation is
// under way or was interrupted.
const (
	newSuffix    = ".new"    // being written: nothing has changed yet
	doneSuffix   = ".done"   // finished: a backup
	undoneSuffix = ".undone" // undone: being removed
	keptSuffix   = ".kept"   // undone, but for what somebody edited: the old contents are kept
)

// makeRoom makes the folder of the journals.
func makeRoom(room string) error {
	err := out.Mkdir(room)
	if errors.Is(err, fs.ErrExist) {
		if err := mine(room); err != nil {
			return err
		}
		return makeLock(room)
	}
	if err != nil {
		return err
	}
	return errors.Join(makeLock(room), out.Sync(filepath.Dir(room)))
}

// mine refuses a folder or journal that another user could have made: what
// stands in it is done to any file of the system.
func mine(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return fail(ErrRefused, "look at it: ls -la", "%q is a symbolic link", path)
	}
	if owner, me := out.OwnerIn(info).UID, os.Geteuid(); owner >= 0 && owner != me {
		return fail(ErrRefused, fmt.Sprintf("run the command as the user who installed before (user %d)", owner), "%q belongs to user %d, not to user %d who runs this", path, owner, me)
	}
	return nil
}

// makeLock makes what takeLock takes, if it is missing.
func makeLock(room string) error {
	err := out.Create(filepath.Join(room, lockName), nil, copyMode, false)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// takeLock takes the lock of the room, or fails with ErrBusy.
func takeLock(room string) (unlock func(), err error) {
	path := filepath.Join(room, lockName)
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", path, err)
	}
	if !locked {
		return nil, fail(ErrBusy, "wait until it has ended, and run the command again", "%v (it holds %q)", ErrBusy, path)
	}
	return func() { lock.Close() }, nil
}

// Unfinished are the installations that dead processes left in the store dir,
// the oldest first; there is at most one unless somebody moved folders. It
// writes nothing. ErrBusy: another process is installing.
func Unfinished(dir string) ([]*Journal, error) {
	room := filepath.Join(dir, roomName)
	path := filepath.Join(room, lockName)
	if there, err := out.Exists(path); err != nil || !there {
		return nil, err // it is made before the first journal
	}
	if err := mine(room); err != nil {
		return nil, err
	}
	unlock, err := takeLock(room)
	if err != nil {
		return nil, err
	}
	defer unlock()
	names, err := unfinished(room)
	if err != nil {
		return nil, err
	}
	var journals []*Journal
	for _, name := range names {
		j := &Journal{folder: filepath.Join(room, name)}
		if err := errors.Join(mine(j.folder), mine(filepath.Join(j.folder, recordName))); err != nil {
			return nil, err
		}
		if j.record, err = readRecord(j.folder); err != nil {
			return nil, err
		}
		journals = append(journals, j)
	}
	return journals, nil
}

// unfinished are the names of the folders of unfinished installations.
func unfinished(room string) ([]string, error) {
	entries, err := os.ReadDir(room)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && isID(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func noneUnfinished(room string) error {
	names, err := unfinished(room)
	if err != nil || len(names) == 0 {
		return err
	}
	return fail(ErrUnfinished, "it has to be undone first: myca install does so when it begins", "%v: %q", ErrUnfinished, filepath.Join(room, names[0]))
}

// tidy removes what dead processes left that is not needed for anything: to be
// called with the lock.
func tidy(room string) error {
	entries, err := os.ReadDir(room)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path, suffix := filepath.Join(room, e.Name()), filepath.Ext(e.Name())
		if !isID(strings.TrimSuffix(e.Name(), suffix)) {
			continue
		}
		switch suffix {
		case newSuffix, undoneSuffix:
			err = out.Remove(path)
		case doneSuffix:
			err = tidyDone(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tidyDone removes what a finished installation left beside the files.
func tidyDone(backup string) error {
	left, err := out.Exists(filepath.Join(backup, besideName))
	if err != nil || !left {
		return err
	}
	if err := errors.Join(mine(backup), mine(filepath.Join(backup, recordName))); err != nil {
		return err
	}
	r, err := readRecord(backup)
	if err != nil {
		return err
	}
	return r.clean(backup, func(string) error { return nil })
}

// clean removes the names beside the files, and notes in folder that it did.
func (r *record) clean(folder string, passed func(string) error) error {
	if err := r.outside(func() error { return r.cleanBeside(passed) }); err != nil {
		return err
	}
	return out.Unlink(filepath.Join(folder, besideName))
}

func (r *record) cleanBeside(passed func(string) error) error {
	for _, f := range r.Files {
		for _, name := range []string{f.Beside, f.old()} {
			if err := out.Unlink(name); err != nil {
				return err
			}
		}
		if err := passed("clean"); err != nil {
			return err
		}
	}
	for _, f := range r.Files {
		if err := out.Sync(filepath.Dir(f.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// unmake removes a folder if it is empty.
func unmake(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil
	}
	if err != nil {
		return err
	}
	if err := out.Unlink(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
