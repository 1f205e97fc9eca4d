package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"myca/killpoint"
	"myca/out"
)

// Journal is one installation: what it changes, and what was there before, so
// that it can be undone at any time until it is done. Each is a folder
// install/TIME-ID in the store (mode 0700) with journal.json and the contents
// of the files that are replaced (mode 0600; they may be private keys).
//
// What it guarantees, against SIGKILL and loss of power at any moment:
//
//   - Before [Begin] returns, everything that [Journal.Undo] needs is durable,
//     and nothing outside of the store has changed.
//   - [Journal.Apply] changes each file in one step (rename(2)): a reader finds
//     the old file or the new one, complete, with its owner and mode. What is
//     changed is durable before the next file is. A file that is not any more
//     what the plan was made from is not replaced.
//   - [Journal.Undo] puts back content, mode and owner byte for byte, removes
//     files and folders that were made, and can be interrupted and repeated.
//     It needs no space on the disk where the file system has hard links, and
//     then the very file comes back, with its times and everything else.
//     What somebody else changed meanwhile it leaves alone, and says so.
//   - [Journal.Done] is one rename in the store. Until then the installation
//     counts as interrupted; from then on it stays, and the old contents are
//     its backup.
//   - What is outside of the store is done with the rights of the user that
//     [Plan] As names: one who exchanges folders for links between two steps
//     leads it nowhere where that user could not write.
//   - One process installs at a time; the kernel releases its lock when it dies.
//
// Names that begin with ".myca-" beside the files are its own, and gone
// afterwards.
type Journal struct {
	folder string // install/TIME-ID
	record record
	plan   *Plan  // nil for what a dead process left
	unlock func() // nil without the lock
	fault  func(step string) error
}

// Meta is what the caller of Begin wanted to be kept, such as the settings of a
// running server to be set back.
func (j *Journal) Meta() json.RawMessage { return j.record.Meta }

// Began is when the installation began.
func (j *Journal) Began() time.Time { return j.record.Began }

// Folder is the journal's folder.
func (j *Journal) Folder() string { return j.folder }

// Paths are the files that the installation changes or makes.
func (j *Journal) Paths() []string {
	var paths []string
	for _, f := range j.record.Files {
		paths = append(paths, f.Path)
	}
	return paths
}

// Begin makes the journal of an installation in the store dir, durable, and
// takes the lock, which the journal holds until Undo, Done or Close. meta is
// kept for the caller, nil for nothing; now is when it begins. An empty plan is
// an installation that changes something else, which meta is about.
//
// After an error nothing has changed. ErrBusy: another process is installing;
// ErrUnfinished: a dead one left something to be undone; ErrChanged: a file is
// not what the plan was made from.
func Begin(dir string, p Plan, meta json.RawMessage, now time.Time) (*Journal, error) {
	return begin(dir, p, meta, now, nil)
}

func begin(dir string, p Plan, meta json.RawMessage, now time.Time, fault func(string) error) (*Journal, error) {
	room := filepath.Join(dir, roomName)
	if err := makeRoom(room); err != nil {
		return nil, err
	}
	unlock, err := takeLock(room)
	if err != nil {
		return nil, err
	}
	id := newID(now)
	j := &Journal{folder: filepath.Join(room, id), record: newRecord(p, id, meta, now), plan: &p, unlock: unlock, fault: fault}
	err = j.passed("lock")
	if err == nil {
		err = tidy(room)
	}
	if err == nil {
		err = noneUnfinished(room)
	}
	if err == nil {
		err = j.write()
	}
	if err != nil {
		err = errors.Join(err, j.discard())
		j.Close()
		return nil, err
	}
	return j, nil
}

// write makes the folder under another name, complete, and renames it.
func (j *Journal) write() error {
	staged := j.folder + newSuffix
	if err := out.Mkdir(staged); err != nil {
		return err
	}
	if err := j.passed("new"); err != nil {
		return err
	}
	for n, f := range j.plan.Files {
		if err := j.record.outside(f.unchanged); err != nil {
			return err
		}
		if f.Was != nil {
			if err := out.Create(filepath.Join(staged, j.record.Files[n].Before.Copy), f.Was.Data, copyMode, true); err != nil {
				return err
			}
		}
		if err := j.passed("copy"); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(j.record, "", "  ")
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := errors.Join(
		out.Create(filepath.Join(staged, recordName), append(text, '\n'), copyMode, true),
		out.Create(filepath.Join(staged, besideName), nil, copyMode, true)); err != nil {
		return err
	}
	if err := j.passed("record"); err != nil {
		return err
	}
	if err := out.Sync(staged); err != nil {
		return err
	}
	if err := out.Move(staged, j.folder); err != nil {
		return err
	}
	if err := j.passed("begin"); err != nil {
		return err
	}
	return out.Sync(filepath.Dir(j.folder))
}

// unchanged is an error unless the file is what the plan was made from.
func (f *File) unchanged() error {
	if at, err := resolve(f.Path, false); err != nil || at != f.Path {
		return errors.Join(changed(f.Path), err)
	}
	if f.Was == nil {
		there, err := out.Exists(f.Path)
		if err == nil && there {
			err = changed(f.Path)
		}
		return err
	}
	found, err := look(f.Path)
	if err != nil {
		return err
	}
	if !found.regular || found.sum != sum(f.Was.Data) || !found.Like(f.Was.Attributes) {
		return changed(f.Path)
	}
	return nil
}

// Done finishes the installation by one rename, after which it cannot be
// undone any more, and releases the lock. backup is the folder with the old
// contents. With an error and no backup, nothing is finished; with both, it is,
// but may not be after a loss of power.
func (j *Journal) Done() (backup string, err error) {
	if j.unlock == nil {
		return "", j.over()
	}
	backup = j.folder + doneSuffix
	if err := out.Move(j.folder, backup); err != nil {
		return "", err
	}
	defer j.Close()
	if err := j.passed("done"); err != nil {
		return backup, err
	}
	if err := out.Sync(filepath.Dir(backup)); err != nil {
		return backup, err
	}
	// What stays beside the files is harmless, and the next Begin tries again.
	_ = j.record.clean(backup, j.passed)
	return backup, nil
}

// Close releases the lock. An installation that is neither undone nor done
// counts as interrupted.
func (j *Journal) Close() {
	if j.unlock != nil {
		j.unlock()
		j.unlock = nil
	}
}

// discard removes a journal whose installation has changed nothing.
func (j *Journal) discard() error {
	if err := out.Remove(j.folder + newSuffix); err != nil {
		return err
	}
	there, err := out.Exists(j.folder)
	if err != nil || !there {
		return err
	}
	return j.remove()
}

// remove removes the journal: renamed first, so that it is never there by half.
func (j *Journal) remove() error {
	undone := j.folder + undoneSuffix
	if err := out.Move(j.folder, undone); err != nil {
		return err
	}
	if err := j.passed("undone"); err != nil {
		return err
	}
	if err := out.Sync(filepath.Dir(undone)); err != nil {
		return err
	}
	return out.Remove(undone)
}

// passed is called after each step: where tests kill the process (see package
// killpoint) or let the step fail.
func (j *Journal) passed(step string) error {
	killpoint.After(step)
	if j.fault != nil {
		return j.fault(step)
	}
	return nil
}

// over is the error of a journal that cannot be used any more.
func (j *Journal) over() error {
	return fmt.Errorf("the installation of %s is over", j.Began().Format(time.RFC3339))
}
