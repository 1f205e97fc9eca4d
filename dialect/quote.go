package dialect

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxIdentifier is the number of characters that the name of a database, a
// table, a column or a routine may have (reference manuals, "Identifier Length
// Limits").
const maxIdentifier = 64

// Literal is s as a string literal in single quotes, as every version of both
// products reads it unless sql_mode has NO_BACKSLASH_ESCAPES: ANSI_QUOTES does
// not matter. A quote is doubled and a backslash too; NUL, newline, carriage
// return and control-Z are written \0 \n \r \Z, as mysql_real_escape_string
// does, so that the literal stays on one line. Other bytes stay as they are,
// so the client must send the statement in a character set in which no
// character contains the byte of a backslash (UTF-8, not GBK or SJIS).
func Literal(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\'':
			b.WriteString(`''`)
		case '\\':
			b.WriteString(`\\`)
		case 0:
			b.WriteString(`\0`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case 0x1a:
			b.WriteString(`\Z`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// Identifier is s as a name in back quotes, with a back quote doubled. A
// backslash in it is a plain character in every sql_mode. The error, an *Error,
// names everything that the servers do not take in the name of a database,
// table, column or routine: it is 1 to 64 characters, does not end in a blank,
// and has only characters of Unicode's Basic Multilingual Plane without NUL
// (reference manuals, "Schema Object Names"). MySQL silently stores "?" for
// others (tried), which would name something else.
func Identifier(s string) (string, error) {
	if problems := identifierProblems(s); problems != nil {
		return "", &Error{What: "name", Text: s, Problems: problems,
			Fix: "write a name of 1 to 64 characters, for example finance"}
	}
	return quoteIdentifier(s), nil
}

func quoteIdentifier(s string) string {
	return "`" + strings.ReplaceAll(s, "`", "``") + "`"
}

func identifierProblems(s string) []string {
	var problems []string
	if s == "" {
		return []string{"it is empty"}
	}
	if n := utf8.RuneCountInString(s); n > maxIdentifier {
		problems = append(problems, fmt.Sprintf("it has %d characters, at most %d are possible", n, maxIdentifier))
	}
	if strings.HasSuffix(s, " ") {
		problems = append(problems, "it ends in a blank")
	}
	return append(problems, characterProblems(s)...)
}

// characterProblems names the characters that the servers' tables cannot store
// or that nobody means to have in a name.
func characterProblems(s string) []string {
	if !utf8.ValidString(s) {
		return []string{"it is not valid UTF-8"}
	}
	for _, r := range s {
		switch {
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029:
			return []string{fmt.Sprintf("it has the control character %U", r)}
		case r > 0xffff:
			return []string{fmt.Sprintf("it has %q (%U), and the servers store names without characters over U+FFFF", r, r)}
		}
	}
	return nil
}
