package store

import (
	"errors"
	"strings"

	"myca/dialect"
	"myca/dn"
	"myca/ledger"
	"myca/templates"
)

// These three make the texts of a new pair in Draft, and the same texts again
// for the commands that print them: from the recorded spec (or a changed copy
// of it) and the certificate in the row, never from what was asked for.

// ServerOptions describes the option file of a server's pair. The paths are
// those in sp.DeployDir, or in the store where it is "".
func (s *Store) ServerOptions(sp Spec, r ledger.Row) (templates.ServerOptions, error) {
	target, err := dialect.Parse(sp.Target)
	if err != nil {
		return templates.ServerOptions{}, err
	}
	dir := s.optionDir(sp, r)
	return templates.ServerOptions{
		Target: target,
		CA:     inDir(dir, bundleFile), Cert: inDir(dir, certFile(r.Kind)), Key: inDir(dir, keyFile(r.Kind)),
		Name: r.Name, Serial: r.Serial, NotAfter: r.NotAfter,
	}, nil
}

// ClientOptions describes the option file of a client's pair: paths as in
// ServerOptions, the user of sp's accounts, the server that sp.Connect names,
// and password where it is not nil.
func (s *Store) ClientOptions(sp Spec, r ledger.Row, password *string) (templates.ClientOptions, error) {
	target, targetErr := dialect.Parse(sp.Target)
	accounts, accountsErr := parseAll(sp.Accounts, dialect.ParseAccount)
	var host string
	var port int
	var connectErr error
	if sp.Connect != "" {
		host, port, connectErr = dialect.ParseAddress(sp.Connect)
	}
	if err := errors.Join(targetErr, accountsErr, connectErr); err != nil {
		return templates.ClientOptions{}, err
	}
	dir := s.optionDir(sp, r)
	o := templates.ClientOptions{
		Target: target,
		CA:     inDir(dir, bundleFile), Cert: inDir(dir, certFile(r.Kind)), Key: inDir(dir, keyFile(r.Kind)),
		Host: host, Port: port, Groups: sp.Groups,
		Name: r.Name, Serial: r.Serial, NotAfter: r.NotAfter,
	}
	if len(accounts) > 0 {
		o.User = accounts[0].User
	}
	if password != nil {
		o.Password = *password
	}
	return o, nil
}

// AccountStatements describes the account statements of a client's pair.
// Issuer and subject are read from the certificate in the row.
func (s *Store) AccountStatements(sp Spec, r ledger.Row, password *string) (templates.Accounts, error) {
	subject, issuer, nameErr := dn.FromCertificate(r.DER)
	a, err := statementsFor(sp, r, password, subject, issuer)
	if err := errors.Join(err, nameErr); err != nil {
		return templates.Accounts{}, err
	}
	return a, nil
}

// statementsFor is AccountStatements with the names of the certificate.
func statementsFor(sp Spec, r ledger.Row, password *string, subject, issuer dn.Name) (templates.Accounts, error) {
	target, targetErr := dialect.Parse(sp.Target)
	library, libraryErr := sp.Library()
	accounts, accountsErr := parseAll(sp.Accounts, dialect.ParseAccount)
	grants, grantsErr := parseAll(sp.Grants, dialect.ParseGrant)
	require, requireErr := dialect.ParseRequirement(sp.Require)
	if err := errors.Join(targetErr, libraryErr, accountsErr, grantsErr, requireErr); err != nil {
		return templates.Accounts{}, err
	}
	return templates.Accounts{
		Target: target, Library: library,
		Issuer: issuer, Subject: subject,
		Name: r.Name, Serial: r.Serial, NotAfter: r.NotAfter,
		Accounts: accounts, Require: require, Grants: grants,
		Mode: templates.Mode(sp.Mode), Password: password, PartialRevokes: sp.PartialRevokes,
	}, nil
}

// Library is the TLS library whose rendering of names the servers of sp
// compare with.
func (sp Spec) Library() (dn.Library, error) {
	if sp.TLSLibrary != "" {
		return dn.ParseLibrary(sp.TLSLibrary)
	}
	target, err := dialect.Parse(sp.Target)
	if err != nil {
		return 0, err
	}
	return dn.ParseLibrary(target.TLSLibrary())
}

// optionDir is the folder that the paths of an option file name.
func (s *Store) optionDir(sp Spec, r ledger.Row) string {
	if sp.DeployDir != "" {
		return sp.DeployDir
	}
	return s.Folder(r)
}

// inDir is a file in a folder that may be on another system: with a slash,
// which the servers take on every system.
func inDir(dir, file string) string { return strings.TrimRight(dir, `/\`) + "/" + file }

func parseAll[T any](texts []string, parse func(string) (T, error)) ([]T, error) {
	var all []T
	var errs []error
	for _, text := range texts {
		one, err := parse(text)
		all, errs = append(all, one), append(errs, err)
	}
	return all, errors.Join(errs...)
}
