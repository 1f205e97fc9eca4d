package fleet

import (
	"myca/issue"
)

// singles is the texts of an entry by field.
func (e *entry) singles() map[string]*text {
	all := map[string]*text{
		fieldName: &e.name, fieldSubject: &e.subject, fieldProfile: &e.profile, fieldTarget: &e.target, fieldKey: &e.key,
		fieldFormat: &e.format, fieldDeployDir: &e.deployDir, fieldConnect: &e.connect, fieldOwner: &e.owner,
		fieldPasswordFile: &e.password.file,
	}
	if e.source != nil {
		all[fieldFrom], all[fieldReplicaAccount], all[fieldReplicaConnect] = &e.source.from, &e.source.account, &e.source.connect
	}
	return all
}

// lists is the lists of texts of an entry by field.
func (e *entry) lists() map[string]*textList {
	return map[string]*textList{
		fieldHosts: &e.hosts, fieldAccount: &e.accounts, fieldGrants: &e.grants, fieldGroups: &e.groups, fieldRequire: &e.require,
	}
}

// value is where a field's value stands, and whose it is.
func (e *entry) value(field string) (place, scope) {
	if t := e.singles()[field]; t != nil {
		return t.where, t.from
	}
	if t := e.lists()[field]; t != nil {
		return t.where, t.from
	}
	switch {
	case field == fieldDays:
		return e.days.where, e.days.from
	case field == fieldPassword:
		return e.password.where, e.password.from
	case field == fieldPartial && e.partialRevokes:
		return e.partialAt, own
	case field == fieldReplicates && e.source != nil:
		return e.source.where, own
	}
	return place{}, notGiven
}

// spot is where a finding about some fields stands: at the first that the
// entry itself gives, else at the first that the defaults give, else at the
// entry.
func (e *entry) spot(fields ...string) (place, string) {
	for _, from := range []scope{own, inherited} {
		for _, field := range fields {
			if at, s := e.value(field); s == from {
				return at, e.pathOf(field, s)
			}
		}
	}
	return e.where, e.path()
}

func (e *entry) pathOf(field string, from scope) string {
	if from == inherited {
		return memberPath("defaults", field)
	}
	return memberPath(e.path(), field)
}

// elementSpot is where an element of a list stands.
func (e *entry) elementSpot(field string, i int) (place, string) {
	list := e.lists()[field]
	if list == nil || i < 0 || i >= len(list.list) {
		return e.spot(field)
	}
	path := e.pathOf(field, list.from)
	if !list.plain {
		path = elementPath(path, i)
	}
	return list.list[i].where, path
}

// origin is where the name and the CN come from when they are not given: the
// first host, or the first account.
func (e *entry) origin() (place, string) {
	field := fieldAccount
	if e.kind == issue.Server {
		field = fieldHosts
	}
	return e.elementSpot(field, 0)
}
