package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/rand/v2"
	"testing"
)

// dice makes a world; rare is one throw in n.
type dice struct {
	*rand.Rand
	t          *testing.T
	identified bool // authorities and certificates mostly have key identifiers
	lists      []crlPlan
}

func (r *dice) rare(n int) bool { return r.IntN(n) == 0 }

// randomWorld is one to three roots of one or two names, zero to two
// intermediates, and a leaf; each with few faults.
func randomWorld(t *testing.T, source *rand.Rand) world {
	r := &dice{Rand: source, t: t}
	r.identified = !r.rare(3)
	w := world{role: []Role{Server, Client}[r.IntN(2)]}
	signer, roots := r.roots()
	w.trust = make([]*x509.Certificate, 0, len(roots))
	for i, root := range roots {
		if i != signer || !r.rare(15) {
			w.trust = append(w.trust, root)
		}
	}
	r.Shuffle(len(w.trust), func(i, j int) { w.trust[i], w.trust[j] = w.trust[j], w.trust[i] })

	k := testKeys()
	above := plan{subject: subject(roots[signer]), key: k.ec[signer], serial: int64(signer)}
	w.sent = []*x509.Certificate{nil}
	for i := range []int{0, 0, 1, 1, 2}[r.IntN(5)] {
		p := plan{subject: fmt.Sprint("/O=test/CN=int", i), issuer: above.subject, key: k.ec[4+i], signer: above.key, serial: int64(4 + i),
			damaged: r.rare(25), extensions: r.identifiers(int64(4+i), above.serial)}
		c := r.authority(p)
		if r.rare(3) {
			w.trust = append(w.trust, c)
		}
		if !r.rare(6) {
			w.sent = append(w.sent, c)
		}
		above = p
	}
	w.sent[0] = r.leaf(above)
	if r.rare(4) {
		w.sent = append(w.sent, roots[signer])
	}
	if r.rare(10) {
		w.trust = append(w.trust, w.sent[0])
	}
	if r.rare(3) {
		w.crls = r.crls()
	}
	if len(w.trust) == 0 { // openssl wants a file with one
		w.trust = append(w.trust, plan{subject: "/CN=nobody", issuer: "/CN=nobody", key: k.ec[7], signer: k.ec[7], serial: 99, extensions: []pkix.Extension{basic(true, -1)}}.make(t))
	}
	return w
}

// identifiers is the identifiers of the own key and the signer's; below 0 for none.
func (r *dice) identifiers(own, signer int64) []pkix.Extension {
	var list []pkix.Extension
	if r.identified && !r.rare(8) {
		list = append(list, subjectKey(fmt.Sprint("key", own)))
	}
	if r.identified && signer >= 0 && !r.rare(8) {
		list = append(list, authorityKey(fmt.Sprint("key", signer)))
	}
	return list
}

func (r *dice) dates(p *plan) {
	switch {
	case r.rare(20):
		p.to = -days(1 + r.IntN(20))
	case r.rare(30):
		p.from = days(1)
	}
}

// roots is the roots, and which of them signs.
func (r *dice) roots() (signer int, made []*x509.Certificate) {
	n := 1 + r.IntN(3)
	signer = r.IntN(n)
	for i := range n {
		key := testKeys().ec[i]
		p := plan{subject: "/O=test/CN=root", key: key, signer: key, serial: int64(i), extensions: r.identifiers(int64(i), -1)}
		if i != signer && r.rare(3) {
			p.subject = "/O=test/CN=other"
		}
		p.issuer = p.subject
		if r.rare(10) {
			p.with(authorityKey(fmt.Sprint("key", i)))
		}
		p.serial += 20
		made = append(made, r.authority(p))
	}
	return signer, made
}

// authority makes a CA of the plan, and plans its CRL.
func (r *dice) authority(p plan) *x509.Certificate {
	r.dates(&p)
	switch {
	case r.rare(20):
		p.with(basic(false, -1))
	case r.rare(12): // no basic constraints
		if r.rare(2) {
			p.version = 1
		}
	case r.rare(4):
		p.with(basic(true, r.IntN(2)))
	default:
		p.with(basic(true, -1))
	}
	if r.rare(3) {
		p.with(usage([]byte{0x06, 0x06, 0x06, 0x04, 0x02, 0x80}[r.IntN(6)]))
	}
	if r.rare(12) {
		p.with(purpose(1 + r.IntN(3)))
	}
	list := crlPlan{issuer: p.subject, signer: p.key}
	if r.identified {
		list.keyID = fmt.Sprint("key", p.serial%20)
	}
	r.lists = append(r.lists, list)
	return p.make(r.t)
}

// leaf is a certificate signed by the one above.
func (r *dice) leaf(above plan) *x509.Certificate {
	k := testKeys()
	p := plan{subject: "/O=test/CN=db1", issuer: above.subject, key: k.ec[6], signer: above.key, serial: 77, damaged: r.rare(25), extensions: r.identifiers(6, above.serial)}
	r.dates(&p)
	switch {
	case r.rare(15): // self-signed
		p.issuer, p.signer, p.extensions = p.subject, p.key, r.identifiers(6, -1)
	case r.rare(15):
		p.subject = p.issuer
	case r.rare(15): // another kind of key signed
		p.signer = k.rsa
	case r.rare(15):
		p.version = 1
	}
	switch {
	case r.rare(8):
		p.with(basic(true, -1))
	case r.rare(2):
		p.with(basic(false, -1))
	}
	if r.rare(2) {
		p.with(usage([]byte{0x80, 0x80, 0xa0, 0x20, 0x08, 0x06, 0x40}[r.IntN(7)]))
	}
	if r.rare(2) {
		p.with(purpose([][]int{{1}, {2}, {1, 2}, {1, 2}, {1, 2}, {3}}[r.IntN(6)]...))
	}
	if r.rare(25) {
		p.with(pkix.Extension{Id: oid(1, 2, 3, 4), Critical: true, Value: []byte{5, 0}})
	}
	return p.make(r.t)
}

// crls is mostly one list of every authority.
func (r *dice) crls() []*x509.RevocationList {
	var made []*x509.RevocationList
	for _, p := range r.lists {
		p.from, p.to = -days(1+r.IntN(5)), days(3)
		if r.rare(8) {
			p.revoked = []int64{77, 4, 5, 20, 21}[r.IntN(5):]
		}
		if r.rare(6) {
			ended := p
			ended.from, ended.to = -days(9), -days(6)
			made = append(made, ended.make(r.t))
		}
		if !r.rare(10) {
			made = append(made, p.make(r.t))
		}
	}
	if made == nil {
		made = append(made, crlPlan{issuer: "/CN=nobody", signer: testKeys().ec[7], from: -days(1), to: days(3)}.make(r.t))
	}
	return made
}
