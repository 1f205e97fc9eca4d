package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"myca/finding"
)

// diagnosis is how verify and check end: what is wrong, and what could not be
// looked at. In JSON it comes last in the object.
type diagnosis struct {
	Findings []finding.Finding `json:"findings"`
	Unseen   []string          `json:"unseen"`
	Errors   int               `json:"errors"`
	Warnings int               `json:"warnings"`
	Notices  []string          `json:"notices,omitempty"`
}

// newDiagnosis counts the findings; its lists are never nil.
func newDiagnosis(list []finding.Finding, unseen, notices []string) diagnosis {
	bad := finding.Errors(list)
	return diagnosis{
		Findings: append([]finding.Finding{}, list...), Unseen: append([]string{}, unseen...),
		Errors: bad, Warnings: len(list) - bad, Notices: notices,
	}
}

// result is errFound when there is an error among the findings; warnings alone
// are a success.
func (d diagnosis) result() error {
	if d.Errors > 0 {
		return errFound
	}
	return nil
}

// printDiagnosis prints the findings, what was not seen, and the count in a
// last line. Texts may come from a server or a file that others wrote.
func (t *tool) printDiagnosis(d diagnosis) {
	for _, f := range d.Findings {
		fmt.Fprintf(t.out, "%s %s %s\n", f.Severity, f.ID, printable(f.Where))
		fmt.Fprintf(t.out, "  %s\n", printable(f.What))
		fmt.Fprintf(t.out, "  why:  %s\n", printable(f.Why))
		fmt.Fprintf(t.out, "  mend: %s\n\n", printable(f.Mend))
	}
	for _, text := range d.Unseen {
		fmt.Fprintf(t.out, "not seen: %s\n", printable(text))
	}
	if len(d.Unseen) > 0 {
		fmt.Fprintln(t.out)
	}
	last := counted(d.Errors, "error") + ", " + counted(d.Warnings, "warning")
	if len(d.Unseen) > 0 {
		last += fmt.Sprintf(", %d not seen", len(d.Unseen))
	}
	fmt.Fprintln(t.out, last)
}

// counted is "1 error", "2 errors".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// kindsHelp is the table of the findings of one command, for its help.
func kindsHelp(by func(finding.By) bool) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range finding.Kinds() {
		if by(k.By) {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", k.ID, k.Severity, k.What)
		}
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}
