package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
Nothing is written: redirect the output, and run it on the server. Or let --apply
run the statements there.

  myca grant laura                       as sql/laura.sql
  myca grant laura --existing            change the requirement only
  myca grant laura --rescind             back to an account without requirement
  myca grant laura@10.% --no-password --grant 'SELECT ON finance.*'
  myca --target mariadb-10.1 grant laura

` + applyHelp + `

` + dialect.GrantGrammar,
		Flags: append(append(append(accountFlags(), modeFlags()...),
			&cli.BoolFlag{Name: "rescind", Usage: "take the requirement back (REQUIRE NONE)"},
			libraryFlag()), applyFlags()...),
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
	var p problems
	p.add("tls-library", checkLibrary(c.String("tls-library")))
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	row, spec, err := t.clientOf(c, s, args[0])
	var unknown *usageError
	if err != nil && !errors.As(err, &unknown) {
		return err
	}
	if p.add("account", err); err != nil {
		return p.err() // nothing else can be judged
	}
	a := t.overAccount(c, args[0], &spec, &p)
	var run *applying
	if applyWanted(c, &p) {
		run = t.newApplying(c, s, &p)
	}
	password, err := t.grantPassword(s, row.Name, a, &p)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	if run != nil {
		return run.apply(c, row, spec, password)
	}
	return t.printStatements(s, row, spec, password)
}

// clientOf finds the active client that word means: NAME or USER the pair of
// that name, else the one made for accounts of that user; USER@HOST the one made
// for that account, else for that user's. When several fit, none is taken.
func (t *tool) clientOf(c *cli.Context, s *store.Store, word string) (ledger.Row, store.Spec, error) {
	account, err := dialect.ParseAccount(word)
	if err != nil {
		return ledger.Row{}, store.Spec{}, badInput(err)
	}
	whole := strings.Contains(word, "@")
	row, err := s.Ledger().Active(c.Context, ledger.Client, account.User)
	if err == nil {
		spec, err := t.recorded(row, c.String("tls-library"))
		if err != nil || !whole || slices.Contains(spec.Accounts, account.String()) {
			return row, spec, err
		}
	} else if !errors.Is(err, ledger.ErrNotFound) {
		return row, store.Spec{}, err
	}
	exact, ofUser, err := clientsOf(c.Context, s, account)
	if err != nil {
		return ledger.Row{}, store.Spec{}, err
	}
	if whole && len(exact) > 0 {
		ofUser = exact
	}
	switch len(ofUser) {
	case 0:
		hint, err := unknownHint(c.Context, s, word, account)
		if err != nil {
			return ledger.Row{}, store.Spec{}, err
		}
		return ledger.Row{}, store.Spec{}, &usageError{
			message: fmt.Sprintf("the store %q has no client for %q", s.Dir(), word),
			hint:    hint,
			cause:   ledger.ErrNotFound,
		}
	case 1:
		spec, err := t.recorded(ofUser[0], c.String("tls-library"))
		return ofUser[0], spec, err
	}
	return ledger.Row{}, store.Spec{}, usagef("myca grant "+shellWord(ofUser[0].Name), "several clients are for accounts of %q: %s and %s; name one of them", account.User, ofUser[0].Name, ofUser[1].Name)
}

// unknownHint is what to do about a client that the store does not have: what
// became of the one of that name, the name that was probably meant, a new one.
func unknownHint(ctx context.Context, s *store.Store, word string, account dialect.Account) (string, error) {
	before, err := s.Ledger().Named(ctx, ledger.Client, account.User)
	if err != nil {
		return "", err
	}
	if len(before) > 0 && before[0].State == ledger.Revoked {
		return revokedHint(s, word, before[0])
	}
	var names []string
	for row, err := range s.Ledger().All(ctx, ledger.Filter{Kind: ledger.Client, State: ledger.Active}) {
		if err != nil {
			return "", err
		}
		names = append(names, row.Name)
	}
	if near := nearest(account.User, names); near != "" {
		return fmt.Sprintf("did you mean %q? A new one: myca --dir %s issue client %s", near, shellWord(s.Dir()), shellWord(word)), nil
	}
	return fmt.Sprintf("myca --dir %s issue client %s", shellWord(s.Dir()), shellWord(word)), nil
}

// revokedHint is what to do about a client that was revoked.
func revokedHint(s *store.Store, word string, row ledger.Row) (string, error) {
	spec, err := store.ReadSpec(row)
	if err != nil {
		return "", err
	}
	hint := fmt.Sprintf("it was revoked on %s", row.RevokedAt.Format(time.DateOnly))
	var accounts []string
	for _, text := range spec.Accounts {
		if a, err := dialect.ParseAccount(text); err == nil {
			accounts = append(accounts, a.SQL())
		}
	}
	if accounts != nil {
		hint += "; to end what it had on the server: DROP USER " + strings.Join(accounts, ", ")
	}
	return fmt.Sprintf("%s\na new pair: myca --dir %s issue client %s", hint, shellWord(s.Dir()), shellWord(word)), nil
}

// clientsOf are the active clients made for exactly this account, and those
// made for any account of its user.
func clientsOf(ctx context.Context, s *store.Store, account dialect.Account) (exact, ofUser []ledger.Row, err error) {
	for row, err := range s.Ledger().All(ctx, ledger.Filter{Kind: ledger.Client, State: ledger.Active}) {
		if err != nil {
			return nil, nil, err
		}
		spec, err := store.ReadSpec(row)
		if err != nil {
			return nil, nil, err
		}
		for _, text := range spec.Accounts {
			a, err := dialect.ParseAccount(text)
			if err != nil || a.User != account.User {
				continue
			}
			ofUser = append(ofUser, row)
			if a == account {
				exact = append(exact, row)
			}
			break
		}
	}
	return exact, ofUser, nil
}

// overAccount lays the account flags over the recorded spec and returns what
// then holds.
func (t *tool) overAccount(c *cli.Context, word string, spec *store.Spec, p *problems) account {
	texts := spec.Accounts
	if strings.Contains(word, "@") {
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

// checkGrant refuses statements that would open an account, and such as need
// a password that nobody gave.
func (t *tool) checkGrant(c *cli.Context, a account, recorded store.Spec, p *problems) {
	a.check(p)
	// With --apply the server itself is asked.
	a.checkGuarded(recorded, c.Bool("account-has-password") || c.Bool("apply"), p)
	if target, err := dialect.Parse(recorded.Target); err == nil {
		a.checkTarget(target, p)
	}
	if a.password == passwordFile && a.secret == nil && !c.IsSet("password-file") {
		p.addf("password", "--password-file FILE again, or --existing for the requirement alone",
			"the password came from a file and is not kept")
	}
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
