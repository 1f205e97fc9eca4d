package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/store"
)

func rebuildCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "rebuild",
		Usage: "make a lost ledger again from the certificates in the store",
		Description: `For a store whose ledger.db is gone and has no backup. What only the ledger knew
(grants, requirements, the days asked for) is recovered as far as the files tell.
A ledger that is there is never touched.

  myca ca rebuild
  myca --dir /srv/pki --target mysql-8.4 ca rebuild`,
		Action: t.rebuild,
	}
}

// rebuiltJSON is what ca rebuild --json prints.
type rebuiltJSON struct {
	Authorities int      `json:"authorities"`
	Active      int      `json:"active"`
	Archived    int      `json:"archived"`
	Revoked     int      `json:"revoked"`
	Notices     []string `json:"notices,omitempty"`
}

func (t *tool) rebuild(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca rebuild"); err != nil {
		return err
	}
	var target dialect.Version
	if t.target != "" {
		var err error
		if target, err = dialect.Parse(t.target); err != nil {
			return badInput(err)
		}
	}
	var found store.Rebuilt
	var err error
	err = t.durable(c.Context, func(ctx context.Context) error {
		found, err = store.Rebuild(ctx, t.dir, target, t.now())
		return err
	})
	if err != nil {
		return err
	}
	if t.json {
		return t.printJSON(rebuiltJSON{found.Authorities, found.Active, found.Archived, found.Revoked, found.Notices})
	}
	t.notice(found.Notices...)
	fmt.Fprintf(t.out, "ledger made again from %s, %s, %s in the archive, %d revoked\n",
		plural(found.Authorities, "CA certificate"), plural(found.Active, "pair"), plural(found.Archived, "pair"), found.Revoked)
	return nil
}
