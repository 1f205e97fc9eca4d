package dialect

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// GrantGrammar is the grammar that ParseGrant reads, for help texts.
const GrantGrammar = `PRIVILEGES ON OBJECT [WITH GRANT OPTION]
PRIVILEGES  one or more of ALL [PRIVILEGES], USAGE, SELECT, CREATE VIEW, GRANT OPTION, BACKUP_ADMIN, ...
            with commas between them; after SELECT, INSERT, UPDATE and REFERENCES on a table
            a list of columns may follow: SELECT (id, name)
OBJECT      *.*  |  DB.*  |  [TABLE] DB.TABLE  |  PROCEDURE DB.NAME  |  FUNCTION DB.NAME
names       letters, digits, _ $ and - as they are; anything else in back quotes ` + "(`a b`)" + `
            DB.* means the database of that name; back-quoted it is a pattern with the wildcards _ and %`

// Grant is what one GRANT statement gives, without the account: privileges on
// an object. It comes from ParseGrant only; the zero value gives nothing.
type Grant struct {
	privileges []granted
	object     object
	withOption bool
}

// granted is one privilege of a grant, with the columns it is limited to.
type granted struct {
	name    string
	columns []string
}

// object is what the privileges are on.
type object struct {
	kind    string // "", or "PROCEDURE" or "FUNCTION"
	db      string // empty for *.*
	pattern bool   // db stands for a pattern (back-quoted in db.*, with a wildcard or an escape)
	name    string // empty for db.*
}

// level is where on the servers' list of levels the object is.
func (o object) level() level {
	switch {
	case o.db == "":
		return global
	case o.name == "":
		return database
	case o.kind != "":
		return routine
	}
	return table
}

// String is the grant in one canonical form, which ParseGrant reads back: upper
// case, single blanks, ALL PRIVILEGES in full, TABLE left out, GRANT OPTION at
// the end, names back-quoted only where it is needed.
func (g Grant) String() string {
	var parts []string
	for _, p := range g.privileges {
		parts = append(parts, p.write(plainOrQuoted))
	}
	return strings.Join(parts, ", ") + " ON " + g.object.String() + g.option()
}

func (o object) String() string {
	switch o.level() {
	case global:
		return "*.*"
	case database:
		if o.pattern {
			return quoteIdentifier(o.db) + ".*"
		}
		return plainOrQuoted(o.db) + ".*"
	}
	return o.prefix() + plainOrQuoted(o.db) + "." + plainOrQuoted(o.name)
}

func (o object) prefix() string {
	if o.kind == "" {
		return ""
	}
	return o.kind + " "
}

func (g Grant) option() string {
	if g.withOption {
		return " WITH GRANT OPTION"
	}
	return ""
}

func (p granted) write(quote func(string) string) string {
	if p.columns == nil {
		return p.name
	}
	var columns []string
	for _, c := range p.columns {
		columns = append(columns, quote(c))
	}
	return p.name + " (" + strings.Join(columns, ", ") + ")"
}

// plainOrQuoted is a name as ParseGrant needs it.
func plainOrQuoted(name string) string {
	for _, r := range name {
		if !plainRune(r) {
			return quoteIdentifier(name)
		}
	}
	return name
}

// SQL is the statement that gives the grant to an account, without a semicolon.
//
// In db.* the servers take the database for a pattern, so that app_x.* would be
// about appyx too (tried): the _ of a database that was named plainly is
// escaped. Not so with partialRevokes (the server has partial_revokes=ON, MySQL
// 8.0.16), where a database is no pattern and the escaped name would be about
// nothing; nor at the levels below, for the same reason; nor where the name was
// back-quoted, which asks for the pattern. partialRevokes says nothing on a
// version that does not have it. The backslash of the escape stands in back
// quotes, where sql_mode does not matter.
func (g Grant) SQL(a Account, v Version, partialRevokes bool) string {
	var parts []string
	for _, p := range g.privileges {
		parts = append(parts, p.write(quoteIdentifier))
	}
	literal := partialRevokes && v.PartialRevokes()
	return "GRANT " + strings.Join(parts, ", ") + " ON " + g.object.sql(literal) + " TO " + a.SQL() + g.option()
}

// sql is the object in a statement. literal: the server takes no database for a
// pattern.
func (o object) sql(literal bool) string {
	switch o.level() {
	case global:
		return "*.*"
	case database:
		if o.pattern || literal {
			return quoteIdentifier(o.db) + ".*"
		}
		return quoteIdentifier(escapePattern(o.db)) + ".*"
	}
	return o.prefix() + quoteIdentifier(o.db) + "." + quoteIdentifier(o.name)
}

// escapePattern makes a pattern that only the database of that name fits.
func escapePattern(name string) string {
	if !strings.ContainsAny(name, "_%") {
		return name // a Replacer takes longer to make than to use
	}
	return strings.NewReplacer(`_`, `\_`, `%`, `\%`).Replace(name)
}

// problems are the rules of the servers that a grant of the right form breaks.
func (g Grant) problems(known []privilege) []string {
	var problems []string
	for i, p := range g.privileges {
		switch {
		case known[i].levels&g.object.level() == 0:
			problems = append(problems, fmt.Sprintf("%s is for %s, not for %s", p.name,
				levelNames(known[i].levels), levelNames(g.object.level())))
		case p.columns != nil && known[i].levels&column == 0:
			problems = append(problems, p.name+" takes no list of columns")
		case p.columns != nil && g.object.level() != table:
			problems = append(problems, "a list of columns needs a table, as in db.table")
		}
		if p.name == "ALL PRIVILEGES" && len(g.privileges) > 1 {
			problems = append(problems, "ALL PRIVILEGES stands alone: it includes the others")
		}
		for _, c := range p.columns {
			problems = append(problems, about("column", c)...)
		}
	}
	if g.object.db != "" {
		problems = append(problems, about("database", g.object.db)...)
	}
	if g.object.name != "" {
		problems = append(problems, about("name", g.object.name)...)
	}
	o := g.object
	if o.level() == database && !o.pattern && utf8.RuneCountInString(escapePattern(o.db)) > maxIdentifier {
		problems = append(problems, fmt.Sprintf("with a backslash before each _ the database name is over %d characters; "+
			"in back quotes it is taken as a pattern", maxIdentifier))
	}
	return problems
}

func about(what, name string) []string {
	problems := identifierProblems(name)
	for i := range problems {
		problems[i] = fmt.Sprintf("the %s %q: %s", what, name, problems[i])
	}
	return problems
}

// levelNames names levels in a sentence; columns are part of a table.
func levelNames(levels level) string {
	var names []string
	for _, l := range []struct {
		level level
		name  string
	}{{global, "*.*"}, {database, "a database"}, {table, "a table"}, {routine, "a procedure or function"}} {
		if levels&l.level != 0 {
			names = append(names, l.name)
		}
	}
	return strings.Join(names, " or ")
}

// CheckGrant checks that this version knows what the grant needs: every
// privilege (dynamic ones came with MySQL 8.0) and grants on procedures and
// functions (MySQL 5.0.6). The error is an *Error with every problem.
func (v Version) CheckGrant(g Grant) error {
	var problems []string
	fix := "grant other privileges, or set --target to what the server is"
	for _, granted := range g.privileges {
		p, _, _ := lookup(granted.name)
		if v.has(p.mysql, p.mariadb) {
			continue
		}
		problems = append(problems, fmt.Sprintf("%s has no privilege %s", v, p.name))
		if other := v.sameAs(p.name); other != "" {
			fix = fmt.Sprintf("%s calls it %s", v.Product.name(), other)
		}
	}
	if g.object.level() == routine && !v.has(release{5, 0, 6}, release{}) {
		problems = append(problems, fmt.Sprintf("%s has no grants on procedures and functions", v))
	}
	if problems == nil {
		return nil
	}
	return &Error{What: "grant", Text: g.String(), Problems: problems, Fix: fix}
}

// sameAs is the name by which v knows a privilege that the other product has:
// BINLOG_ADMIN is BINLOG ADMIN. Empty when there is none.
func (v Version) sameAs(name string) string {
	from, to := " ", "_"
	if v.Product == MariaDB {
		from, to = "_", " "
	}
	p, _, ok := lookup(strings.ReplaceAll(name, from, to))
	if ok && p.name != name && v.has(p.mysql, p.mariadb) && listed(p.name) {
		return p.name
	}
	return ""
}

// listed reports whether a name is on one of the lists, rather than only of the
// form of a dynamic privilege.
func listed(name string) bool {
	return slices.Contains(dynamicPrivileges(), name) ||
		slices.ContainsFunc(staticPrivileges(), func(p privilege) bool { return p.name == name })
}
