package fleet

import (
	"fmt"
	"net/netip"
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
		r.notes.note(fieldDeployDir, e.where, e.path(), "deploy_dir: /etc/mysql/myca",
			"%q has no deploy_dir: its my.cnf names the files where they lie in the store, and the inventory no place for them", e.nameAt(0))
	}
	if e.source != nil {
		at, path := e.spot(fieldReplicaAccount)
		r.anyHost(e.source.account.at(0), at, path)
	}
}

func (r *reader) clientNotices(e *entry) {
	for i := range e.accounts.list {
		at, path := e.elementSpot(fieldAccount, i)
		r.anyHost(e.accounts.list[i].at(0), at, path)
	}
	if e.grants.from == notGiven {
		r.notes.note(fieldGrants, e.where, e.path(), `grants: ["SELECT ON app.*"]`,
			"%q gets no privileges: its account can log in, and do what was granted to it otherwise", e.nameAt(0))
	}
}

// anyHost notes an account that is written without a host.
func (r *reader) anyHost(account string, at place, path string) {
	if a, err := dialect.ParseAccount(account); err == nil && !strings.Contains(account, "@") {
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
