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
// requirement and privileges of all; an existing one keeps its password, but where
// the requirement names no subject: there it gets the file's, if there is one.
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
	p, err := a.Prepare()
	if err != nil {
		return "", err
	}
	return p.SQL()
}

// Statements is the statements of SQL in their order, each without semicolon:
// to be run in one session, one by one, and no further after one that fails. The
// error is Problems.
func (a Accounts) Statements() ([]string, error) {
	p, err := a.Prepare()
	if err != nil {
		return nil, err
	}
	begin, end := a.session(p.binary)
	return slices.Concat(begin, p.statements, end), nil
}

// Prepared is account statements that were checked, for Accounts.SQL and for a
// file of a Fleet.
type Prepared struct {
	of         Accounts
	statements []string // without semicolon
	binary     bool     // they are not all ASCII
}

// Prepare checks a and makes its statements. The error is Problems.
func (a Accounts) Prepare() (Prepared, error) {
	a = a.withDefaults()
	if err := a.check().err(); err != nil {
		return Prepared{}, err
	}
	statements, binary, err := a.body()
	return Prepared{a, statements, binary}, err
}

// SQL is that of the Accounts.
func (p Prepared) SQL() (string, error) {
	a := p.of
	begin, end := a.session(p.binary)
	t := accountsText{
		Name: comment(a.Name), Target: a.Target.String(), Serial: comment(a.Serial), NotAfter: stamp(a.NotAfter),
		Program: a.Target.ClientProgram(), Binary: p.binary, UTF8: "utf8mb4",
		Notes: each("\n-- ", a.notes(), ""),
		Begin: each("\n", begin, ";"), Statements: each("\n", p.statements, ";"), End: each("\n", end, ";"),
	}
	if !a.Target.AtLeast(5, 5, 3) {
		t.UTF8 = "utf8"
	}
	return renderSized(len(t.Notes)+len(t.Begin)+len(t.Statements)+len(t.End)+textSize, "accounts.sql.tmpl", &t)
}

// accountsText is what accounts.sql.tmpl shows, as it is shown: for the template,
// functions and methods cost many times as much as text. Lines begin with their
// line break.
type accountsText struct {
	Name, Target, Serial, NotAfter, Program, Notes string

	Begin      string // makes the session's sql_mode, and its character set when Binary, known ones
	Statements string
	End        string // restores the session
	Binary     bool   // the statements are not all ASCII
	UTF8       string // the client's character set then, so that it finds the ends of literals
}

// withDefaults is a with a requirement.
func (a Accounts) withDefaults() Accounts {
	if a.Require == (dialect.Requirement{}) {
		a.Require = dialect.Requirement{Issuer: true, Subject: true}
	}
	return a
}

// body is the statements between session's begin and end: what makes or changes
// the accounts, then the grants. binary: they need its character set.
func (a Accounts) body() (statements []string, binary bool, err error) {
	var grants []string
	require := a.clause()
	for _, account := range a.accounts() {
		for _, form := range a.forms() {
			s, err := renderSized(statementSize, form, &accountView{account.SQL(), require, a.Password})
			if err != nil {
				return nil, false, err
			}
			statements = append(statements, s)
		}
		if a.Mode != Rescind {
			for _, g := range a.Grants {
				grants = append(grants, g.SQL(account, a.Target, a.PartialRevokes))
			}
		}
	}
	binary = a.hasSQLMode() && !(ascii(statements) && ascii(grants))
	if a.byGrant() {
		statements = append(statements, sqlMode(a.sqlMode()))
	}
	return append(statements, grants...), binary, nil
}

// hasSQLMode: from 4.1 on a session has a sql_mode, and a character set too.
func (a Accounts) hasSQLMode() bool { return a.Target.AtLeast(4, 1, 0) }

// sqlMode is the one of the session; "" is an empty mode.
func (a Accounts) sqlMode() string {
	if a.Target.NoAutoCreateUser() {
		return "NO_AUTO_CREATE_USER"
	}
	return ""
}

// byGrant reports whether GRANT makes accounts without password: sqlMode only
// comes afterwards then.
func (a Accounts) byGrant() bool {
	return a.sqlMode() != "" && a.makesByGrant() && a.Password == nil
}

func sqlMode(mode string) string { return "SET SESSION sql_mode = '" + mode + "'" }

// session is what makes the session's settings known ones, and what restores
// them.
func (a Accounts) session(binary bool) (begin, end []string) {
	if !a.hasSQLMode() {
		return nil, nil
	}
	mode := a.sqlMode()
	if a.byGrant() {
		mode = ""
	}
	begin = []string{"SET @myca_sql_mode = @@SESSION.sql_mode", sqlMode(mode)}
	if binary {
		names, restored := binaryNames()
		begin, end = append(begin, names...), restored
	}
	return begin, append(end, "SET SESSION sql_mode = @myca_sql_mode")
}

// binaryNames is what lets the server take strings byte for byte, and what
// restores the session's character set.
func binaryNames() (begin, end []string) {
	begin = []string{
		"SET @myca_client = @@SESSION.character_set_client",
		"SET @myca_results = @@SESSION.character_set_results",
		"SET @myca_collation = @@SESSION.collation_connection",
		"SET NAMES binary",
	}
	return begin, []string{
		"SET SESSION character_set_client = @myca_client",
		"SET SESSION character_set_results = @myca_results",
		"SET SESSION collation_connection = @myca_collation",
	}
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

// guarded says whether the requirement alone lets only one certificate in. Without
// that, an account that exists and may have no password gets the file's: it would
// be open.
func (a Accounts) guarded() bool { return a.Require.Subject || a.Password == nil }

// forms names the statements of statements.tmpl that make or change an account.
func (a Accounts) forms() []string {
	if a.Target.CreateUserRequire() {
		switch a.Mode {
		case New:
			return []string{"create"}
		case IfNotExists:
			if a.guarded() {
				return []string{"create-if-not-exists", "alter"}
			}
			return []string{"create-if-not-exists", "alter-identified"}
		default:
			return []string{"alter-identified"}
		}
	}
	switch {
	case a.Mode == New:
		return []string{"grant-identified"}
	case a.Password == nil:
		return []string{"grant"}
	case a.Mode == IfNotExists && a.guarded():
		return []string{"create-if-not-exists-open", "grant"}
	case a.Mode == IfNotExists:
		return []string{"create-if-not-exists-open", "set-password", "grant"}
	default:
		return []string{"set-password", "grant"}
	}
}

func ascii(lines []string) bool {
	return !slices.ContainsFunc(lines, func(s string) bool {
		return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
	})
}
