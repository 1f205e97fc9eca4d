package fleet

import (
	"slices"
	"sort"
	"strings"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/store"
)

// Manifest is a manifest without mistakes. Its servers and clients are numbered
// from 0 in the order of the document, servers first.
type Manifest struct {
	Name    string // as messages name the file
	CA      CA
	Notices Problems // what is right, but perhaps not meant; of each kind one

	entries []entry
	// names is which server has which name, as in index; nil when no server is
	// a replica.
	names index
	// accounts is which identity has which account, as accountKey writes it.
	accounts index
}

// CA is what the manifest says of the authority. It founds a store; one that is
// there must agree with it.
type CA struct {
	Subject          dn.Name    // nil: none is given
	Key              ca.KeyType // "": none is given
	Days             int        // 0: none is given
	AllowNonportable bool

	at, subjectAt, keyAt, daysAt place
}

// Identity is one server or client as it is to be. Its slices belong to the
// manifest: they are not to be written to.
type Identity struct {
	// Request is complete but for the validity, which begins when it is made and
	// takes Spec.Days.
	Request    issue.Request
	Spec       store.Spec // as it is recorded: Subject as written, "" for the default
	Secret     Secret     // of the accounts of a client
	Target     dialect.Version
	Replicates *Replication // of a server that is a replica, else nil
	Host       string       // of a server: by which others reach it (see entry.reachedAt), or its name
}

// Secret is where the password of accounts comes from.
type Secret struct {
	Mode string // "none", "random" or "file", as in store.Spec; "" of a server
	File string // of mode file: the path as written in the manifest
}

// The modes of a Secret.
const (
	secretNone   = "none"
	secretRandom = "random"
	secretFile   = "file"
)

// Replication says of a server from where it replicates.
type Replication struct {
	Source  string          // name of a server of the manifest
	Target  dialect.Version // of that server
	Account dialect.Account // on the source; demands the replica's certificate
	Host    string          // of the source
	Port    int             // 3306 where the manifest says nothing
}

// Ground is what a manifest is checked against.
type Ground struct {
	Authority *ca.Authority   // the store's that signs; nil: there is no store yet
	Target    dialect.Version // for what names none
	Now       time.Time
	Dir       string // of the store, for the commands in hints; "": none is named
	Founds    bool   // a store is to be made: the manifest has to name the authority's subject
	// Secret reads a password file, named as in the manifest, and says what is
	// wrong with it; nil: files are not looked at. It is called by several
	// goroutines at a time.
	Secret func(file string) error
}

// defaultPort is the servers' own.
const defaultPort = 3306

// Len is the number of identities.
func (m *Manifest) Len() int {
	if len(m.entries) == 0 {
		return 0
	}
	last := &m.entries[len(m.entries)-1]
	return last.first + last.count
}

// At is the identity i, from 0 to Len()-1, expanded. It may be called by
// several goroutines at a time.
func (m *Manifest) At(i int) Identity {
	e, k := m.locate(i)
	x := e.expand(k, func(fault) {})
	if e.source != nil {
		x.Replicates = m.replication(e, k, x.replica)
	}
	return x.Identity
}

// locate is the entry of the identity i, and its number there.
func (m *Manifest) locate(i int) (*entry, int) {
	n := sort.Search(len(m.entries), func(n int) bool { return m.entries[n].first > i })
	e := &m.entries[n-1]
	return e, i - e.first
}

// replication says from where the identity k of e replicates; nil when its
// source is not in the manifest.
func (m *Manifest) replication(e *entry, k int, account dialect.Account) *Replication {
	name := e.source.from.at(k)
	i := m.server(name)
	if i < 0 {
		return nil
	}
	source, n := m.locate(i)
	r := &Replication{Source: name, Account: account, Port: defaultPort, Target: source.targetAt(n, func(fault) {})}
	r.Host = source.reachedAt(n)
	if connect := e.source.connect.at(k); connect != "" {
		host, port, err := dialect.ParseAddress(connect)
		if err != nil {
			return nil
		}
		r.Host = host
		if port != 0 {
			r.Port = port
		}
	}
	return r
}

// server is the number of the server of a name, -1 when there is none.
func (m *Manifest) server(name string) int {
	for _, i := range m.names.candidates(name) {
		if e, k := m.locate(i); e.kind == issue.Server && e.nameAt(k) == name {
			return i
		}
	}
	return -1
}

// nameAt is the name of the identity k: its folder.
func (e *entry) nameAt(k int) string {
	switch {
	case e.name.from != notGiven:
		return e.name.at(k)
	case e.kind == issue.Server:
		if len(e.hosts.list) > 0 {
			return folderOf(e.reachedAt(k))
		}
	case len(e.accounts.list) > 0:
		if a, err := dialect.ParseAccount(e.accounts.list[0].at(k)); err == nil {
			return issue.FolderName(a.User)
		}
	}
	return ""
}

// reachedAt is the host by which others reach the server k: its first that is no
// wildcard and not this machine for everybody, else its first; "" without hosts.
func (e *entry) reachedAt(k int) string {
	first := ""
	for i := range e.hosts.list {
		host := hostOf(e.hosts.list[i].at(k))
		if !strings.HasPrefix(host, "*") && !loopback(host) {
			return host
		}
		if i == 0 {
			first = host
		}
	}
	return first
}

// folderOf is the folder of a server that has no name but this host.
func folderOf(host string) string {
	if loopback(host) {
		return "localhost"
	}
	if rest, ok := strings.CutPrefix(host, "*."); ok {
		host = "wildcard." + rest
	}
	return issue.FolderName(host)
}

// hostOf is a host without the prefix that says what it is.
func hostOf(text string) string {
	for _, prefix := range []string{"dns:", "ip:"} {
		if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			return text[len(prefix):]
		}
	}
	return text
}

// at is the texts for the value k of their ranges. Without ranges it is always
// the same slice.
func (t *textList) at(k int) []string {
	if t.fixed != nil || len(t.list) == 0 {
		return t.fixed
	}
	all := make([]string, len(t.list))
	for i := range t.list {
		all[i] = t.list[i].at(k)
	}
	return all
}

// constant says whether none of the texts has ranges.
func (t *textList) constant() bool {
	return !slices.ContainsFunc(t.list, func(one text) bool { return !one.constant() })
}
