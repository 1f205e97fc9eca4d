package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/store"
	"myca/templates"
)

const defaultRequire = "issuer,subject"

// accountFlags are the flags of account statements, for commands that make
// accounts.
func accountFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "require", Value: defaultRequire, Usage: "what the account demands, a `LIST` of issuer, subject, cipher=NAME; or none, ssl, x509 alone"},
		&cli.StringSliceFlag{Name: "grant", Usage: "privileges `'PRIVS ON OBJECT'`, such as 'SELECT, INSERT ON app.*' (repeatable)"},
		&cli.BoolFlag{Name: "partial-revokes", Usage: "the server runs with partial_revokes: database names are no patterns there (MySQL 8.0.16)"},
	}, passwordFlags()...)
}

func passwordFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "password-file", Usage: "the account's password is the content of `FILE`, or of standard input (-)"},
		&cli.BoolFlag{Name: "random-password", Usage: "make a password; it stands in the account statements and in the client's my.cnf"},
		&cli.BoolFlag{Name: "no-password", Usage: "the certificate alone opens the account (needs a subject requirement)"},
	}
}

// modeFlags say what state the account is in on the server.
func modeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "new", Usage: "the account does not exist yet (default)"},
		&cli.BoolFlag{Name: "if-not-exists", Usage: "make the account unless it exists; set its requirement either way"},
		&cli.BoolFlag{Name: "existing", Usage: "the account exists: change its requirement only"},
		&cli.BoolFlag{Name: "account-has-password", Usage: "the account has a password of its own, so that it is not open without a subject requirement"},
	}
}

// Password modes, as recorded in a spec.
const (
	passwordNone   = "none"
	passwordRandom = "random"
	passwordFile   = "file"
)

// account is what the flags say of the accounts of one user.
type account struct {
	accounts       []dialect.Account
	require        dialect.Requirement
	grants         []dialect.Grant
	mode           templates.Mode
	password       string  // a password mode; "" when no flag says
	secret         *string // the content of --password-file, or what was typed
	typed          bool    // the secret was typed
	partialRevokes bool
}

// parseAccount reads the account flags of c; texts are the accounts named.
func (t *tool) parseAccount(c *cli.Context, texts []string, p *problems) account {
	a := account{partialRevokes: c.Bool("partial-revokes")}
	for _, text := range texts {
		one, err := dialect.ParseAccount(text)
		p.add("account", err)
		if err == nil && !slices.Contains(a.accounts, one) {
			a.accounts = append(a.accounts, one)
		}
	}
	var err error
	a.require, err = dialect.ParseRequirement(c.String("require"))
	p.add("require", err)
	for _, text := range c.StringSlice("grant") {
		g, err := dialect.ParseGrant(text)
		p.add("grant", err)
		if err == nil {
			a.grants = append(a.grants, g)
		}
	}
	a.mode = parseMode(c, p)
	t.parsePassword(c, &a, p)
	return a
}

func parseMode(c *cli.Context, p *problems) templates.Mode {
	mode := templates.New
	var given []string
	for _, m := range []templates.Mode{templates.New, templates.IfNotExists, templates.Existing, templates.Rescind} {
		if c.Bool(string(m)) {
			mode, given = m, append(given, "--"+string(m))
		}
	}
	if len(given) > 1 {
		p.addf("mode", given[0], "%s exclude each other", strings.Join(given, " and "))
	}
	return mode
}

func (t *tool) parsePassword(c *cli.Context, a *account, p *problems) {
	var given []string
	if c.IsSet("password-file") {
		a.password, given = passwordFile, append(given, "--password-file")
	}
	if c.Bool("random-password") {
		a.password, given = passwordRandom, append(given, "--random-password")
	}
	if c.Bool("no-password") {
		a.password, given = passwordNone, append(given, "--no-password")
	}
	if len(given) > 1 {
		p.addf("password", given[0], "%s exclude each other", strings.Join(given, " and "))
		return
	}
	if a.password != passwordFile {
		return
	}
	secret, err := t.readPassword(c.String("password-file"))
	p.add("password-file", err)
	a.secret = secret
}

const passwordHint = "--random-password (made and kept for you), --password-file FILE, or --no-password (the certificate alone)"

// makes reports whether the statements may make the account.
func (a account) makes() bool {
	return a.mode == templates.New || a.mode == templates.IfNotExists
}

// check holds a new account against what it needs: exactly one password flag,
// and with none a requirement that names one certificate.
func (a account) check(p *problems) {
	if a.makes() && a.password == "" {
		p.addf("password", passwordHint, "no password flag: a new account needs exactly one")
	}
	if a.makes() && a.password == passwordNone && !a.require.Subject {
		p.addf("no-password", "--require issuer,subject", "--no-password with --require %s would open the account to others: only a subject requirement names one certificate", a.require)
	}
}

// checkGuarded refuses statements that may leave an account open: without a
// subject requirement, an account needs a password. It has one for sure when
// the statements set it, when it was recorded with one, or when the user says
// so. recorded is the spec that the accounts were issued with before, zero when
// they were not.
func (a account) checkGuarded(recorded store.Spec, hasPassword bool, p *problems) {
	names := a.mode != templates.Rescind && a.require.Subject
	sets := a.password == passwordFile || a.password == passwordRandom
	if names || hasPassword || a.mode == templates.New || (sets && a.mode != templates.IfNotExists) {
		return
	}
	for _, one := range a.accounts {
		known := slices.Contains(recorded.Accounts, one.String())
		switch {
		case known && (recorded.Password == passwordFile || recorded.Password == passwordRandom):
		case known && recorded.Password == passwordNone:
			p.addf("password", guardHint, "the certificate is all that guards %s: with these statements it would be open", one)
		case a.mode != templates.IfNotExists:
			p.addf("password", guardHint, "whether %s has a password is not known: without one, these statements would open it", one)
		}
	}
}

const guardHint = "--account-has-password when it has one by now; else myca grant --password-file FILE gives it one"

// checkTarget holds the accounts against what the target can store.
func (a account) checkTarget(target dialect.Version, p *problems) {
	for _, one := range a.accounts {
		p.add("account", target.CheckAccount(one))
	}
	for _, g := range a.grants {
		p.add("grant", target.CheckGrant(g))
	}
	if a.mode == templates.IfNotExists && !target.CreateUserIfNotExists() {
		p.addf("if-not-exists", "--new or --existing", "%s has no CREATE USER IF NOT EXISTS", target)
	}
	if a.partialRevokes && !target.PartialRevokes() {
		p.addf("partial-revokes", "leave out --partial-revokes", "%s has no partial_revokes", target)
	}
}

// byUser groups accounts by their user, in the order written: the accounts
// of one user share a certificate.
func byUser(accounts []dialect.Account) [][]dialect.Account {
	var groups [][]dialect.Account
	for _, a := range accounts {
		i := slices.IndexFunc(groups, func(g []dialect.Account) bool { return g[0].User == a.User })
		if i < 0 {
			groups = append(groups, []dialect.Account{a})
			continue
		}
		groups[i] = append(groups[i], a)
	}
	return groups
}

// record writes the account's part of a spec.
func (a account) record(spec *store.Spec) {
	for _, one := range a.accounts {
		spec.Accounts = append(spec.Accounts, one.String())
	}
	for _, g := range a.grants {
		spec.Grants = append(spec.Grants, g.String())
	}
	spec.Require = a.require.String()
	spec.Mode = string(a.mode)
	spec.Password = a.password
	spec.PartialRevokes = a.partialRevokes
}

// passwordWords tells a person where the password comes from.
func (a account) passwordWords() string {
	switch {
	case a.typed:
		return "as typed"
	case a.password == passwordFile:
		return "from the file"
	case a.password == passwordRandom:
		return "random, kept in the client's my.cnf"
	}
	return "none: the certificate alone opens the account"
}

// passwordFor is the password of a new certificate's accounts: the file's,
// the one kept for this name, or a new random one; nil for none.
func (a account) passwordFor(kept *string) (*string, error) {
	switch a.password {
	case passwordFile:
		return a.secret, nil
	case passwordRandom:
		if kept != nil {
			return kept, nil
		}
		return randomPassword()
	}
	return nil, nil
}
