package deploy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/optionfile"
)

// Conflict is a setting that would not be as wanted.
type Conflict struct {
	Key string
	// Value is what would be in force in its place, nothing of a password.
	Value   string
	Set     optionfile.Option // the option that sets it; Line is 0 in mysqld-auto.cnf
	Missing bool              // nothing at all sets it: what was written is not read
}

// String says what sets which value, and where.
func (c Conflict) String() string {
	switch {
	case c.Missing:
		return fmt.Sprintf("nothing sets %s", c.Key)
	case c.Key == "ssl":
		return fmt.Sprintf("%s switches TLS off (%s)", c.where(), c.Set.Name)
	case c.Value == "":
		return fmt.Sprintf("%s sets %s", c.where(), c.Key)
	}
	return fmt.Sprintf("%s sets %s to %q", c.where(), c.Key, c.Value)
}

func (c Conflict) where() string {
	if c.Set.Line == 0 {
		return fmt.Sprintf("%q", c.Set.File)
	}
	return fmt.Sprintf("%q line %d", c.Set.File, c.Set.Line)
}

// fix is what takes the conflict away.
func (c Conflict) fix() string {
	switch {
	case c.Missing:
		return ""
	case c.Set.Line == 0:
		return "on the server: RESET PERSIST " + strings.ReplaceAll(c.Set.Name, "-", "_")
	}
	return fmt.Sprintf("take out %s of %s line %d", c.Set.Name, c.Set.File, c.Set.Line)
}

// Refusal says why the options cannot be put into a file.
type Refusal struct {
	Path      string // the file concerned
	Problem   string
	Conflicts []Conflict // what would win, if that is the reason
	Fix       string
}

// Error is all of it in one line.
func (r *Refusal) Error() string { return r.Problem }

// Hint is what to do, one thing a line.
func (r *Refusal) Hint() string { return r.Fix }

// wouldWin refuses a change after which something else is in force.
func wouldWin(path string, conflicts []Conflict, problems []optionfile.Problem) *Refusal {
	var what, fixes []string
	for _, c := range conflicts {
		what = append(what, c.String())
		if fix := c.fix(); fix != "" && !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
	}
	if slices.ContainsFunc(conflicts, func(c Conflict) bool { return c.Missing }) {
		for _, p := range problems {
			if filepath.Clean(p.File) == path {
				what = append(what, p.Message)
			}
		}
		fixes = append(fixes, "see which files the server reads (myca verify), and name one of them: --mycnf FILE")
	}
	return &Refusal{Path: path, Conflicts: conflicts, Fix: strings.Join(fixes, "\n"),
		Problem: fmt.Sprintf("what is to be written into %q would not be in force: %s", path, strings.Join(what, "; "))}
}

// broken refuses option files with which the program does not start.
func broken(p optionfile.Problem) *Refusal {
	where := fmt.Sprintf("%q", p.File)
	if p.Line > 0 {
		where += fmt.Sprintf(" line %d", p.Line)
	}
	return &Refusal{Path: p.File, Problem: fmt.Sprintf("option file %s: %s", where, p.Message),
		Fix: "the programs stop at that, so mend it first"}
}
