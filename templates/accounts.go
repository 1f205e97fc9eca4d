package templates

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"myca/dialect"
	"myca/dn"
)

// Mode says what a file of account statements does.
type Mode string

// The modes. New makes accounts; where the server has CREATE USER … REQUIRE it
// fails on one that exists. IfNotExists makes the missing ones and sets
// requirement and privileges of all; an existing one keeps its password.
// Existing sets requirement and privileges of accounts that exist. Rescind
// takes the requirement away (REQUIRE NONE) and leaves the privileges.
const (
	New         Mode = "new"
	IfNotExists Mode = "if-not-exists"
	Existing    Mode = "existing"
	Rescind     Mode = "rescind"
)

// Accounts describes a file of account statements.
type Accounts struct {
	Target          dialect.Version
	Library         dn.Library          // the server's TLS library: how ISSUER and SUBJECT are rendered
	Issuer, Subject dn.Name             // of the parsed certificate
	Name, Serial    string              // of the certificate, for the header; Serial in hex
	NotAfter        time.Time           // for the header
	Accounts        []dialect.Account   // at least one; repeats count once
	Require         dialect.Requirement // the zero value demands issuer and subject
	Grants          []dialect.Grant     // given to every account; Rescind does not use them
	Mode            Mode
	// Password is the password of an account that is made. With Existing and
	// Rescind it replaces the account's password in the same file. Nil: a new
	// account has none, an existing one keeps its own. Not empty, UTF-8,
	// without control characters.
	Password       *string
	PartialRevokes bool // the server runs with partial_revokes=ON (MySQL from 8.0.16)
}

// SQL is the file of statements, one a line, to be run by `mysql < FILE` or by
// SOURCE in a session of an administrator. It makes the session's sql_mode (from
// 4.1), and its character set when the text is not ASCII, known ones first and
// restores them at the end.
//
// Statements after a failed one, which SOURCE goes on to run, never make an open
// account: the session forbids GRANT to make accounts wherever the server can
// (MySQL 5.0.2 to 5.7, MariaDB).
//
// The error is Problems.
func (a Accounts) SQL() (string, error) {
	if a.Require == (dialect.Requirement{}) {
		a.Require = dialect.Requirement{Issuer: true, Subject: true}
	}
	if err := a.check().err(); err != nil {
		return "", err
	}
	v, err := a.view()
	if err != nil {
		return "", err
	}
	return render("accounts.sql.tmpl", v)
}

// accountsView is what accounts.sql.tmpl shows.
type accountsView struct {
	Accounts
	Notes      []string
	HasSQLMode bool   // from 4.1; then a session has a character set, too
	SQLMode    string // of the session; "" is an empty mode
	ByGrant    bool   // passwordless accounts are made by GRANT: SQLMode only afterwards
	Binary     bool   // the statements are not all ASCII
	UTF8       string // the client's character set then, so that it finds the ends of literals
	Users      []userStatements
}

// userStatements are one account's statements, without semicolon.
type userStatements struct{ Make, Grants []string }

func (a Accounts) view() (accountsView, error) {
	v := accountsView{Accounts: a, Notes: a.notes(), HasSQLMode: a.Target.AtLeast(4, 1, 0), UTF8: "utf8mb4"}
	if !a.Target.AtLeast(5, 5, 3) {
		v.UTF8 = "utf8"
	}
	if a.Target.NoAutoCreateUser() {
		v.SQLMode = "NO_AUTO_CREATE_USER"
		v.ByGrant = a.makesByGrant() && a.Password == nil
	}
	require := a.clause()
	for _, account := range a.accounts() {
		var u userStatements
		for _, form := range a.forms() {
			s, err := render(form, accountView{account.SQL(), require, a.Password})
			if err != nil {
				return accountsView{}, err
			}
			u.Make = append(u.Make, s)
		}
		if a.Mode != Rescind {
			for _, g := range a.Grants {
				u.Grants = append(u.Grants, g.SQL(account, a.Target, a.PartialRevokes))
			}
		}
		v.Binary = v.Binary || v.HasSQLMode && !(ascii(u.Make) && ascii(u.Grants))
		v.Users = append(v.Users, u)
	}
	return v, nil
}

// accounts is a.Accounts, each once.
func (a Accounts) accounts() []dialect.Account {
	var once []dialect.Account
	for _, account := range a.Accounts {
		if !slices.Contains(once, account) {
			once = append(once, account)
		}
	}
	return once
}

// clause is the REQUIRE clause of the file.
func (a Accounts) clause() string {
	if a.Mode == Rescind {
		return dialect.Requirement{None: true}.Clause("", "")
	}
	return a.Require.Clause(a.Issuer.OneLine(a.Library), a.Subject.OneLine(a.Library))
}

// accountView is what the statements of statements.tmpl show.
type accountView struct {
	User, Require string  // quoted account, whole clause
	Password      *string // unquoted
}

// makesByGrant reports whether a GRANT … REQUIRE makes the account: in mode New
// before CREATE USER … REQUIRE, and without a password in mode IfNotExists on
// MariaDB 10.1, whose CREATE USER IF NOT EXISTS has no REQUIRE.
func (a Accounts) makesByGrant() bool {
	return !a.Target.CreateUserRequire() && (a.Mode == New || a.Mode == IfNotExists && a.Password == nil)
}

// forms names the statements of statements.tmpl that make or change an account.
func (a Accounts) forms() []string {
	if a.Target.CreateUserRequire() {
		switch a.Mode {
		case New:
			return []string{"create"}
		case IfNotExists:
			return []string{"create-if-not-exists", "alter"}
		default:
			return []string{"alter-identified"}
		}
	}
	switch {
	case a.Mode == New:
		return []string{"grant-identified"}
	case a.Password == nil:
		return []string{"grant"}
	case a.Mode == IfNotExists:
		return []string{"create-if-not-exists-open", "grant"}
	default:
		return []string{"set-password", "grant"}
	}
}

func ascii(lines []string) bool {
	return !slices.ContainsFunc(lines, func(s string) bool {
		return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
	})
}
