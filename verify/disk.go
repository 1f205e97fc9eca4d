package verify

import (
	"crypto/x509"
	"io/fs"

	"myca/optionfile"
)

// Disk is a diagnosis of files and folders.
type Disk struct {
	Rules
	System System // the machine whose files are read
	// ServerUser is whom the server runs as. "" is the user that an option file
	// names, else the owner of the data folder unless that is root, else mysql
	// where the machine has it; else nobody's access is judged.
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
	// User is the account of that name or number.
	User(name string) (User, error)
}

// User is an account of the machine.
type User struct {
	Name   string
	UID    int
	Groups []int // every group it is in
}

// PairFiles is where the files of a pair of a store lie; "" is one it has not.
type PairFiles struct {
	Certificate, Key, CA, CRL, OptionFile string
	// Owner is whom the pair was made for (issue --owner), "" for the operator:
	// only then is it judged whether the server's user can read the files.
	Owner string
}

// Paths diagnoses files and folders.
func (d Disk) Paths(paths ...string) (Report, error) { return Report{}, nil }

// Pair diagnoses the folder of a pair of a store.
func (d Disk) Pair(name string, role Role, files PairFiles) (Report, error) { return Report{}, nil }
