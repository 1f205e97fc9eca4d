package dialect

import (
	"slices"
	"strings"
)

// Without is what g gives and none of the others does: it is on the same object
// or on *.*, and has the privilege for all columns or for these, or is ALL
// PRIVILEGES. ok is false when that is nothing, as of USAGE.
//
// An ALL PRIVILEGES of which the others give some is there in full: of which
// privileges it consists depends on the server.
func (g Grant) Without(others []Grant) (rest Grant, ok bool) {
	rest = Grant{object: g.object, withOption: g.withOption}
	var same []Grant // what is given on the object
	for _, o := range others {
		if o.object.level() == global || o.object.sql(false) == g.object.sql(false) {
			same = append(same, o)
			rest.withOption = rest.withOption && !o.withOption
		}
	}
	for _, p := range g.privileges {
		if p.columns == nil {
			if p.name != "USAGE" && !given(same, p.name, "") {
				rest.privileges = append(rest.privileges, p)
			}
			continue
		}
		p.columns = slices.DeleteFunc(slices.Clone(p.columns), func(column string) bool { return given(same, p.name, column) })
		if len(p.columns) > 0 {
			rest.privileges = append(rest.privileges, p)
		}
	}
	return rest, rest.withOption || rest.privileges != nil
}

// given says whether one of the grants gives a privilege, for a column or, "",
// for all. Servers compare the names of columns without regard to case.
func given(grants []Grant, privilege, column string) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return slices.ContainsFunc(g.privileges, func(p granted) bool {
			return p.name == "ALL PRIVILEGES" || p.name == privilege && (p.columns == nil ||
				column != "" && slices.ContainsFunc(p.columns, func(c string) bool { return strings.EqualFold(c, column) }))
		})
	})
}

// Revoke is the statements that take the grant from accounts, without
// semicolons; two of an ALL PRIVILEGES with the option to grant it, which no
// server takes in one on an object. It reads partialRevokes as SQL does.
func (g Grant) Revoke(accounts []Account, v Version, partialRevokes bool) []string {
	var parts []string
	for _, p := range g.privileges {
		parts = append(parts, p.write(quoteIdentifier))
	}
	lists := []string{strings.Join(parts, ", ")}
	switch {
	case !g.withOption:
	case parts == nil:
		lists = []string{"GRANT OPTION"}
	case parts[0] == "ALL PRIVILEGES":
		lists = append(lists, "GRANT OPTION")
	default:
		lists[0] += ", GRANT OPTION"
	}
	var from []string
	for _, a := range accounts {
		from = append(from, a.SQL())
	}
	for i := range lists {
		lists[i] = "REVOKE " + lists[i] + " ON " + g.object.sql(partialRevokes && v.PartialRevokes()) + " FROM " + strings.Join(from, ", ")
	}
	return lists
}
