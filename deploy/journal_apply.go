package deploy

import (
	"errors"
	"path/filepath"
	"syscall"

	"myca/out"
)

// Apply makes the folders and replaces the files. After an error some may be
// changed: then Undo puts them back.
func (j *Journal) Apply() error {
	if j.plan == nil || j.unlock == nil {
		return j.over()
	}
	return j.record.outside(j.apply)
}

func (j *Journal) apply() error {
	for n, f := range j.plan.Folders {
		if err := j.makeFolder(j.record.Folders[n], f); err != nil {
			return err
		}
	}
	for n, f := range j.plan.Files {
		if err := j.replace(j.record.Files[n], f); err != nil {
			return err
		}
	}
	return nil
}

// makeFolder makes a folder beside its place, complete, and renames it.
func (j *Journal) makeFolder(r folderRecord, f Folder) error {
	if err := out.MkdirFor(r.Beside, f.Mode, f.Owner); err != nil {
		return err
	}
	if err := j.passed("new folder"); err != nil {
		return err
	}
	if err := out.Move(r.Beside, f.Path); err != nil {
		return err
	}
	if err := j.passed("folder"); err != nil {
		return err
	}
	return out.Sync(filepath.Dir(f.Path))
}

// replace makes a file beside its place, complete, and renames it. The old file
// keeps a second name until the installation is done.
func (j *Journal) replace(r fileRecord, f File) error {
	if err := out.CreateLike(r.Beside, f.Data, f.attributes()); err != nil {
		return err
	}
	if err := j.passed("new file"); err != nil {
		return err
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	if f.Was != nil {
		// Without a second name, as on FAT, the copy has to do; but a disk
		// that is full for a name is full for putting the file back.
		if err := out.Link(f.Path, r.old()); errors.Is(err, syscall.ENOSPC) {
			return err
		}
		if err := j.passed("link"); err != nil {
			return err
		}
	}
	if err := out.Replace(r.Beside, f.Path); err != nil {
		if errors.Is(err, syscall.EBUSY) {
			return fail(err, "the file is mounted by itself, as into a container: change it where it is mounted from", "%v", err)
		}
		return err
	}
	if err := j.passed("file"); err != nil {
		return err
	}
	return out.Sync(filepath.Dir(f.Path))
}
