package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"myca/dn"
	"myca/ledger"
	"myca/store"
)

func renewCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "renew",
		Usage:     "new certificates with the same subject, SANs and profile",
		ArgsUsage: "NAME...",
		Description: `A renewed pair has a new key unless --reuse-key says otherwise; its option file
and account statements are carried over, and the old pair goes to the archive.
Accounts need no change: the subject is the same. The old key opens the account
until its certificate ends or is revoked.

  myca renew db1
  myca renew client/laura server/db1 --reuse-key
  myca renew --expiring 30d --exec 'systemctl reload mysql-certificates'
  myca renew --all --json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "expiring", Usage: "renew what is active and ends within `DURATION`: 30d, 12h"},
			&cli.BoolFlag{Name: "all", Usage: "renew every active pair"},
			&cli.BoolFlag{Name: "reuse-key", Usage: "certify the same key again"},
			&cli.StringFlag{Name: "subject", Usage: "another subject `DN`, for one pair: locks its accounts out until their requirement is changed"},
			&cli.StringFlag{Name: "exec", Usage: "run the shell command `CMD` once everything is in place, such as a reload; MYCA_RENEWED names the pairs"},
		},
		Action: t.renew,
	}
}

// renewal is what the flags of renew say.
type renewal struct {
	subject  dn.Name // nil: the same
	reuseKey bool
	exec     string
}

func (t *tool) renew(c *cli.Context) error {
	var p problems
	how := renewal{subject: parseSubject(c, &p), reuseKey: c.Bool("reuse-key"), exec: c.String("exec")}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	rows, err := t.renewable(c, s, &p)
	if err != nil {
		return err
	}
	if how.subject != nil && len(rows) > 1 {
		p.addf("subject", "renew them one by one", "--subject is for one pair, not for %d", len(rows))
	}
	if err := p.err(); err != nil {
		return err
	}
	return t.renewRows(c.Context, s, rows, how)
}

// renewable are the active pairs that the arguments and flags name.
func (t *tool) renewable(c *cli.Context, s *store.Store, p *problems) ([]ledger.Row, error) {
	names := c.Args().Slice()
	ways := 0
	for _, given := range []bool{len(names) > 0, c.IsSet("expiring"), c.Bool("all")} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		p.addf("name", "myca renew NAME..., myca renew --expiring 30d, or myca renew --all", "exactly one of names, --expiring and --all is needed")
		return nil, nil
	}
	if len(names) > 0 {
		return namedPairs(c.Context, s, names, p)
	}
	filter := ledger.Filter{State: ledger.Active}
	if c.IsSet("expiring") {
		within, err := parseDuration(c.String("expiring"))
		p.add("expiring", err)
		filter.Expiring = t.now().Add(within)
	}
	return t.pairsOf(c.Context, s, filter)
}

// namedPairs finds the active pairs of names, each once.
func namedPairs(ctx context.Context, s *store.Store, names []string, p *problems) ([]ledger.Row, error) {
	var rows []ledger.Row
	seen := map[string]bool{}
	for _, name := range names {
		row, err := findRow(ctx, s, name)
		switch {
		case err != nil:
			p.add("name", err)
		case row.Kind == ledger.CA:
			p.addf("name", "myca ca rotate begin", "%q is a CA: it is not renewed but rotated", name)
		case row.State != ledger.Active:
			p.addf("name", "myca list", "%q is %s: only an active pair can be renewed", name, row.State)
		case !seen[row.Serial]:
			seen[row.Serial] = true
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// pairsOf are the servers and clients of filter; a CA among them is a notice.
func (t *tool) pairsOf(ctx context.Context, s *store.Store, filter ledger.Filter) ([]ledger.Row, error) {
	var rows []ledger.Row
	for row, err := range s.Ledger().All(ctx, filter) {
		if err != nil {
			return nil, err
		}
		if row.Kind != ledger.CA {
			rows = append(rows, row)
		} else if !filter.Expiring.IsZero() {
			t.notice(fmt.Sprintf("the CA itself ends %s: myca ca rotate begin", ends(row.NotAfter, t.now())))
		}
	}
	return rows, nil
}

// renewRows renews the pairs in one change, prints them, and runs --exec.
func (t *tool) renewRows(ctx context.Context, s *store.Store, rows []ledger.Row, how renewal) error {
	var p problems
	items := make([]*store.Item, 0, len(rows))
	for _, row := range rows {
		if t.interrupted() {
			return context.Canceled
		}
		order, err := t.renewOrder(s, row, how, &p)
		if err != nil {
			return err
		}
		if p.err() != nil {
			continue // the other problems are still of interest
		}
		item, err := s.Draft(order)
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	if err := p.err(); err != nil {
		return err
	}
	if err := t.commit(ctx, s, items...); err != nil {
		return err
	}
	if err := t.printRenewed(s, rows, items, how); err != nil || how.exec == "" || len(items) == 0 {
		return err
	}
	return t.execAfter(ctx, how.exec, items)
}

func (t *tool) renewOrder(s *store.Store, row ledger.Row, how renewal, p *problems) (store.Order, error) {
	r, err := s.Renewal(row, t.now())
	if err != nil {
		return store.Order{}, err
	}
	if how.subject != nil {
		r.Request.Subject = how.subject
		r.Spec.Subject = how.subject.String()
	}
	if how.reuseKey {
		if r.Request.ReuseKey, err = s.PrivateKey(row); err != nil {
			return store.Order{}, err
		}
	}
	return store.Order{Plan: t.plan(s, r.Request, p), Spec: r.Spec, Renews: r.Serial, Now: t.now()}, nil
}

// printRenewed prints the new pairs; rows are the old ones in the same order.
func (t *tool) printRenewed(s *store.Store, rows []ledger.Row, items []*store.Item, how renewal) error {
	list := make([]issuedJSON, 0, len(items))
	for i, item := range items {
		shown, err := describeItem(item)
		if err != nil {
			return err
		}
		shown.Notices = append(shown.Notices, item.Notices...)
		if !how.reuseKey {
			shown.Notices = append(shown.Notices, fmt.Sprintf("%s %s: the old key stays good until %s; if somebody else may have it: myca revoke %s",
				item.Row.Kind, item.Row.Name, rows[i].NotAfter.UTC().Format("2006-01-02"), rows[i].Serial))
		}
		if item.Row.Subject != rows[i].Subject && item.Row.Kind == ledger.Client {
			shown.Notices = append(shown.Notices, fmt.Sprintf("client %s: accounts that require the old subject refuse the new one: myca grant %s --existing", item.Row.Name, item.Row.Name))
		}
		list = append(list, shown)
	}
	if t.json {
		return t.printJSON(list)
	}
	t.notice(s.Notices()...)
	if len(list) == 0 {
		fmt.Fprintln(t.out, "nothing to renew")
	}
	for i, shown := range list {
		t.notice(shown.Notices...)
		t.listFiles(shown.Files)
		t.printIssued(shown, items[i].Pair)
	}
	return nil
}

// execAfter runs command with the shell, outside the lock: what was renewed
// stays renewed when it fails. Its output is talk, not the result. A signal to
// myca is passed on to it.
func (t *tool) execAfter(ctx context.Context, command string, items []*store.Item) error {
	var names []string
	for _, item := range items {
		names = append(names, item.Row.Kind+"/"+item.Row.Name)
	}
	return t.durable(ctx, func(ctx context.Context) error {
		run := exec.CommandContext(ctx, "/bin/sh", "-c", command)
		run.Env = append(run.Environ(), "MYCA_RENEWED="+strings.Join(names, " "), "MYCA_DIR="+t.dir)
		run.Stdout, run.Stderr = t.err, t.err
		run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
		run.WaitDelay = 10 * time.Second
		err := run.Run()
		switch {
		case ctx.Err() != nil:
			return &usageError{message: fmt.Sprintf("interrupted: renewed and in place, but the command %q after it was stopped", command), hint: command, cause: ctx.Err()}
		case err != nil:
			return &store.Error{Message: fmt.Sprintf("renewed and in place, but the command %q after it failed: %v", command, err), Fix: command, Err: err}
		}
		return nil
	})
}

// plural is "1 certificate", "2 certificates".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}
