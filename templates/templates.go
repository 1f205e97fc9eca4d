// Package templates makes the texts that administrators read and run: account
// statements, option files and the steps that put both to work.
//
// It only computes: no clock, no files, no randomness. What it guarantees:
//
//   - A text comes whole or not at all. Everything wrong with the input is
//     reported at once, as Problems.
//   - Whatever comes from outside passes through the quoting of package dialect
//     (SQL, option files) or through Shell (commands); what is shown in a
//     comment passes through a filter that leaves no line break and no quote.
//   - An option or statement that the target version does not know is never
//     written; asking for one is an error with a hint.
//   - The strings of REQUIRE ISSUER and SUBJECT are the caller's parsed names as
//     the server's TLS library renders them, byte for byte.
//
// A text ends with exactly one newline.
package templates

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"myca/dialect"
)

//go:embed *.tmpl
var files embed.FS

// texts is every embedded template; it is never written after the start.
var texts = template.Must(template.New("").Funcs(template.FuncMap{
	"comment": comment,
	"literal": dialect.Literal,
	"sh":      Shell,
	"path":    shellPath,
	"time":    stamp,
	"each":    each,
}).ParseFS(files, "*.tmpl"))

// render fills the named template.
func render(name string, view any) (string, error) { return renderSized(textSize, name, view) }

// renderSized is render for a text of about that many bytes.
func renderSized(size int, name string, view any) (string, error) {
	var b strings.Builder
	b.Grow(size)
	if err := texts.ExecuteTemplate(&b, name, view); err != nil {
		return "", fmt.Errorf("filling %s: %w", name, err)
	}
	return b.String(), nil
}

// What most texts, apart from the lists in them, and most statements are not longer
// than, in bytes.
const (
	textSize      = 512
	statementSize = 256
)

// each is every string of all between before and after. It is many times
// cheaper than a range of the template's.
func each(before string, all []string, after string) string {
	size := 0
	for _, s := range all {
		size += len(before) + len(s) + len(after)
	}
	var b strings.Builder
	b.Grow(size)
	for _, s := range all {
		b.WriteString(before)
		b.WriteString(s)
		b.WriteString(after)
	}
	return b.String()
}

// comment is s as it may stand in a comment line of SQL or of an option file:
// everything but printable ASCII becomes a question mark, and so do quotes,
// backslash and semicolon, which old mysql clients act on even in comments.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune("'\"`\\;", r) {
			return '?'
		}
		return r
	}, s)
}

// stamp is t as the headers show it, in UTC to the second.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
