package check

import (
	"fmt"
	"slices"
	"strings"

	"myca/dialect"
	"myca/finding"
	"myca/live"
)

// account is what is wrong with one account that can log in.
func (j *judge) account(account live.Account) []finding.Finding {
	var found, differs []finding.Finding
	if j.Certificates != nil {
		g := j.groups[demandOf(account)]
		found = j.stillOpens(account, g)
		if found == nil || g.count > 0 {
			found = append(found, j.requirement(account)...)
		}
		differs = j.differs(account)
	}
	if len(found) > 0 && len(differs) > 0 && found[len(found)-1].Mend == differs[0].Mend {
		differs = nil // mended together
	}
	found = append(append(found, j.cipher(account)...), differs...)
	for _, f := range j.protection(account) {
		// That it requires less than it was issued for says it already.
		if len(differs) == 0 || f.ID != finding.AccountUnprotected {
			found = append(found, f)
		}
	}
	return found
}

// requirement is whether certificates of the store meet the account's. Of
// REQUIRE X509 it is not told when the store has no certificate: the server may
// trust other CAs.
func (j *judge) requirement(account live.Account) []finding.Finding {
	g := j.groups[demandOf(account)]
	if g == nil || !demandsCertificate(account) || g.demand == (demand{}) && g.count == 0 {
		return nil
	}
	if g.count > 0 {
		return j.heldByOthers(account, g)
	}
	n := j.explain(g)
	if _, ended := g.ended(); n == nil && j.foreign(g) && !ended {
		what := fmt.Sprintf("requires the issuer '%s', which is no CA of the store", safe(g.issuer))
		if own := j.recorded[accountKey(account.Account)]; own != nil {
			what += fmt.Sprintf("; the store issued %q for it, which does not get in", own[0].Name)
		}
		return []finding.Finding{finding.New(finding.RequirementForeign, name(account), j.mend(account, nil), "%s", what)}
	}
	return []finding.Finding{finding.New(finding.AccountLockedOut, name(account), j.mend(account, n), "%s", lockedOut(g, n))}
}

// heldByOthers is the finding when the store issued a certificate for the
// account, and others meet its requirement, but not that one.
func (j *judge) heldByOthers(account live.Account, g *group) []finding.Finding {
	own := j.recorded[accountKey(account.Account)]
	if own == nil || slices.ContainsFunc(own, g.meets) {
		return nil
	}
	return []finding.Finding{finding.New(finding.AccountLockedOut, name(account), j.mend(account, nil),
		"the store issued %q for it, but only the certificate of %s gets in: the account requires %s",
		own[0].Name, strings.Join(quoted(g.names), ", "), demanded(g))}
}

func quoted(names []string) []string {
	list := make([]string, 0, len(names))
	for _, name := range names {
		list = append(list, fmt.Sprintf("%q", name))
	}
	return list
}

// demanded names what the group requires.
func demanded(g *group) string {
	var parts []string
	if g.issuer != "" {
		parts = append(parts, "the issuer '"+safe(g.issuer)+"'")
	}
	if g.subject != "" {
		parts = append(parts, "the subject '"+safe(g.subject)+"'")
	}
	return strings.Join(parts, " and ")
}

func lockedOut(g *group, n *Nearest) string {
	what := "requires " + demanded(g) + ", which no certificate of the store has"
	pair, ended := g.ended()
	switch {
	case ended:
		return what + fmt.Sprintf(" any more: that of %q has ended, or is not good for clients", pair)
	case g.gone != nil:
		return what + fmt.Sprintf(" any more: %s of %q was revoked", g.gone.Serial, g.gone.Name)
	case n == nil && len(g.own) > 0:
		return what + fmt.Sprintf("; the store issued %q for it, with '%s'", g.own[0].Name, safe(g.own[0].Subject))
	case n == nil:
		return what
	case n.Name == "":
		what += fmt.Sprintf("; the store's CA is '%s'", n.Subject)
	case n.Difference == "issuer":
		what += fmt.Sprintf("; %q has this subject from another issuer, '%s'", n.Name, safe(g.best.issuer))
	default:
		what += fmt.Sprintf("; the nearest is %q with '%s'", n.Name, n.Subject)
	}
	if n.Difference != "issuer" {
		what += " (difference: " + n.Difference + ")"
	}
	if n.Note != "" {
		what += "; " + n.Note
	}
	return what
}

// mend is how the account gets a requirement that a certificate of its own
// meets: by the store's own statements where it has them, by the nearest name
// where that is the required one in another form; else by a certificate. Another
// name is perhaps somebody else's.
func (j *judge) mend(account live.Account, n *Nearest) string {
	g := j.groups[demandOf(account)]
	if pair, ended := g.ended(); ended {
		return "myca renew " + word(pair)
	}
	if j.recorded[accountKey(account.Account)] != nil {
		return j.Commands.grant(account.Account, j.Version)
	}
	switch {
	case n == nil || n.Difference == "value" || n.Name != "" && safe(g.best.subject) != g.best.subject: // or no terminal shows it
		return issue(account.Account)
	case n.Name == "":
		r := dialect.Requirement{Issuer: true, Subject: g.subject != "", Cipher: account.Cipher}
		return alter(account.Account, j.Version, r.Clause(j.authority(n), g.subject))
	}
	r := dialect.Requirement{Issuer: g.issuer != "", Subject: true, Cipher: account.Cipher}
	return alter(account.Account, j.Version, r.Clause(g.best.issuer, g.best.subject))
}

// authority is the CA whose subject, fit for a terminal, n has.
func (j *judge) authority(n *Nearest) string {
	for _, authority := range j.Authorities {
		if safe(authority) == n.Subject {
			return authority
		}
	}
	return n.Subject
}

// differs is the finding about an account that demands less than was recorded
// for its certificates.
func (j *judge) differs(account live.Account) []finding.Finding {
	for _, r := range j.recorded[accountKey(account.Account)] {
		if missing := less(r.Requirement, account); missing != nil {
			mend := j.Commands.grant(account.Account, j.Version)
			if r.OnSource {
				mend = j.Commands.client(j.Version) + " < fleet.sql, which myca apply wrote for this server"
			}
			return []finding.Finding{finding.New(finding.RequirementDiffers, name(account), mend,
				"does not require %s, as %q was issued for: it has %s", strings.Join(missing, " and "), r.Name, require(account))}
		}
	}
	return nil
}

// missing is the accounts of the store that the server does not have.
func (j *judge) missing() []finding.Finding {
	there := map[string]bool{}
	for _, account := range j.Server {
		there[accountKey(account.Account)] = !account.Role
	}
	var found []finding.Finding
	for _, r := range j.Recorded {
		key := accountKey(r.Account)
		if there[key] || r.OnSource || !j.expected(r) {
			continue
		}
		there[key] = true // once
		found = append(found, finding.New(finding.AccountMissing, safe(r.Account.SQL()),
			fmt.Sprintf("%s < sql/%s.sql, in the store's folder", j.Commands.client(j.Version), r.Name),
			"the store issued %q for it, but the server has no such account", r.Name))
	}
	return found
}
