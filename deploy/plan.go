package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"myca/out"
)

// maxFile bounds what is read of a file that is to be replaced, in bytes.
const maxFile = 16 << 20

// Defaults of what is made.
const (
	newFileMode   fs.FileMode = 0o644
	newFolderMode fs.FileMode = 0o755
)

// Plan is what has to change on the disk, in the order in which it is done:
// folders from the top, files as they were wanted, option files last. Paths are
// absolute and lead through no link; mode and owner are the ones to be, only
// what is made without an owner has nil.
type Plan struct {
	Folders []Folder
	Files   []File
	Notices []string // what the user should know

	// As is with whose rights everything outside of the store is done, as
	// below folders that this user controls (out.As); nil: who runs.
	As *out.Owner
}

// Empty says whether nothing has to change.
func (p Plan) Empty() bool { return len(p.Folders) == 0 && len(p.Files) == 0 }

// NewPlan compares what is wanted with the disk and keeps what differs: in
// content, mode or owner of a file, in being there of a folder. It only reads.
//
// The error names everything that is in the way (ErrRefused): a file that would
// be replaced and is a link, a folder or a special file; a file in place of a
// folder; a missing folder that is not wanted; an owner that only root can
// give; a link that somebody made who owns neither it nor what it leads to; or
// a file that is not what the new content was made from (ErrChanged).
func NewPlan(folders []Folder, files []File) (Plan, error) {
	var p Plan
	var problems []error
	for _, f := range folders {
		problems = append(problems, p.addFolder(f))
	}
	for _, f := range files {
		problems = append(problems, p.addFile(f))
	}
	if err := errors.Join(problems...); err != nil {
		return Plan{}, err
	}
	slices.SortStableFunc(p.Files, func(a, b File) int {
		switch {
		case a.Options == b.Options:
			return 0
		case b.Options:
			return -1
		}
		return 1
	})
	return p, nil
}

// addFolder adds f and the folders above it that are missing.
func (p *Plan) addFolder(f Folder) error {
	path, err := resolve(f.Path, true)
	if err != nil {
		return err
	}
	f.Path, f.Mode = path, orDefault(f.Mode, newFolderMode)
	missing := []Folder{f}
	for {
		at := missing[0].Path
		info, err := os.Lstat(at)
		if errors.Is(err, fs.ErrNotExist) && !p.makes(at) {
			missing = slices.Insert(missing, 0, Folder{Path: filepath.Dir(at), Mode: newFolderMode})
			continue
		}
		if err == nil && !info.IsDir() {
			return fail(ErrRefused, "move it away, or name another folder", "%q is to be a folder, but it is %s", at, kind(info.Mode()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if missing = missing[1:]; len(missing) == 0 {
			return nil
		}
		if err := mayGive(path, f.Owner); err != nil {
			return err
		}
		if info != nil && len(missing) > 1 && os.Geteuid() == 0 {
			owner := out.OwnerIn(info)
			for i := range missing[:len(missing)-1] {
				missing[i].Owner = &owner
			}
		}
		p.Folders = append(p.Folders, missing...)
		return nil
	}
}

// makes says whether the folder path is to be made.
func (p *Plan) makes(path string) bool {
	return slices.ContainsFunc(p.Folders, func(f Folder) bool { return f.Path == path })
}

func (p *Plan) addFile(f File) error {
	path, err := resolve(f.Path, f.Options)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.Files, func(other File) bool { return other.Path == path }) {
		return fail(ErrRefused, "give each its own path", "%q would be written twice", path)
	}
	if f.Options && path != filepath.Clean(f.Path) {
		p.Notices = append(p.Notices, fmt.Sprintf("%q leads to %q: that file is changed, links stay", f.Path, path))
	}
	f.Path = path
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.addNew(f)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fail(ErrRefused, "move it away, or name another place", "%q is to be a file, but it is %s", path, kind(info.Mode()))
	}
	data, has, err := out.Look(path, maxFile)
	if err != nil {
		return err
	}
	if f.Fresh || f.From != nil && !bytes.Equal(f.From, data) {
		return changed(path)
	}
	f.Was = &State{Data: data, Attributes: has}
	f.Mode = orDefault(f.Mode, has.Mode)
	if f.Owner == nil {
		f.Owner = &has.Owner
	}
	if bytes.Equal(f.Data, data) && has.Like(f.attributes()) {
		return nil
	}
	if err := mayGive(path, f.Owner); err != nil {
		return err
	}
	if n := out.Names(info); n > 1 {
		p.Notices = append(p.Notices, fmt.Sprintf("%q is one of %d names (hard links) of its file: the others keep the old content", path, n))
	}
	p.Files = append(p.Files, f)
	return nil
}

// addNew adds a file that is not there.
func (p *Plan) addNew(f File) error {
	if f.From != nil {
		return changed(f.Path)
	}
	folder := filepath.Dir(f.Path)
	if _, err := os.Stat(folder); err != nil && !p.makes(folder) {
		return fail(ErrRefused, "make the folder, or name another place", "%q cannot be made: %v", f.Path, err)
	}
	if err := mayGive(f.Path, f.Owner); err != nil {
		return err
	}
	f.Mode = orDefault(f.Mode, newFileMode)
	p.Files = append(p.Files, f)
	return nil
}

// attributes are those that the file is to have. One that is replaced keeps its
// label, and, where the mode stays or it is an option file, its access control
// list: with that, the group's part of the mode is the mask of the list (acl(5)),
// and would without it open the file to its group.
func (f *File) attributes() out.Attributes {
	a := out.Attributes{Mode: f.Mode, Owner: out.Owner{UID: -1, GID: -1}}
	if f.Owner != nil {
		a.Owner = *f.Owner
	}
	if f.Was != nil {
		a.Extended = f.Was.Extended
		if !f.Options && f.Mode != f.Was.Mode {
			a = a.WithoutList()
		}
	}
	return a
}

// mayGive refuses an owner that whoever runs cannot give a file to.
func mayGive(path string, owner *out.Owner) error {
	if me := os.Geteuid(); owner != nil && me > 0 && owner.UID >= 0 && owner.UID != me {
		return fail(ErrRefused, "run the command as root (sudo)", "%q is to belong to user %d: only root gives files to other users", path, owner.UID)
	}
	return nil
}

func orDefault(mode, other fs.FileMode) fs.FileMode {
	if mode == 0 {
		return other
	}
	return mode.Perm()
}

func changed(path string) error {
	return fail(ErrChanged, "run the command again", "%q was changed by somebody else meanwhile", path)
}

// kind is what something is that is no regular file.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a file"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
