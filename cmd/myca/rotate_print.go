package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"myca/dn"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

// rotationJSON is what ca rotate prints under --json.
type rotationJSON struct {
	Phase       string           `json:"phase"`
	Generations []generationJSON `json:"generations"`
	Stale       []string         `json:"stale"`
	SQL         []string         `json:"sql,omitempty"`
	Notices     []string         `json:"notices,omitempty"`
}

type generationJSON struct {
	Generation int    `json:"generation"`
	Subject    string `json:"subject"`
	Serial     string `json:"serial"`
	NotAfter   string `json:"not_after"`
	Signs      bool   `json:"signs"`
	Active     int    `json:"active"`
	Superseded int    `json:"superseded"`
}

func (t *tool) describeRotation(c *cli.Context, s *store.Store, notices ...string) (rotationJSON, error) {
	state, err := s.Rotation(c.Context, t.now())
	shown := rotationJSON{Phase: string(state.Phase), Generations: []generationJSON{}, Stale: []string{}, Notices: append(s.Notices(), notices...)}
	shown.Stale = append(shown.Stale, state.Stale...)
	for _, g := range state.Generations {
		shown.Generations = append(shown.Generations, generationJSON{
			Generation: g.Row.Generation, Subject: g.Row.Subject, Serial: g.Row.Serial,
			NotAfter: stamp(g.Row.NotAfter), Signs: g.Signs, Active: g.Active, Superseded: g.Superseded,
		})
	}
	return shown, err
}

// printRotation prints the state of a rotation, and what is to be done next.
func (t *tool) printRotation(c *cli.Context, s *store.Store, next string, notices ...string) error {
	shown, err := t.describeRotation(c, s, notices...)
	if err != nil {
		return err
	}
	if t.json {
		return t.printJSON(shown)
	}
	fmt.Fprintf(t.out, "rotation: %s\n", shown.Phase)
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "GENERATION\tSUBJECT\tUNTIL\tSIGNS\tACTIVE\tSUPERSEDED")
	for _, g := range shown.Generations {
		signs := ""
		if g.Signs {
			signs = "yes"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%d\n", g.Generation, g.Subject, g.NotAfter[:10], signs, g.Active, g.Superseded)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, path := range shown.Stale {
		fmt.Fprintf(t.out, "not rewritten yet: %s\n", path)
	}
	if next != "" && !t.quiet {
		fmt.Fprintf(t.err, "myca: %s\n", next)
	}
	return nil
}

// printNewIssuer prints the statements that accounts need when certificates
// come from a CA of another name, in place of the rotation's state.
func (t *tool) printNewIssuer(c *cli.Context, s *store.Store, issuer dn.Name) error {
	t.notice("accounts that require the issuer refuse certificates of the new CA until these statements are run, and those of the old one afterwards: run each with the renewal of its client")
	var texts []string
	for row, err := range s.Ledger().All(c.Context, ledger.Filter{Kind: ledger.Client, State: ledger.Active}) {
		if err != nil {
			return err
		}
		text, err := t.newIssuer(s, row, issuer)
		if err != nil {
			return err
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	if t.json {
		shown, err := t.describeRotation(c, s)
		if err != nil {
			return err
		}
		shown.SQL = texts
		return t.printJSON(shown)
	}
	fmt.Fprint(t.out, strings.Join(texts, "\n"))
	return nil
}

// newIssuer is the statements with which a client's accounts accept
// certificates of issuer, "" when they do not look at it.
func (t *tool) newIssuer(s *store.Store, row ledger.Row, issuer dn.Name) (string, error) {
	spec, err := store.ReadSpec(row)
	if err != nil || len(spec.Accounts) == 0 {
		return "", err
	}
	spec.Mode, spec.Password = string(templates.Existing), ""
	statements, err := s.AccountStatements(spec, row, nil)
	if err != nil || !statements.Require.Issuer {
		return "", err
	}
	statements.Issuer = issuer
	return statements.SQL()
}
