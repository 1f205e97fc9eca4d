package fleet

import (
	"fmt"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
)

// client checks what the accounts of a client demand.
func (c *identity) client() {
	x, e := &c.x, c.e
	if c.wrong(fieldRequire) {
		return
	}
	if !c.wrong(fieldPassword) && e.password.mode == secretNone && !x.require.Subject {
		c.problem("require: [issuer, subject], or another password: random, {file: PATH}",
			fmt.Sprintf("without a password, %q would open the account to others: only a subject requirement names one certificate", x.Spec.Require),
			fieldPassword, fieldRequire)
	}
	if !c.wrong(fieldTarget) {
		c.required(x.Target, x.require, fieldRequire, fieldTarget)
	}
}

// target checks what the target has, where that was not done for the whole
// entry.
func (c *identity) target() {
	if c.e.settled || c.wrong(fieldTarget) {
		return
	}
	for _, one := range lacking(c.e, c.x.Target, c.x.grants) {
		if !c.wrong(one.fields...) || one.grant >= 0 {
			at, path := one.spot(c.e)
			c.at(one.fields[0], at, path, ca.Problems{{Message: one.message, Hint: one.hint}})
		}
	}
}

// targets checks what the target of an entry has, once where neither it nor the
// grants have ranges.
func (r *reader) targets(e *entry) {
	e.settled = e.kind == issue.Client && e.target.constant() && e.grants.constant()
	if !e.settled || e.bad[fieldTarget] {
		return
	}
	for _, one := range lacking(e, e.fixed.target, e.fixed.grants) {
		at, path := one.spot(e)
		r.found.of(finding{at: at, path: path, message: one.message, hint: manifestHint(one.hint), identity: e.index, count: 1})
		e.spoil(one.fields[0])
	}
}

// lack is something that a target does not have, and the fields it is about.
type lack struct {
	message, hint string
	fields        []string
	grant         int // which one, -1: none
}

// spot is where it is said.
func (l lack) spot(e *entry) (place, string) {
	if l.grant >= 0 {
		return e.elementSpot(fieldGrants, l.grant)
	}
	return e.spot(l.fields...)
}

// lacking is what the accounts of a client need and its target does not have.
// Of a target without the statements of a fleet nothing else is said.
func lacking(e *entry, v dialect.Version, grants []dialect.Grant) []lack {
	if e.kind != issue.Client {
		return nil
	}
	if !v.CreateUserIfNotExists() {
		return []lack{{
			fmt.Sprintf("%s has no CREATE USER IF NOT EXISTS, of which the statements of a fleet consist", v),
			"mysql-5.7.8, mariadb-10.1.3, or newer; myca issue client makes pairs for older ones", []string{fieldTarget}, -1,
		}}
	}
	var all []lack
	if e.bad[fieldGrants] {
		grants = nil
	}
	if e.partialRevokes && !v.PartialRevokes() {
		all = append(all, lack{
			fmt.Sprintf("%s has no partial_revokes", v), "leave it out, or a target of mysql-8.0.16 or newer", []string{fieldPartial, fieldTarget}, -1,
		})
	}
	for i, g := range grants {
		if err := v.CheckGrant(g); err != nil {
			all = append(all, lack{err.Error(), hintOf(err), []string{fieldGrants}, i})
		}
	}
	return all
}

// accounts checks that the accounts are of one user, and that the target takes
// them.
func (c *identity) accounts() {
	if c.wrong(fieldAccount) {
		return
	}
	for i, a := range c.x.accounts {
		if user := c.x.accounts[0].User; a.User != user {
			c.fault(fieldAccount, i, &rangeError{
				fmt.Sprintf("accounts of %q and of %q: one certificate is for the accounts of one user", user, a.User), "an entry for each user",
			})
			continue
		}
		if c.wrong(fieldTarget) {
			continue
		}
		if err := c.x.Target.CheckAccount(a); err != nil {
			c.fault(fieldAccount, i, err)
		}
	}
}

// required checks that a server keeps what the accounts demand. fields are what
// a problem with anything but the subject is about.
func (c *identity) required(v dialect.Version, require dialect.Requirement, fields ...string) {
	if c.subject == nil {
		return // has a problem already
	}
	library, err := dn.ParseLibrary(v.TLSLibrary())
	if err != nil {
		c.problem("", err.Error(), fields...)
		return
	}
	if require.Issuer {
		if err := demandable(v, library, c.r.signer.Subject); err != nil {
			c.problem(hintOf(err), "the authority's subject: "+err.Error(), fields...)
		}
	}
	if require.Cipher != "" {
		if err := v.CheckRequired(require.Cipher); err != nil {
			c.problem(hintOf(err), err.Error(), fields...)
		}
	}
	if !require.Subject || c.wrong(fieldSubject) {
		return
	}
	if err := demandable(v, library, c.subject); err != nil {
		if c.e.subject.from == notGiven {
			at, path := c.e.origin()
			c.at(fieldSubject, at, path, problemsOf(fieldSubject, err))
		} else {
			c.fault(fieldSubject, -1, err)
		}
	}
}

// demandable says why a server cannot demand a name: it takes an empty string
// for no demand at all, and does not keep every other.
func demandable(v dialect.Version, library dn.Library, n dn.Name) error {
	text := n.OneLine(library)
	if text == "" {
		return &rangeError{fmt.Sprintf("%s reads nothing of the subject %q: it cannot be required", v, n), "a portable subject: C, ST, L, O, OU, CN, emailAddress in ASCII"}
	}
	return v.CheckRequired(text)
}
