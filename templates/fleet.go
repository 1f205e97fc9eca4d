package templates

import (
	"fmt"
	"slices"
	"strings"

	"myca/dialect"
)

// Fleet is a file of the account statements of many certificates, to be run on
// servers of one version. It comes in pieces, so that it may be of any size:
// Begin, then Accounts for each certificate, then End, one after another. A
// piece depends on no other; they may be made by several goroutines at a time.
type Fleet struct {
	Target dialect.Version
}

// Begin is the header, and the statements that make the session's sql_mode a
// known one (see Accounts.SQL). The error is Problems when the target has no
// CREATE USER IF NOT EXISTS.
func (f Fleet) Begin() (string, error) {
	var p Problems
	f.form().checkMode(&p)
	if err := p.err(); err != nil {
		return "", err
	}
	begin, _ := f.form().session(false)
	return render("fleet.sql.tmpl", struct {
		Fleet
		Notes, Begin []string
	}{f, f.notes(), begin})
}

// Accounts is the statements of one certificate's accounts, in mode IfNotExists
// whatever a.Mode says, after a comment line that names it. Statements that are
// not ASCII are surrounded by those for the character set. The error is Problems.
func (f Fleet) Accounts(a Accounts) (string, error) {
	a.Mode = IfNotExists
	p, err := a.Prepare()
	if err != nil {
		return "", err
	}
	return f.Prepared(p)
}

// Prepared is Accounts for statements that were prepared in mode IfNotExists, and
// prepares any other ones anew.
func (f Fleet) Prepared(p Prepared) (string, error) {
	a := p.of
	if a.Target != f.Target {
		return "", Problems{{Field: "target", Message: fmt.Sprintf("%q is for %s, the file is for %s", a.Name, a.Target, f.Target)}}
	}
	if a.Mode != IfNotExists {
		return f.Accounts(a)
	}
	statements := p.statements
	var b strings.Builder
	fmt.Fprintf(&b, "\n-- %s: certificate %s, expires %s.\n", comment(a.Name), comment(a.Serial), stamp(a.NotAfter))
	var n notes
	a.noteCipher(&n)
	a.noteRendering(&n)
	for _, line := range n {
		b.WriteString("-- " + line + "\n")
	}
	if a.byGrant() {
		statements = append([]string{sqlMode("")}, statements...)
	}
	if p.binary {
		names, restored := binaryNames()
		statements = slices.Concat(names, statements, restored)
	}
	writeStatements(&b, statements...)
	return b.String(), nil
}

// End is the statement that restores the session.
func (f Fleet) End() string {
	var b strings.Builder
	b.WriteString("\n")
	_, end := f.form().session(false)
	writeStatements(&b, end...)
	return b.String()
}

// form is what all Accounts of the file have in common; with a password, so that
// the session's sql_mode is the one that it has between certificates.
func (f Fleet) form() Accounts {
	return Accounts{Target: f.Target, Mode: IfNotExists, Password: new(string)}
}

// notes are the comment lines of the header.
func (f Fleet) notes() []string {
	var n notes
	if !f.Target.TestedOnServer() {
		n.add("Not tested on a server: no %s was at hand. Written from its documentation.", f.Target)
	}
	n.add("This file may hold passwords: let nobody else read it.")
	n.add("An account that exists already keeps its password and gets this requirement; where that names no subject, it gets the password, too.")
	n.add("Where no password stands, the account has none: the certificate alone lets its holder in.")
	noteValidation(&n, f.Target)
	notePlugin(&n, f.Target)
	return n
}

// writeStatements writes statements, each on a line of its own.
func writeStatements(b *strings.Builder, statements ...string) {
	for _, s := range statements {
		b.WriteString(s)
		b.WriteString(";\n")
	}
}
