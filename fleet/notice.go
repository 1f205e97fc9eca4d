package fleet

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"myca/dialect"
	"myca/issue"
)

// notes collects what is right, but perhaps not meant: of each kind the first,
// and how many more of them there are.
type notes map[string]*finding

// note adds one.
func (n notes) note(kind string, at place, path, hint, format string, args ...any) {
	if first := n[kind]; first != nil {
		first.count++
		return
	}
	n[kind] = &finding{at: at, path: path, message: fmt.Sprintf(format, args...), hint: hint, identity: -1, count: 1}
}

// problems is the notes in the order of the document.
func (n notes) problems(name string) Problems {
	var all findings
	for _, one := range n {
		all.list = append(all.list, *one)
	}
	return all.problems(name)
}

// notices notes what the entries leave open, once for each entry, with what its
// first identity has.
func (r *reader) notices() {
	for i := range r.m.entries {
		e := &r.m.entries[i]
		if e.kind == issue.Server {
			r.serverNotices(e)
		} else {
			r.clientNotices(e)
		}
	}
}

func (r *reader) serverNotices(e *entry) {
	if host := hostOf(e.hosts.list[0].at(0)); e.deployDir.from == notGiven && !loopback(host) {
		r.nowhere(e)
	}
	if e.source != nil {
		at, path := e.spot(fieldReplicaAccount)
		r.anyHost(e.source.account.at(0), at, path)
		r.administrators(e)
	}
}

func (r *reader) clientNotices(e *entry) {
	for i := range e.accounts.list {
		at, path := e.elementSpot(fieldAccount, i)
		r.anyHost(e.accounts.list[i].at(0), at, path)
	}
	r.administrators(e)
	if e.grants.from == notGiven {
		r.notes.note(fieldGrants, e.where, e.path(), `grants: ["SELECT ON app.*"]`, "%s",
			e.told("gets no privileges: its account can log in, and do what was granted to it otherwise",
				"get no privileges: their accounts can log in, and do what was granted to them otherwise"))
	}
	elsewhere := func(t text) bool { // than the server, which may be this machine
		_, host := userAndHost(t.at(0))
		return !loopback(host)
	}
	if e.deployDir.from == notGiven && slices.ContainsFunc(e.accounts.list, elsewhere) {
		r.nowhere(e)
	}
}

// nowhere notes an entry without a deploy_dir; servers and clients are of two
// kinds.
func (r *reader) nowhere(e *entry) {
	r.notes.note(fieldDeployDir+" "+string(e.kind), e.where, e.path(), "deploy_dir: /etc/mysql/myca", "%s",
		e.told("has no deploy_dir: its my.cnf names the files where they lie in the store, and the inventory no place for them",
			"have no deploy_dir: their my.cnf name the files where they lie in the store, and the inventory no place for them"))
}

// told says something of the identities of an entry, in words for one and for
// several.
func (e *entry) told(one, several string) string {
	if e.count == 1 {
		return fmt.Sprintf("%q %s", e.nameAt(0), one)
	}
	return fmt.Sprintf("%q and %d more of its range %s", e.nameAt(0), e.count-1, several)
}

// administrators notes the first account of an entry that is the server's own,
// or that of its administrator.
func (r *reader) administrators(e *entry) {
	list := e.accounts.list
	if e.source != nil {
		list = []text{e.source.account}
	}
	for i := range list {
		t, count := &list[i], 1
		if slices.ContainsFunc(t.parts, func(p part) bool { return p.list != nil }) {
			count = t.count // numbers make none of these users
		}
		for k := range count {
			user, host := userAndHost(t.at(k))
			switch user {
			case "root", "mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys":
				at, path := e.elementSpot(fieldAccount, i)
				if e.source != nil {
					at, path = e.spot(fieldReplicaAccount)
				}
				r.notes.note("administrator", at, path, fmt.Sprintf("an account of its own, such as %q", "app@"+host),
					"the account %q is made by the server, for its administrator or itself: once fleet.sql is run, its login demands what this entry says, that of an administrator who runs fleet.sql too", user+"@"+host)
				return
			}
		}
	}
}

// userAndHost is an account as dialect.ParseAccount splits it, unchecked.
func userAndHost(account string) (user, host string) {
	if at := strings.LastIndexByte(account, '@'); at >= 0 {
		return account[:at], account[at+1:]
	}
	return account, "%"
}

// anyHost notes an account that is written without a host.
func (r *reader) anyHost(account string, at place, path string) {
	if strings.Contains(account, "@") {
		return
	}
	if a, err := dialect.ParseAccount(account); err == nil {
		r.notes.note(fieldAccount, at, path, fmt.Sprintf("%q where that is meant; else such as %q", a.String(), a.User+"@10.%"),
			"the account %q is %q, which can log in from everywhere", account, a.String())
	}
}

// hosts indexes the first hosts of the servers, to which files are brought.
func (s *keys) hosts() [][]int {
	servers := 0
	for i := range s.r.m.entries {
		if e := &s.r.m.entries[i]; e.kind == issue.Server {
			servers = e.first + e.count
		}
	}
	s.x.fill(servers, func(list []uint64) {
		s.r.parallel(servers, func(_ *findings, i int) {
			if text := s.hostOf(i); text != "" {
				list[i] = s.x.entry(text, i)
			}
		})
	})
	return s.x.runs()
}

// hostOf is the first host of a server; "" where that is wrong, or a wildcard.
func (s *keys) hostOf(i int) string {
	e, k := s.r.m.locate(i)
	if e.bad[fieldHosts] || len(e.hosts.list) == 0 {
		return ""
	}
	host := strings.ToLower(hostOf(e.hosts.list[0].at(k)))
	if strings.HasPrefix(host, "*") {
		return ""
	}
	return host
}

// sameHost looks at servers with the same first host: with one deploy_dir they
// would take each other's place.
func (s *keys) sameHost(identities []int) {
	first := map[string]int{}
	for _, i := range identities {
		host := s.hostOf(i)
		other, taken := first[host]
		if !taken {
			first[host] = i
			continue
		}
		e, k := s.r.m.locate(i)
		f, n := s.r.m.locate(other)
		dir, before := e.deployDir.at(k), f.deployDir.at(n)
		if s.taken[i]&sharesName != 0 || dir != before || e.bad[fieldDeployDir] || f.bad[fieldDeployDir] {
			continue
		}
		at, path := e.elementSpot(fieldHosts, 0)
		const hint = "a deploy_dir for each where both are on one host; else the host of its own as the first, and what they share behind it"
		if dir != "" && !loopback(host) {
			if s.unranged(i, other, at, path, "first host", host) {
				continue
			}
			s.report(i, at, path, hint, "%s has the first host %q and the deploy_dir %q too: the files of one would take the place of the other's", s.told(other), host, dir)
			continue
		}
		s.r.notes.note(fieldHosts, at, path, hint, "%s has the first host %q too: whatever brings files to their hosts brings both there", s.told(other), host)
	}
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}
