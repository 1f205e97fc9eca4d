package dialect

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ParseGrant reads what one GRANT statement gives, in this grammar; blanks may
// stand between any two tokens, letter case counts in names only:
//
//	grant     = privilege {"," privilege} "ON" object ["WITH" "GRANT" "OPTION"]
//	privilege = word {word} ["(" name {"," name} ")"]
//	object    = "*" "." "*"
//	          | name "." "*"
//	          | ["TABLE" | "PROCEDURE" | "FUNCTION"] name "." name
//	name      = plain | "`" any characters, "``" for a back quote "`"
//	plain     = one or more of A-Z a-z 0-9 $ _ - and letters outside of ASCII
//	word      = one or more of A-Z a-z 0-9 _
//
// The words of a privilege are one that MySQL or MariaDB knows (ALL is ALL
// PRIVILEGES), or have the form of a dynamic privilege of MySQL 8 (BACKUP_ADMIN)
// on *.*. GRANT OPTION among the privileges is the same as WITH GRANT OPTION.
// Each privilege has to be possible on that kind of object; whether a version
// of a server has it is CheckGrant's question.
//
// Nothing else is accepted: no semicolon, no quotes, no comment, no account, no
// REQUIRE, no PROXY, no roles, no * or table without a database.
//
// In DB.* a plain name means the database of exactly that name, a back-quoted
// one is a pattern, in which _ and % are wildcards and \ escapes them.
//
// A grant is at most 64 KiB long.
//
// The error is an *Error with the first breach of the grammar and its byte
// offset, or with every unknown privilege and broken rule; its hint is the
// nearest grant that would be accepted, if one can be guessed.
func ParseGrant(s string) (Grant, error) {
	const limit = 64 << 10
	if len(s) > limit {
		return Grant{}, &Error{What: "grant", Text: s, Fix: "split it into several grants",
			Problems: []string{fmt.Sprintf("it has %d bytes, at most %d are read", len(s), limit)}}
	}
	g, problems := parseGrant(s)
	if problems == nil {
		return g, nil
	}
	return Grant{}, &Error{What: "grant", Text: s, Problems: problems, Fix: grantHint(s)}
}

func parseGrant(s string) (Grant, []string) {
	if !utf8.ValidString(s) {
		return Grant{}, []string{"it is not valid UTF-8"}
	}
	p := grantParser{text: s}
	p.next()
	g := p.grant()
	if p.problem != "" {
		return Grant{}, []string{p.problem}
	}
	return g.resolve()
}

// resolve finds the privileges' canonical names and checks the rules.
func (g Grant) resolve() (Grant, []string) {
	var problems []string
	var known []privilege
	var privileges []granted
	for _, p := range g.privileges {
		if p.name == "GRANT OPTION" && p.columns == nil {
			g.withOption = true
			continue
		}
		found, nearest, ok := lookup(p.name)
		if !ok {
			problems = append(problems, unknownPrivilege(p.name, nearest))
			continue
		}
		p.name = found.name
		if !slices.ContainsFunc(privileges, func(q granted) bool { return q.name == p.name && slices.Equal(q.columns, p.columns) }) {
			privileges, known = append(privileges, p), append(known, found)
		}
	}
	if privileges == nil && problems == nil {
		usage, _, _ := lookup("USAGE")
		privileges, known = []granted{{name: usage.name}}, []privilege{usage}
	}
	g.privileges = privileges
	return g, append(problems, g.problems(known)...)
}

func unknownPrivilege(name, nearest string) string {
	switch {
	case name == "PROXY":
		return "PROXY is granted on an account, which is not possible here"
	case nearest != "":
		return fmt.Sprintf("there is no privilege %s (the nearest is %s)", name, nearest)
	}
	return fmt.Sprintf("there is no privilege %s", name)
}

func (p *grantParser) grant() Grant {
	var g Grant
	for {
		g.privileges = append(g.privileges, p.privilege())
		if p.kind != ',' {
			break
		}
		p.next()
	}
	if !p.word("ON") {
		p.unexpected("ON")
		return g
	}
	p.next()
	g.object = p.object()
	if p.word("WITH") {
		g.withOption = true
		p.option()
	}
	if p.kind != tokenEnd {
		p.unexpected("nothing more")
	}
	return g
}

// option reads WITH GRANT OPTION.
func (p *grantParser) option() {
	with := p.at
	for _, keyword := range []string{"GRANT", "OPTION"} {
		p.next()
		if !p.word(keyword) {
			p.at = with
			p.fail("WITH at byte %d can only be WITH GRANT OPTION", with)
		}
	}
	p.next()
}

// privilege reads words up to ON, a comma or a list of columns.
func (p *grantParser) privilege() granted {
	var words []string
	for p.kind == tokenPlain && !p.word("ON") {
		if !privilegeWord(p.value) {
			p.fail("%q at byte %d is not a word of a privilege", p.value, p.at)
			break
		}
		words = append(words, strings.ToUpper(p.value))
		p.next()
	}
	if words == nil {
		p.unexpected("a privilege")
	}
	g := granted{name: strings.Join(words, " ")}
	if p.kind != '(' {
		return g
	}
	for {
		p.next()
		g.columns = append(g.columns, p.name("a column"))
		if p.kind != ',' {
			break
		}
	}
	p.take(')', "a comma or )")
	return g
}

func privilegeWord(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// name reads a plain or quoted name.
func (p *grantParser) name(wanted string) string {
	if p.kind != tokenPlain && p.kind != tokenQuoted {
		p.unexpected(wanted)
		return ""
	}
	name := p.value
	if name == "" {
		p.fail("the name at byte %d is empty", p.at)
	}
	p.next()
	return name
}

func (p *grantParser) object() object {
	if p.kind == '*' {
		p.next()
		p.take('.', ". (write *.* or DB.*)")
		p.take('*', "* (write *.*)")
		return object{}
	}
	var o object
	first, quoted := p.value, p.kind == tokenQuoted
	o.db = p.name("an object (*.*, DB.* or DB.TABLE)")
	if keyword := strings.ToUpper(first); !quoted && p.kind != '.' && slices.Contains([]string{"TABLE", "PROCEDURE", "FUNCTION"}, keyword) {
		if keyword != "TABLE" {
			o.kind = keyword
		}
		o.db = p.name("DB.NAME")
		p.take('.', ".NAME")
		o.name = p.name("a name")
		return o
	}
	p.take('.', ".* or .TABLE (the object has to name its database)")
	if p.kind == '*' {
		p.next()
		o.pattern = quoted && strings.ContainsAny(o.db, `_%\`)
		return o
	}
	o.name = p.name("* or a table")
	return o
}
