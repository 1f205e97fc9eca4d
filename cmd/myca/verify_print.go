package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"myca/finding"
	"myca/verify"
)

// examinedJSON is one thing that verify looked at.
type examinedJSON struct {
	Path     string  `json:"path"`
	Kind     string  `json:"kind"`
	Subject  *string `json:"subject"`   // of a certificate
	NotAfter *string `json:"not_after"` // of a certificate or CRL
}

// verifiedJSON is what verify --json prints after "examined".
type verifiedJSON struct {
	Options []verify.InForce `json:"options"`
	diagnosis
}

// examinedList is what was examined. The object of --json begins with it; it is
// kept as text until everything is known, about 250 bytes a file, so that never
// half an object is printed. Without --json it is a table, and for a whole store
// only counted.
type examinedList struct {
	t     *tool
	text  bytes.Buffer // of --json
	whole bool
	table table
	count map[string]int
	kinds []string // of count, in the order of their first coming
	n     int
}

func (l *examinedList) begin(t *tool, whole bool) {
	l.t, l.whole, l.count = t, whole, map[string]int{}
	l.table = table{columns: t.columns(), cut: 2}
}

func (l *examinedList) add(e verify.Examined) error {
	if l.count[e.Kind] == 0 {
		l.kinds = append(l.kinds, e.Kind)
	}
	l.count[e.Kind]++
	l.n++
	switch {
	case l.t.json:
		return l.addJSON(e)
	case l.whole:
		return nil
	}
	until := ""
	if !e.NotAfter.IsZero() {
		until = ends(e.NotAfter, l.t.now())
	}
	l.table.add(e.Kind, printable(e.Path), printable(e.Subject), until)
	return nil
}

func (l *examinedList) addJSON(e verify.Examined) error {
	shown := examinedJSON{Path: e.Path, Kind: e.Kind}
	if e.Subject != "" {
		shown.Subject = &e.Subject
	}
	if !e.NotAfter.IsZero() {
		until := stamp(e.NotAfter)
		shown.NotAfter = &until
	}
	text, err := indented(shown, "    ")
	if err != nil {
		return err
	}
	before := ",\n    "
	if l.n == 1 {
		before = "{\n  \"examined\": [\n    "
	}
	l.text.WriteString(before)
	l.text.WriteString(text)
	return nil
}

// end prints what follows the list: rest is the other members of the object.
func (l *examinedList) end(rest any) error {
	if !l.t.json {
		return l.endText()
	}
	text, err := indented(rest, "")
	if err != nil {
		return err
	}
	closing := "\n  ],"
	if l.n == 0 {
		closing = "{\n  \"examined\": [],"
	}
	l.text.WriteString(closing)
	l.text.WriteString(text[1:]) // without its opening brace
	l.text.WriteString("\n")
	return l.t.durable(context.Background(), func(context.Context) error { // a signal does not cut it
		_, err := l.t.out.Write(l.text.Bytes())
		return err
	})
}

func (l *examinedList) endText() error {
	if l.whole {
		fmt.Fprintf(l.t.out, "store %s\n", printable(l.t.dir))
		for _, kind := range l.kinds {
			l.table.add("  "+manyOf(kind), strconv.Itoa(l.count[kind]))
		}
	}
	if err := l.table.print(l.t.out); err != nil {
		return err
	}
	_, err := fmt.Fprintln(l.t.out)
	return err
}

// manyOf is a kind of what was examined in the plural. A file with the
// certificates of CAs, such as the bundle beside each pair, may hold several.
func manyOf(kind string) string {
	switch kind {
	case "ca":
		return "files with CA certificates"
	case "crl":
		return "CRLs"
	}
	return kind + "s"
}

// indented is value as JSON, its lines after the first behind prefix.
func indented(value any, prefix string) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(prefix, "  ")
	if err := encoder.Encode(value); err != nil {
		return "", fmt.Errorf("writing the result: %w", err)
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// add takes a report: what was examined is printed, the rest kept.
func (v *verification) add(report verify.Report) error {
	for _, e := range report.Examined {
		if err := v.examined.add(e); err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
	}
	if !v.examined.whole { // of a store there would be as many as it has pairs
		v.options = append(v.options, report.Options...)
	}
	v.find(report.Findings)
	for _, text := range report.Unseen {
		if !slices.Contains(v.unseen, text) {
			v.unseen = append(v.unseen, text)
		}
	}
	return nil
}

func (v *verification) find(list []finding.Finding) {
	for _, f := range list {
		key := [3]string{f.ID, f.Where, f.What}
		if !v.found[key] {
			v.findings = append(v.findings, f)
		}
		v.found[key] = true
	}
}

// print ends a verification.
func (v *verification) print() error {
	d := newDiagnosis(v.findings, v.unseen, v.notices)
	v.t.notice(v.notices...)
	rest := verifiedJSON{Options: append([]verify.InForce{}, v.options...), diagnosis: d}
	if err := v.examined.end(rest); err != nil {
		return err
	}
	if !v.t.json {
		v.t.printOptionsInForce(v.options)
		v.t.printDiagnosis(d)
	}
	return cmp.Or(v.blind(), d.result())
}

// blind is the error of a verification that could look at nothing: to find
// nothing says nothing then. Folders are looked at when a file of theirs is.
func (v *verification) blind() error {
	looked := v.examined.n - v.examined.count["folder"] - v.examined.count["data folder"]
	if looked > 0 || len(v.findings) > 0 || len(v.unseen) == 0 {
		return nil
	}
	hint := ""
	if os.Geteuid() > 0 {
		hint = "as a user that can read it: sudo myca verify …"
	}
	return &failure{fmt.Errorf("nothing could be examined: %s", v.unseen[0]), hint}
}

// printOptionsInForce prints which TLS options the programs have, each file with
// the lines that they come from.
func (t *tool) printOptionsInForce(options []verify.InForce) {
	var files []string
	programs := map[verify.InForce][]string{}
	var lines []verify.InForce // without the program, in the order of their first coming
	for _, o := range options {
		program := o.Program
		o.Program = ""
		if !slices.Contains(files, o.File) {
			files = append(files, o.File)
		}
		if programs[o] == nil {
			lines = append(lines, o)
		}
		programs[o] = append(programs[o], program)
	}
	list := table{columns: t.columns(), cut: 1}
	first := map[string]int{} // the row of each file's first line
	slices.SortStableFunc(lines, func(a, b verify.InForce) int {
		return cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File))
	})
	for i, o := range lines {
		if _, seen := first[o.File]; !seen {
			first[o.File] = i
		}
		number := ""
		if o.Line > 0 {
			number = strconv.Itoa(o.Line)
		}
		list.add("  "+number, printable(o.Option+"="+o.Value), printable(together(programs[o])))
	}
	t.printUnder(list, files, first)
}

// together is the programs in few words.
func together(programs []string) string {
	if len(programs) < 3 {
		return strings.Join(programs, " and ")
	}
	return fmt.Sprintf("%s and %d others", programs[0], len(programs)-1)
}

// printUnder prints the rows of a table under headings, each before its first row.
func (t *tool) printUnder(list table, headings []string, first map[string]int) {
	var text strings.Builder
	_ = list.print(&text) // to memory
	rows := slices.Collect(strings.Lines(text.String()))
	for i, heading := range headings {
		end := len(rows)
		if i+1 < len(headings) {
			end = first[headings[i+1]]
		}
		fmt.Fprintf(t.out, "%s\n%s", printable(heading), strings.Join(rows[first[heading]:end], ""))
	}
	if len(rows) > 0 {
		fmt.Fprintln(t.out)
	}
}
