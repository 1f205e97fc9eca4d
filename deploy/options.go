package deploy

import (
	"bytes"
	"io/fs"

	"myca/dialect"
	"myca/optionfile"
)

// ServerOptions is what a server is to read from its option files.
type ServerOptions struct {
	System  optionfile.System
	Version dialect.Version
	// File is the one file that the server reads (--defaults-file); "" for the
	// standard places, with that of Home where it is not "".
	File, Home string
	// DataDir is where mysqld-auto.cnf of MySQL lies; "" for what the option
	// files say, and else /var/lib/mysql.
	DataDir string
	// Text is the option file as templates.ServerOptions makes it.
	Text string
}

// ClientOptions is what the client programs of a user are to read from
// ~/.my.cnf.
type ClientOptions struct {
	System  optionfile.System
	Version dialect.Version
	Home    string // the user's home folder, absolute
	// Text is the option file as templates.ClientOptions makes it.
	Text string
}

// Edit is the change of one option file. Old and New may hold passwords.
type Edit struct {
	Path     string // symbolic links followed
	Old, New []byte // Old is nil when the file is Created
	Created  bool
	Mode     fs.FileMode // the permission bits that the file is to have
	// Overrides are settings of which ours is in force, and which are set in
	// another way before it: Overridden says where.
	Overrides []optionfile.Setting
	Notices   []string // what else the user should know
}

// Changed reports whether the content changes.
func (e Edit) Changed() bool { return e.Created || !bytes.Equal(e.Old, e.New) }
