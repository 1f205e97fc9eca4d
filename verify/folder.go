package verify

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"myca/dialect"
	"myca/finding"
)

// maxEntries bounds how many files of a folder are looked at.
const maxEntries = 10000

// persisted is where MySQL keeps the settings of SET PERSIST in a data folder.
const persisted = "mysqld-auto.cnf"

// folder diagnoses a folder by what lies in it.
func (s *survey) folder(path string) {
	names, err := s.System.ReadDir(path)
	if err != nil {
		s.unseen("%s: %v", path, cause(err))
		return
	}
	slices.Sort(names)
	if len(names) > maxEntries {
		s.unseen("%s: it has %d files, and only the first %d were looked at", path, len(names), maxEntries)
		names = names[:maxEntries]
	}
	kind := "folder"
	if dataFolder(names) {
		kind = "data folder"
	}
	s.examine(Examined{Path: path, Kind: kind})
	var found set
	var options []string
	for _, name := range names {
		file := filepath.Join(path, name)
		switch m, blind := s.inFolder(file); {
		case blind:
			found.blind = true
		case m == nil || name == persisted:
		case optionFileName(name):
			if m.group {
				options = append(options, file)
			}
		case kind == "data folder" && s.unused(name):
		case m.damage != "" || !m.empty():
			found.files = append(found.files, m)
		}
	}
	place := scope{folder: path}
	if kind == "data folder" {
		place.datadir = path
	}
	found.trust = conventional(found.files)
	s.judge(found)
	s.optionFolder(place, options, slices.Contains(names, persisted))
	s.folderAccess(place, found)
}

// unused is whether a file of that name in a data folder is one that MySQL makes
// there at the first start and this server does not use, because its options name
// other files (auto_detect_ssl in sql/ssl_init_callback.cc).
func (s *survey) unused(name string) bool {
	return s.configured && s.Target.Product == dialect.MySQL && s.Target.AtLeast(5, 7, 5) &&
		slices.Contains([]string{"ca.pem", "ca-key.pem", "server-cert.pem", "server-key.pem", "client-cert.pem", "client-key.pem"}, name)
}

// inFolder is what a file of a folder holds: nil when that is none of our
// business. blind is that it may be, but cannot be read.
func (s *survey) inFolder(file string) (m *material, blind bool) {
	named := slices.Contains(pemExtensions(), filepath.Ext(file))
	if info, err := s.System.Stat(file); err == nil && info.Size() > maxPlain && !named {
		return nil, false
	}
	m, err := s.load(file)
	switch {
	case err == nil:
		return m, false
	case s.blind(file, err):
		return nil, true
	case errors.Is(err, fs.ErrNotExist) && named:
		s.add(finding.New(finding.FileMissing, file, "", "it is a link to a file that does not exist"))
	}
	return nil, false
}

// pemExtensions is how the names of certificates and keys end.
func pemExtensions() []string { return []string{".pem", ".crt", ".cer", ".key", ".crl"} }

// dataFolder is whether files of these names make a server's data folder.
func dataFolder(names []string) bool {
	for _, sign := range []string{"ibdata1", "auto.cnf", persisted, "mysql.ibd", "aria_log_control"} {
		if slices.Contains(names, sign) {
			return true
		}
	}
	return false
}

// conventional is the bundle of CAs in a folder: the files with a name that is
// usual for it, else all that hold CAs.
func conventional(files []*material) []*material {
	var all, named []*material
	for _, m := range files {
		if !m.authority() {
			continue
		}
		all = append(all, m)
		stem := strings.TrimSuffix(filepath.Base(m.path), filepath.Ext(m.path))
		if slices.Contains([]string{"ca", "ca-cert", "cacert", "ca-bundle", "chain", "root"}, stem) {
			named = append(named, m)
		}
	}
	if named != nil {
		return named
	}
	return all
}

// optionFolder judges the option files of a folder: my.cnf and what it includes,
// and every other one by itself; where there is no my.cnf, all of them in the
// order of their names, as !includedir of the folder reads them.
func (s *survey) optionFolder(place scope, files []string, persisted bool) {
	for _, file := range files {
		s.examine(Examined{Path: file, Kind: "option file"})
	}
	main := slices.IndexFunc(files, func(f string) bool { return filepath.Base(f) == "my.cnf" || filepath.Base(f) == "my.ini" })
	switch {
	case main >= 0:
		read := s.optionFiles(place, files[main])
		for _, file := range files {
			if !slices.Contains(read, file) && !s.sameFile(file, files[main]) {
				read = append(read, s.optionFiles(place, file)...)
			}
		}
	case len(files) > 0 || persisted:
		s.optionFiles(place, files...)
	}
}

// sameFile is whether both names lead to one file.
func (s *survey) sameFile(a, b string) bool {
	first, err := s.route(a)
	second, other := s.route(b)
	return err == nil && other == nil && first[len(first)-1].path == second[len(second)-1].path
}

// folderAccess judges whether the server's user can read what is the server's in
// a folder. A folder of an ordinary user is taken for the operator's own, unless
// a user was named.
func (s *survey) folderAccess(place scope, found set) {
	files := found.server()
	if len(files) == 0 && place.datadir == "" {
		return
	}
	user, known := s.userOf(place, "")
	if !known {
		return
	}
	if s.server == nil && place.datadir == "" {
		if owner, own := s.ordinary(place.folder, user); own {
			s.unseen("whether the server's user can read %s: it is a folder of %s; --server-user %s judges it", place.folder, owner, user.Name)
			return
		}
	}
	if place.datadir != "" {
		s.add(s.readable(user, place.datadir, false)...)
	}
	for _, m := range files {
		s.add(s.readable(user, m.path, m.private)...)
	}
}

// ordinary is whether the folder belongs to somebody else than root and the
// server's user, and who that is.
func (s *survey) ordinary(folder string, server User) (owner string, own bool) {
	info, err := s.System.Stat(folder)
	if err != nil {
		return "", false
	}
	uid, _, known := s.System.Owner(info)
	return s.ownerName(info), known && uid != 0 && uid != server.UID
}

// scope is where option files and certificates are judged.
type scope struct {
	folder  string // that was named; "" for a file
	datadir string // the data folder, "" when it is not known
	pair    *pair  // of the store, nil for anything else
}

// userOf is whom the server runs as. user is what the option file in force says.
func (s *survey) userOf(place scope, user string) (User, bool) {
	if s.server != nil {
		return *s.server, true
	}
	if user != "" {
		return s.account(user)
	}
	if place.datadir != "" {
		if info, err := s.System.Stat(place.datadir); err == nil {
			if uid, gid, known := s.System.Owner(info); known && uid != 0 {
				number := strconv.Itoa(uid)
				if found, err := s.System.User(number); err == nil {
					return found, true
				}
				return User{Name: number, UID: uid, Groups: []int{gid}}, true
			}
		}
	}
	return s.account("mysql")
}

func (s *survey) account(name string) (User, bool) {
	found, err := s.System.User(name)
	if err != nil {
		s.unseen("whether the server can read its files: this machine has no user %q; --server-user USER names another", name)
	}
	return found, err == nil
}
