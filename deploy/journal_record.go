package deploy

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"myca/out"
)

// recordVersion is the form of journal.json that this program writes and reads.
const recordVersion = 1

// copyMode is the mode of every file in a journal.
const copyMode fs.FileMode = 0o600

// record is journal.json.
type record struct {
	Version int             `json:"version"`
	Began   time.Time       `json:"began"`
	Folders []folderRecord  `json:"folders"` // that are made, from the top
	Files   []fileRecord    `json:"files"`   // in the order in which they are replaced
	As      *rights         `json:"as"`      // null: who ran it
	Meta    json.RawMessage `json:"meta"`
}

// rights are with which everything outside of the store is done: see Plan.As.
type rights struct {
	UID int `json:"uid"`
	GID int `json:"gid"`
}

// folderRecord is a folder that was not there.
type folderRecord struct {
	Path   string `json:"path"`
	Beside string `json:"beside"` // its name before it is complete
}

// fileRecord is a file that is replaced or made.
type fileRecord struct {
	Path    string   `json:"path"`
	Beside  string   `json:"beside"`  // the name of the new one before it is complete
	Options bool     `json:"options"` // it is an option file
	Before  *past    `json:"before"`  // null: there was none
	After   checksum `json:"after"`
}

// past is a file as it was.
type past struct {
	Copy     string            `json:"copy"` // a file in the journal's folder
	SHA256   checksum          `json:"sha256"`
	Mode     string            `json:"mode"` // octal
	UID      int               `json:"uid"`
	GID      int               `json:"gid"`
	Extended map[string][]byte `json:"extended,omitempty"`
}

// checksum is SHA-256 of a content, in lower-case hex.
type checksum string

func sum(data []byte) checksum {
	s := sha256.Sum256(data)
	return checksum(hex.EncodeToString(s[:]))
}

// idTime is how the name of a journal begins.
const idTime = "20060102T150405Z"

// newID names a journal: by its time, so that names sort, and by chance, so
// that two stores can install on one host.
func newID(now time.Time) string {
	return now.UTC().Format(idTime) + "-" + strings.ToLower(rand.Text()[:8])
}

// isID says whether name could be a journal's.
func isID(name string) bool {
	stamp, _, found := strings.Cut(name, "-")
	_, err := time.Parse(idTime, stamp)
	return found && err == nil && filepath.Ext(name) == ""
}

func newRecord(p Plan, id string, meta json.RawMessage, now time.Time) record {
	r := record{Version: recordVersion, Began: now.UTC().Truncate(time.Second), Meta: meta}
	if p.As != nil {
		r.As = &rights{p.As.UID, p.As.GID}
	}
	beside := func(path, n string) string { return filepath.Join(filepath.Dir(path), ".myca-"+id+"-"+n) }
	for n, f := range p.Folders {
		r.Folders = append(r.Folders, folderRecord{f.Path, beside(f.Path, "folder"+strconv.Itoa(n))})
	}
	for n, f := range p.Files {
		one := fileRecord{Path: f.Path, Beside: beside(f.Path, strconv.Itoa(n)), Options: f.Options, After: sum(f.Data)}
		if f.Was != nil {
			one.Before = &past{
				Copy: copyName(n, f.Path), SHA256: sum(f.Was.Data), Mode: fmt.Sprintf("%04o", f.Was.Mode),
				UID: f.Was.Owner.UID, GID: f.Was.Owner.GID, Extended: f.Was.Extended,
			}
		}
		r.Files = append(r.Files, one)
	}
	return r
}

// copyName is the name of the saved copy of the file path, the nth.
func copyName(n int, path string) string {
	name := strconv.Itoa(n)
	if base := filepath.Base(path); len(base) <= 200 {
		name += "-" + base
	}
	return name
}

// old is the second name of the old file, while the installation goes on.
func (r fileRecord) old() string { return r.Beside + ".old" }

// attributes are those that the file had.
func (b *past) attributes() (out.Attributes, error) {
	mode, err := strconv.ParseUint(b.Mode, 8, 32)
	if err != nil {
		return out.Attributes{}, fmt.Errorf("mode %q", b.Mode)
	}
	return out.Attributes{Mode: fs.FileMode(mode).Perm(), Owner: out.Owner{UID: b.UID, GID: b.GID}, Extended: b.Extended}, nil
}

// readRecord reads the journal in folder.
func readRecord(folder string) (record, error) {
	path := filepath.Join(folder, recordName)
	text, err := out.ReadFile(path, maxFile)
	if err != nil {
		return record{}, err
	}
	var r record
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &version); err == nil && version.Version > recordVersion {
		return record{}, fail(ErrDamaged, "use the myca that began it, or a newer one", "%q has version %d, this program knows %d", path, version.Version, recordVersion)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&r)
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return record{}, fail(ErrDamaged, "the saved copies beside it tell what was there: put it back by hand, then remove the folder",
			"%q is not what was written: %v", path, err)
	}
	return r, nil
}

// check says what in a journal cannot have been written by newRecord.
func (r *record) check() error {
	if r.Version != recordVersion {
		return fmt.Errorf("version %d", r.Version)
	}
	if r.As != nil && (r.As.UID < 0 || r.As.GID < 0) {
		return fmt.Errorf("rights of user %d, group %d", r.As.UID, r.As.GID)
	}
	beside := func(path, name string) bool {
		return filepath.IsAbs(path) && filepath.Dir(name) == filepath.Dir(path) && strings.HasPrefix(filepath.Base(name), ".myca-")
	}
	for _, f := range r.Folders {
		if !beside(f.Path, f.Beside) {
			return fmt.Errorf("folder %q with %q", f.Path, f.Beside)
		}
	}
	for n, f := range r.Files {
		if !beside(f.Path, f.Beside) {
			return fmt.Errorf("file %q with %q", f.Path, f.Beside)
		}
		if f.Before == nil {
			continue
		}
		if f.Before.Copy != copyName(n, f.Path) {
			return fmt.Errorf("copy %q", f.Before.Copy)
		}
		if _, err := f.Before.attributes(); err != nil {
			return err
		}
	}
	return nil
}

// found is what there is at the path of a file.
type found struct {
	there, regular bool
	sum            checksum
	out.Attributes
}

// look says what there is at path, which no link leads to.
func look(path string) (found, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return found{}, nil
	}
	if err != nil {
		return found{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return found{there: true}, nil
	}
	data, has, err := out.Look(path, maxFile)
	if err != nil {
		return found{}, err
	}
	return found{there: true, regular: true, sum: sum(data), Attributes: has}, nil
}
