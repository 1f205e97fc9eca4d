package verify

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"myca/ca"
	"myca/dialect"
	"myca/finding"
)

// world is a small PKI with random faults.
type world struct {
	role        Role
	sent, trust []*x509.Certificate // the certificate first
	crls        []*x509.RevocationList
}

// TestAgreesWithOpenSSL makes random small PKIs (several keys of one name, dates,
// CA flags, usages, path lengths, version 1, self-signed, intermediates,
// damaged signatures, CRLs) and compares the verdict with that of openssl verify.
func TestAgreesWithOpenSSL(t *testing.T) {
	needOpenSSL(t)
	r := rand.New(rand.NewPCG(4, 20261101))
	folder := t.TempDir()
	const worlds = 400
	accepted := 0
	for i := range worlds {
		w := randomWorld(t, r)
		says, good := w.openssl(t, folder)
		ids := w.verdict(t)
		if good != (len(ids) == 0) {
			t.Errorf("world %d (%s): openssl accepts %t, findings %v\n%s\n%s", i, w.role, good, ids, says, w)
		}
		if good {
			accepted++
		}
	}
	if accepted < 40 || accepted > 340 {
		t.Errorf("openssl accepts %d of %d: the worlds are too much alike", accepted, worlds)
	}
	t.Logf("openssl accepts %d of %d", accepted, worlds)
}

func (w world) String() string {
	var s strings.Builder
	for i, c := range slices.Concat(w.sent, w.trust) {
		fmt.Fprintf(&s, "%d of %d sent: %s < %s, version %d, CA %t, path %d, usage %d, EKU %v, SKI %q, AKI %q\n", i, len(w.sent),
			subject(c), issuer(c), c.Version, c.IsCA, pathLength(c), c.KeyUsage, c.ExtKeyUsage, c.SubjectKeyId, c.AuthorityKeyId)
	}
	for _, l := range w.crls {
		fmt.Fprintf(&s, "CRL of %s, AKI %q, ends %s, %d revoked\n", nameText(l.RawIssuer), l.AuthorityKeyId, day(l.NextUpdate), len(l.RevokedCertificateEntries))
	}
	return s.String()
}

func (w world) openssl(t *testing.T, folder string) (says string, accepts bool) {
	t.Helper()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	args := []string{"verify", "-no-CApath", "-no-CAstore", "-purpose", "ssl" + string(w.role), "-attime", strconv.FormatInt(now().Unix(), 10),
		"-CAfile", write("trust.pem", pemOf(w.trust...))}
	if len(w.sent) > 1 {
		args = append(args, "-untrusted", write("sent.pem", pemOf(w.sent[1:]...)))
	}
	if w.crls != nil {
		var lists []byte
		for _, l := range w.crls {
			lists = append(lists, ca.EncodeCRL(l.Raw)...)
		}
		args = append(args, "-crl_check_all", "-CRLfile", write("crl.pem", lists))
	}
	out, err := exec.Command("openssl", append(args, write("leaf.pem", pemOf(w.sent[0])))...).CombinedOutput()
	if err != nil && !bytes.Contains(out, []byte("error")) {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out), err == nil
}

// verdict is the findings for which a connection fails.
func (w world) verdict(t *testing.T) []string {
	t.Helper()
	target, err := dialect.Parse("mysql-9.7")
	must(t, err)
	r := Rules{Target: target, Now: now()}
	fatal := []string{finding.ChainBroken, finding.IntermediateNotSent, finding.SubjectOfCA, finding.UsageWrong,
		finding.Expired, finding.NotYetValid, finding.NotACA, finding.CARestricted, finding.CRLMissing, finding.CRLExpired, finding.Revoked}
	var ids []string
	for _, f := range r.Certificate(Presented{Where: "leaf.pem", Role: w.role, Chain: w.sent, Trust: w.trust, TrustWhere: "trust.pem", CRLs: w.crls, CRLWhere: "crl.pem"}) {
		if slices.Contains(fatal, f.ID) {
			ids = append(ids, f.ID+": "+f.What)
		}
	}
	return ids
}

// randomWorld is one or two roots of one or two names, zero to two intermediates,
// and a leaf; each with few faults.
func randomWorld(t *testing.T, r *rand.Rand) world {
	w := world{role: []Role{Server, Client}[r.IntN(2)]}
	k := testKeys()
	rare := func(n int) bool { return r.IntN(n) == 0 }
	identified := !rare(3) // with key identifiers
	ids := func(own, signer string) []pkix.Extension {
		var list []pkix.Extension
		if identified && !rare(8) {
			list = append(list, subjectKey(own))
		}
		if identified && signer != "" && !rare(8) {
			list = append(list, authorityKey(signer))
		}
		return list
	}
	dates := func(p *plan) {
		switch {
		case rare(20):
			p.to = -days(1 + r.IntN(20))
		case rare(30):
			p.from = days(1)
		}
	}
	authority := func(p *plan) {
		dates(p)
		p.version = 3
		switch {
		case rare(20):
			p.extensions = append(p.extensions, basic(false, -1))
		case rare(12): // no basic constraints
			if rare(2) {
				p.version = 1
			}
		case rare(4):
			p.extensions = append(p.extensions, basic(true, r.IntN(2)))
		default:
			p.extensions = append(p.extensions, basic(true, -1))
		}
		if rare(3) {
			p.extensions = append(p.extensions, usage([]byte{0x06, 0x06, 0x06, 0x04, 0x02, 0x80}[r.IntN(6)]))
		}
		if rare(12) {
			p.extensions = append(p.extensions, purpose(1+r.IntN(3)))
		}
	}
	// roots
	roots := 1 + r.IntN(3)
	var made []*x509.Certificate
	var lists []crlPlan
	signer := r.IntN(roots)
	for i := range roots {
		p := plan{subject: "/O=test/CN=root", issuer: "/O=test/CN=root", key: k.ec[i], signer: k.ec[i], serial: int64(i + 1), extensions: ids(fmt.Sprint("key", i), "")}
		if i != signer && rare(3) {
			p.subject, p.issuer = "/O=test/CN=other", "/O=test/CN=other"
		}
		if rare(10) {
			p.extensions = append(p.extensions, authorityKey(fmt.Sprint("key", i)))
		}
		authority(&p)
		made = append(made, p.make(t))
		lists = append(lists, crlPlan{issuer: p.subject, signer: p.key, keyID: fmt.Sprint("key", i)})
	}
	w.trust = slices.Clone(made)
	if rare(15) {
		w.trust = slices.Delete(w.trust, signer, signer+1)
	}
	r.Shuffle(len(w.trust), func(i, j int) { w.trust[i], w.trust[j] = w.trust[j], w.trust[i] })
	// intermediates
	name, key, id := subject(made[signer]), k.ec[signer], fmt.Sprint("key", signer)
	var middle []*x509.Certificate
	for i := range []int{0, 0, 1, 1, 2}[r.IntN(5)] {
		p := plan{subject: fmt.Sprint("/O=test/CN=int", i), issuer: name, key: k.ec[4+i], signer: key, serial: int64(10 + i),
			damaged: rare(25), extensions: ids(fmt.Sprint("key", 4+i), id)}
		authority(&p)
		c := p.make(t)
		if rare(3) {
			w.trust = append(w.trust, c)
		}
		if !rare(6) {
			middle = append(middle, c)
		}
		lists = append(lists, crlPlan{issuer: p.subject, signer: p.key, keyID: fmt.Sprint("key", 4+i)})
		name, key, id = p.subject, k.ec[4+i], fmt.Sprint("key", 4+i)
	}
	w.sent = append([]*x509.Certificate{randomLeaf(t, r, name, id, key, ids, dates)}, middle...)
	if rare(4) {
		w.sent = append(w.sent, made[signer])
	}
	if rare(10) {
		w.trust = append(w.trust, w.sent[0])
	}
	if rare(3) {
		w.crls = randomCRLs(t, r, lists, identified)
	}
	if len(w.trust) == 0 { // openssl wants a file with one
		w.trust = append(w.trust, plan{subject: "/CN=nobody", issuer: "/CN=nobody", key: k.ec[7], signer: k.ec[7], serial: 99, extensions: []pkix.Extension{basic(true, -1)}}.make(t))
	}
	return w
}

// randomCRLs is mostly one list of every authority.
func randomCRLs(t *testing.T, r *rand.Rand, lists []crlPlan, identified bool) []*x509.RevocationList {
	rare := func(n int) bool { return r.IntN(n) == 0 }
	var made []*x509.RevocationList
	for _, p := range lists {
		p.from, p.to = -days(1+r.IntN(5)), days(3)
		if !identified {
			p.keyID = ""
		}
		if rare(8) {
			p.revoked = []int64{77, 10, 11, 1, 2}[r.IntN(5):]
		}
		if rare(6) {
			ended := p
			ended.from, ended.to = -days(9), -days(6)
			made = append(made, ended.make(t))
		}
		if !rare(10) {
			made = append(made, p.make(t))
		}
	}
	if made == nil {
		made = append(made, crlPlan{issuer: "/CN=nobody", signer: testKeys().ec[7], from: -days(1), to: days(3)}.make(t))
	}
	return made
}

func randomLeaf(t *testing.T, r *rand.Rand, issuer, id string, signer crypto.Signer, ids func(own, signer string) []pkix.Extension, dates func(*plan)) *x509.Certificate {
	rare := func(n int) bool { return r.IntN(n) == 0 }
	k := testKeys()
	p := plan{subject: "/O=test/CN=db1", issuer: issuer, key: k.ec[6], signer: signer, serial: 77, damaged: rare(25), extensions: ids("leaf", id)}
	dates(&p)
	switch {
	case rare(15): // self-signed
		p.issuer, p.signer, p.extensions = p.subject, p.key, ids("leaf", "")
	case rare(15):
		p.subject = issuer
	case rare(15): // another kind of key signed
		p.signer = k.rsa
	case rare(15):
		p.version = 1
	}
	switch {
	case rare(8):
		p.extensions = append(p.extensions, basic(true, -1))
	case rare(2):
		p.extensions = append(p.extensions, basic(false, -1))
	}
	if rare(2) {
		p.extensions = append(p.extensions, usage([]byte{0x80, 0x80, 0xa0, 0x20, 0x08, 0x06, 0x40}[r.IntN(7)]))
	}
	if rare(2) {
		p.extensions = append(p.extensions, purpose([][]int{{1}, {2}, {1, 2}, {1, 2}, {1, 2}, {3}}[r.IntN(6)]...))
	}
	if rare(25) {
		value, err := asn1.Marshal("x")
		must(t, err)
		p.extensions = append(p.extensions, pkix.Extension{Id: oid(1, 2, 3, 4), Critical: true, Value: value})
	}
	return p.make(t)
}

// FuzzCertificate: no certificate that can be read makes the rules fail, whatever
// it is used for.
func FuzzCertificate(f *testing.F) {
	k := testKeys()
	full := plan{subject: "/O=acme/CN=db1", issuer: "/O=acme/CN=root", key: k.ec[0], signer: k.ec[1], serial: 1, extensions: []pkix.Extension{
		basic(true, 1), usage(0x86), purpose(1, 2), hosts("*.example.com"), subjectKey("a"), authorityKey("b"),
		{Id: oid(2, 16, 840, 1, 113730, 1, 1), Value: []byte{3, 2, 6, 0x40}}, onlyUnder("example.com")}}
	f.Add(full.make(f).Raw)
	f.Add(plan{subject: "/CN=x", issuer: "/CN=x", key: k.rsa, signer: k.rsa, serial: 1, version: 1}.make(f).Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		target, err := dialect.Parse("mysql-9.7")
		must(t, err)
		r := Rules{Target: target, Now: now(), Hosts: []string{"db1.example.com", "10.0.0.1"}}
		for _, role := range []Role{Unknown, Server, Client, Peer, Authority, RoleOf(c, "cert.pem")} {
			for _, found := range [][]finding.Finding{
				r.Certificate(Presented{Where: "c", Role: role, Chain: []*x509.Certificate{c, c}}),
				r.Certificate(Presented{Where: "c", Role: role, Chain: []*x509.Certificate{c}, Trust: []*x509.Certificate{c, c}, CRLs: []*x509.RevocationList{}}),
				r.Authorities("c", []*x509.Certificate{c}),
			} {
				for _, one := range found {
					if one.Where == "" && one.ID != finding.CRLMissing || one.What == "" {
						t.Errorf("%+v", one)
					}
				}
			}
		}
	})
}
