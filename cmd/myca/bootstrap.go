package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/issue"
	"myca/store"
)

func bootstrapCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "bootstrap",
		Usage: "CA, one server pair, client pairs, option files and SQL for one installation",
		Description: `On a terminal it asks for what the flags leave open, shows what it is going to
make, and asks once whether that is right. With --yes, or without a terminal, it
never asks. A second run with the same flags changes nothing.

  myca bootstrap
  myca --dir /srv/pki --target mysql-9.7 bootstrap --yes \
    --subject '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' \
    --host localhost --host 127.0.0.1 \
    --user 'laura@%' --grant 'ALL ON finance.*' --random-password

` + dialect.GrantGrammar,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "subject", Usage: "the CA's exact subject `DN` (default: /CN=myca XXXXXXXX CA, unique)"},
			&cli.StringSliceFlag{Name: "host", Usage: "a name or address `H` of the server (repeatable; the first is its CN)"},
			&cli.StringSliceFlag{Name: "user", Usage: "an account `USER@HOST` (repeatable; accounts of one user share a certificate)"},
			&cli.StringFlag{Name: "key", Value: defaultLeafKey, Usage: "key `TYPE` of server and clients: " + keyTypes},
			&cli.StringFlag{Name: "ca-key", Value: defaultCAKey, Usage: "key `TYPE` of the CA"},
			&cli.StringFlag{Name: "days", Usage: "server and clients are valid for `N` days (default: " + strconv.Itoa(defaultLeafDays) + ")"},
			&cli.StringFlag{Name: "ca-days", Usage: "the CA is valid for `N` days (default: " + strconv.Itoa(defaultCADays) + ")"},
			&cli.StringFlag{Name: "deploy-dir", Usage: "the folder `DIR` on the server's host where its files will lie"},
			nonportableFlag(),
			libraryFlag(),
		}, accountFlags()...),
		Action: t.bootstrap,
	}
}

// wanted is the installation a bootstrap is asked for.
type wanted struct {
	target  dialect.Version
	ca      authority
	hosts   []string
	pair    pair // what server and clients have in common
	account account
	notices []string // what was remarked on when the pairs were made
}

func (t *tool) bootstrap(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca bootstrap --host H --user USER@HOST"); err != nil {
		return err
	}
	var p problems
	w := t.parseWanted(c, &p)
	existing, err := t.open()
	if err == nil {
		defer existing.Close()
		return t.bootstrapAgain(c, existing, w, &p)
	}
	if !errors.Is(err, store.ErrNoStore) {
		return err
	}
	asked := t.interactive()
	if asked && len(p.list) == 0 {
		if err := t.askWanted(c, t.asker(), &w); err != nil {
			return err
		}
	}
	w.check(c, &p)
	if err := p.err(); err != nil {
		return err
	}
	return t.found(c, w, asked)
}

// parseWanted reads the flags of bootstrap.
func (t *tool) parseWanted(c *cli.Context, p *problems) wanted {
	w := wanted{hosts: c.StringSlice("host")}
	var err error
	w.target, err = t.targetOf()
	p.add("target", err)
	w.ca = t.parseAuthority(c, "ca-key", "ca-days", p)
	w.account = t.parseAccount(c, c.StringSlice("user"), p)
	w.pair = t.parsePair(c, issue.Server, w.target, p)
	w.pair.nonportable = false
	return w
}

// check reports what is missing or does not go together.
func (w wanted) check(c *cli.Context, p *problems) {
	if len(w.hosts) == 0 {
		p.addf("host", "--host db1.example.com", "no --host: the server's names and addresses are needed")
	}
	if len(w.account.accounts) == 0 && !c.IsSet("user") {
		p.addf("user", "--user 'laura@%'", "no --user: at least one account is needed")
	}
	for _, host := range w.hosts {
		p.add("host", issue.CheckHost(host))
	}
	w.account.check(p)
	w.account.checkTarget(w.target, p)
}

// remarks are notices on what was asked for.
func (w wanted) remarks() []string {
	if slices.Contains(w.hosts, "localhost") {
		return w.notices
	}
	return append(w.notices, "the server's certificate does not name localhost: clients on its own host that connect through the socket or to localhost will refuse it (--host localhost adds it)")
}

// spec is what the ledger keeps of the whole request with the CA.
func (w wanted) spec() *store.Spec {
	spec := w.pair.spec(w.target)
	spec.Profile = ""
	spec.SANs = w.hosts
	w.account.record(&spec)
	return &spec
}

// found makes the store: everything is computed, shown where a person asked
// for it, and committed at once.
func (t *tool) found(c *cli.Context, w wanted, asked bool) error {
	f := t.founding(w.ca, w.target)
	f.Spec.Bootstrap = w.spec()
	s, err := store.Found(t.dir, f)
	if err != nil {
		return err
	}
	defer s.Close()
	orders, err := t.orders(s, w)
	if err != nil {
		return err
	}
	if asked {
		if err := t.confirm(w, orders); err != nil {
			return err
		}
	}
	items := make([]*store.Item, 0, len(orders))
	for _, order := range orders {
		item, err := s.Draft(order)
		if err != nil {
			return err
		}
		items = append(items, item)
		for _, notice := range item.Notices {
			w.notices = append(w.notices, fmt.Sprintf("%s %s: %s", item.Row.Kind, item.Row.Name, notice))
		}
	}
	if err := t.commit(c.Context, s, items...); err != nil {
		return err
	}
	return t.printBootstrap(c, s, w, true)
}

// orders are the pairs of w, the server's first.
func (t *tool) orders(s *store.Store, w wanted) ([]store.Order, error) {
	var p problems
	server := w.pair
	server.name, server.sans = issue.FolderName(w.hosts[0]), w.hosts
	spec := server.spec(w.target)
	orders := []store.Order{{Plan: t.plan(s, server.request(issue.Server, w.hosts[0], w.target), &p), Spec: spec, Now: t.now()}}
	for _, accounts := range byUser(w.account.accounts) {
		order, err := t.clientOrder(s, w, accounts, &p)
		if err != nil {
			return nil, err
		}
		orders = append(orders, order)
	}
	return orders, p.err()
}

func (t *tool) clientOrder(s *store.Store, w wanted, accounts []dialect.Account, p *problems) (store.Order, error) {
	client, a := w.pair, w.account
	client.name, client.profile, client.deployDir = issue.FolderName(accounts[0].User), issue.ProfileClient, ""
	a.accounts = accounts
	order := store.Order{
		Plan: t.plan(s, client.request(issue.Client, accounts[0].User, w.target), p),
		Spec: client.spec(w.target),
		Now:  t.now(),
	}
	a.record(&order.Spec)
	var err error
	order.Password, err = a.passwordFor(nil)
	return order, err
}
