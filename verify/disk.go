package verify

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// Disk is a diagnosis of files and folders. Access is judged by owner, group and
// mode as the kernel does it, not where there is an access control list; SELinux,
// AppArmor and mount options are not looked at. Nothing is judged where the system has no owners.
type Disk struct {
	Rules
	System System // the machine whose files are read
	// ServerUser is the name or number of whom the server runs as. "" is the user
	// that the option file names, else the owner of the data folder unless that
	// is root, else mysql where the machine has it; else the server's access is
	// not judged.
	ServerUser string
	// Trust replaces the bundles of folders and option files where it is not nil.
	Trust      []*x509.Certificate
	TrustWhere string // the file of Trust
}

// System is what a diagnosis needs of the machine.
type System interface {
	optionfile.System
	Lstat(path string) (fs.FileInfo, error)
	Readlink(path string) (string, error)
	// Owner is whom a file belongs to; known is false where the system has no
	// such thing.
	Owner(info fs.FileInfo) (uid, gid int, known bool)
	// Listed is whether an access control list decides beside owner, group and
	// mode who may use the path.
	Listed(path string) bool
	// User is the account of that name or number.
	User(name string) (User, error)
}

// User is an account of the machine.
type User struct {
	Name   string
	UID    int
	Groups []int // every group it is in
}

// Paths diagnoses files and folders, each of them by its content.
//
// The files that are named one by one are judged together: a key and the
// certificate it belongs to, a bundle of CAs (if it is the only one) as the trust
// of the rest. A folder is judged with what lies in it, not below it: each
// certificate with its key, its bundle and its CRL; what MySQL made by itself in
// its data folder is not, where an option file among the paths has the server use
// other files. An option file (my.cnf, *.cnf,
// *.ini, or any file with such a group) is read with what it includes as each
// program of the target reads it, and the files that its options name are judged
// in their role. No more than 16 MiB of a file is read, and of one that is found in
// a folder and not named like a certificate, key or CRL no more than 1 MiB.
//
// What lies in a folder and is none of these is passed over; a file that was
// named and is none of these is a finding. The error is about the paths
// themselves (it wraps fs.ErrNotExist where one does not exist) or an unknown
// ServerUser.
func (d Disk) Paths(paths ...string) (Report, error) {
	s, err := d.begin()
	if err != nil {
		return Report{}, err
	}
	var named []*material
	for _, path := range s.ordered(paths) {
		info, err := d.System.Stat(path)
		switch {
		case errors.Is(err, fs.ErrPermission):
			s.unseen("%s: %v", path, cause(err))
		case err != nil:
			return Report{}, fmt.Errorf("%q: %w", path, cause(err))
		case info.IsDir():
			s.folder(path)
		default:
			if m := s.named(path); m != nil {
				named = append(named, m)
			}
		}
	}
	s.together(named)
	return s.report, nil
}

// ordered is the paths with folders after files, and data folders last: what the
// option files say decides which files of a data folder are in use.
func (s *survey) ordered(paths []string) []string {
	rank := func(path string) int {
		info, err := s.System.Stat(path)
		if err != nil || !info.IsDir() {
			return 0
		}
		if names, _ := s.System.ReadDir(path); dataFolder(names) {
			return 2
		}
		return 1
	}
	list := slices.Clone(paths)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

// named looks at a file that was named; nil when there is nothing in it to be
// judged with the others.
func (s *survey) named(path string) *material {
	m, err := s.load(path)
	switch {
	case s.blind(path, err):
		return nil
	case err != nil:
		s.add(finding.New(finding.FileUnreadable, path, "", "%v", cause(err)))
		return nil
	case optionFileName(filepath.Base(path)) || m.empty() && m.group:
		s.examine(Examined{Path: path, Kind: "option file"})
		s.optionFiles(scope{}, path)
		return nil
	case m.empty() && m.damage == "":
		s.add(finding.New(finding.FileUnreadable, path, "", "it holds no certificate, private key, CRL or option group"))
		return nil
	}
	return m
}

// survey is a diagnosis under way.
type survey struct {
	Disk
	report  Report
	server  *User // of Disk.ServerUser
	reading *optionfile.Reader
	about   map[bool]dialect.TLSOptions // of the target's server (true) and of its clients
	// pairName is the name of the store's pair that is judged; "" for anything else.
	pairName string
	loaded   map[string]loaded
	// examined is the paths in report.Examined, alone those that were judged by
	// themselves, and done the certificates that were judged, with their
	// role and the files beside them.
	examined, alone, done map[string]bool
	configured            bool // a server's option file says where its TLS files are
}

type loaded struct {
	material *material
	err      error
}

func (d Disk) begin() (*survey, error) {
	s := &survey{
		Disk: d, reading: optionfile.NewReader(d.System), loaded: map[string]loaded{},
		examined: map[string]bool{}, alone: map[string]bool{}, done: map[string]bool{},
		about: map[bool]dialect.TLSOptions{true: d.Target.TLSOptions(true), false: d.Target.TLSOptions(false)},
	}
	if d.ServerUser != "" {
		user, err := d.System.User(d.ServerUser)
		if err != nil {
			return nil, fmt.Errorf("the server's user %q: %w", d.ServerUser, err)
		}
		s.server = &user
	}
	return s, nil
}

func (s *survey) add(list ...finding.Finding) { s.report.find(list...) }

func (s *survey) unseen(format string, args ...any) { s.report.unsee(fmt.Sprintf(format, args...)) }

func (s *survey) examine(e Examined) {
	if !s.examined[e.Path] {
		s.examined[e.Path] = true
		s.report.Examined = append(s.report.Examined, e)
	}
}

// blind is whether the error says that a file was not looked at, and notes it.
func (s *survey) blind(path string, err error) bool {
	blind := errors.Is(err, fs.ErrPermission) || errors.Is(err, errTooLong)
	if blind {
		s.unseen("%s: %v", path, cause(err))
	}
	return blind
}

// cause is an error of the file system without the path, which stands before it.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
