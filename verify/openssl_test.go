package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
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
