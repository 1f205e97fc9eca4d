package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"myca/ledger"
	"myca/store"
)

func listCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "the certificates of the store",
		Description: `One line a certificate: kind, name, subject, expiry, CA generation, state.

  myca list
  myca list --json`,
		Action: t.list,
	}
}

// listedJSON is one row of list --json.
type listedJSON struct {
	Kind       string    `json:"kind"`
	Name       string    `json:"name"`
	Subject    string    `json:"subject"`
	Issuer     string    `json:"issuer"`
	Serial     string    `json:"serial"`
	NotBefore  string    `json:"not_before"`
	NotAfter   string    `json:"not_after"`
	Generation int       `json:"generation"`
	State      string    `json:"state"`
	Files      filesJSON `json:"files"`
}

func (t *tool) list(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca list"); err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	t.notice(s.Notices()...)
	if t.json {
		return t.listJSON(c.Context, s)
	}
	return t.listTable(c.Context, s)
}

func (t *tool) listTable(ctx context.Context, s *store.Store) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tNAME\tSUBJECT\tEXPIRES\tGENERATION\tSTATE")
	for row, err := range s.Ledger().All(ctx, ledger.Filter{}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", row.Kind, row.Name, row.Subject, ends(row.NotAfter, t.now()), row.Generation, row.State)
	}
	return w.Flush()
}

func (t *tool) listJSON(ctx context.Context, s *store.Store) error {
	rows := []listedJSON{}
	for row, err := range s.Ledger().All(ctx, ledger.Filter{}) {
		if err != nil {
			return err
		}
		rows = append(rows, listedJSON{
			Kind: row.Kind, Name: row.Name, Subject: row.Subject, Issuer: row.Issuer, Serial: row.Serial,
			NotBefore: stamp(row.NotBefore), NotAfter: stamp(row.NotAfter),
			Generation: row.Generation, State: string(row.State), Files: filesOf(s, row),
		})
	}
	return t.printJSON(rows)
}
