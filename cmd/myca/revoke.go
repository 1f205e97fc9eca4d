package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/ledger"
	"myca/store"
)

func revokeCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "revoke",
		Usage:     "revoke certificates, and write a fresh CRL",
		ArgsUsage: "NAME|SERIAL...",
		Description: `NAME revokes every certificate of that name that has not ended, the superseded
ones too; SERIAL one. The folder of an active one goes to the archive.

Nothing changes on a server before its option file names the CRL (myca mycnf
server NAME --crl), crl.pem is copied to it, and it is reloaded.

  myca revoke client/laura --reason key-compromise
  myca revoke 5fca0fd9bb6911d4 --json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "reason", Value: "unspecified", Usage: "`REASON`: " + strings.Join(ca.Reasons(), ", ")},
		},
		Action: t.revoke,
	}
}

// revokedJSON is one row of revoke --json.
type revokedJSON struct {
	listedJSON
	RevokedAt string   `json:"revoked_at"`
	Reason    string   `json:"reason"`
	Notices   []string `json:"notices,omitempty"`
}

func (t *tool) revoke(c *cli.Context) error {
	var p problems
	words, err := arguments(c, 1, -1, "myca revoke NAME|SERIAL...")
	if err != nil {
		return err
	}
	reason, err := ca.ParseReason(c.String("reason"))
	p.add("reason", err)
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	rows, err := t.revocable(c.Context, s, words, &p)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	err = t.durable(c.Context, func(ctx context.Context) error { return s.Revoke(ctx, rows, reason, t.now()) })
	if err != nil {
		return err
	}
	return t.printRevoked(c.Context, s, rows)
}

// revocable are the certificates that words name, each once.
func (t *tool) revocable(ctx context.Context, s *store.Store, words []string, p *problems) ([]ledger.Row, error) {
	var rows []ledger.Row
	seen := map[string]bool{}
	for _, word := range words {
		found, err := t.revocableBy(ctx, s, word)
		p.add("name", err)
		for _, row := range found {
			if !seen[row.Serial] {
				seen[row.Serial] = true
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

func (t *tool) revocableBy(ctx context.Context, s *store.Store, word string) ([]ledger.Row, error) {
	row, err := findRow(ctx, s, word)
	if err != nil {
		return nil, err
	}
	switch {
	case row.Kind == ledger.CA:
		return nil, usagef("myca ca rotate begin, switch --renew, finish --compromised", "%q is a CA: a stolen one is rotated out", word)
	case word == row.Name || word == row.Kind+"/"+row.Name:
		rows, err := s.Revocable(ctx, row.Kind, row.Name, t.now())
		if errors.Is(err, ledger.ErrNotFound) {
			return nil, usagef("myca show "+shellWord(row.Serial), "%s %q has no certificate left to revoke: the newest is %s and ends %s", row.Kind, row.Name, row.State, ends(row.NotAfter, t.now()))
		}
		return rows, err
	case row.State == ledger.Revoked:
		return nil, usagef("myca show "+shellWord(row.Serial), "certificate %s is revoked already", row.Serial)
	case !row.NotAfter.After(t.now()):
		return nil, usagef("myca show "+shellWord(row.Serial), "certificate %s has ended already", row.Serial)
	}
	return []ledger.Row{row}, nil
}

func (t *tool) printRevoked(ctx context.Context, s *store.Store, rows []ledger.Row) error {
	remark := "nothing changes on a server before its option file names the CRL (myca --dir " + shellWord(t.dir) +
		" mycnf server NAME --crl), crl.pem is copied to it, and it is reloaded"
	list := make([]revokedJSON, 0, len(rows))
	for _, old := range rows {
		row, err := s.Ledger().BySerial(ctx, old.Serial)
		if err != nil {
			return err
		}
		list = append(list, revokedJSON{listedJSON: rowJSON(s, row), RevokedAt: stamp(row.RevokedAt), Reason: row.Reason, Notices: []string{remark}})
	}
	if t.json {
		return t.printJSON(list)
	}
	t.notice(append(s.Notices(), remark)...)
	for _, r := range list {
		fmt.Fprintf(t.out, "revoked %s %s, serial %s (%s)\n", r.Kind, r.Name, r.Serial, r.Reason)
	}
	return t.printCRL(s)
}

// printCRL tells what crl.pem is.
func (t *tool) printCRL(s *store.Store) error {
	crl, err := s.CRL()
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "CRL %d\n", crl.Number)
	t.fields("file", crl.Path, "lists", plural(crl.Revoked, "certificate"), "until", ends(crl.NextUpdate, t.now()))
	return nil
}
