package dialect

import (
	"strings"
	"unicode/utf8"
)

// grantHint guesses the grant that was meant and shows it as a flag; examples
// where no guess would be accepted. It never proposes privileges on everything
// that could be given on less, unless the text asks for *.*.
func grantHint(s string) string {
	const examples = "--grant 'ALL ON finance.*', --grant 'SELECT, INSERT ON finance.ledger' or --grant 'RELOAD ON *.*'"
	if !utf8.ValidString(s) {
		return examples
	}
	for _, guess := range grantGuesses(s) {
		g, problems := parseGrant(guess)
		if problems == nil && !strings.Contains(g.String(), "'") && (g.onlyGlobal() || !g.widens(s)) {
			return "--grant '" + g.String() + "'"
		}
	}
	return examples
}

// grantGuesses are variants of a grant that was refused, the likeliest first:
// without a leading GRANT; with the name at the failing byte in back quotes; up
// to that byte; with .* after a bare database; each of them also with its
// unknown privileges replaced by the nearest ones, and on *.* when it has only
// privileges that are for that.
func grantGuesses(s string) []string {
	text := strings.TrimSpace(s)
	if word, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(word, "GRANT") && !strings.EqualFold(firstWord(rest), "OPTION") {
		text = rest
	}
	p := grantParser{text: text}
	p.next()
	p.grant()
	guesses := []string{text}
	if p.problem != "" {
		upTo := strings.TrimRight(text[:p.failed], " \t\r\n,;")
		guesses = append(guesses, quoteAround(text, p.failed), upTo, upTo+".*")
	}
	for _, guess := range guesses {
		guesses = append(guesses, corrected(guess)...)
	}
	return guesses
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}

// quoteAround puts the name around byte at into back quotes, if it would be a
// name but for % or ordinary quotes.
func quoteAround(text string, at int) string {
	isPart := func(r rune) bool { return plainRune(r) || strings.ContainsRune("%\\'\"", r) }
	start := len(strings.TrimRightFunc(text[:at], isPart))
	end := len(text) - len(strings.TrimLeftFunc(text[at:], isPart))
	name := strings.Trim(text[start:end], "'\"")
	if name == "" || strings.ContainsAny(name, "'\"") {
		return ""
	}
	return text[:start] + quoteIdentifier(name) + text[end:]
}

// widens reports whether g is on everything and the text does not say so: a
// lone * is the current database to a server.
func (g Grant) widens(text string) bool {
	return g.object.level() == global && !strings.Contains(strings.Join(strings.Fields(text), ""), "*.*")
}

// onlyGlobal reports whether every privilege of g is one for *.* only.
func (g Grant) onlyGlobal() bool {
	for _, granted := range g.privileges {
		if p, _, ok := lookup(granted.name); !ok || p.levels != global {
			return false
		}
	}
	return true
}

// corrected are the grants of a text that is of the right form, with the
// nearest privileges, and on *.* where that is the only possible object.
func corrected(text string) []string {
	p := grantParser{text: text}
	p.next()
	g := p.grant()
	if p.problem != "" {
		return nil
	}
	for i, granted := range g.privileges {
		if _, nearest, ok := lookup(granted.name); !ok && nearest != "" {
			g.privileges[i].name = nearest
		}
	}
	guesses := []string{g.String()}
	if g.onlyGlobal() {
		g.object = object{}
		guesses = append(guesses, g.String())
	}
	return guesses
}
