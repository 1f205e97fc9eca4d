package main

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

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
	return &applyText{run: r, notices: &tally{whole: r.t.verbose}}
}

// applyText is the report for people.
type applyText struct {
	run     *provisioning
	out     bytes.Buffer // whole lines, until the bar makes room for them
	begun   bool
	open    alike // the steps that the next line is about
	written fleet.Written
	notices *tally
}

// steps prints the steps, those that are alike in one line; what is created for
// the first time, which may be thousands, only on request.
func (a *applyText) steps(list []fleet.Step) error {
	a.begin()
	for _, step := range list {
		for _, notice := range step.Notices {
			a.notices.add(notice, step.Kind+" "+step.Name+": "+notice)
		}
		if step.Action == fleet.Create && step.Reasons == nil && !a.run.dryRun && !a.run.t.verbose {
			continue
		}
		if a.run.t.verbose || !a.open.add(step) {
			a.close()
			a.open = alikeTo(step)
		}
	}
	return a.flush()
}

// close writes the line of the steps that are open.
func (a *applyText) close() {
	for _, line := range a.open.lines() {
		fmt.Fprintln(&a.out, printable(line))
	}
	a.open = alike{}
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
	fmt.Fprintf(&a.out, "create ca %s in %s\n", a.run.manifest.CA.Subject, printable(a.run.t.dir))
}

func (a *applyText) wrote(w fleet.Written) { a.written = w }

func (a *applyText) end(failed bool) error {
	a.close()
	if failed {
		return a.flush()
	}
	a.begin()
	if err := a.flush(); err != nil {
		return err
	}
	a.run.t.notice(a.run.notices()...)
	a.run.t.notice(a.notices.lines(a.run.dryRun)...)
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
	if line := unlistedLine(a.run.plan.Unlisted()); line != "" {
		fmt.Fprintln(&a.out, printable(line))
	}
	if a.written.Changed {
		a.run.next.write(&a.out, a.run, a.written)
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
		switch {
		case i == 0 && a.run.founds && count == 0:
			parts = append(parts, "a CA "+words[i])
		case i == 0 && a.run.founds:
			parts = append(parts, fmt.Sprintf("a CA and %s %s", plural(count, "pair"), words[i]))
		case count > 0 && parts == nil:
			parts = append(parts, plural(count, "pair")+" "+words[i])
		case count > 0:
			parts = append(parts, fmt.Sprintf("%d %s", count, words[i]))
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("%d kept", n.Keep)), ", ")
}
