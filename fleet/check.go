package fleet

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/out"
)

func checkGroup(name string) error {
	if regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`).MatchString(name) {
		return nil
	}
	return &ca.Error{Message: fmt.Sprintf("%q is no option group", name), Fix: "groups: [mysql, mysqldump], or [client] for drivers"}
}

func checkAddress(text string) error {
	_, _, err := dialect.ParseAddress(text)
	return err
}

// checkOwner looks a user up, once.
func (r *reader) checkOwner(text string) error {
	r.owner.Lock()
	defer r.owner.Unlock()
	err, known := r.owners[text]
	if !known {
		_, err = out.ParseOwner(text)
		r.owners[text] = err
	}
	return err
}

// textCheck says what is wrong with a text of a field, whatever the others are.
type textCheck struct {
	field string
	check func(string) error
}

// checks is those of fields that are texts.
func (r *reader) checks() []textCheck {
	checks := []textCheck{
		{fieldName, issue.CheckName},
		{fieldKey, func(s string) error {
			_, err := ca.ParseKeyType(s)
			return err
		}},
		{fieldFormat, func(s string) error {
			_, err := ca.ParseKeyFormat(s)
			return err
		}},
		{fieldDeployDir, dialect.CheckDeployDir},
		{fieldConnect, checkAddress},
		{fieldOwner, r.checkOwner},
		{fieldReplicaConnect, checkAddress},
	}
	if r.ground.Secret != nil {
		checks = append(checks, textCheck{fieldPasswordFile, r.ground.Secret})
	}
	return checks
}

// elementChecks is those of elements of lists.
func elementChecks() []textCheck {
	return []textCheck{
		{fieldHosts, issue.CheckHost},
		{fieldAccount, func(s string) error {
			_, err := dialect.ParseAccount(s)
			return err
		}},
		{fieldGroups, checkGroup},
	}
}

// settle parses and checks what has no ranges, once for all identities of the
// entry. What is wrong is a finding, and spoils the field.
func (r *reader) settle(e *entry) {
	for _, c := range r.single {
		field, check, t := c.field, c.check, e.single(c.field)
		if t == nil || t.from == notGiven || e.bad[field] {
			continue
		}
		if !t.constant() {
			e.ranged = append(e.ranged, rangedCheck{field, -1, t.template, check})
			continue
		}
		if err := check(t.text); err != nil {
			r.reject(e, field, -1, err)
		}
	}
	r.settleNames(e)
	r.settleLists(e)
}

// reject reports an error of a field, and spoils it. A wrong value of the
// defaults has been reported with them.
func (r *reader) reject(e *entry, field string, i int, err error) {
	at, path := e.elementSpot(field, i)
	if _, from := e.value(field); from != inherited || e == &r.defaults {
		for _, p := range problemsOf(field, err) {
			r.found.add(at, path, manifestHint(p.Hint), "%s", p.Message)
		}
	}
	e.spoil(field)
}

func (r *reader) settleNames(e *entry) {
	e.fixed.target = r.target()
	if e.target.from != notGiven && e.target.constant() && !e.bad[fieldTarget] {
		v, err := dialect.Parse(e.target.text)
		if err != nil {
			r.reject(e, fieldTarget, -1, err)
		} else {
			e.fixed.target = v
		}
	}
	if e.subject.from != notGiven && e.subject.constant() && !e.bad[fieldSubject] {
		n, err := dn.Parse(e.subject.text)
		if err != nil {
			r.reject(e, fieldSubject, -1, err)
		}
		e.fixed.subject = n
	}
	if s := e.source; s != nil && s.account.from != notGiven && s.account.constant() && !e.bad[fieldReplicaAccount] {
		if _, err := dialect.ParseAccount(s.account.text); err != nil {
			r.reject(e, fieldReplicaAccount, -1, err)
		}
	}
}

func (r *reader) settleLists(e *entry) {
	r.settleRequire(e)
	for i := range e.grants.list {
		t := &e.grants.list[i]
		if !t.constant() || t.text == "" {
			continue
		}
		g, err := dialect.ParseGrant(t.text)
		if err != nil {
			r.reject(e, fieldGrants, i, err)
			continue
		}
		e.fixed.grants = append(e.fixed.grants, g)
		e.fixed.grantTexts = append(e.fixed.grantTexts, g.String())
	}
	if e.source != nil {
		g, err := dialect.ParseGrant("REPLICATION SLAVE ON *.*")
		if err == nil {
			e.fixed.grantTexts = []string{g.String()}
		}
	}
	for _, c := range r.elements {
		field, check, list := c.field, c.check, e.list(c.field)
		for i := range list.list {
			t := &list.list[i]
			if !t.constant() && field != fieldAccount { // expand reads accounts
				e.ranged = append(e.ranged, rangedCheck{field, i, t.template, check})
			}
			if !t.constant() || t.text == "" {
				continue
			}
			if err := check(t.text); err != nil {
				r.reject(e, field, i, err)
			}
		}
	}
}

// settleRequire checks the elements, then what they say together.
func (r *reader) settleRequire(e *entry) {
	e.fixed.require = dialect.Requirement{Issuer: true, Subject: true}
	e.fixed.requireText = e.fixed.require.String()
	if e.require.from == notGiven || !e.require.constant() || e.bad[fieldRequire] {
		return
	}
	seen := map[string]bool{}
	for i, one := range e.require.list {
		key, _, _ := strings.Cut(strings.ToLower(one.text), "=")
		key = strings.TrimSpace(key)
		err := checkRequireElement(one.text)
		if err == nil && seen[key] {
			err = &ca.Error{Message: fmt.Sprintf("%q stands there twice", key), Fix: "leave one of them out"}
		}
		seen[key] = true
		if err != nil {
			r.reject(e, fieldRequire, i, err)
		}
	}
	if e.bad[fieldRequire] {
		return
	}
	requirement, err := dialect.ParseRequirement(strings.Join(e.require.at(0), ","))
	if err != nil {
		r.reject(e, fieldRequire, -1, err)
		return
	}
	e.fixed.require, e.fixed.requireText = requirement, requirement.String()
}

const requireHint = "require: [issuer, subject], or [none], [ssl], [x509], or some of issuer, subject, cipher=NAME"

func checkRequireElement(text string) error {
	if strings.Contains(text, ",") {
		return &ca.Error{Message: fmt.Sprintf("%q is more than one element", text), Fix: requireHint}
	}
	_, err := dialect.ParseRequirement(text)
	return err
}

// problemsOf is an error as problems of a field.
func problemsOf(field string, err error) ca.Problems {
	var problems ca.Problems
	if errors.As(err, &problems) {
		return problems
	}
	return ca.Problems{ca.FieldProblem(field, err)}
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// manifestHint is a hint in the words of a manifest, made of one in those of
// the command line.
func manifestHint(hint string) string {
	if !strings.Contains(hint, "--") && !strings.Contains(hint, "argument") {
		return hint
	}
	hint = strings.NewReplacer(
		"--require issuer,subject (or none, ssl, x509, or some of issuer, subject, cipher=NAME)", requireHint,
		"--require issuer,subject", "require: [issuer, subject]",
		"--allow-nonportable-subject", "allow_nonportable_subject: true",
		"--ca-key rsa-3072", "ca: {key: rsa-3072}",
		"--subject /CN=NAME", `subject: "/CN=NAME"`,
		"; --name gives another one", "; name: gives another one",
		"set --target to", "set target to",
		"one host an argument", "one host an element",
	).Replace(hint)
	hint = regexp.MustCompile(`--grant '([^']*)'`).ReplaceAllString(hint, `grants: ["$1"]`)
	return regexp.MustCompile(`--([a-z][a-z-]*) `).ReplaceAllStringFunc(hint, func(flag string) string {
		return strings.ReplaceAll(strings.Trim(flag, "- "), "-", "_") + ": "
	})
}
