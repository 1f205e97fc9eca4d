package fleet

import (
	"slices"
	"strings"
	"sync"

	"myca/ca"
	"myca/dialect"
	"myca/issue"
)

// Read reads a manifest; name is what messages call it. The error is Problems.
//
// What could be read is checked even where other parts are no YAML. Every
// identity is checked, on all processors.
func Read(name string, text []byte, g Ground) (*Manifest, error) {
	r := &reader{ground: g, found: &findings{}, notes: notes{}, ranges: newRangeReader(), owners: map[string]error{}}
	r.m.Name = name
	r.single, r.elements = r.checks(), elementChecks()
	d := &document{found: r.found, anchors: map[string]*node{}}
	if root := d.read(text); root != nil {
		r.unread = d.unread
		r.manifest(root)
		r.check()
	}
	d.controls()
	if (len(r.found.list) > 1 || d.unread != nil) && !r.known && !d.known {
		r.found = &findings{}
		r.found.add(place{1, 1}, "", manifestForm, "this is no manifest: it has none of the keys ca, defaults, servers, clients")
	}
	if problems := r.found.problems(name); problems != nil {
		return nil, problems
	}
	r.notices()
	r.m.Notices = r.notes.problems(name)
	return &r.m, nil
}

// manifestForm is what a manifest looks like, in a line.
const manifestForm = `ca: {subject: /CN=acme CA}, servers: [{hosts: [db1.example.com]}], clients: [{account: "app@10.%", password: none}]; myca apply --schema lists every key`

// reader makes a manifest of the nodes of a document.
type reader struct {
	ground   Ground
	found    *findings
	notes    notes
	known    bool // the document has a key of a manifest, or one that was meant to be
	m        Manifest
	defaults entry
	ranges   rangeReader
	unread   []string         // of the document, where names of servers may stand
	fixed    bool             // no ranges here
	e        *entry           // that is read
	prefix   string           // of the fields of e that are read
	owner    sync.Mutex       // of owners
	owners   map[string]error // what is known of them
	signer   *ca.Authority    // that identities are checked with
	single   []textCheck
	elements []textCheck
}

// object is a map with the fields of a table.
type object struct {
	path   string
	fields []field
	values []*node
}

// get is the value of a field, nil when it is not there.
func (o object) get(name string) *node {
	for i := range o.fields {
		if o.fields[i].name == name {
			return o.values[i]
		}
	}
	return nil
}

// object reads a map: it reports keys that are not known, that are there twice,
// and that are missing. A misspelt key counts as the one that was meant.
func (r *reader) object(n *node, path string, fields []field) (object, bool) {
	o := object{path: path, fields: fields, values: make([]*node, len(fields))}
	switch n.kind {
	case lostNode:
		return o, false
	case mapNode:
	case nullNode:
		r.found.add(n.at, path, names(fields), "%s is empty", lastOf(path))
		return o, false
	default:
		r.found.add(n.at, path, names(fields), "%s is %s where a map is due", lastOf(path), n)
		return o, false
	}
	for _, p := range n.twice {
		r.found.add(p.at, memberPath(path, p.key), "leave one of them out", "the key %q is there already, in line %d", p.key, n.find(p.key).at.line)
	}
	var unknown []pair
	for _, p := range n.pairs {
		if i := indexOf(fields, p.key); i >= 0 {
			o.values[i] = p.value
		} else {
			unknown = append(unknown, p)
		}
	}
	for _, p := range unknown {
		hint := names(fields)
		if meant := nearest(p.key, fields); meant != nil {
			hint = meant.name
			if i := indexOf(fields, meant.name); o.values[i] == nil {
				o.values[i] = p.value
			}
		}
		r.found.add(p.at, memberPath(path, p.key), hint, "there is no key %q here", p.key)
	}
	for i, f := range fields {
		if f.required && o.values[i] == nil {
			r.found.add(n.at, path, f.name+": "+f.about, "the key %q is missing", f.name)
			o.values[i] = &node{at: n.at}
		}
	}
	return o, true
}

func indexOf(fields []field, name string) int {
	for i := range fields {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

// lastOf is what a path leads to, in a message.
func lastOf(path string) string {
	switch {
	case path == "":
		return "the manifest"
	case strings.HasSuffix(path, "]") && !strings.Contains(path, "."):
		return "the entry"
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}

// manifest reads the document.
func (r *reader) manifest(root *node) {
	before := len(r.found.list)
	fields := manifestFields()
	r.known = slices.ContainsFunc(root.pairs, func(p pair) bool { return isSection(p.key, fields) })
	o, ok := r.object(root, "", fields)
	if !ok {
		return
	}
	r.fixed = true
	r.authority(o.get("ca"))
	r.e = &r.defaults
	if n := o.get("defaults"); n != nil {
		if inner, ok := r.object(n, "defaults", defaultFields()); ok {
			r.common(inner, &r.defaults)
			r.defaults.count = 1
			r.settle(&r.defaults)
		} else {
			r.spoilDefaults()
		}
	}
	r.fixed = false
	servers, clients := o.get("servers"), o.get("clients")
	if o.get("ca") == nil && servers == nil && clients == nil && len(r.found.list) == before && r.unread == nil {
		r.found.add(root.at, "", "servers: and clients:, each with a list", "the manifest has neither servers nor clients, nor an authority")
	}
	r.section(servers, "servers", issue.Server, serverFields())
	r.section(clients, "clients", issue.Client, clientFields())
	for _, p := range root.twice {
		r.again(p)
	}
}

// again looks for mistakes in a section that is there already. It is none of the
// manifest, but its servers may be those that replicas name.
func (r *reader) again(p pair) {
	for i, item := range p.value.items {
		switch p.key {
		case "servers":
			r.entry(item, issue.Server, i, serverFields())
			for _, p := range item.pairs {
				for _, n := range append(p.value.items, p.value) {
					r.unread = append(r.unread, n.text)
				}
			}
		case "clients":
			r.entry(item, issue.Client, i, clientFields())
		}
	}
}

// spoilDefaults notes that nothing is known of the defaults.
func (r *reader) spoilDefaults() {
	for _, f := range defaultFields() {
		r.defaults.spoil(f.name)
	}
}

// section reads the entries of servers or clients.
func (r *reader) section(n *node, name string, kind issue.Kind, fields []field) {
	switch {
	case n == nil || n.kind == lostNode:
		return
	case n.kind == nullNode:
		r.found.add(n.at, name, "leave it out, or write []", "%s is empty", name)
		return
	case n.kind != listNode:
		r.found.add(n.at, name, "a list: each entry begins with a dash", "%s is %s where a list is due", name, n)
		return
	}
	total := r.m.Len()
	for i, item := range n.items {
		e := r.entry(item, kind, i, fields)
		if e.count == 0 {
			continue
		}
		if total+e.count > maxIdentities {
			r.found.add(e.where, e.path(), "several manifests, each with a store of its own",
				"the manifest has more than %d servers and clients, counted up to here", maxIdentities)
			r.m.entries = nil
			return
		}
		e.first = total
		total += e.count
		r.m.entries = append(r.m.entries, e)
	}
}

// target is what holds where neither an entry nor the defaults name one.
func (r *reader) target() dialect.Version {
	if r.ground.Target.Product == "" {
		return dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}
	}
	return r.ground.Target
}
