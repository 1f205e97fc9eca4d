package check

import (
	"fmt"
	"slices"
	"strings"
)

// nearest describes the group's best candidate, nil when there is none.
func (g *group) nearest(j *judge) *Nearest {
	c := g.best
	if c.rank == 0 {
		return nil
	}
	n := &Nearest{Name: c.name, Subject: safe(c.subject)}
	required, near := g.subject, c.subject
	var notes []string
	switch c.rank {
	case exactSubject:
		if !c.notation {
			n.Difference, required, near = "issuer", g.issuer, c.issuer
		}
	case otherLibrary:
		n.Difference = c.change.String()
		notes = append(notes, fmt.Sprintf("the name is required as %s renders it; this server renders it as %s does", c.library, j.Library))
	case sameForm:
		n.Difference = c.change.String()
	default:
		n.Difference = "value"
	}
	if c.notation && n.Difference != "value" {
		n.Difference = strings.TrimSuffix("notation and "+n.Difference, " and ")
	}
	if g.issuer != "" && g.issuer != c.issuer && n.Difference != "issuer" {
		notes = append(notes, fmt.Sprintf("the issuer differs, too: it is '%s'", safe(c.issuer)))
	}
	n.Note = strings.Join(notes, "; ")
	n.Marked = marked(required, near, marksOf(c.change, c.notation))
	return n
}

// ended is the pair that the store issued for an account of the group and that
// would meet its demand, but is not among the store's certificates any more.
func (g *group) ended() (name string, found bool) {
	for _, r := range g.own {
		if g.count == 0 && g.meets(r) {
			return r.Name, true
		}
	}
	return "", false
}

// meets reports whether the certificate that the store issued has the names that
// the group demands.
func (g *group) meets(r Recorded) bool {
	return (g.issuer == "" || g.issuer == r.Issuer) && (g.subject == "" || g.subject == r.Subject)
}

// nearAuthority is the CA of the store that the issuer was meant to be, nil when
// it is that of somebody else.
func (j *judge) nearAuthority(issuer string) *Nearest {
	required, notation := issuer, ""
	if text := slashed(issuer, j.Library); text != "" {
		required, notation = text, "notation"
	}
	for _, authority := range j.Authorities {
		n := &Nearest{Subject: safe(authority), Difference: notation}
		if required == authority {
			n.Marked = marked(issuer, authority, noMarks)
			return n
		}
		if change, ok := difference(required, authority); ok {
			n.Difference = strings.TrimPrefix(notation+" and "+change.String(), " and ")
			n.Marked = marked(issuer, authority, marksOf(change, notation != ""))
			return n
		}
	}
	return nil
}

// foreign reports whether the group demands an issuer that is no CA of the store.
func (j *judge) foreign(g *group) bool {
	return g.issuer != "" && !slices.Contains(j.Authorities, g.issuer)
}

// explain is the nearest name of a group that nothing meets: that of the issuer
// where this is no CA of the store, of the subject else. It is nil when there is
// none, and when it is not the name that keeps a certificate out.
func (j *judge) explain(g *group) *Nearest {
	if _, ended := g.ended(); ended || g.open > 0 || g.gone != nil {
		return nil
	}
	if j.foreign(g) {
		return j.nearAuthority(g.issuer)
	}
	return g.nearest(j)
}
