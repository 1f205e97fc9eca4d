package dialect

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Account is a user at a host pattern, the thing that servers call 'user'@'host'.
// The host is a name or an address with the wildcards % and _, or an address
// with a netmask.
type Account struct{ User, Host string }

// ParseAccount reads USER or USER@HOST; the last @ splits, and without one the
// host is %. The user may be anything the servers store as it is: not empty, no
// quotes, backslashes or control characters, no blank at an end (MySQL cuts
// these off) and no character over U+FFFF (servers store "?" for it). The host
// is made of letters, digits and . _ % : / - of ASCII; MySQL stores "?" for
// others. Lengths depend on the server: see Version.CheckAccount. The error is
// an *Error with every problem.
func ParseAccount(s string) (Account, error) {
	a := Account{User: s, Host: "%"}
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		a = Account{User: s[:at], Host: s[at+1:]}
	}
	problems := append(userProblems(a.User), hostProblems(a.Host)...)
	if problems == nil {
		return a, nil
	}
	return Account{}, &Error{What: "account", Text: s, Problems: problems, Fix: accountHint(s)}
}

func userProblems(user string) []string {
	if user == "" {
		return []string{"the user is empty (an anonymous account)"}
	}
	var problems []string
	if i := strings.IndexAny(user, "'\"`\\"); i >= 0 {
		problems = append(problems, fmt.Sprintf("the user has a %s", signName(user[i])))
	}
	for _, problem := range characterProblems(user) {
		problems = append(problems, "in the user: "+problem)
	}
	if strings.TrimSpace(user) != user {
		problems = append(problems, "the user begins or ends with a blank")
	}
	return problems
}

func hostProblems(host string) []string {
	if host == "" {
		return []string{"the host is empty (% stands for every host)"}
	}
	const legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%:/-"
	for _, r := range host {
		switch {
		case r == utf8.RuneError:
			return []string{"the host is not valid UTF-8"}
		case !strings.ContainsRune(legal, r):
			return []string{fmt.Sprintf("the host has %q; it can have letters, digits and . _ %% : / -", r)}
		}
	}
	// An IPv6 address has two colons or more, a pattern of one has a wildcard.
	if strings.Count(host, ":") == 1 && (strings.Contains(host, ".") || !strings.ContainsAny(host, "%_")) {
		return []string{"the host has a port; an account is for every port"}
	}
	return nil
}

// signName is the name of a character that needs one in a message.
func signName(c byte) string {
	switch c {
	case '\'':
		return "single quote"
	case '"':
		return "double quote"
	case '`':
		return "back quote"
	}
	return "backslash"
}

// accountHint proposes the account without quotes, brackets, port and blanks
// around the parts, when these are all that is wrong.
func accountHint(s string) string {
	user, host := s, "%"
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		user, host = s[:at], s[at+1:]
	}
	user, host = unquote(user), strings.Trim(unquote(host), "[]")
	if name, _, ok := strings.Cut(host, ":"); ok && strings.Count(host, ":") == 1 {
		host = name
	}
	if host == "" {
		host = "%"
	}
	if userProblems(user) == nil && hostProblems(host) == nil {
		return "write " + Account{user, host}.String()
	}
	return "write USER@HOST, for example laura@% or laura@localhost"
}

// unquote drops blanks and one pair of quotes around a part of an account.
func unquote(part string) string {
	part = strings.TrimSpace(part)
	if n := len(part); n > 1 && part[0] == part[n-1] && strings.IndexByte("'\"`", part[0]) >= 0 {
		part = part[1 : n-1]
	}
	return part
}

// String is USER@HOST, always with the host, as ParseAccount reads it.
func (a Account) String() string { return a.User + "@" + a.Host }

// SQL is the account as it is named in statements: 'laura'@'%'.
func (a Account) SQL() string { return Literal(a.User) + "@" + Literal(a.Host) }

// CheckAccount checks the lengths of the parts against MaxUser and MaxHost of
// this version. The error is an *Error.
func (v Version) CheckAccount(a Account) error {
	var problems []string
	if n := utf8.RuneCountInString(a.User); n > v.MaxUser() {
		problems = append(problems, fmt.Sprintf("the user has %d characters, %s takes at most %d", n, v, v.MaxUser()))
	}
	if n := utf8.RuneCountInString(a.Host); n > v.MaxHost() {
		problems = append(problems, fmt.Sprintf("the host has %d characters, %s takes at most %d", n, v, v.MaxHost()))
	}
	if problems == nil {
		return nil
	}
	return &Error{What: "account", Text: a.String(), Problems: problems,
		Fix: "shorten it; a host can be shortened by the wildcard %"}
}
