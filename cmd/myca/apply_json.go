package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"myca/fleet"
	"myca/ledger"
	"myca/store"
)

// applyJSON is the report as one object, written while the run goes on, so that
// memory does not grow with the fleet. Part of the command line's contract.
type applyJSON struct {
	run     *provisioning
	command *cli.Context
	out     *bufio.Writer
	begun   bool
	listed  int // changes printed
	written *fleet.Written
}

// changeJSON is one change.
type changeJSON struct {
	Action   fleet.Action `json:"action"`
	Kind     string       `json:"kind"`
	Name     string       `json:"name"`
	Serial   *string      `json:"serial"`   // null before it is made
	Replaced *string      `json:"replaced"` // the serial that was renewed
	Reasons  []string     `json:"reasons"`
	Accounts []string     `json:"accounts"`         // whose statements are to be run: new ones, and those whose requirement changes
	Changed  []string     `json:"changed_accounts"` // the latter
	LocksOut bool         `json:"locks_out"`        // these demand the new certificate alone: files and statements go together
	Notices  []string     `json:"notices"`
}

// summaryJSON is how many there are of each.
type summaryJSON struct {
	Create int `json:"create"`
	Renew  int `json:"renew"`
	Update int `json:"update"`
	Keep   int `json:"keep"`
	Revoke int `json:"revoke"`
	// Unlisted is how many are active and not in the manifest; 1000 stands for
	// more, too.
	Unlisted int `json:"unlisted"`
}

// outputsJSON is what was written, or was there already.
type outputsJSON struct {
	Changed   bool     `json:"changed"`
	Inventory string   `json:"inventory"`
	SQL       []string `json:"sql"`
	Archives  int      `json:"archives"`
}

// plannedCA is the CA that a run would make, in the shape of the one that it
// made. What comes about only then is null, and its times are those of a CA that
// is made now.
type plannedCA struct {
	shownJSON
	Serial      *string `json:"serial"`
	State       *string `json:"state"`
	Fingerprint *string `json:"fingerprint_sha256"`
	SPKI        *string `json:"spki_sha256"`
}

func (a *applyJSON) steps(list []fleet.Step) error {
	if err := a.begin(); err != nil {
		return err
	}
	for _, step := range list {
		separator := ",\n    "
		if a.listed == 0 {
			separator = "\n    "
		}
		a.listed++
		fmt.Fprint(a.out, separator)
		if err := a.value(changeJSON{
			Action: step.Action, Kind: step.Kind, Name: step.Name, Serial: present(step.Serial), Replaced: present(step.Replaced),
			Reasons: never(step.Reasons), Accounts: never(step.Accounts), Changed: never(step.Changed), LocksOut: step.LocksOut, Notices: never(step.Notices),
		}); err != nil {
			return err
		}
	}
	return nil
}

// never is list, but never null.
func never(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// begin writes what stands before the changes, once.
func (a *applyJSON) begin() error {
	if a.begun {
		return nil
	}
	a.begun = true
	var authority any
	if a.run.founds {
		var err error
		if authority, err = a.authority(); err != nil {
			return err
		}
	}
	fmt.Fprint(a.out, "{\n  \"ca\": ")
	if err := a.value(authority); err != nil {
		return err
	}
	fmt.Fprint(a.out, ",\n  \"changes\": [")
	return nil
}

// authority is the CA that the run made, or would make.
func (a *applyJSON) authority() (any, error) {
	if !a.run.dryRun {
		return a.run.t.describeCA(a.command, a.run.store, "")
	}
	at, err := a.run.store.Authority()
	if err != nil {
		return nil, err
	}
	s := a.run.store
	planned := plannedCA{}
	if planned.shownJSON, err = describeAny(at.Certificate, store.Spec{Target: s.Target().String()}); err != nil {
		return nil, err
	}
	first := 1
	planned.Name, planned.Kind, planned.Generation = "1", ledger.CA, &first
	planned.Files = describeFiles(s.Files(ledger.Row{Kind: ledger.CA, Name: planned.Name, Generation: first, State: ledger.Active}))
	return planned, nil
}

func (a *applyJSON) wrote(w fleet.Written) { a.written = &w }

// end closes the object; a run that failed before its first change has none.
func (a *applyJSON) end(failed bool) error {
	if failed && !a.begun {
		return nil
	}
	if err := a.begin(); err != nil {
		return err
	}
	if a.listed > 0 {
		fmt.Fprint(a.out, "\n  ")
	}
	n := a.run.plan.Count()
	if failed {
		n = a.run.done
		n.Keep = a.run.plan.Count().Keep
	}
	var outputs *outputsJSON
	if a.written != nil {
		outputs = &outputsJSON{Changed: a.written.Changed, Inventory: a.written.Inventory, SQL: never(a.written.SQL), Archives: a.written.Archives}
	}
	fmt.Fprint(a.out, "],\n  \"summary\": ")
	if err := a.value(summaryJSON{n.Create, n.Renew, n.Update, n.Keep, n.Revoke, a.run.plan.Unlisted().Count}); err != nil {
		return err
	}
	fmt.Fprint(a.out, ",\n  \"outputs\": ")
	if err := a.value(outputs); err != nil {
		return err
	}
	fmt.Fprint(a.out, ",\n  \"notices\": ")
	if err := a.value(never(slices.Concat(a.run.early, a.run.notices()))); err != nil {
		return err
	}
	fmt.Fprint(a.out, "\n}\n")
	return a.out.Flush()
}

// value writes a value on one line.
func (a *applyJSON) value(v any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	_, err := a.out.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return err
}
