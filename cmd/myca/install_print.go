package main

import (
	"fmt"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"myca/deploy"
	"myca/out"
)

// installedJSON is what install prints; part of the command line's contract.
// Diff and Statements are there with --dry-run only, and what is not known or not
// of a server is left out at the end.
type installedJSON struct {
	Name       string                `json:"name"`
	DryRun     bool                  `json:"dry_run"`
	Files      []installedFileJSON   `json:"files"`
	Options    *installedOptionsJSON `json:"options"`   // null when nothing was to be installed
	Activated  *string               `json:"activated"` // of a server: reloaded, restart-needed, not-running, unchanged; see planned
	Backup     *string               `json:"backup"`
	Notices    []string              `json:"notices"`
	Diff       *string               `json:"diff,omitempty"`
	Statements []string              `json:"statements,omitempty"`

	CA        *installedCAJSON `json:"ca,omitempty"`
	Names     []string         `json:"names,omitempty"`                          // in the certificate
	Requiring []string         `json:"accounts_requiring_certificate,omitempty"` // 'USER'@'HOST', of those that are cut off
	Untrusted []string         `json:"untrusted_now,omitempty"`                  // subjects of CAs that the server trusts no more
	WayBack   []string         `json:"way_back,omitempty"`                       // commands
}

// installedCAJSON is the CA; its subject is null while it is not decided.
type installedCAJSON struct {
	Path    string  `json:"path"`
	Subject *string `json:"subject"`
}

// planned is how a state is called while it is only planned.
func planned(state deploy.Activated) string {
	switch state {
	case deploy.Reloaded:
		return "would-reload"
	case deploy.RestartNeeded:
		return "would-need-restart"
	}
	return string(state)
}

// describeRun is the object of this run.
func (r *serverInstall) describeRun(notices []string, state string) installedJSON {
	shown := describeInstalled(r.name, r.plan.Wanted, r.plan.Edit, r.done.Backup, notices)
	shown.DryRun, shown.Activated = r.dryRun, &state
	shown.CA, shown.Names, shown.Untrusted = r.authority(), r.names(), r.plan.Dropped
	for _, a := range r.requiring {
		shown.Requiring = append(shown.Requiring, a.SQL())
	}
	return shown
}

type installedFileJSON struct {
	Path    string `json:"path"`
	Owner   string `json:"owner"` // USER:GROUP, numbers where they have no names
	Mode    string `json:"mode"`  // octal
	Changed bool   `json:"changed"`
}

type installedOptionsJSON struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"`
}

// describeInstalled is the object of a plan, or of what was done by it.
func describeInstalled(name string, wanted []deploy.Wanted, edit deploy.Edit, backup string, notices []string) installedJSON {
	shown := installedJSON{Name: name, Files: []installedFileJSON{}, Options: &installedOptionsJSON{edit.Path, edit.Changed()}, Backup: present(backup), Notices: []string{}}
	for _, w := range wanted {
		shown.Files = append(shown.Files, installedFileJSON{w.Path, ownerName(w.Owner), fmt.Sprintf("%04o", w.Mode), w.Changed})
	}
	shown.Notices = append(shown.Notices, notices...)
	return shown
}

// ownerName is USER:GROUP.
func ownerName(o *out.Owner) string {
	name, group := "", ""
	if o == nil {
		me, err := user.Current()
		if err != nil {
			return ""
		}
		return me.Username
	}
	name = strconv.Itoa(o.UID)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	if o.GID < 0 {
		return name
	}
	group = strconv.Itoa(o.GID)
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return name + ":" + group
}

// tell prints notices with what others wrote in them: a server, option files.
func (t *tool) tell(notices []string) {
	for _, notice := range notices {
		t.notice(printable(notice))
	}
}

// say tells something at once; under --json it stands in the object.
func (r *serverInstall) say(text string) {
	if r.t.json {
		r.notices = append(r.notices, text)
	}
	r.t.tell([]string{text})
}

// printNothing tells that no certificate of the server is boilerplate.
func (r *serverInstall) printNothing() error {
	const text = "nothing is boilerplate: neither what the server presents nor what its options name; nothing was changed"
	if r.t.json {
		unchanged := string(deploy.Unchanged)
		return r.t.printJSON(installedJSON{DryRun: r.dryRun, Files: []installedFileJSON{}, Activated: &unchanged, Notices: append(append([]string{}, r.notices...), text)})
	}
	r.t.tell(r.notices)
	fmt.Fprintln(r.t.out, text)
	return nil
}

// printPlan shows what would be done: exit code 3 when something would.
func (r *serverInstall) printPlan() error {
	p := r.plan
	if p.State == deploy.RestartNeeded {
		r.notices = append(r.notices, r.restart(nil))
	}
	shown := r.describeRun(append(r.notices, p.Notices...), planned(p.State))
	shown.Statements = p.Statements()
	err := r.t.printDryRun(shown, p.Disk, p.Edit)
	if r.replace != nil && r.replace.item != nil || err == nil && !p.Empty() {
		return orFound(err)
	}
	return err
}

// orFound is err, or that changes are pending.
func orFound(err error) error {
	if err != nil {
		return err
	}
	return errFound
}

// printDryRun shows a plan.
func (t *tool) printDryRun(shown installedJSON, p deploy.Plan, edit deploy.Edit) error {
	diff := ""
	if edit.Changed() {
		diff = deploy.Diff(edit.Path, edit.Old, edit.New)
	}
	if t.json {
		shown.Diff = &diff
		return t.printJSON(shown)
	}
	t.tell(shown.Notices)
	for _, f := range p.Folders {
		fmt.Fprintf(t.out, "would make     %s/  %s %04o\n", printable(f.Path), ownerName(f.Owner), f.Mode)
	}
	for _, f := range p.Files {
		word, kept := "write  ", ""
		if f.Was != nil {
			word, kept = "replace", "  (kept in install/)"
		}
		fmt.Fprintf(t.out, "would %s  %s  %s %04o%s\n", word, printable(f.Path), ownerName(f.Owner), f.Mode, kept)
	}
	fmt.Fprint(t.out, diff)
	for _, statement := range shown.Statements {
		fmt.Fprintf(t.out, "would run      %s\n", statement)
	}
	if p.Empty() && shown.Statements == nil {
		fmt.Fprintln(t.out, "nothing to change")
	}
	return nil
}

// restart is what to do where only a start makes the server take the files.
func (r *serverInstall) restart(back []string) string {
	text := fmt.Sprintf("a restart is needed: %s: systemctl restart %s", r.plan.Why, r.service())
	if back != nil {
		text += "; should it not start: " + strings.Join(back, " && ")
	}
	return text
}

// printDone tells what was done.
func (r *serverInstall) printDone() error {
	p := r.plan
	back, err := r.wayBack()
	if err != nil {
		r.done.Notices = append(r.done.Notices, "the way back is not known: "+err.Error())
	}
	if p.State == deploy.RestartNeeded {
		r.notices = append(r.notices, r.restart(back))
	}
	shown := r.describeRun(append(append(r.notices, p.Notices...), r.done.Notices...), string(r.done.Activated))
	if p.Empty() {
		back = nil
	}
	shown.WayBack = back
	words := map[deploy.Activated]string{
		deploy.Reloaded:      "reloaded: it presents the new certificate",
		deploy.RestartNeeded: "to be restarted",
		deploy.NotRunning:    "does not run: the next start takes it",
		deploy.Unchanged:     "as it was",
	}
	if err := r.t.printInstalled("server", shown, words[r.done.Activated]); err != nil || r.t.json || p.Empty() {
		return err
	}
	r.t.section("next", r.next())
	r.t.section("the way back", back)
	return nil
}

// section prints lines below a heading.
func (t *tool) section(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(t.out, "\n%s:\n", heading)
	for _, line := range lines {
		fmt.Fprintf(t.out, "  %s\n", printable(line))
	}
}

// printInstalled prints what install did for a pair of kind.
func (t *tool) printInstalled(kind string, shown installedJSON, state string) error {
	if t.json {
		return t.printJSON(shown)
	}
	t.tell(shown.Notices)
	changed := shown.Options.Changed
	pairs := []string{}
	for _, f := range shown.Files {
		changed = changed || f.Changed
		pairs = append(pairs, strings.TrimSuffix(filepath.Base(f.Path), ".pem"), f.Path+"  "+f.Owner+" "+f.Mode+howChanged(f.Changed))
	}
	pairs = append(pairs, "options", shown.Options.File+howChanged(shown.Options.Changed), "the server", state, "backup", deref(shown.Backup))
	heading := fmt.Sprintf("%s %s", kind, shown.Name)
	if !changed && (shown.Activated == nil || *shown.Activated != string(deploy.Reloaded)) {
		heading += ": nothing to change"
	}
	fmt.Fprintln(t.out, heading)
	t.fields(pairs...)
	return nil
}

func howChanged(changed bool) string {
	if changed {
		return "  (written)"
	}
	return ""
}
