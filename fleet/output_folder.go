package fleet

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"myca/dialect"
	"myca/ledger"
	"myca/out"
)

// Names in the folder of outputs.
const (
	inventoryName = "inventory.json"
	archivesName  = "archives"
	stagingName   = ".myca-new"
	lockName      = ".myca-lock"
)

// lockText is in the lock of every folder that myca has made outputs in.
const lockText = "myca outputs\n"

// Paths of outputs in the folder, with slashes.

func scriptName(target string) string        { return target + "/fleet.sql" }
func replicaName(target, name string) string { return target + "/replica-" + name + ".sql" }
func archiveName(kind, name string) string {
	return archivesName + "/" + kind + "s/" + name + ".tar.gz"
}

// ownFiles matches the files that may be in each of the own folders.
func ownFiles(folder string) *regexp.Regexp {
	switch {
	case folder == archivesName+"/servers", folder == archivesName+"/clients":
		return regexp.MustCompile(`\.tar\.gz$`)
	case !strings.Contains(folder, "/"):
		if v, err := dialect.Parse(folder); err == nil && v.String() == folder {
			return regexp.MustCompile(`^(fleet|replica-.+)\.sql$`)
		}
	}
	return nil
}

// outputFolder is the folder of outputs, an absolute path.
type outputFolder string

// path is where an output lies, by its name with slashes.
func (f outputFolder) path(name string) string {
	return filepath.Join(string(f), filepath.FromSlash(name))
}

func (f outputFolder) staging() string { return f.path(stagingName) }

// staged is where an output is made.
func (f outputFolder) staged(name string) string { return f.path(stagingName + "/" + name) }

// recorded is the state that the inventory in the folder tells; "" when there is
// none, or one that is not myca's.
func (f outputFolder) recorded() (string, error) {
	info, err := os.Lstat(f.path(inventoryName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", nil
	}
	file, err := os.Open(f.path(inventoryName))
	if err != nil {
		return "", err
	}
	defer file.Close()
	end := make([]byte, len(inventoryEnd("")))
	end = append(end, make([]byte, stateLength)...)
	_, err = file.ReadAt(end, max(info.Size()-int64(len(end)), 0))
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return stateIn(string(end)), nil
}

// look is recorded for a folder that may be missing, and is refused as check
// says.
func (f outputFolder) look() (string, error) {
	if there, err := out.Exists(string(f)); err != nil || !there {
		return "", err
	}
	if err := f.check(); err != nil {
		return "", err
	}
	return f.recorded()
}

// claim makes the folder where it is missing, takes the lock on it, and empties
// the staging folder, which a dead process may have left.
func (f outputFolder) claim(ctx context.Context) (unlock func(), err error) {
	if err := out.Mkdir(string(f)); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if err := out.Create(f.path(lockName), []byte(lockText), 0o600, false); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	lock := flock.New(f.path(lockName), flock.SetFlag(os.O_RDONLY))
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock %q: %w", f.path(lockName), err)
	}
	err = f.clear()
	if err == nil {
		err = out.Mkdir(f.staging())
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() { lock.Close() }, nil
}

// clear removes the staging folder.
func (f outputFolder) clear() error { return out.Remove(f.staging()) }

// ownFolders is the names of the folders in it that outputs lie in.
func (f outputFolder) ownFolders() ([]string, error) {
	tops, err := subfolders(string(f))
	if err != nil {
		return nil, err
	}
	var own []string
	for _, top := range tops {
		folders := []string{top}
		if top == archivesName {
			if folders, err = subfolders(f.path(top)); err != nil {
				return nil, err
			}
			for i, below := range folders {
				folders[i] = top + "/" + below
			}
		}
		for _, folder := range folders {
			if ownFiles(folder) != nil {
				own = append(own, folder)
			}
		}
	}
	return own, nil
}

// walk calls do with the name of every file in the folder that has the name of
// an output, but for the inventory. It follows no links.
func (f outputFolder) walk(do func(name string) error) error {
	folders, err := f.ownFolders()
	if err != nil {
		return err
	}
	for _, folder := range folders {
		own := ownFiles(folder)
		err := eachFile(f.path(folder), func(base string) error {
			if !own.MatchString(base) {
				return nil
			}
			return do(path.Join(folder, base))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// archived says whether there are archives in the folder.
func (f outputFolder) archived() (bool, error) {
	one := errors.New("there is one")
	for _, kind := range []string{ledger.Server, ledger.Client} {
		folder := path.Dir(archiveName(kind, ""))
		own := ownFiles(folder)
		err := eachFile(f.path(folder), func(base string) error {
			if own.MatchString(base) {
				return one
			}
			return nil
		})
		if errors.Is(err, one) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// holds says whether the folder has exactly the expected outputs with that content
// (listing.text), and nothing that was cut short. Archives and the inventory are
// not read: of these it is the size that tells.
func (f outputFolder) holds(expected listing, content string) (bool, error) {
	if there, err := out.Exists(f.staging()); err != nil || there {
		return false, err
	}
	var names, found listing
	add := func(name string) error {
		names.add(name)
		size, sum, err := f.content(name)
		found.addContent(name, size, sum)
		return err
	}
	if err := errors.Join(add(inventoryName), f.walk(add)); err != nil {
		return false, err
	}
	return names == expected && found.text() == content, nil
}

// content is the size of an output, and of statements the checksum.
func (f outputFolder) content(name string) (size int64, sum [sha256.Size]byte, err error) {
	if !isScript(name) {
		info, err := os.Lstat(f.path(name))
		if err != nil {
			return 0, sum, err
		}
		return info.Size(), sum, nil
	}
	return sumOf(f.path(name))
}

// sumOf reads a file for its size and checksum.
func sumOf(path string) (size int64, sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, sum, err
	}
	defer file.Close()
	h := sha256.New()
	size, err = io.Copy(h, file)
	return size, [sha256.Size]byte(h.Sum(nil)), err
}
