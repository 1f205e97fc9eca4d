package fleet

import (
	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
)

// The fields of entries, as findings name them.
const (
	fieldName           = "name"
	fieldSubject        = "subject"
	fieldProfile        = "profile"
	fieldTarget         = "target"
	fieldKey            = "key"
	fieldFormat         = "key_format"
	fieldDays           = "days"
	fieldHosts          = "hosts"
	fieldAccount        = "account"
	fieldGrants         = "grants"
	fieldGroups         = "groups"
	fieldRequire        = "require"
	fieldPassword       = "password"
	fieldDeployDir      = "deploy_dir"
	fieldConnect        = "connect"
	fieldOwner          = "owner"
	fieldPartial        = "partial_revokes"
	fieldNonportable    = "allow_nonportable_subject"
	fieldReplicates     = "replicates"
	fieldFrom           = "replicates.from"
	fieldReplicaAccount = "replicates.account"
	fieldReplicaConnect = "replicates.connect"
	fieldPasswordFile   = "password.file"
)

// scope says where a value of an entry comes from.
type scope int

const (
	notGiven scope = iota
	own
	inherited // from the defaults
)

// text is a value of an entry that is a text.
type text struct {
	template
	where place
	from  scope
}

// textList is a value that is a list.
type textList struct {
	list  []text
	where place // of the list
	from  scope
	fixed []string // the texts, when none has ranges
	plain bool     // no list is written, but its only element
}

// number is a value that is a whole number.
type number struct {
	value int
	where place
	from  scope
}

// secret is the value of password.
type secret struct {
	mode  string
	file  text
	where place
	from  scope
}

// source is the value of replicates.
type source struct {
	from, account, connect text
	where                  place
}

// entry is a server or client, or a range of them.
type entry struct {
	kind         issue.Kind
	index        int // in its list
	where        place
	first, count int // the numbers of its identities

	name, subject, profile, target, key, format text
	deployDir, connect, owner                   text
	hosts, accounts, grants, groups, require    textList
	days                                        number
	password                                    secret
	nonportable, partialRevokes                 bool
	partialAt                                   place
	source                                      *source

	fixed  fixed
	ranged []rangedCheck
	// settled: what the target has was checked for all identities.
	settled bool
	bad     map[string]bool // fields that are wrong whatever the identity: findings already
}

// fixed is what the texts without ranges mean.
type fixed struct {
	target      dialect.Version
	subject     dn.Name
	require     dialect.Requirement
	requireText string
	grants      []dialect.Grant
	grantTexts  []string
}

// rangedCheck is a text with ranges, and what to check of each text it stands
// for.
type rangedCheck struct {
	field string
	index int // of an element, -1 for the field itself
	text  template
	check func(string) error
}

// path is the entry's in the document.
func (e *entry) path() string {
	if e.kind == issue.Server {
		return elementPath("servers", e.index)
	}
	return elementPath("clients", e.index)
}

// spoil notes that a field is wrong.
func (e *entry) spoil(field string) {
	if e.bad == nil {
		e.bad = map[string]bool{}
	}
	e.bad[field] = true
}

// entry reads an entry of servers or clients.
func (r *reader) entry(n *node, kind issue.Kind, index int, fields []field) entry {
	e := entry{kind: kind, index: index, where: n.at, count: 1}
	o, ok := r.object(n, e.path(), fields)
	if !ok {
		e.count = 0
		return e
	}
	r.e = &e
	if kind == issue.Server {
		defer r.keepUnread(o, &e)
	}
	e.name = r.text(o, fieldName)
	e.subject = r.text(o, fieldSubject)
	e.profile = r.text(o, fieldProfile)
	e.nonportable = r.flag(o, fieldNonportable)
	r.common(o, &e)
	if kind == issue.Server {
		e.hosts = r.texts(o, fieldHosts)
		r.source(o, &e)
	} else {
		e.accounts = r.texts(o, fieldAccount)
		e.grants = r.texts(o, fieldGrants)
		e.groups = r.texts(o, fieldGroups)
		e.partialRevokes = r.flag(o, fieldPartial)
		if p := o.get(fieldPartial); p != nil {
			e.partialAt = p.at
		}
	}
	r.inherit(&e)
	r.step(&e)
	r.settle(&e)
	r.targets(&e)
	if kind == issue.Client && e.password.from == notGiven && !e.bad[fieldPassword] {
		r.found.add(e.where, e.path(), passwordHint, "the client has no password: neither it nor the defaults say which")
	}
	return e
}

// keepUnread keeps what might have been the name of a server.
func (r *reader) keepUnread(o object, e *entry) {
	if n := o.get(fieldName); n != nil && e.bad[fieldName] {
		r.unread = append(r.unread, n.text)
	}
	if n := o.get(fieldHosts); n != nil && e.bad[fieldHosts] {
		r.unread = append(r.unread, n.text)
		for _, host := range n.items {
			r.unread = append(r.unread, host.text)
		}
	}
}

// common reads what the defaults have too.
func (r *reader) common(o object, e *entry) {
	e.target = r.text(o, fieldTarget)
	e.key = r.text(o, fieldKey)
	e.format = r.text(o, fieldFormat)
	e.deployDir = r.text(o, fieldDeployDir)
	e.connect = r.text(o, fieldConnect)
	e.owner = r.text(o, fieldOwner)
	e.require = r.texts(o, fieldRequire)
	e.days = r.days(o)
	e.password = r.password(o)
}

func (r *reader) source(o object, e *entry) {
	n := o.get(fieldReplicates)
	if n == nil {
		return
	}
	inner, ok := r.object(n, memberPath(o.path, fieldReplicates), replicateFields())
	if !ok {
		e.spoil(fieldReplicates)
		return
	}
	s := &source{where: n.at}
	r.prefix = fieldReplicates + "."
	s.from, s.account, s.connect = r.text(inner, "from"), r.text(inner, fieldAccount), r.text(inner, fieldConnect)
	r.prefix = ""
	e.source = s
}

// inherit takes from the defaults what the entry does not say.
func (r *reader) inherit(e *entry) {
	d := &r.defaults
	for _, one := range []struct {
		field    string
		to, from *text
		forKind  issue.Kind // "": both
	}{
		{fieldTarget, &e.target, &d.target, ""}, {fieldKey, &e.key, &d.key, ""}, {fieldFormat, &e.format, &d.format, ""},
		{fieldDeployDir, &e.deployDir, &d.deployDir, ""}, {fieldConnect, &e.connect, &d.connect, issue.Client},
		{fieldOwner, &e.owner, &d.owner, issue.Server},
	} {
		if one.to.from == notGiven && !e.bad[one.field] && (one.forKind == "" || one.forKind == e.kind) {
			*one.to = *one.from
			if d.bad[one.field] {
				e.spoil(one.field)
			}
		}
	}
	if e.days.from == notGiven && !e.bad[fieldDays] {
		e.days = d.days
	}
	if e.days.value == 0 {
		e.days.value = defaultDays
	}
	if e.key.from == notGiven {
		e.key.template = template{text: string(defaultKey), count: 1}
	}
	if e.kind == issue.Server {
		return
	}
	if e.require.from == notGiven && !e.bad[fieldRequire] {
		e.require = d.require
		if d.bad[fieldRequire] {
			e.spoil(fieldRequire)
		}
	}
	if e.password.from == notGiven && !e.bad[fieldPassword] {
		e.password = d.password
		if d.bad[fieldPassword] {
			e.spoil(fieldPassword)
		}
	}
}

// Defaults of a server or client, as on the command line: its key, and how long
// it is valid.
const (
	defaultKey  = ca.RSA2048
	defaultDays = 825
)
