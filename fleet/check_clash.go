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

// indexBits is enough for the number of an identity.
const indexBits = 20

// index finds who has a text: a sorted list of hashes, each with the number of
// its identity in the low bits. It has no texts: a hit is confirmed by making
// the text again.
type index struct {
	seed maphash.Seed
	list []uint64
}

// nobody is in the place of what has no text.
const nobody = ^uint64(0)

func newIndex(size int) index {
	x := index{seed: maphash.MakeSeed(), list: make([]uint64, size)}
	for i := range x.list {
		x.list[i] = nobody
	}
	return x
}

// entry is what the list has of a text.
func (x index) entry(text string, identity int) uint64 {
	return maphash.String(x.seed, text)>>indexBits<<indexBits | uint64(identity)
}

func (x *index) sort() {
	slices.Sort(x.list)
	if n, ok := slices.BinarySearch(x.list, nobody); ok {
		x.list = x.list[:n]
	}
}

// candidates are the numbers of those that may have a text.
func (x index) candidates(text string) []int {
	if len(x.list) == 0 {
		return nil
	}
	first := x.entry(text, 0)
	n, _ := slices.BinarySearch(x.list, first)
	var all []int
	for ; n < len(x.list) && x.list[n]>>indexBits == first>>indexBits; n++ {
		all = append(all, int(x.list[n]&(1<<indexBits-1)))
	}
	return all
}

// keep leaves the identities before end.
func (x *index) keep(end int) {
	var kept []uint64
	for _, one := range x.list {
		if int(one&(1<<indexBits-1)) < end {
			kept = append(kept, one)
		}
	}
	x.list = kept
}

// runs goes through the identities, in ascending order, that have the same hash.
func (x index) runs(do func(identities []int)) {
	for begin := 0; begin < len(x.list); {
		end := begin + 1
		for end < len(x.list) && x.list[end]>>indexBits == x.list[begin]>>indexBits {
			end++
		}
		if end > begin+1 {
			all := make([]int, 0, end-begin)
			for _, one := range x.list[begin:end] {
				all = append(all, int(one&(1<<indexBits-1)))
			}
			do(slices.Compact(all))
		}
		begin = end
	}
}

// keys is what no two identities may share: the name of a folder, an account of
// a target, and the subject with which accounts are opened.
type keys struct {
	r                         *reader
	names, accounts, subjects index
	offsets                   []int  // of each entry's accounts
	taken                     []byte // of each identity, what it shares already
}

// What an identity shares, in keys.taken.
const (
	sharesAccount byte = 1 << iota
	sharesName
)

func (r *reader) newKeys(total int) *keys {
	k := &keys{r: r, names: newIndex(total), subjects: newIndex(total), taken: make([]byte, total)}
	size := 0
	for i := range r.m.entries {
		e := &r.m.entries[i]
		k.offsets = append(k.offsets, size)
		size += e.count * max(len(e.accounts.list), 1)
		if e.kind == issue.Server && (e.bad[fieldName] || e.name.from == notGiven && e.bad[fieldHosts]) {
			r.unnamed = true
		}
	}
	k.accounts = newIndex(size)
	return k
}

// name notes the name of an identity.
func (s *keys) name(i int) {
	if text := s.nameOf(i); text != "" {
		s.names.list[i] = s.names.entry(text, i)
	}
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

// identity notes accounts and subject of a checked identity.
func (s *keys) identity(i int, c *identity) {
	n := s.entryOf(i)
	offset := s.offsets[n] + (i-c.e.first)*max(len(c.e.accounts.list), 1)
	for j, text := range s.accountsOf(i, c) {
		if text != "" {
			s.accounts.list[offset+j] = s.accounts.entry(text, i)
		}
	}
	if text := subjectKey(c); text != "" {
		s.subjects.list[i] = s.subjects.entry(text, i)
	}
}

// entryOf is the number of an identity's entry.
func (s *keys) entryOf(i int) int {
	n, found := slices.BinarySearchFunc(s.r.m.entries, i, func(e entry, i int) int { return e.first - i })
	if !found {
		n--
	}
	return n
}

// accountsOf is the accounts of an identity with their targets; "" for one that
// is wrong. Servers compare users exactly, hosts without regard to case.
func (s *keys) accountsOf(_ int, c *identity) []string {
	var all []string
	if c.e.source != nil {
		if r := s.r.m.replication(c.e, c.k, c.x.replica); r != nil && c.x.replica.User != "" {
			all = append(all, r.Target.String()+" "+r.Account.User+"@"+strings.ToLower(r.Account.Host))
		}
	}
	if c.wrong(fieldAccount, fieldTarget) {
		return all
	}
	for _, a := range c.x.accounts {
		all = append(all, c.x.Spec.Target+" "+a.User+"@"+strings.ToLower(a.Host))
	}
	return all
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

// clashes reports what is there twice. What follows from another clash is not
// reported: a client with the account of another has its name and subject too.
func (s *keys) clashes() {
	s.accounts.sort()
	s.subjects.sort()
	s.accounts.runs(s.sameAccount)
	s.names.runs(s.sameName)
	s.subjects.runs(s.sameSubject)
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

func (s *keys) sameAccount(identities []int) {
	first := map[string]int{}
	for _, i := range identities {
		e, k := s.r.m.locate(i)
		c := &identity{r: s.r, e: e, k: k, x: e.expand(k, func(fault) {})}
		for j, text := range s.accountsOf(i, c) {
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
			hint = "name: gives it another folder"
		}
		name := text[strings.IndexByte(text, '/')+1:]
		s.report(i, at, path, hint, "%s has the name %q already", s.told(other), name)
	}
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
		s.report(i, at, path, "subject: gives each a certificate of its own name",
			"%s has the subject %q already: each would open the other's accounts", s.told(other), c.subject)
	}
}
