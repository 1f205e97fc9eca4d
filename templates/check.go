package templates

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"myca/dialect"
	"myca/dn"
)

// check is everything that is wrong with a.
func (a Accounts) check() Problems {
	var p Problems
	a.checkMode(&p)
	if a.PartialRevokes && !a.Target.PartialRevokes() {
		p.add("partial-revokes", fmt.Sprintf("%s has no partial_revokes", a.Target),
			"leave out --partial-revokes, or give a --target of mysql-8.0.16 or newer")
	}
	a.checkAccounts(&p)
	a.checkPassword(&p)
	if a.Mode == Rescind {
		return p
	}
	a.checkRequire(&p)
	for _, g := range a.Grants {
		p.addError("grant", a.Target.CheckGrant(g))
	}
	return p
}

// checkMode checks that the target has the statements of the mode.
func (a Accounts) checkMode(p *Problems) {
	switch a.Mode {
	case New, Existing, Rescind:
	case IfNotExists:
		if !a.Target.CreateUserIfNotExists() {
			p.add("if-not-exists", fmt.Sprintf("%s has no CREATE USER IF NOT EXISTS", a.Target),
				"use --new for accounts that do not exist, --existing for those that do")
		}
	default:
		p.add("mode", fmt.Sprintf("unknown kind of account statements %q", a.Mode),
			"new, if-not-exists, existing, or rescind")
	}
}

// checkAccounts repeats the checks of dialect.ParseAccount, for accounts that
// were made in another way.
func (a Accounts) checkAccounts(p *Problems) {
	if len(a.Accounts) == 0 {
		p.add("account", "no account to write statements for", "name one, such as laura@%")
	}
	for _, account := range a.accounts() {
		if parsed, err := dialect.ParseAccount(account.String()); err != nil {
			p.addError("account", err)
			continue
		} else if parsed != account {
			p.add("account", fmt.Sprintf("account %q at host %q cannot be written as USER@HOST", account.User, account.Host),
				"name it as USER@HOST, such as laura@%")
			continue
		}
		p.addError("account", a.Target.CheckAccount(account))
	}
}

func (a Accounts) checkPassword(p *Problems) {
	if a.Password == nil {
		if (a.Mode == New || a.Mode == IfNotExists) && !a.Require.Subject {
			p.add("password", fmt.Sprintf("an account without a password and without a subject requirement (%q) is open to others", a.Require),
				"use --random-password, or --require issuer,subject")
		}
		return
	}
	const hint = "use --random-password, or a --password-file with one line of text"
	switch {
	case *a.Password == "":
		p.add("password", "the password is empty", hint)
	case !utf8.ValidString(*a.Password):
		p.add("password", "the password is not UTF-8 text", hint)
	case strings.ContainsFunc(*a.Password, unicode.IsControl):
		p.add("password", "the password holds a line break or another control character", hint)
	}
}

func (a Accounts) checkRequire(p *Problems) {
	if parsed, err := dialect.ParseRequirement(a.Require.String()); err != nil {
		p.addError("require", err)
	} else if parsed != a.Require {
		p.add("require", fmt.Sprintf("the requirement %+v contradicts itself", a.Require), "--require issuer,subject")
	}
	if a.Require.Issuer {
		a.checkRendered(p, "issuer", a.Issuer)
	}
	if a.Require.Subject {
		a.checkRendered(p, "subject", a.Subject)
	}
}

// checkRendered refuses a name whose rendering the server cannot demand: it takes
// an empty string for no demand at all, and does not keep every other.
func (a Accounts) checkRendered(p *Problems, field string, n dn.Name) {
	text := n.OneLine(a.Library)
	if text == "" {
		p.add(field, fmt.Sprintf("the certificate's %s is empty for a server built with %s: it cannot be required", field, libraryName(a.Library)),
			"issue the certificate again with a portable subject: C, ST, L, O, OU, CN, emailAddress in ASCII")
		return
	}
	if err := a.Target.CheckRequired(text); err != nil {
		p.addError(field, err)
	}
}
