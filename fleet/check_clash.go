package fleet

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"myca/dn"
	"myca/issue"
	"myca/ledger"
)

// keys is what no two identities may share: the name of a folder, an account of
// a target, and the subject with which accounts are opened.
type keys struct {
	r       *reader
	x       index  // of one of these at a time
	offsets []int  // of each entry's accounts in their list
	size    int    // of that
	taken   []byte // of each identity, what it shares already
	// constant says of places of texts whether those are without ranges, once
	// that was asked.
	constant map[place]bool
}

// What an identity shares, in keys.taken.
const (
	sharesAccount byte = 1 << iota
	sharesName
)

func (r *reader) newKeys(total int) *keys {
	s := &keys{r: r, x: index{seed: maphash.MakeSeed()}, taken: make([]byte, total), constant: map[place]bool{}}
	for i := range r.m.entries {
		e := &r.m.entries[i]
		s.offsets = append(s.offsets, s.size)
		s.size += e.count * max(len(e.accounts.list), 1)
	}
	return s
}

// names indexes the names of all identities, and gives those runs that need a
// closer look. The servers' names stay for replicas to find their sources.
func (s *keys) names() [][]int {
	total := len(s.taken)
	s.x.fill(total, func(list []uint64) {
		s.r.parallel(total, func(_ *findings, i int) {
			if text := s.nameOf(i); text != "" {
				list[i] = s.x.entry(text, i)
			}
		})
	})
	servers, replicas := 0, false
	for i := range s.r.m.entries {
		e := &s.r.m.entries[i]
		replicas = replicas || e.source != nil
		if e.kind == issue.Server {
			servers = e.first + e.count
		}
	}
	if replicas {
		s.r.m.names = s.x.before(servers)
	}
	return s.x.runs()
}

// accounts indexes the accounts of all identities.
func (s *keys) accounts() [][]int {
	s.x.fill(s.size, func(list []uint64) {
		s.r.parallel(len(s.taken), func(_ *findings, i int) {
			n := s.entryOf(i)
			e := &s.r.m.entries[n]
			offset := s.offsets[n] + (i-e.first)*max(len(e.accounts.list), 1)
			for j, text := range s.r.m.accountsOf(e, i-e.first) {
				if text != "" {
					list[offset+j] = s.x.entry(text, i)
				}
			}
		})
	})
	s.r.m.accounts = index{seed: s.x.seed, list: slices.Clone(s.x.list)}
	return s.x.runs()
}

// subjects checks every identity, and indexes their subjects.
func (s *keys) subjects() [][]int {
	total := len(s.taken)
	s.x.fill(total, func(list []uint64) {
		s.r.parallel(total, func(found *findings, i int) {
			e, k := s.r.m.locate(i)
			if text := subjectKey(s.r.identity(found, e, k)); text != "" {
				list[i] = s.x.entry(text, i)
			}
		})
	})
	return s.x.runs()
}

// nameOf is the name of an identity, with its kind unless it is a server.
func (s *keys) nameOf(i int) string {
	e, k := s.r.m.locate(i)
	if e.bad[fieldName] || e.name.from == notGiven && (e.bad[fieldHosts] || e.bad[fieldAccount]) {
		return ""
	}
	name := e.nameAt(k)
	if name != "" && e.kind != issue.Server {
		return ledger.Client + "/" + name
	}
	return name
}

// entryOf is the number of an identity's entry.
func (s *keys) entryOf(i int) int {
	n, found := slices.BinarySearchFunc(s.r.m.entries, i, func(e entry, i int) int { return e.first - i })
	if !found {
		n--
	}
	return n
}

// subjectKey is the subject of an identity whose certificate opens accounts, or
// could: a client's or a peer's. "" is none. It is compared in the form of
// OpenSSL 1, in which names are equal that are so in any other.
func subjectKey(c *identity) string {
	if c.subject == nil || c.wrong(fieldSubject) || c.x.Request.Profile == issue.ProfileServer {
		return ""
	}
	return c.subject.OneLine(dn.OpenSSL1)
}

// again makes what was checked of an identity once more, without its findings.
func (s *keys) again(i int) *identity {
	e, k := s.r.m.locate(i)
	return s.r.identity(&findings{}, e, k)
}

// report notes a clash of an identity with one before.
func (s *keys) report(i int, at place, path, hint, format string, args ...any) {
	s.r.found.of(finding{at: at, path: path, message: fmt.Sprintf(format, args...), hint: hint, identity: i, count: 1})
}

// told is how another identity is named in a message.
func (s *keys) told(i int) string {
	e, k := s.r.m.locate(i)
	if e.count == 1 {
		return fmt.Sprintf("%s (line %d)", e.path(), e.where.line)
	}
	return fmt.Sprintf("%s (line %d, %q)", e.path(), e.where.line, e.nameAt(k))
}

// unranged reports, once, what all identities of an entry share because only
// other texts of it have ranges.
func (s *keys) unranged(i, other int, at place, path, what, value string) bool {
	e, _ := s.r.m.locate(i)
	if other != e.first {
		return false
	}
	constant, known := s.constant[at]
	if !known {
		each(e, func(t *text, _, _ string) { constant = constant || t.where == at && t.constant() })
		s.constant[at] = constant
	}
	if constant && !known {
		s.r.found.add(at, path, fmt.Sprintf("a range here too, such as {1..%d}", e.count), "all %d of this entry have the %s %q", e.count, what, value)
	}
	return constant
}

func (s *keys) sameAccount(identities []int) {
	first := map[string]int{}
	for _, i := range identities {
		e, k := s.r.m.locate(i)
		for j, text := range s.r.m.accountsOf(e, k) {
			if text == "" {
				continue
			}
			other, taken := first[text]
			if !taken {
				first[text] = i
				continue
			}
			at, path := e.elementSpot(fieldAccount, j)
			if e.source != nil {
				at, path = e.spot(fieldReplicaAccount)
			}
			target, account, _ := strings.Cut(text, " ")
			s.taken[i] |= sharesAccount
			if other == i {
				s.report(i, at, path, "leave it out", "the account %q is there already", account)
				continue
			}
			if s.unranged(i, other, at, path, "account", account) {
				continue
			}
			s.report(i, at, path, "an account for each; one client can have several",
				"%s has the account %q on %q already: with the requirement of this one, the other would be locked out", s.told(other), account, target)
		}
	}
}

func (s *keys) sameName(identities []int) {
	first := map[string]int{}
	for _, i := range identities {
		text := s.nameOf(i)
		other, taken := first[text]
		if !taken {
			first[text] = i
			continue
		}
		e, _ := s.r.m.locate(i)
		derived := e.name.from == notGiven
		if derived && s.taken[i]&sharesAccount != 0 {
			continue
		}
		s.taken[i] |= sharesName
		at, path := e.spot(fieldName)
		hint := "another name"
		if derived {
			at, path = e.origin()
			hint = s.oneClient(i, other)
		}
		name := text[strings.IndexByte(text, '/')+1:]
		if s.unranged(i, other, at, path, "name", name) {
			continue
		}
		s.report(i, at, path, hint, "%s has the name %q already", s.told(other), name)
	}
}

// oneClient is the hint for an identity with the name of another that follows
// from hosts or accounts: of two clients of one user, one may be meant.
func (s *keys) oneClient(i, other int) string {
	const hint = "name: gives it another folder"
	e, k := s.r.m.locate(i)
	f, n := s.r.m.locate(other)
	if e == f || e.kind != issue.Client || f.kind != issue.Client || f.name.from != notGiven {
		return hint
	}
	return fmt.Sprintf("one client with both: account: [%s]; or %s", quoted(append(slices.Clone(f.accounts.at(n)), e.accounts.at(k)...)...), hint)
}

func (s *keys) sameSubject(identities []int) {
	type holders struct{ any, opens int } // the first with the subject, and with accounts; -1: none
	first := map[string]*holders{}
	for _, i := range identities {
		e, _ := s.r.m.locate(i)
		derived := e.subject.from == notGiven
		if derived && s.taken[i] != 0 {
			continue
		}
		c := s.again(i)
		text := subjectKey(c)
		opens := e.kind == issue.Client || e.source != nil
		h := first[text]
		if h == nil {
			h = &holders{-1, -1}
			first[text] = h
		}
		other := h.opens
		if opens {
			other = h.any
		}
		if h.any < 0 {
			h.any = i
		}
		if opens && h.opens < 0 {
			h.opens = i
		}
		if other < 0 {
			continue
		}
		at, path := e.spot(fieldSubject)
		if derived {
			at, path = e.origin()
		}
		if s.unranged(i, other, at, path, "subject", c.subject.String()) {
			continue
		}
		s.report(i, at, path, "subject: gives each a certificate of its own name",
			"%s has the subject %q already: each would open the other's accounts", s.told(other), c.subject)
	}
}
