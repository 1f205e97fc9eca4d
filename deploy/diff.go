package deploy

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
)

// secretLine is a line of a diff that holds an option, commented out or not,
// whose value is a secret: a password under any of its names and beginnings
// (MariaDB takes a unique beginning of a name), a passphrase, the user and
// password of a state transfer (wsrep_sst_auth), the key of an encrypted file.
var secretLine = regexp.MustCompile(`(?i)^([-+ ][^=]*(?:\bpas|pass|secret|sst.auth|filekey)[^=]*=\s*)\S.*$`)

// Diff is the change of an option file in the unified format, with secrets as
// ***** and control characters as escapes; "" when nothing changes. Old is nil
// for a file that is made.
func Diff(path string, old, changed []byte) string {
	from := path
	if old == nil {
		from = "/dev/null"
	}
	text := string(diff.Diff(from, old, path, changed))
	if text == "" {
		return ""
	}
	_, text, _ = strings.Cut(text, "\n") // "diff OLD NEW"
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = secretLine.ReplaceAllString(strings.TrimSuffix(line, "\n"), "$1*****")
		b.WriteString(visible(line) + "\n")
	}
	return b.String()
}

// visible is the line with what a terminal might act on written as an escape.
func visible(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, line[i])
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' && r != '\t', r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}
