package fleet

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"myca/dialect"
	"myca/store"
	"myca/templates"
)

// passwordRemedy is what gives accounts that exist the password of the manifest,
// which fleet.sql does not; "" where it does: with a requirement that names no
// subject. It can be done at any time, and again: each statement has the
// requirement in it, or comes after fleet.sql, so that none opens an account.
func (j *judge) passwordRemedy(d *difference) (string, error) {
	sp := d.want.Spec
	require, err := dialect.ParseRequirement(sp.Require)
	if err != nil || !require.Subject {
		return "", err
	}
	switch d.want.Secret.Mode {
	case secretRandom:
		return byGrant(j.store, "its my.cnf", d.name(), "--random-password"), nil
	case secretFile:
		return byGrant(j.store, "the file", d.name(), fileFlag(j.manifest.Name, d.want.Secret)), nil
	case secretNone:
		statements, err := j.emptyPassword(d, require)
		return "to take it away, run on the server after fleet.sql: " + strings.Join(statements, "; "), err
	}
	return "", nil
}

// byGrant is the remedy for accounts whose password stands somewhere.
func byGrant(s *store.Store, where, name, flag string) string {
	return fmt.Sprintf("to give it the one in %s, run on the server what this prints: myca --dir %s grant %s --existing %s",
		where, templates.Shell(s.Dir()), templates.Shell(name), flag)
}

// forgotten says whether a client's random password is lost with its files. An
// error is told when the client is made.
func (j *judge) forgotten(d *difference) bool {
	if d.step.Action == Create {
		return true
	}
	kept, err := j.store.Password(d.name())
	return err == nil && kept == nil
}

// fileFlag names a password file on the command line, by its absolute path: the
// command may be run from elsewhere.
func fileFlag(manifest string, s Secret) string {
	file := s.File
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(manifest), file)
	}
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	return "--password-file " + templates.Shell(file)
}

// emptyPassword is the statements that leave the accounts of d to their
// certificate. They repeat the requirement where the server knows one statement
// for both, and a terminal can be trusted with its characters.
func (j *judge) emptyPassword(d *difference, require dialect.Requirement) ([]string, error) {
	library, err := d.want.Spec.Library()
	if err != nil {
		return nil, err
	}
	clause := require.Clause(j.authority.Subject.OneLine(library), d.plan.Subject.OneLine(library))
	var all []string
	for _, text := range d.want.Spec.Accounts {
		account, err := dialect.ParseAccount(text)
		if err != nil {
			return nil, err
		}
		one := "SET PASSWORD FOR " + account.SQL() + " = ''"
		if d.want.Target.CreateUserRequire() && plain(account.SQL()+clause) {
			one = "ALTER USER " + account.SQL() + " IDENTIFIED BY '' " + clause
		}
		all = append(all, one)
	}
	return all, nil
}

// plain says whether a statement means the same in every session and comes through
// every terminal: without bytes beyond ASCII, and without backslashes, which
// sql_mode NO_BACKSLASH_ESCAPES gives another meaning.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || r == '\\' })
}
