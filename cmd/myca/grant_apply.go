package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/check"
	"myca/deploy"
	"myca/dialect"
	"myca/ledger"
	"myca/live"
	"myca/store"
	"myca/templates"
	"myca/verify"
)

// applyFlags are those of grant --apply.
func applyFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.BoolFlag{Name: "apply", Usage: "run the statements on the server instead of printing them"},
	}, serverFlags(ofLogin)...)
}

// applying is one run of grant --apply.
type applying struct {
	checking
	row        ledger.Row // of the pair
	given      string     // the connection's flags, as they were given
	word       string     // the account or pair as it was named
	guarded    bool       // the accounts have passwords of their own: --account-has-password
	statements templates.Accounts
	list       []string // the statements, as the file has them
	session    *live.Session
	states     []state // of each account of the statements, in their order
	unread     bool    // the accounts could not be read after the change
}

// state is one account of the statements.
type state struct {
	account dialect.Account
	before  *live.Account // nil: there was none
	wanted  live.Account  // as far as the requirement goes
	after   *live.Account
}

// newApplying reads the flags of --apply.
func (t *tool) newApplying(c *cli.Context, s *store.Store, p *problems) *applying {
	r := &applying{checking: checking{t: t, store: s, prefix: ofLogin, changes: true}, guarded: c.Bool("account-has-password"), word: c.Args().First()}
	for _, flag := range applyFlags()[1:] {
		name := flag.Names()[0]
		if _, isBool := flag.(*cli.BoolFlag); c.IsSet(name) && isBool {
			r.given += " --" + name
		} else if c.IsSet(name) {
			r.given += " --" + name + " " + shellWord(c.String(name))
		}
	}
	r.notices = append(r.notices, s.Notices()...)
	if c.String("password-file") == "-" && c.String("login-password-file") == "-" {
		p.addf("login-password-file", "--login-password-file FILE", "--password-file and --login-password-file cannot both be standard input")
		return r
	}
	r.connection(c, p)
	return r
}

// applyWanted reports whether --apply is given, and refuses the flags that are
// for it alone when it is not.
func applyWanted(c *cli.Context, p *problems) bool {
	if c.Bool("apply") {
		return true
	}
	for _, flag := range applyFlags()[1:] {
		if name := flag.Names()[0]; c.IsSet(name) {
			p.addf(name, "--apply", "--%s is about the server that --apply runs the statements on", name)
		}
	}
	return false
}

// apply runs the statements on the server, and prints what they did.
func (r *applying) apply(c *cli.Context, row ledger.Row, spec store.Spec, password *string) error {
	var err error
	r.row = row
	if r.statements, err = r.store.AccountStatements(spec, row, password); err != nil {
		return err
	}
	if r.list, err = r.statements.Statements(); err != nil {
		return badInput(err)
	}
	job := deploy.Server{Options: deploy.ServerOptions{System: verify.OS(), Version: r.statements.Target}, Machine: verify.OS()}
	r.server.address.Peers = peersOf(job.ServerUser())
	if r.session, err = r.checking.session(c.Context); err != nil {
		return listener(err)
	}
	defer r.session.Close()
	if err := r.ask(c.Context, r.session); err != nil {
		return err
	}
	if err := r.suits(); err != nil {
		return err
	}
	if err := r.look(c.Context); err != nil {
		return err
	}
	if err := r.judge(c.Context); err != nil {
		return err
	}
	// Once they are begun, the statements are not interrupted between two.
	if err := r.t.durable(c.Context, func(ctx context.Context) error { return r.run(context.WithoutCancel(ctx)) }); err != nil {
		return err
	}
	return r.print()
}

// suits refuses statements that are for another server than this one: they are
// the same for it, or it is not known what it is.
func (r *applying) suits() error {
	there := r.statements
	if r.facts.Version == (dialect.Version{}) {
		r.facts.Version = there.Target
		return nil
	}
	there.Target = r.facts.Version
	list, err := there.Statements()
	if err != nil || !slices.Equal(list, r.list) {
		return usagef("--target "+there.Target.String(), "the statements are for %s, and the server at %s is %s", r.statements.Target, r.server.address, there.Target)
	}
	if there.Library = r.facts.Library; !r.facts.LibraryKnown {
		return nil
	}
	if list, err = there.Statements(); err != nil || !slices.Equal(list, r.list) {
		return usagef("--tls-library "+there.Library.String(), "the statements have names as %s renders them, and the server at %s has %s", r.statements.Library, r.server.address, there.Library)
	}
	return nil
}

// look reads the accounts before the change.
func (r *applying) look(ctx context.Context) error {
	all, err := r.accounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range r.statements.Accounts {
		if slices.ContainsFunc(r.states, func(s state) bool { return same(s.account, account) }) {
			continue
		}
		r.states = append(r.states, state{account: account, before: find(all, account), wanted: r.wanted(account)})
	}
	for _, other := range all {
		if other.User == r.states[0].account.User && !other.Role && !slices.ContainsFunc(r.states, func(s state) bool { return same(s.account, other.Account) }) {
			r.notices = append(r.notices, fmt.Sprintf("the server also has %s, which these statements do not change: %s", printable(other.SQL()), check.Require(other)))
		}
	}
	return nil
}

// accounts reads the accounts of the server.
func (r *applying) accounts(ctx context.Context) ([]live.Account, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	all, err := r.session.Accounts(ctx)
	switch {
	case errors.Is(err, live.ErrNotSeen):
		what, grant, _ := strings.Cut(err.Error(), ": ")
		return nil, &failure{fmt.Errorf("%s cannot see %s, so that what the statements do could not be told", r.login(), what), grant}
	case err != nil:
		return nil, fmt.Errorf("asking the server at %s for its accounts: %w", r.server.address, err)
	}
	return all, nil
}

// login is the account that is logged in, as statements name it.
func (r *applying) login() string { return r.self().SQL() }

// self is the account that is logged in.
func (r *applying) self() dialect.Account { return accountOf(r.facts.CurrentUser) }

// accountOf is what CURRENT_USER() says as an account.
func accountOf(text string) dialect.Account {
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return dialect.Account{User: text}
	}
	return dialect.Account{User: text[:at], Host: text[at+1:]}
}

// same tells accounts apart as the servers do: users by their bytes, hosts
// without regard to case.
func same(a, b dialect.Account) bool {
	return a.User == b.User && strings.EqualFold(a.Host, b.Host)
}

func find(all []live.Account, account dialect.Account) *live.Account {
	if i := slices.IndexFunc(all, func(one live.Account) bool { return same(one.Account, account) }); i >= 0 {
		return &all[i]
	}
	return nil
}

// wanted is the requirement that the statements give the account, as the server
// keeps it.
func (r *applying) wanted(account dialect.Account) live.Account {
	a, s := live.Account{Account: account}, r.statements
	require := s.Require
	if require == (dialect.Requirement{}) {
		require.Issuer, require.Subject = true, true
	}
	switch {
	case s.Mode == templates.Rescind:
		return a
	case require.Issuer, require.Subject, require.Cipher != "":
		a.Type, a.Cipher = "SPECIFIED", require.Cipher
	case require.X509:
		a.Type = "X509"
	case require.SSL:
		a.Type = "ANY"
	}
	if require.Issuer {
		a.Issuer = s.Issuer.OneLine(s.Library)
	}
	if require.Subject {
		a.Subject = s.Subject.OneLine(s.Library)
	}
	return a
}

// requires tells whether the account has that requirement, byte for byte.
func requires(account *live.Account, wanted live.Account) bool {
	return account != nil && account.Type == wanted.Type && account.Cipher == wanted.Cipher &&
		account.Issuer == wanted.Issuer && account.Subject == wanted.Subject
}
