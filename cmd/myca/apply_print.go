package main

import (
	"bufio"
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/fleet"
)

// applyReport tells what a run of apply does, while it does it.
type applyReport interface {
	steps([]fleet.Step) error // each is done, or, with --dry-run, planned
	wrote(fleet.Written)      // the outputs
	end(failed bool) error    // the last call
}

func (r *provisioning) report(c *cli.Context) applyReport {
	if r.t.json {
		return &applyJSON{run: r, command: c, out: bufio.NewWriter(r.t.out)}
	}
	return &applyText{run: r, notices: newTally()}
}

// applyText is the report for people.
type applyText struct {
	run     *provisioning
	out     bytes.Buffer // whole lines, until the bar makes room for them
	begun   bool
	written fleet.Written
	notices *tally
}

// steps prints a line for each step; what is created for the first time, which
// may be thousands, only on request.
func (a *applyText) steps(list []fleet.Step) error {
	a.begin()
	for _, step := range list {
		for _, notice := range step.Notices {
			a.notices.add(notice, step.Kind+" "+step.Name+": "+notice)
		}
		if step.Action == fleet.Create && step.Reasons == nil && !a.run.dryRun && !a.run.t.verbose {
			continue
		}
		a.line(step)
	}
	return a.flush()
}

// flush prints what was written, in place of the bar.
func (a *applyText) flush() error {
	if a.out.Len() == 0 {
		return nil
	}
	a.run.bar.clear()
	_, err := a.out.WriteTo(a.run.t.out)
	return err
}

// begin tells of the CA that is made.
func (a *applyText) begin() {
	if a.begun || !a.run.founds {
		return
	}
	a.begun = true
	if a.run.dryRun && a.run.manifest.CA.Subject == nil {
		fmt.Fprintf(&a.out, "create ca, with a unique subject, in %s\n", printable(a.run.t.dir))
		return
	}
	at, err := a.run.store.Authority()
	if err != nil {
		return // told by whoever needed it
	}
	fmt.Fprintf(&a.out, "create ca %s in %s\n", at.Subject, printable(a.run.t.dir))
}

func (a *applyText) line(step fleet.Step) {
	line := fmt.Sprintf("%s %s %s", step.Action, step.Kind, step.Name)
	if len(step.Reasons) > 0 {
		line += ": " + strings.Join(step.Reasons, "; ")
	}
	fmt.Fprintln(&a.out, printable(line))
	if len(step.Accounts) > 0 {
		fmt.Fprintln(&a.out, printable("  "+aboutAccounts(step)))
	}
}

// aboutAccounts says what a step means for accounts on a server.
func aboutAccounts(step fleet.Step) string {
	const order = " once fleet.sql is run: bring the new files to the client's host first"
	if len(step.Accounts) == 1 {
		return "the account " + step.Accounts[0] + " demands something else" + order
	}
	return "the accounts " + strings.Join(step.Accounts, ", ") + " demand something else" + order
}

func (a *applyText) wrote(w fleet.Written) { a.written = w }

func (a *applyText) end(failed bool) error {
	if failed {
		return a.flush()
	}
	a.begin()
	a.run.t.notice(a.run.notices()...)
	a.run.t.notice(a.notices.lines()...)
	kept := plural(a.run.plan.Count().Keep, "pair") + " as the manifest says"
	switch {
	case a.run.changes():
		fmt.Fprintln(&a.out, a.counts())
	case a.run.outputs && a.run.dryRun:
		fmt.Fprintf(&a.out, "outputs to write, and nothing else to do: %s\n", kept)
	case a.run.outputs:
		fmt.Fprintf(&a.out, "outputs written, and nothing else to do: %s\n", kept)
	default:
		fmt.Fprintf(&a.out, "nothing to do: %s\n", kept)
	}
	if a.written.Changed {
		a.outputs()
	}
	return a.flush()
}

// counts is the last line of a plan, or what was done.
func (a *applyText) counts() string {
	n := a.run.plan.Count()
	words := []string{"to create", "to renew", "to update", "to revoke"}
	if !a.run.dryRun {
		words = []string{"created", "renewed", "updated", "revoked"}
	}
	var parts []string
	for i, count := range []int{n.Create, n.Renew, n.Update, n.Revoke} {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, words[i]))
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("%d kept", n.Keep)), ", ")
}

// outputs tells where what is to be brought to the hosts lies, as commands
// where there are any.
func (a *applyText) outputs() {
	fmt.Fprintf(&a.out, "\nthe files of every host, with their checksums: %s\n", printable(a.written.Inventory))
	if a.written.Archives > 0 {
		fmt.Fprintf(&a.out, "their archives: %s\n", printable(filepath.Join(filepath.Dir(a.written.Inventory), "archives")))
	}
	var replicas []string
	for _, path := range a.written.SQL {
		if filepath.Base(path) != "fleet.sql" {
			replicas = append(replicas, path)
			continue
		}
		target := filepath.Base(filepath.Dir(path))
		fmt.Fprintf(&a.out, "\nthen the accounts for %s, as an administrator of each server (of those that replicate, on the source; of a Galera cluster, on one node):\n    %s\n", target, runSQL(path))
	}
	for _, path := range replicas {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "replica-"), ".sql")
		fmt.Fprintf(&a.out, "\nreplication, on %s, after the accounts of its source:\n    %s\n", name, runSQL(path))
	}
}

// runSQL is the command that runs a file of statements on the server of the
// target in whose folder it lies.
func runSQL(path string) string {
	program := "mysql"
	if target, err := dialect.Parse(filepath.Base(filepath.Dir(path))); err == nil {
		program = target.ClientProgram()
	}
	return program + " --default-character-set=utf8mb4 -u root < " + shellWord(path)
}

// tally keeps notices, those that say the same of many pairs once. It holds no
// more than mostNotices.
type tally struct {
	order []string
	first map[string]string
	more  map[string]int
	other int
}

const mostNotices = 20

func newTally() *tally { return &tally{first: map[string]string{}, more: map[string]int{}} }

// add adds notice, which line says of one pair.
func (t *tally) add(notice, line string) {
	switch {
	case slices.Contains(t.order, notice):
		t.more[notice]++
	case len(t.order) == mostNotices:
		t.other++
	default:
		t.order = append(t.order, notice)
		t.first[notice] = line
	}
}

func (t *tally) lines() []string {
	var lines []string
	for _, notice := range t.order {
		line := t.first[notice]
		if n := t.more[notice]; n > 0 {
			line += fmt.Sprintf(" (and so for %d more)", n)
		}
		lines = append(lines, line)
	}
	if t.other > 0 {
		lines = append(lines, fmt.Sprintf("%s more: --json prints all", plural(t.other, "notice")))
	}
	return lines
}
