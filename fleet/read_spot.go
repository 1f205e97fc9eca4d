package fleet

import (
	"myca/issue"
)

// namedText and namedList are values of an entry with the names of their fields.
type (
	namedText struct {
		field string
		*text
	}
	namedList struct {
		field string
		*textList
	}
)

// singles is the texts of an entry.
func (e *entry) singles() []namedText {
	all := []namedText{
		{fieldName, &e.name}, {fieldSubject, &e.subject}, {fieldProfile, &e.profile}, {fieldTarget, &e.target}, {fieldKey, &e.key},
		{fieldFormat, &e.format}, {fieldDeployDir, &e.deployDir}, {fieldConnect, &e.connect}, {fieldOwner, &e.owner},
		{fieldPasswordFile, &e.password.file},
	}
	if s := e.source; s != nil {
		all = append(all, namedText{fieldFrom, &s.from}, namedText{fieldReplicaAccount, &s.account}, namedText{fieldReplicaConnect, &s.connect})
	}
	return all
}

// single is one of them, nil when the entry cannot have it.
func (e *entry) single(field string) *text {
	for _, one := range e.singles() {
		if one.field == field {
			return one.text
		}
	}
	return nil
}

// lists is the lists of texts of an entry.
func (e *entry) lists() []namedList {
	return []namedList{
		{fieldHosts, &e.hosts}, {fieldAccount, &e.accounts}, {fieldGrants, &e.grants}, {fieldGroups, &e.groups}, {fieldRequire, &e.require},
	}
}

// list is one of them, nil when there is none of that name.
func (e *entry) list(field string) *textList {
	for _, one := range e.lists() {
		if one.field == field {
			return one.textList
		}
	}
	return nil
}

// value is where a field's value stands, and whose it is.
func (e *entry) value(field string) (place, scope) {
	if t := e.single(field); t != nil {
		return t.where, t.from
	}
	if t := e.list(field); t != nil {
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
	list := e.list(field)
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
