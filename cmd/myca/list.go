package main

import (
	"bufio"
	"fmt"
	"iter"
	"strings"
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
With --expiring only the active ones that end within that time, the CA's own
among them; exit code 3 when there are any.

  myca list
  myca list --json
  myca list --expiring 30d || mail -s 'certificates expire' dba@example.com
  myca list --format tsv | cut -f 2,4`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "expiring", Usage: "only what is active and ends within `DURATION`: 30d, 12h"},
			&cli.StringFlag{Name: "format", Usage: "`FORMAT`: table, or tsv with times in RFC 3339 (default: table)"},
		},
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
	filter, err := t.listFilter(c)
	if err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	t.notice(s.Notices()...)
	n, err := t.printRows(c, s, s.Ledger().All(c.Context, filter))
	if err == nil && n > 0 && !filter.Expiring.IsZero() {
		return errFound
	}
	return err
}

// listFilter reads --expiring and checks --format.
func (t *tool) listFilter(c *cli.Context) (ledger.Filter, error) {
	var p problems
	var filter ledger.Filter
	if c.IsSet("expiring") {
		within, err := parseDuration(c.String("expiring"))
		p.add("expiring", err)
		filter = ledger.Filter{State: ledger.Active, Expiring: t.now().Add(within)}
	}
	switch format := c.String("format"); {
	case format != "" && format != "table" && format != "tsv":
		p.addf("format", "--format table or --format tsv", "unknown format %q", format)
	case format != "" && t.json:
		p.addf("format", "one of --json and --format", "--json and --format exclude each other")
	}
	return filter, p.err()
}

// printRows prints in the form asked for and returns how many rows there were.
func (t *tool) printRows(c *cli.Context, s *store.Store, rows iter.Seq2[ledger.Row, error]) (int, error) {
	switch {
	case t.json:
		return t.listJSON(s, rows)
	case c.String("format") == "tsv":
		return t.listTSV(rows)
	}
	return t.listTable(rows)
}

func (t *tool) listTable(rows iter.Seq2[ledger.Row, error]) (n int, err error) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tNAME\tSUBJECT\tEXPIRES\tGENERATION\tSTATE")
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		n++
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", row.Kind, row.Name, oneCell(row.Subject), ends(row.NotAfter, t.now()), row.Generation, row.State)
	}
	return n, w.Flush()
}

// listTSV prints what the table has and the serial, without a heading, one
// line a certificate, for cut and awk.
func (t *tool) listTSV(rows iter.Seq2[ledger.Row, error]) (n int, err error) {
	w := bufio.NewWriter(t.out)
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		n++
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", row.Kind, row.Name, oneCell(row.Subject), stamp(row.NotAfter), row.Generation, row.State, row.Serial)
	}
	return n, w.Flush()
}

// oneCell keeps a subject in its column: libraries other than OpenSSL 3 print
// tabs and newlines of a name as they are.
func oneCell(subject string) string {
	return strings.NewReplacer("\t", `\x09`, "\n", `\x0A`, "\r", `\x0D`).Replace(subject)
}

func (t *tool) listJSON(s *store.Store, rows iter.Seq2[ledger.Row, error]) (int, error) {
	list := []listedJSON{}
	for row, err := range rows {
		if err != nil {
			return 0, err
		}
		list = append(list, rowJSON(s, row))
	}
	return len(list), t.printJSON(list)
}

func rowJSON(s *store.Store, row ledger.Row) listedJSON {
	return listedJSON{
		Kind: row.Kind, Name: row.Name, Subject: row.Subject, Issuer: row.Issuer, Serial: row.Serial,
		NotBefore: stamp(row.NotBefore), NotAfter: stamp(row.NotAfter),
		Generation: row.Generation, State: string(row.State), Files: filesOf(s, row),
	}
}
