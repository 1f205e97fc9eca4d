package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"myca/out"
	"myca/templates"
)

// Undo puts everything back: option files first, then the others in the reverse
// order, each in one step; then it removes the folders that were made, if they
// are empty. Then it calls server, nil for nothing, which puts back what the
// caller changed at a running server; then the journal is removed, and the lock
// released. An installation that was undone meanwhile is no error.
//
// A file that is neither the old one nor the new one, or whose folder is gone,
// is left alone; everything else is put back, and the error (ErrEdited) names
// the file and the saved copy, which is then kept: the installation counts as
// undone. Where that is an option file, files that were made and whose names are
// in it stay too: a server does not start without what its options name. After any other error, of server too, it is still to be undone, and
// Undo can be called again, by another process as well. ErrBusy: another
// process is installing, or undoing this.
func (j *Journal) Undo(server func() error) error {
	if j.unlock == nil {
		unlock, err := takeLock(filepath.Dir(j.folder))
		if err != nil {
			return err
		}
		j.unlock = unlock
	}
	defer j.Close()
	if there, err := out.Exists(j.folder); err != nil || !there {
		return errors.Join(err, j.notDone())
	}
	var failed, edited []error
	var staying []byte // the option files that are left alone
	for n := len(j.record.Files) - 1; n >= 0; n-- {
		f := j.record.Files[n]
		err := j.putBack(f, staying)
		if err == nil {
			err = j.passed("back")
		}
		switch {
		case errors.Is(err, ErrEdited):
			edited = append(edited, err)
			if f.Options {
				staying = append(staying, j.textOf(f.Path)...)
			}
		case err != nil:
			failed = append(failed, err)
		}
	}
	if err := errors.Join(failed...); err != nil { // the second names are needed still
		return errors.Join(append(edited, err)...)
	}
	if err := j.record.clean(j.folder, j.passed); err != nil {
		return err
	}
	for n := len(j.record.Folders) - 1; n >= 0; n-- {
		if err := j.record.outside(func() error { return j.unmakeFolder(j.record.Folders[n]) }); err != nil {
			return err
		}
	}
	if server != nil {
		if err := server(); err != nil {
			return errors.Join(append(edited, err)...)
		}
	}
	if err := j.passed("server"); err != nil {
		return err
	}
	if len(edited) > 0 {
		return errors.Join(append(edited, j.keep())...)
	}
	return j.remove()
}

// textOf is the file at path, nothing where it cannot be read.
func (j *Journal) textOf(path string) []byte {
	var text []byte
	if err := j.record.outside(func() (err error) {
		text, err = out.ReadFile(path, maxFile)
		return err
	}); err != nil {
		return nil
	}
	return text
}

// keep ends the undoing of an installation whose old contents are still of use.
func (j *Journal) keep() error {
	if err := out.Move(j.folder, j.kept()); err != nil {
		return err
	}
	return out.Sync(filepath.Dir(j.folder))
}

func (j *Journal) kept() string { return j.folder + keptSuffix }

// notDone is an error when the installation is finished.
func (j *Journal) notDone() error {
	done, err := out.Exists(j.folder + doneSuffix)
	if err == nil && done {
		err = j.over()
	}
	return err
}

// putBack makes one file what it was; one that was made stays when staying names it.
func (j *Journal) putBack(r fileRecord, staying []byte) error {
	var missing bool // the old file, and a copy has to do
	if err := j.record.outside(func() (err error) {
		missing, err = j.putOldBack(r, staying)
		return err
	}); err != nil || !missing {
		return err
	}
	data, err := j.saved(r) // of the store, with the rights of who runs
	if err != nil {
		return err
	}
	return j.record.outside(func() error { return j.putCopyBack(r, data) })
}

// putOldBack is putBack where that needs no saved copy; else it changes
// nothing, and says so.
func (j *Journal) putOldBack(r fileRecord, staying []byte) (missing bool, err error) {
	gone, err := folderGone(r.Path)
	if err != nil {
		return false, err
	}
	now := found{}
	if !gone {
		if now, err = look(r.Path); err != nil {
			return false, err
		}
	}
	if r.Before == nil {
		return false, j.removeNew(r, now, staying)
	}
	was, err := r.Before.attributes()
	if err != nil {
		return false, err
	}
	switch {
	case gone, now.there && now.sum != r.Before.SHA256 && now.sum != r.After:
		saved := filepath.Join(j.kept(), r.Before.Copy)
		return false, fail(ErrEdited, fmt.Sprintf("compare them, and put back what you need: diff %s %s", templates.Shell(saved), templates.Shell(r.Path)),
			"%q was changed by somebody else meanwhile: it is left as it is; its content before is in %q", r.Path, saved)
	case now.sum == r.Before.SHA256 && (now.Like(was) || r.Before.SHA256 != r.After):
		return false, nil // never replaced, or put back already
	}
	old, err := look(r.old())
	if err != nil {
		return false, err
	}
	if old.sum != r.Before.SHA256 || !old.Like(was) {
		return true, nil
	}
	if err := out.Replace(r.old(), r.Path); err != nil {
		return false, err
	}
	return false, j.sync(r, "put back")
}

// removeNew removes a file that was made, and that is now as given.
func (j *Journal) removeNew(r fileRecord, now found, staying []byte) error {
	switch {
	case !now.there:
		return nil
	case now.sum != r.After:
		return fail(ErrEdited, "look at it, and remove it when nobody needs it", "%q was made, and changed by somebody else since: it is left as it is", r.Path)
	case bytes.Contains(staying, []byte(filepath.Base(r.Path))):
		return fail(ErrEdited, "remove it once no option file names it", "%q was made and stays: an option file that was edited names it", r.Path)
	}
	if err := out.Unlink(r.Path); err != nil {
		return err
	}
	return j.sync(r, "removed")
}

// saved is the saved copy of a file.
func (j *Journal) saved(r fileRecord) ([]byte, error) {
	path := filepath.Join(j.folder, r.Before.Copy)
	data, err := out.ReadFile(path, maxFile)
	if err == nil && sum(data) != r.Before.SHA256 {
		err = fail(ErrDamaged, "put the file back by hand, from a backup", "%q is not what was saved of %q", path, r.Path)
	}
	return data, err
}

// putCopyBack puts a copy in the place of the old file.
func (j *Journal) putCopyBack(r fileRecord, data []byte) error {
	was, err := r.Before.attributes()
	if err != nil {
		return err
	}
	if err := out.Unlink(r.Beside); err != nil {
		return err
	}
	if err := out.CreateLike(r.Beside, data, was); err != nil {
		return err
	}
	if err := j.passed("old file"); err != nil {
		return err
	}
	if err := out.Replace(r.Beside, r.Path); err != nil {
		return err
	}
	return j.sync(r, "put back")
}

// sync makes a step of undoing durable.
func (j *Journal) sync(r fileRecord, step string) error {
	if err := j.passed(step); err != nil {
		return err
	}
	return out.Sync(filepath.Dir(r.Path))
}

// unmakeFolder removes a folder that was made; with something in it, it stays.
func (j *Journal) unmakeFolder(r folderRecord) error {
	for _, path := range []string{r.Beside, r.Path} {
		if err := unmake(path); err != nil {
			return err
		}
	}
	if err := j.passed("folder removed"); err != nil {
		return err
	}
	if err := out.Sync(filepath.Dir(r.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// folderGone says whether the folder of path is not any more where it was:
// missing, or behind a link.
func folderGone(path string) (bool, error) {
	folder := filepath.Dir(path)
	at, err := resolve(folder, true)
	if errors.Is(err, fs.ErrPermission) {
		return false, err
	}
	if err != nil || at != folder {
		return true, nil
	}
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && !info.IsDir(), err
}
