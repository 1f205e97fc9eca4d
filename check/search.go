package check

import (
	"math/bits"
	"slices"

	"github.com/xrash/smetrics"

	"myca/dn"
)

// rank says how sure it is that a certificate is the one that was meant; lower
// is surer.
type rank int

const (
	exactSubject rank = iota + 1 // the subject fits, the issuer does not
	otherLibrary                 // another TLS library renders the subject as it is required
	sameForm                     // the same but for order, case, escapes, …
	ownSubject                   // the store issued it for the account
	byDistance                   // one or two bytes changed
)

// fewLetters is how many bytes of a misspelt name differ at most; what differs
// in more is another name, perhaps of somebody else.
const fewLetters = 2

// candidate is a certificate that nearly meets a demand. The zero candidate is
// none.
type candidate struct {
	rendered
	rank     rank
	weight   int // within the rank: wrong issuer, changes, or bytes changed; lower is better
	change   change
	library  dn.Library
	notation bool // the required name was not in slash form
}

func (c candidate) better(than candidate) bool {
	return than.rank == 0 || c.rank < than.rank || c.rank == than.rank && c.weight < than.weight
}

// The bounds of the search by distance, which alone costs more than a look-up.
// Comparing the letters of two names takes some 50 ns, a cell of the table of
// smetrics.WagnerFischer 1 to 2 ns: at most a few seconds altogether. What is
// left unsearched then has no Nearest, or one that is less near than another.
const (
	maxPairs = 1 << 24 // certificates times demands
	minWide  = 16      // but so many demands are compared with every certificate
	maxCells = 1 << 30
	// Longer names are not compared by distance: x509_subject in mysql.user
	// holds 65,535 bytes, and no certificate that is in use has a tenth of it.
	maxLength = 1 << 13
)

// search finds what is nearest to each subject that no certificate has: by
// look-up where the names are the same in some form, and by edit distance for
// those demands that are left and that no account of the store is for.
type search struct {
	*judge
	subjects map[string][]*group // by required subject
	forms    map[string][]*group // by each of its forms under any change
	distance []*wish
	cells    int // spent
}

// wish is a required subject whose nearest is looked for by distance.
type wish struct {
	*group
	letters histogram
}

// search fills in the best candidate of each group that nothing meets.
func (j *judge) search() error {
	s := search{judge: j, subjects: map[string][]*group{}, forms: map[string][]*group{}}
	var unmet []*group
	for _, account := range j.Server { // in this order, so that the bounds cut off the same ones each time
		g := j.groups[demandOf(account)]
		if g != nil && demandsCertificate(account) && g.count == 0 && g.subject != "" && !slices.Contains(s.subjects[g.required], g) {
			s.add(g)
			unmet = append(unmet, g)
		}
	}
	if len(unmet) == 0 {
		return nil
	}
	wide := max(minWide, maxPairs/max(1, j.seen))
	for _, g := range unmet {
		if len(g.own) == 0 && len(g.required) <= maxLength && len(s.distance) < wide {
			s.distance = append(s.distance, &wish{g, histogramOf(g.required)})
		}
	}
	return j.certificates(s.compare)
}

func (s *search) add(g *group) {
	s.subjects[g.required] = append(s.subjects[g.required], g)
	for _, r := range g.own {
		if !misspelt(g.required, r.Subject) {
			continue
		}
		s.offer(g, candidate{rendered: rendered{name: r.Name, issuer: r.Issuer, subject: r.Subject}, rank: ownSubject})
	}
	for i, form := range anyChange.forms(g.required) {
		if i == 0 || form != anyChange.forms(g.required)[0] {
			s.forms[form] = append(s.forms[form], g)
		}
	}
}

// compare offers one certificate to every group that it may be the nearest of.
func (s *search) compare(c rendered) {
	for _, g := range s.subjects[c.subject] {
		s.offer(g, candidate{rendered: c, rank: exactSubject})
	}
	if !plain(c.parsed) {
		for lib := dn.OpenSSL3; lib <= dn.YaSSL; lib++ {
			for _, g := range s.subjects[c.parsed.OneLine(lib)] {
				s.offer(g, candidate{rendered: c, rank: otherLibrary, change: escape, library: lib})
			}
		}
	}
	forms := anyChange.forms(c.subject)
	s.compareForm(c, forms[0])
	if forms[1] != forms[0] {
		s.compareForm(c, forms[1])
	}
	if len(s.distance) > 0 && len(c.subject) <= maxLength {
		letters := histogramOf(c.subject)
		for _, w := range s.distance {
			s.measure(w, c, letters)
		}
	}
}

// plain reports whether every library renders the name alike: attributes that
// all know, one an RDN, of ASCII without signs that some escape.
func plain(n dn.Name) bool {
	for _, rdn := range n {
		if len(rdn) != 1 {
			return false
		}
		switch rdn[0].OID {
		case "2.5.4.3", "2.5.4.4", "2.5.4.6", "2.5.4.7", "2.5.4.8", "2.5.4.10", "2.5.4.11", "1.2.840.113549.1.9.1":
		default:
			return false
		}
		for _, c := range rdn[0].Value {
			if c < ' ' || c > '~' || c == '/' || c == '+' {
				return false
			}
		}
	}
	return true
}

func (s *search) compareForm(c rendered, form string) {
	const oneChange = 2 // the least weight
	for _, g := range s.forms[form] {
		if g.best.rank == sameForm && g.best.weight <= oneChange || g.best.rank != 0 && g.best.rank < sameForm {
			continue
		}
		if change, ok := difference(g.required, c.subject); ok {
			s.offer(g, candidate{rendered: c, rank: sameForm, weight: oneChange * bits.OnesCount8(uint8(change)), change: change})
		}
	}
}

func (s *search) offer(g *group, c candidate) {
	if g.issuer != "" && g.issuer != c.issuer {
		c.weight++
	}
	c.notation = g.required != g.subject
	if c.better(g.best) {
		g.best = c
	}
}

// measure compares by edit distance unless a lower bound of it tells enough.
func (s *search) measure(w *wish, c rendered, letters histogram) {
	best := w.best
	if best.rank != 0 && (best.rank < byDistance || best.weight <= 1) || w.letters.apart(letters) > fewLetters {
		return
	}
	a, b := middles(w.required, c.subject)
	if s.cells+len(a)*len(b) > maxCells {
		return
	}
	s.cells += len(a) * len(b)
	if distance := smetrics.WagnerFischer(a, b, 1, 1, 1); distance <= fewLetters {
		s.offer(w.group, candidate{rendered: c, rank: byDistance, weight: distance})
	}
}

// middles are both strings without what they begin and end with in common,
// which does not change their distance.
func middles(a, b string) (string, string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// histogram counts the bytes of a string of at most maxLength in 32 classes.
type histogram [32]uint16

func histogramOf(s string) histogram {
	var h histogram
	for i := range len(s) {
		h[s[i]&31]++
	}
	return h
}

// apart is a lower bound of the edit distance: each change of a byte adds at
// most one to a class and takes one from another.
func (h *histogram) apart(other histogram) int {
	more, fewer := 0, 0
	for i, n := range h {
		if d := int(n) - int(other[i]); d > 0 {
			more += d
		} else {
			fewer -= d
		}
	}
	return max(more, fewer)
}

// misspelt reports whether one name is the other with a few letters changed.
func misspelt(a, b string) bool {
	x, y := histogramOf(a), histogramOf(b)
	if len(a) > maxLength || len(b) > maxLength || x.apart(y) > fewLetters {
		return false
	}
	a, b = middles(a, b)
	return smetrics.WagnerFischer(a, b, 1, 1, 1) <= fewLetters
}
