package dialect

import (
	"fmt"
	"strings"
)

// Error says why a text was not accepted. It lists every problem found, not
// only the first.
type Error struct {
	What     string   // what the text should have been: "target", "account", "grant", …
	Text     string   // the text; empty where it may be a secret
	Problems []string // one or more
	Fix      string   // what to write instead
}

func (e *Error) Error() string {
	what := e.What
	if e.Text != "" {
		what = fmt.Sprintf("%s %q", e.What, abbreviate(e.Text))
	}
	return what + ": " + strings.Join(e.Problems, "; ")
}

// Hint is what the user can write instead.
func (e *Error) Hint() string { return e.Fix }

// abbreviate keeps a message readable.
func abbreviate(s string) string {
	const limit = 120
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit]) + "…"
}
