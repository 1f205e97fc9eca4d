package fleet

import (
	"strings"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/store"
	"myca/templates"
)

// expanded is an identity with what its texts mean.
type expanded struct {
	Identity
	accounts []dialect.Account
	grants   []dialect.Grant
	require  dialect.Requirement
	replica  dialect.Account // on the source
}

// fault is something wrong with a value of an identity.
type fault struct {
	field string
	index int // of an element of a list, -1 for the field itself
	err   error
}

// expand makes the identity k of the entry, and reports what its texts have
// wrong. What is wrong is left out.
func (e *entry) expand(k int, report func(fault)) expanded {
	x := expanded{Identity: Identity{
		Target: e.targetAt(k, report),
		Request: issue.Request{
			Kind: e.kind, Profile: e.profileAt(k), Name: e.name.at(k),
			Key:              ca.KeyType(e.key.at(k)),
			KeyFormat:        ca.KeyFormat(e.format.at(k)),
			AllowNonportable: e.nonportable,
		},
		Spec: store.Spec{
			Days: e.days.value, DeployDir: e.deployDir.at(k), AllowNonportable: e.nonportable,
		},
	}}
	if x.Target.RSAOnly() {
		x.Request.RSAOnly = x.Target.String()
	}
	if x.Request.KeyFormat == "" {
		x.Request.KeyFormat = ca.PKCS8
		if x.Request.RSAOnly != "" {
			x.Request.KeyFormat = ca.PKCS1
		}
	}
	e.expandSubject(&x, k, report)
	if e.kind == issue.Server {
		e.expandServer(&x, k, report)
	} else {
		e.expandClient(&x, k, report)
	}
	s, r := &x.Spec, &x.Request
	s.Target, s.Profile, s.Key, s.KeyFormat = x.Target.String(), string(r.Profile), string(r.Key), string(r.KeyFormat)
	return x
}

func (e *entry) targetAt(k int, report func(fault)) dialect.Version {
	if e.target.constant() {
		return e.fixed.target
	}
	v, err := dialect.Parse(e.target.at(k))
	if err != nil {
		report(fault{fieldTarget, -1, err})
		return e.fixed.target
	}
	return v
}

// profileAt is the profile; "" in the manifest is the kind's own.
func (e *entry) profileAt(k int) issue.Profile {
	if p := e.profile.at(k); p != "" {
		return issue.Profile(p)
	}
	return issue.Profile(e.kind)
}

func (e *entry) expandSubject(x *expanded, k int, report func(fault)) {
	n := e.fixed.subject
	if !e.subject.constant() {
		var err error
		if n, err = dn.Parse(e.subject.at(k)); err != nil {
			report(fault{fieldSubject, -1, err})
			return
		}
	}
	if n != nil {
		x.Request.Subject = n
		x.Spec.Subject = n.String()
	}
}

func (e *entry) expandServer(x *expanded, k int, report func(fault)) {
	x.Request.SANs = e.hosts.at(k)
	x.Spec.SANs = x.Request.SANs
	x.Spec.Owner = e.owner.at(k)
	if len(x.Request.SANs) > 0 {
		x.Host = e.reachedAt(k)
		x.Request.CommonName = x.Request.SANs[0]
	}
	if e.name.from == notGiven {
		x.Request.Name = folderOf(x.Host)
	}
	if strings.HasPrefix(x.Host, "*") {
		x.Host = x.Request.Name
	}
	if e.source == nil {
		return
	}
	account, err := dialect.ParseAccount(e.source.account.at(k))
	if err != nil {
		report(fault{fieldReplicaAccount, -1, err})
		return
	}
	x.replica = account
	x.Spec.Accounts = []string{account.String()}
	x.Spec.Require = e.fixed.require.String()
	x.Spec.Grants = e.fixed.grantTexts
	x.Spec.Mode = string(templates.IfNotExists)
	x.Spec.Password = secretNone
}

func (e *entry) expandClient(x *expanded, k int, report func(fault)) {
	s := &x.Spec
	for i := range e.accounts.list {
		a, err := dialect.ParseAccount(e.accounts.list[i].at(k))
		if err != nil {
			report(fault{fieldAccount, i, err})
			continue
		}
		x.accounts = append(x.accounts, a)
		s.Accounts = append(s.Accounts, a.String())
	}
	if len(x.accounts) > 0 {
		x.Request.CommonName = x.accounts[0].User
		if e.name.from == notGiven {
			x.Request.Name = issue.FolderName(x.accounts[0].User)
		}
	}
	x.require, s.Require = e.requireAt(k, report)
	x.grants, s.Grants = e.grantsAt(k, report)
	x.Secret = Secret{Mode: e.password.mode, File: e.password.file.at(k)}
	s.Password = x.Secret.Mode
	s.Connect, s.Groups = e.connect.at(k), e.groups.at(k)
	s.PartialRevokes = e.partialRevokes
	s.Mode = string(templates.IfNotExists)
}

func (e *entry) requireAt(k int, report func(fault)) (dialect.Requirement, string) {
	if e.require.constant() {
		return e.fixed.require, e.fixed.requireText
	}
	r, err := dialect.ParseRequirement(strings.Join(e.require.at(k), ","))
	if err != nil {
		report(fault{fieldRequire, -1, err})
	}
	return r, r.String()
}

func (e *entry) grantsAt(k int, report func(fault)) ([]dialect.Grant, []string) {
	if e.grants.constant() {
		return e.fixed.grants, e.fixed.grantTexts
	}
	var grants []dialect.Grant
	var texts []string
	for i := range e.grants.list {
		g, err := dialect.ParseGrant(e.grants.list[i].at(k))
		if err != nil {
			report(fault{fieldGrants, i, err})
			continue
		}
		grants, texts = append(grants, g), append(texts, g.String())
	}
	return grants, texts
}
