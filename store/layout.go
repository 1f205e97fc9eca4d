package store

import (
	"crypto/x509"
	"path/filepath"
	"strconv"
	"strings"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

// Names in the folder of a store.
const (
	ledgerName    = "ledger.db"
	lockName      = "lock"
	stagingName   = ".new"
	authorityName = "ca"
	serversName   = "servers"
	clientsName   = "clients"
	sqlName       = "sql"
	archiveName   = "archive"
	installName   = "install" // of package deploy; there once something was installed
	crlFile       = "crl.pem"
)

// journalSuffix ends the name of SQLite's rollback journal.
const journalSuffix = "-journal"

// Names in the folder of a pair.
const (
	bundleFile = ca.CertificateFile
	mycnfFile  = "my.cnf"
)

// layout is the absolute path of a store and knows where everything lies.
type layout string

func (l layout) path(names ...string) string {
	return filepath.Join(append([]string{string(l)}, names...)...)
}

func (l layout) ledger() string  { return l.path(ledgerName) }
func (l layout) bundle() string  { return l.path(bundleFile) }
func (l layout) crl() string     { return l.path(crlFile) }
func (l layout) staging() string { return l.path(stagingName) }
func (l layout) archive() string { return l.path(archiveName) }

// sql is where the account statements of a client lie.
func (l layout) sql(name string) string { return l.path(sqlName, name+".sql") }

// place is the folder of the active certificate of that kind and name.
func (l layout) place(kind, name string) string {
	switch kind {
	case ledger.CA:
		return l.path(authorityName, name)
	case ledger.Server:
		return l.path(serversName, name)
	}
	return l.path(clientsName, name)
}

// folders are what every store has.
func folders() []string {
	return []string{stagingName, authorityName, serversName, clientsName, sqlName, archiveName}
}

// certFile and keyFile name the files of a pair of that kind; they are the
// names that MySQL's documentation uses.
func certFile(kind string) string { return kind + "-cert.pem" }
func keyFile(kind string) string  { return kind + "-key.pem" }

// generationName is the name of a generation of the authority.
func generationName(n int) string { return strconv.Itoa(n) }

// staged is where the material of one certificate lies before it is in place.
// Every name begins with the serial; see serialStaged.
type staged struct {
	kind, name, serial string // of the new certificate
	path               string // .new/SERIAL
}

func (l layout) staged(kind, name, serial string) staged {
	return staged{kind, name, serial, l.path(stagingName, serial)}
}

// pair is the new folder; after an exchange, the old one.
func (s staged) pair() string { return s.path }

// aside is the old folder where names cannot be exchanged.
func (s staged) aside() string { return s.path + asideSuffix }

// accounts is the new account statements, until they are in place: in the new
// folder, where the archive has them.
func (s staged) accounts() string { return s.statementsIn(s.path) }

// statementsIn is where the account statements lie in a folder that is not in
// place.
func (s staged) statementsIn(folder string) string { return filepath.Join(folder, s.name+".sql") }

// replaced is a copy of the account statements that the new ones replace.
func (s staged) replaced() string { return s.path + ".replaced.sql" }

// withdrawal is an empty folder that tells recovery to look whether the
// certificate is in its place still and not active any more.
func (s staged) withdrawal() string { return s.path + ".withdraw" }

// amendment is a folder with the new texts of a pair whose certificate stays.
func (s staged) amendment() string { return s.path + amendSuffix }

// all is every name that the material of the certificate can have.
func (s staged) all() []string {
	return []string{s.pair(), s.aside(), s.replaced(), s.withdrawal(), s.amendment()}
}

// asideSuffix and amendSuffix end names of folders in .new.
const (
	asideSuffix = ".aside"
	amendSuffix = ".amend"
)

// serialStaged is the serial in the name of something in .new, "" when it is
// none of the names of type staged.
func serialStaged(name string) string {
	serial, _, _ := strings.Cut(name, ".")
	if serial == "" || strings.Trim(serial, "0123456789abcdef") != "" {
		return ""
	}
	return serial
}

// maxFile bounds what is read of a file in a store, in bytes.
const maxFile = 16 << 20

// serialIn is the serial of the certificate of a folder of that kind, "" when
// there is none that can be read.
func serialIn(folder, kind string) string {
	cert := certificateIn(folder, kind)
	if cert == nil {
		return ""
	}
	return ca.SerialHex(cert.SerialNumber)
}

// certificateIn is the certificate of a folder of that kind, nil when there is
// none that can be read.
func certificateIn(folder, kind string) *x509.Certificate {
	data, err := out.ReadFile(filepath.Join(folder, certFile(kind)), maxFile)
	if err != nil {
		return nil
	}
	certs, err := ca.DecodeCertificates(data)
	if err != nil {
		return nil
	}
	return certs[0]
}

// isOf says whether a folder holds a certificate of that kind, when only the
// folder can tell: every pair's has the trust bundle, whose name is that of an
// authority's own certificate, but only an authority's has its key.
func isOf(folder, kind string) bool {
	if kind == ledger.CA {
		if own, err := out.Exists(filepath.Join(folder, keyFile(kind))); !own || err != nil {
			return false
		}
	}
	return certificateIn(folder, kind) != nil
}
