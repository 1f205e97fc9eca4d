package verify

import (
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"testing"

	"myca/finding"
)

// TestListedAgreesWithOpenSSL: the CRLs of a bundle have a finding exactly when
// the client of one of its authorities is accepted by openssl verify without
// them, and refused with them.
func TestListedAgreesWithOpenSSL(t *testing.T) {
	needOpenSSL(t)
	r := &dice{Rand: rand.New(rand.NewPCG(6, 20261122)), t: t}
	folder := t.TempDir()
	target := rulesFor(t, "mysql-9.7")
	counts := map[bool]int{}
	for i := range 60 {
		bundle, clients, lists := r.bundle()
		cutOff := false
		for _, client := range clients {
			w := world{role: Client, sent: []*x509.Certificate{client}, trust: bundle}
			_, before := w.openssl(t, folder)
			w.crls = lists
			_, after := w.openssl(t, folder)
			cutOff = cutOff || before && !after
		}
		found := target.Listed("crl.pem", bundle, lists)
		if cutOff != (len(found) > 0) {
			w := world{sent: clients, trust: bundle, crls: lists}
			t.Errorf("world %d: a client is cut off: %t, found %v\n%s", i, cutOff, found, w)
		}
		counts[cutOff]++
	}
	if counts[true] < 10 || counts[false] < 10 {
		t.Errorf("the worlds are too much alike: %v", counts)
	}
	t.Logf("clients cut off: %v", counts)
}

// bundle is one to three authorities of one or two names or certificates that are
// trusted by themselves, a client of each, and CRLs of most of them.
func (r *dice) bundle() (bundle, clients []*x509.Certificate, lists []*x509.RevocationList) {
	k := testKeys()
	lists = []*x509.RevocationList{crlPlan{issuer: "/CN=nobody", signer: k.ec[7], from: -days(1), to: days(3)}.make(r.t)}
	for i := range 1 + r.IntN(3) {
		name, id := fmt.Sprint("/O=test/CN=root", r.IntN(2)), fmt.Sprint("key", i)
		p := plan{subject: name, issuer: name, key: k.ec[i], signer: k.ec[i], serial: int64(i + 1)}
		p.with(subjectKey(id))
		if r.rare(3) {
			p.to = -days(1)
		}
		if r.rare(4) { // trusted by itself
			p.with(basic(false, -1))
			p.with(purpose(1 + r.IntN(2)))
			bundle = append(bundle, p.make(r.t))
			clients = append(clients, bundle[i])
		} else {
			p.with(basic(true, -1))
			if r.rare(6) {
				p.with(purpose(1))
			}
			leaf := plan{subject: "/CN=laura", issuer: name, key: k.ec[6], signer: k.ec[i], serial: 77}
			leaf.with(authorityKey(id))
			leaf.with(purpose(2))
			clients = append(clients, leaf.make(r.t))
			bundle = append(bundle, p.make(r.t))
		}
		list := crlPlan{issuer: name, signer: k.ec[i], from: -days(5), to: days(3), keyID: id}
		if r.rare(6) {
			list.to = -days(1)
		}
		if !r.rare(4) {
			lists = append(lists, list.make(r.t))
		}
	}
	return bundle, clients, lists
}

// What is to be done about a CA that is not the store's is no command of the
// store.
func TestForeignCAIsNotRotated(t *testing.T) {
	k := testKeys()
	p := plan{subject: "/CN=theirs", issuer: "/CN=theirs", key: k.ec[0], signer: k.ec[0], to: -days(1)}
	p.with(basic(true, -1))
	c := p.make(t)
	for _, ours := range []bool{false, true} {
		r := rulesFor(t, "mysql-9.7")
		r.Issued = func(*x509.Certificate) bool { return ours }
		found := r.Authorities("ca.pem", []*x509.Certificate{c})
		if idsOf(found) != finding.Expired || (found[0].Mend == rotate) != ours {
			t.Errorf("the store's: %t: %v", ours, found)
		}
	}
}
