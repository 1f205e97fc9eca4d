package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"myca/finding"
)

// maxLinks is how many symbolic links are followed on a path (Linux: MAXSYMLINKS).
const maxLinks = 40

// step is one thing that the kernel asks for leave on the way to a file: to
// search a folder, or, as the last one, to open the file.
type step struct {
	path string
	info fs.FileInfo
	last bool
}

// route is every step to the file, with all symbolic links followed as the kernel
// does it (path_resolution(7)). A file that does not exist or cannot be seen is
// the error of the system.
func (s *survey) route(path string) ([]step, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	root := filepath.VolumeName(abs) + string(filepath.Separator)
	rest := split(strings.TrimPrefix(abs, root))
	at, links := root, 0
	steps, err := s.enter(nil, root, len(rest) == 0)
	for len(rest) > 0 && err == nil {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		var info fs.FileInfo
		if info, err = s.System.Lstat(next); err != nil {
			return nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			steps, err = s.enter(steps, next, len(rest) == 0)
			continue
		}
		if links++; links > maxLinks {
			return nil, fmt.Errorf("%q: more than %d symbolic links", path, maxLinks)
		}
		var target string
		if target, err = s.System.Readlink(next); err != nil {
			return nil, err
		}
		if filepath.IsAbs(target) {
			at = root
		}
		rest = append(split(strings.TrimPrefix(target, root)), rest...)
	}
	return steps, err
}

// split is the names in a path, ".." among them.
func split(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == filepath.Separator })
}

func (s *survey) enter(steps []step, path string, last bool) ([]step, error) {
	info, err := s.System.Stat(path)
	return append(steps, step{path, info, last}), err
}

// The permission bits of others.
const (
	mayRead   fs.FileMode = 4
	mayWrite  fs.FileMode = 2
	maySearch fs.FileMode = 1
)

// need is what the step takes for reading.
func (p step) need() fs.FileMode {
	switch {
	case !p.last:
		return maySearch
	case p.info.IsDir():
		return mayRead | maySearch
	}
	return mayRead
}

// permits is whether the user has all the rights wanted: those of the owner, of
// the group, or of others, whichever comes first, as the kernel decides
// (inode(7)). Root has all of them.
func (s *survey) permits(u User, info fs.FileInfo, want fs.FileMode) bool {
	uid, gid, known := s.System.Owner(info)
	mode := info.Mode().Perm()
	switch {
	case !known, u.UID == 0:
		return true
	case uid == u.UID:
		mode >>= 6
	case slices.Contains(u.Groups, gid):
		mode >>= 3
	}
	return mode&want == want
}

// exposed is the finding that others can read or write the file: its own bits
// say so, and every folder on the way lets them in.
func (s *survey) exposed(path string) []finding.Finding {
	steps, err := s.route(path)
	if err != nil || len(steps) == 0 {
		return nil
	}
	for _, p := range steps[:len(steps)-1] {
		if found := s.replaceable(path, p); found != nil {
			return found
		}
		if p.info.Mode()&maySearch == 0 {
			return nil
		}
	}
	info := steps[len(steps)-1].info
	if _, _, known := s.System.Owner(info); !known {
		return nil
	}
	var rights []string
	if info.Mode()&mayRead != 0 {
		rights = append(rights, "read")
	}
	if info.Mode()&mayWrite != 0 {
		rights = append(rights, "write")
	}
	if rights == nil {
		return nil
	}
	mend := "chmod o= " + quoted(path) + s.newKey()
	return []finding.Finding{finding.New(finding.KeyExposed, path, mend,
		"everybody on this machine can %s the private key: its mode is %04o", strings.Join(rights, " and "), info.Mode().Perm())}
}

// newKey is what to do about a key that others had, behind another command.
func (s *survey) newKey() string {
	name := "NAME"
	if s.pairName != "" {
		name = shellWord(s.pairName)
	}
	return "; if others are on this machine, make a new key: myca renew " + name
}

// replaceable is the finding that others can put another file in the place of a
// key: they may write to a folder on the way, and it does not keep them from what
// is not theirs (sticky). A group that the folder's owner is in does not count.
func (s *survey) replaceable(key string, p step) []finding.Finding {
	uid, gid, known := s.System.Owner(p.info)
	mode := p.info.Mode()
	const enter = mayWrite | maySearch
	who, mend := "", ""
	switch {
	case !known || mode&fs.ModeSticky != 0:
	case mode&enter == enter:
		who, mend = "everybody on this machine", "chmod o-w "
	case mode>>3&enter == enter && gid != 0 && !s.inGroup(uid, gid):
		who, mend = fmt.Sprintf("the group %d", gid), "chmod g-w "
	}
	if who == "" {
		return nil
	}
	return []finding.Finding{finding.New(finding.KeyExposed, key, mend+quoted(p.path)+s.newKey(),
		"%s can replace the private key: the folder %s has mode %04o", who, p.path, mode.Perm())}
}

// inGroup is whether the account of that number is in the group; one that is not
// known counts as if it were.
func (s *survey) inGroup(uid, gid int) bool {
	user, err := s.System.User(strconv.Itoa(uid))
	return err != nil || slices.Contains(user.Groups, gid)
}

// readable is the finding that the server's user cannot read a file (or the
// files of a folder), with the folder or file that keeps it out.
func (s *survey) readable(u User, path string, secret bool) []finding.Finding {
	steps, err := s.route(path)
	if errors.Is(err, fs.ErrPermission) {
		s.unseen("whether %s can read %s: %v", u.Name, path, cause(err))
	}
	if err != nil {
		return nil
	}
	for _, p := range steps {
		if uid, _, _ := s.System.Owner(p.info); u.UID != 0 && u.UID != uid && s.System.Listed(p.path) {
			s.unseen("whether %s can read %s: %s has an access control list; getfacl shows it", u.Name, path, p.path)
			return nil
		}
		if s.permits(u, p.info, p.need()) {
			continue
		}
		where, what := path, "the server's user %q cannot read it: %s is of %s with mode %04o"
		if !p.last {
			where, what = p.path, "the server's user %q cannot enter the folder %s, which is of %s with mode %04o, on the way to "+escaped(path)
		}
		return []finding.Finding{finding.New(finding.ServerCannotRead, where, admit(u, p, secret),
			what, u.Name, p.path, s.ownerName(p.info), p.info.Mode().Perm())}
	}
	return nil
}

// escaped is text in a format.
func escaped(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// admit is the command that lets the user take the step. A folder that is closed
// to everybody but its owner is so on purpose.
func admit(u User, p step, secret bool) string {
	path, name := quoted(p.path), quoted(u.Name)
	const then = "; then reload or restart the server"
	switch {
	case !p.last && p.info.Mode().Perm()&0o077 == 0:
		return "install -d -m 0700 -o " + name + " /etc/mysql/myca, put the files there, of " + name + ", and name them in the option file; or chmod o+x " + path + then
	case !p.last:
		return "chmod o+x " + path + then
	case p.info.IsDir():
		return "chown " + name + " " + path + then
	case secret:
		return "chown " + name + " " + path + " && chmod 0400 " + path + then
	}
	return "chmod o+r " + path + then
}

// ownerName is whom a file belongs to, for a sentence: "root" or "1000".
func (s *survey) ownerName(info fs.FileInfo) string {
	uid, _, known := s.System.Owner(info)
	if !known {
		return "nobody"
	}
	number := strconv.Itoa(uid)
	if user, err := s.System.User(number); err == nil && user.UID == uid {
		return user.Name
	}
	return number
}

// quoted is a word of a shell command.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:@+,"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
