package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

// bootstrapJSON is what bootstrap --json prints.
type bootstrapJSON struct {
	CA      shownJSON    `json:"ca"`
	Servers []issuedJSON `json:"servers"`
	Clients []issuedJSON `json:"clients"`
	Changed bool         `json:"changed"`
	Notices []string     `json:"notices,omitempty"`
}

// signingCA is the ledger's row of the generation that signs.
func signingCA(ctx context.Context, s *store.Store) (ledger.Row, error) {
	settings, err := s.Ledger().Settings(ctx)
	if err != nil {
		return ledger.Row{}, err
	}
	return s.Ledger().Active(ctx, ledger.CA, strconv.Itoa(settings.Generation))
}

// printBootstrap prints the installation: its CA, its pairs and what to do
// next. changed is false when it was there already.
func (t *tool) printBootstrap(c *cli.Context, s *store.Store, w wanted, changed bool) error {
	shown := bootstrapJSON{Servers: []issuedJSON{}, Clients: []issuedJSON{}, Changed: changed}
	var err error
	if shown.CA, err = t.describeCA(c, s, ""); err != nil {
		return err
	}
	shown.CA.Notices, shown.Notices = nil, append(s.Notices(), w.remarks()...)
	steps := templates.NextSteps{Dir: t.dir, Program: programName(), Target: w.target}
	for _, kind := range []string{ledger.Server, ledger.Client} {
		for row, err := range s.Ledger().All(c.Context, ledger.Filter{Kind: kind, State: ledger.Active}) {
			if err != nil {
				return err
			}
			one, err := t.showRow(s, row, "")
			if err != nil {
				return err
			}
			one.Notices = nil
			spec, err := store.ReadSpec(row)
			if err != nil {
				return err
			}
			if kind == ledger.Server {
				shown.Servers = append(shown.Servers, one.issuedJSON)
				steps.Servers = append(steps.Servers, serverStep(s, row, spec))
				continue
			}
			shown.Clients = append(shown.Clients, one.issuedJSON)
			steps.Clients = append(steps.Clients, clientStep(s, row, spec))
		}
	}
	if t.json {
		return t.printJSON(shown)
	}
	return t.printInstallation(shown, steps)
}

func serverStep(s *store.Store, row ledger.Row, spec store.Spec) templates.StepServer {
	return templates.StepServer{Name: row.Name, Folder: s.Folder(row), DeployDir: spec.DeployDir, Owner: spec.Owner}
}

func clientStep(s *store.Store, row ledger.Row, spec store.Spec) templates.StepClient {
	step := templates.StepClient{Name: row.Name, Folder: s.Folder(row), DeployDir: spec.DeployDir, SQL: s.Files(row).SQL, Password: templates.Password(spec.Password), Existing: spec.Mode == string(templates.Existing)}
	for _, text := range spec.Accounts {
		if a, err := dialect.ParseAccount(text); err == nil {
			step.Accounts = append(step.Accounts, a)
		}
	}
	return step
}

func (t *tool) printInstallation(shown bootstrapJSON, steps templates.NextSteps) error {
	t.notice(shown.Notices...)
	if shown.Changed {
		fmt.Fprintf(t.out, "made in %s, for %s%s:\n", t.dir, steps.Target, t.targetRemark())
	} else {
		fmt.Fprintf(t.out, "nothing to do: %s, for %s, is as asked for:\n", t.dir, steps.Target)
	}
	t.fields(append([]string{"CA", shown.CA.Subject + "  (until " + shown.CA.NotAfter[:10] + ")"}, t.pairLines(shown)...)...)
	text, err := steps.Text()
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n%s", text)
	return nil
}

func (t *tool) pairLines(shown bootstrapJSON) []string {
	var lines []string
	for _, one := range append(shown.Servers, shown.Clients...) {
		t.listFiles(one.Files)
		lines = append(lines, strings.TrimSpace(one.Kind+" "+one.Name), one.Subject+"  (until "+one.NotAfter[:10]+")")
	}
	return lines
}
