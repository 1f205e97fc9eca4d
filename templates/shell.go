package templates

import "strings"

// Shell is s as one word of a POSIX shell: as it is when it consists of letters,
// digits and _ @ + : , . / - only, else in single quotes. s may hold anything
// but NUL.
func Shell(s string) string {
	plain := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@+:,./-", r))
	})
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// shellPath is the path made of parts, joined by /, as one word of a shell that
// no program takes for an option.
func shellPath(parts ...string) string {
	path := strings.Join(parts, "/")
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	return Shell(path)
}
