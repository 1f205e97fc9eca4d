package dialect

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"":                               `''`,
		"secret":                         `'secret'`,
		"it's":                           `'it''s'`,
		`"`:                              `'"'`,
		`\`:                              `'\\'`,
		`\'`:                             `'\\'''`,
		"'; DROP TABLE x; -- ":           `'''; DROP TABLE x; -- '`,
		"a\nb\r\x00\x1a\t":               `'a\nb\r\0\Z` + "\t'",
		`/C=US/O=a\xC3\xBC/CN=x`:         `'/C=US/O=a\\xC3\\xBC/CN=x'`,
		"ü\xff":                          "'ü\xff'",
		"/C=SE/O=O'Reilly, \"x\"/CN=y#z": `'/C=SE/O=O''Reilly, "x"/CN=y#z'`,
	} {
		if got := Literal(text); got != want {
			t.Errorf("Literal(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestIdentifier(t *testing.T) {
	for name, want := range map[string]string{
		"finance":               "`finance`",
		"a`b":                   "`a``b`",
		"`":                     "````",
		"a b;--":                "`a b;--`",
		`a\_b`:                  "`a\\_b`",
		"42":                    "`42`",
		" x":                    "` x`",
		"größe":                 "`größe`",
		strings.Repeat("ü", 64): "`" + strings.Repeat("ü", 64) + "`",
	} {
		if got, err := Identifier(name); got != want || err != nil {
			t.Errorf("Identifier(%q) = %s, %v, want %s", name, got, err, want)
		}
	}
	for name, problem := range map[string]string{
		"":                      "it is empty",
		"x ":                    "ends in a blank",
		"a\x00b":                "control character U+0000",
		"a\nb":                  "control character U+000A",
		"a\u0085b":              "control character U+0085",
		"a\u2028b":              "control character U+2028",
		"a\xff":                 "not valid UTF-8",
		"🎉":                     "U+1F389",
		strings.Repeat("x", 65): "it has 65 characters, at most 64",
	} {
		got, err := Identifier(name)
		if err == nil || got != "" || !strings.Contains(err.Error(), problem) {
			t.Errorf("Identifier(%q) = %s, %v, want %q", name, got, err, problem)
			continue
		}
		hintOf(t, err)
	}
	_, err := Identifier(strings.Repeat("🎉", 65) + " ")
	if err == nil || strings.Count(err.Error(), ";") != 2 {
		t.Errorf("not all of three problems: %v", err)
	}
}

// readLiteral reads a literal as a server without NO_BACKSLASH_ESCAPES does
// (sql/sql_lex.cc, get_text and unescape_string): it returns false when the
// text is not exactly one literal.
func readLiteral(literal string) (string, bool) {
	if len(literal) < 2 || literal[0] != '\'' {
		return "", false
	}
	var b strings.Builder
	for i := 1; i < len(literal); i++ {
		switch c := literal[i]; {
		case c == '\\' && i+1 < len(literal):
			i++
			if at := strings.IndexByte("0nrtbZ", literal[i]); at >= 0 {
				b.WriteByte("\x00\n\r\t\b\x1a"[at])
			} else {
				b.WriteByte(literal[i])
			}
		case c == '\'' && i+1 < len(literal) && literal[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			return b.String(), i == len(literal)-1
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// FuzzQuoting: a literal reads back as what it is of and stands on one line; an
// identifier is exactly one name in back quotes.
func FuzzQuoting(f *testing.F) {
	for _, seed := range []string{"", "secret", `it's \ "x" `, "a\nb\x00", "`", "'; --", "\xff\\'", "🎉", "中\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		literal := Literal(text)
		if got, ok := readLiteral(literal); !ok || got != text {
			t.Errorf("Literal(%q) = %s reads as %q, %t", text, literal, got, ok)
		}
		if strings.ContainsAny(literal, "\n\r\x00") {
			t.Errorf("Literal(%q) = %q is not on one line", text, literal)
		}
		name, err := Identifier(text)
		if err != nil {
			hintOf(t, err)
			return
		}
		inner := name[1 : len(name)-1]
		if strings.ReplaceAll(inner, "``", "`") != text || strings.Contains(strings.ReplaceAll(inner, "``", ""), "`") {
			t.Errorf("Identifier(%q) = %s", text, name)
		}
		if utf8.RuneCountInString(text) > 64 {
			t.Errorf("Identifier(%q) is accepted", text)
		}
	})
}
