package deploy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"myca/out"
)

// maxLinks bounds the links that are followed, as Linux does (path_resolution(7)).
const maxLinks = 40

// resolve is the absolute path without links that path stands for; its end may
// be missing. With last, its last element may be a link too, to something that
// is there; else that is refused.
//
// A link is followed when it belongs to root, to whoever runs, or to the owner
// of what it leads to: otherwise a user whose files root installs could lead
// root to anybody's.
func resolve(path string, last bool) (string, error) {
	if !filepath.IsAbs(path) || !utf8.ValidString(path) || strings.ContainsRune(path, 0) {
		return "", fail(ErrRefused, "name an absolute path", "%q is not an absolute path in UTF-8", path)
	}
	path = filepath.Clean(path)
	at, rest := start(path)
	for links := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(next)
		if errors.Is(err, fs.ErrNotExist) {
			return filepath.Join(append([]string{next}, rest...)...), nil
		}
		if err != nil {
			return "", fail(errors.Join(ErrRefused, err), "look at its folders: ls -la", "%q cannot be reached: %v", path, err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", fail(ErrRefused, "look at it: ls -la", "%q: too many symbolic links", path)
		}
		target, err := follow(next, info, len(rest) > 0 || last)
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(target) {
			at, target = split(target)
		}
		rest = append(elements(target), rest...)
	}
	return at, nil
}

// follow is where the link at path leads.
func follow(path string, link fs.FileInfo, may bool) (string, error) {
	target, err := os.Readlink(path)
	if err != nil {
		return "", err
	}
	if !may {
		return "", fail(ErrRefused, "whoever made the link manages that file: name another place, or remove the link",
			"%q is a symbolic link to %q; only option files are replaced through links", path, target)
	}
	there, err := os.Stat(path)
	if err != nil {
		return "", fail(ErrRefused, "remove the link, or make what it leads to", "the symbolic link %q leads to nothing: %q", path, target)
	}
	by, to := out.OwnerIn(link).UID, out.OwnerIn(there).UID
	if by > 0 && by != os.Geteuid() && by != to {
		return "", fail(ErrRefused, "remove the link, or let its owner have what it leads to",
			"the symbolic link %q of user %d leads to what belongs to user %d", path, by, to)
	}
	return target, nil
}

// start is the root of an absolute path, and the elements below it.
func start(path string) (root string, below []string) {
	root, path = split(path)
	return root, elements(path)
}

// split is the root of an absolute path, and what is below.
func split(path string) (root, below string) {
	root = filepath.VolumeName(path) + string(filepath.Separator)
	return root, strings.TrimPrefix(path, root)
}

func elements(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return os.IsPathSeparator(uint8(r)) && r < utf8.RuneSelf })
}
