package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/issue"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

func issueCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "issue",
		Usage: "issue a server or client pair",
		Subcommands: []*cli.Command{
			{
				Name:      "server",
				Usage:     "issue a server pair; the first HOST names it and is its CN, all become SANs",
				ArgsUsage: "HOST [HOST...]",
				Description: `Writes servers/NAME with ca-cert.pem, server-cert.pem, server-key.pem, my.cnf.

  myca issue server db1.example.com 10.0.0.1
  myca issue server db1 localhost 127.0.0.1 --deploy-dir /etc/mysql/myca
  myca issue server galera-1 --profile peer --key ec-p256`,
				Flags: append(pairFlags(),
					&cli.StringFlag{Name: "owner", Usage: "`USER[:GROUP]` that owns the folder's files, such as mysql:mysql"}),
				Action: t.issueServer,
			},
			{
				Name:      "client",
				Usage:     "issue a client pair and the statements for one user's accounts",
				ArgsUsage: "USER[@HOST] [USER@HOST...]",
				Description: `Writes clients/NAME with ca-cert.pem, client-cert.pem, client-key.pem, my.cnf,
and sql/NAME.sql. USER@HOST is the account's pattern; without HOST it is %.

  myca issue client 'laura@%' --grant 'ALL ON finance.*' --random-password
  myca issue client app@10.% app@localhost --no-password --key ec-p256
  myca issue client root@localhost --existing

` + dialect.GrantGrammar,
				Flags:  append(append(append(pairFlags(), accountFlags()...), modeFlags()...), connectFlags()...),
				Action: t.issueClient,
			},
		},
	}
}

// connectFlags shape the client's option file.
func connectFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "connect", Usage: "the server's address for the client's my.cnf, `HOST[:PORT]`"},
		&cli.StringFlag{Name: "groups", Usage: "option groups of the client's my.cnf, a `LIST` such as client,mysql (default: the target's own programs; drivers mostly read only client)"},
	}
}

func (t *tool) issueServer(c *cli.Context) error {
	var p problems
	hosts, err := arguments(c, 1, -1, "myca issue server HOST [HOST...]")
	if err != nil {
		return err
	}
	s, target, err := t.openFor(&p)
	if err != nil {
		return err
	}
	defer s.Close()
	r := t.parsePair(c, issue.Server, target, &p)
	r.subject = parseSubject(c, &p)
	if r.name == "" {
		r.name = hosts[0]
	}
	r.sans = append(hosts, r.sans...)
	r.keep(c, s, issue.Server, &p)
	r.checkFree(c.Context, s, issue.Server, &p)
	order := store.Order{Plan: t.plan(s, r.request(issue.Server, hosts[0], target), &p), Spec: r.spec(target), Force: r.force, Now: t.now()}
	if err := p.err(); err != nil {
		return err
	}
	return t.issueOne(c.Context, s, order)
}

func (t *tool) issueClient(c *cli.Context) error {
	var p problems
	users, err := arguments(c, 1, -1, "myca issue client USER[@HOST]...")
	if err != nil {
		return err
	}
	s, target, err := t.openFor(&p)
	if err != nil {
		return err
	}
	defer s.Close()
	r := t.parsePair(c, issue.Client, target, &p)
	r.subject = parseSubject(c, &p)
	a := t.parseAccount(c, users, &p)
	a.check(&p)
	a.checkTarget(target, &p)
	if a.mode == templates.Existing && a.password != "" {
		p.addf("password", "leave out the password flag, or use --if-not-exists", "--existing changes the requirement only, not the password")
	}
	groups := byUser(a.accounts)
	if len(groups) > 1 {
		p.addf("account", "one command a user", "accounts of %q and of %q: one certificate is for the accounts of one user", groups[0][0].User, groups[1][0].User)
	}
	if r.name == "" && len(groups) > 0 {
		r.name = groups[0][0].User
	}
	old := r.keep(c, s, issue.Client, &p)
	a.checkGuarded(old, c.Bool("account-has-password"), &p)
	r.checkFree(c.Context, s, issue.Client, &p)
	order := store.Order{Spec: r.spec(target), Force: r.force, Now: t.now()}
	a.record(&order.Spec)
	order.Spec.Connect, order.Spec.Groups = old.Connect, old.Groups
	overConnect(c, &order.Spec, &p)
	if len(groups) > 0 {
		order.Plan = t.plan(s, r.request(issue.Client, groups[0][0].User, target), &p)
	}
	if err := p.err(); err != nil {
		return err
	}
	if order.Password, err = t.clientPassword(s, a, r); err != nil {
		return err
	}
	return t.issueOne(c.Context, s, order)
}

// clientPassword is the password of the accounts of r; a random one that the
// replaced pair had is kept, since the account on the server has it.
func (t *tool) clientPassword(s *store.Store, a account, r pair) (*string, error) {
	var kept *string
	if r.force {
		var err error
		if kept, err = s.Password(r.name); err != nil {
			return nil, err
		}
	}
	return a.passwordFor(kept)
}

// openFor opens the store and its CA for a command that issues, and says for
// which server it writes.
func (t *tool) openFor(p *problems) (*store.Store, dialect.Version, error) {
	s, err := t.open()
	if err != nil {
		return nil, dialect.Version{}, err
	}
	if _, err := s.Authority(); err != nil {
		return nil, dialect.Version{}, errors.Join(err, s.Close())
	}
	target, err := t.targetOf(s.Target().String())
	p.add("target", err)
	return s, target, nil
}

// plan checks a request against the store's CA.
func (t *tool) plan(s *store.Store, request issue.Request, p *problems) issue.Plan {
	authority, err := s.Authority()
	if err != nil {
		p.add("ca", err)
		return issue.Plan{}
	}
	made, err := request.Check(authority, t.now())
	p.add(string(request.Kind), err)
	return made
}

// issueOne drafts, commits and prints one pair, and says what to do with it.
func (t *tool) issueOne(ctx context.Context, s *store.Store, order store.Order) error {
	item, err := s.Draft(order)
	if err != nil {
		return err
	}
	twins, err := s.Twins(ctx, []store.Bearer{order.Bearer()}, t.now(), nil)
	if err != nil {
		return err
	}
	if err := t.commit(ctx, s, item); err != nil {
		return err
	}
	shown, err := describeItem(item)
	if err != nil {
		return err
	}
	shown.Notices = slices.Concat(s.Notices(), item.Notices, twins[0])
	if t.json {
		return t.printJSON(shown)
	}
	t.notice(shown.Notices...)
	t.listFiles(shown.Files)
	t.printIssued(shown, item.Pair)
	return t.printSteps(s, item)
}

// printSteps says on standard error what to do with a new pair.
func (t *tool) printSteps(s *store.Store, item *store.Item) error {
	target, err := dialect.Parse(item.Spec.Target)
	if err != nil || t.quiet {
		return err
	}
	steps := templates.NextSteps{Dir: t.dir, Program: programName(), Target: target}
	if item.Row.Kind == ledger.Server {
		steps.Servers = []templates.StepServer{serverStep(s, item.Row, item.Spec)}
	} else {
		steps.Clients = []templates.StepClient{clientStep(s, item.Row, item.Spec)}
	}
	text, err := steps.Text()
	fmt.Fprintf(t.err, "\n%s", text)
	return err
}

// overConnect lays --connect and --groups over a spec.
func overConnect(c *cli.Context, spec *store.Spec, p *problems) {
	if c.IsSet("connect") {
		spec.Connect = c.String("connect")
		_, _, err := dialect.ParseAddress(spec.Connect)
		p.add("connect", err)
	}
	if c.IsSet("groups") {
		spec.Groups = splitGroups(c.String("groups"), p)
	}
}
