package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

func grantCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "grant",
		Usage:     "account statements for an issued client, on standard output",
		ArgsUsage: "USER[@HOST]",
		Description: `Repeats what the pair was issued with; flags change it for this output. USER may
also be the pair's NAME; with @HOST the statements are for that account alone.
Nothing is written: redirect the output, and run it on the server.

  myca grant laura                       as sql/laura.sql
  myca grant laura --existing            change the requirement only
  myca grant laura --rescind             back to an account without requirement
  myca grant laura@10.% --no-password --grant 'SELECT ON finance.*'
  myca --target mariadb-10.1 grant laura

` + dialect.GrantGrammar,
		Flags: append(append(append(accountFlags(), modeFlags()...),
			&cli.BoolFlag{Name: "rescind", Usage: "take the requirement back (REQUIRE NONE)"},
			&cli.BoolFlag{Name: "account-has-password", Usage: "the account has a password of its own, so that it is not open without a requirement"}),
			libraryFlag()),
		Action: t.grant,
	}
}

// statementsJSON is what grant --json prints. A password is never in it: SQL
// is null and a notice says where the statements stand.
type statementsJSON struct {
	Name     string      `json:"name"`
	Accounts []string    `json:"accounts"`
	Target   string      `json:"target"`
	Mode     string      `json:"mode"`
	Require  requireJSON `json:"require"`
	SQL      *string     `json:"sql"`
	Notices  []string    `json:"notices,omitempty"`
}

func (t *tool) grant(c *cli.Context) error {
	args, err := arguments(c, 1, 1, "myca grant USER[@HOST]")
	if err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	row, spec, err := t.clientOf(c, s, args[0])
	if err != nil {
		return err
	}
	var p problems
	a := t.overAccount(c, args[0], &spec, &p)
	password, err := t.grantPassword(s, row.Name, a, &p)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	return t.printStatements(s, row, spec, password)
}

// clientOf finds the active client that word (USER, USER@HOST or NAME) means:
// the pair of that name, else the one pair made for an account of that user.
func (t *tool) clientOf(c *cli.Context, s *store.Store, word string) (ledger.Row, store.Spec, error) {
	account, err := dialect.ParseAccount(word)
	if err != nil {
		return ledger.Row{}, store.Spec{}, badInput(err)
	}
	row, err := s.Ledger().Active(c.Context, ledger.Client, account.User)
	if err == nil {
		spec, err := t.recorded(row, c.String("tls-library"))
		return row, spec, err
	}
	for row, err := range s.Ledger().All(c.Context, ledger.Filter{Kind: ledger.Client, State: ledger.Active}) {
		if err != nil {
			return row, store.Spec{}, err
		}
		spec, err := t.recorded(row, c.String("tls-library"))
		if err != nil {
			return row, spec, err
		}
		if slices.ContainsFunc(spec.Accounts, func(text string) bool {
			a, err := dialect.ParseAccount(text)
			return err == nil && a.User == account.User
		}) {
			return row, spec, nil
		}
	}
	return ledger.Row{}, store.Spec{}, &usageError{
		message: fmt.Sprintf("the store %q has no client %q", s.Dir(), account.User),
		hint:    fmt.Sprintf("myca --dir %s issue client %s", shellWord(s.Dir()), shellWord(word)),
		cause:   ledger.ErrNotFound,
	}
}

// overAccount lays the account flags over the recorded spec and returns what
// then holds.
func (t *tool) overAccount(c *cli.Context, word string, spec *store.Spec, p *problems) account {
	texts := spec.Accounts
	if account, err := dialect.ParseAccount(word); err == nil && account.String() == word {
		texts = []string{word}
	}
	a := t.parseAccount(c, texts, p)
	recorded := *spec
	spec.Accounts, spec.Grants = nil, nil
	a.record(spec)
	if !c.IsSet("require") && recorded.Require != "" {
		spec.Require = recorded.Require
		a.require, _ = dialect.ParseRequirement(recorded.Require)
	}
	if !c.IsSet("partial-revokes") {
		spec.PartialRevokes = recorded.PartialRevokes
	}
	if !c.Bool("new") && a.mode == templates.New && recorded.Mode != "" {
		spec.Mode = recorded.Mode
		a.mode = templates.Mode(recorded.Mode)
	}
	if a.makes() && !c.IsSet("grant") {
		spec.Grants = recorded.Grants // an account that exists keeps the privileges it has by now
	}
	if a.makes() && a.password == "" {
		a.password = recorded.Password
	}
	spec.Password = a.password
	t.checkGrant(c, a, recorded, p)
	return a
}

// checkGrant refuses statements that would open an account: a requirement
// that any client can meet, on an account that has nothing else.
func (t *tool) checkGrant(c *cli.Context, a account, recorded store.Spec, p *problems) {
	if a.mode != templates.Rescind {
		a.check(p)
	}
	if target, err := dialect.Parse(recorded.Target); err == nil {
		a.checkTarget(target, p)
	}
	opens := a.mode == templates.Rescind || a.require.None || a.require.SSL
	guarded := c.Bool("account-has-password") || (a.password != "" && a.password != passwordNone) || hasPassword(recorded)
	if opens && !guarded {
		p.addf("password", "--account-has-password when it has one by now; else --password-file FILE gives it one",
			"the certificate is all that guards the account: without its requirement it would be open")
	}
	if a.password == passwordFile && a.secret == nil && !c.IsSet("password-file") {
		p.addf("password", "--password-file FILE again, or --existing for the requirement alone",
			"the password came from a file and is not kept")
	}
}

// hasPassword reports whether the recorded account was made with a password.
func hasPassword(spec store.Spec) bool {
	return spec.Password == passwordRandom || spec.Password == passwordFile
}

// grantPassword is the password that the statements set, nil for none. A
// random one is the one kept: grant writes nothing, so it cannot make one.
func (t *tool) grantPassword(s *store.Store, name string, a account, p *problems) (*string, error) {
	if a.password != passwordRandom {
		return a.secret, nil
	}
	kept, err := s.Password(name)
	if err == nil && kept == nil {
		p.addf("random-password", fmt.Sprintf("--password-file FILE, or: myca issue client %s --force --random-password", shellWord(name)),
			"no random password is kept for %q", name)
	}
	return kept, err
}

func (t *tool) printStatements(s *store.Store, row ledger.Row, spec store.Spec, password *string) error {
	statements, err := s.AccountStatements(spec, row, password)
	if err != nil {
		return err
	}
	text, err := statements.SQL()
	if err != nil {
		return badInput(err)
	}
	if !t.json {
		t.notice(s.Notices()...)
		fmt.Fprint(t.out, text)
		return nil
	}
	shown := statementsJSON{
		Name: row.Name, Accounts: spec.Accounts, Target: spec.Target, Mode: spec.Mode,
		Require: requireJSON{Issuer: statements.Issuer.OneLine(statements.Library), Subject: statements.Subject.OneLine(statements.Library)},
		Notices: s.Notices(),
	}
	if password == nil {
		shown.SQL = &text
	} else {
		shown.Notices = append(shown.Notices, fmt.Sprintf("the statements hold a password: run grant without --json, or read %q", s.Files(row).SQL))
	}
	return t.printJSON(shown)
}
