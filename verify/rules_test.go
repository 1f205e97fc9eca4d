package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"strings"
	"testing"

	"myca/dialect"
	"myca/finding"
)

// situation is a certificate in use and what judges it; the one of sound has no
// finding.
type situation struct {
	target    string
	root      plan
	middle    *plan // an intermediate, which is sent
	leaf      plan
	role      Role
	alone     bool // the intermediate is not in the leaf's file
	anchored  bool // the intermediate is in the trust too
	untrusted bool // the root is not in the trust
	rules     func(r *Rules)
	presented func(t *testing.T, p *Presented)
}

// sound is a server of one root.
func sound() situation {
	k := testKeys()
	return situation{
		target: "mysql-9.7",
		root: plan{subject: "/O=acme/CN=root", issuer: "/O=acme/CN=root", key: k.ec[0], signer: k.ec[0], serial: 1,
			extensions: []pkix.Extension{basic(true, -1), usage(0x06), subjectKey("root")}},
		leaf: plan{subject: "/O=acme/CN=db1", issuer: "/O=acme/CN=root", key: k.ec[6], signer: k.ec[0], serial: 77,
			extensions: []pkix.Extension{basic(false, -1), usage(0x80), purpose(1), hosts("db1.example.com"), authorityKey("root")}},
		role:  Server,
		rules: func(*Rules) {}, presented: func(*testing.T, *Presented) {},
	}
}

// under puts an intermediate between root and leaf.
func (s *situation) under() {
	k := testKeys()
	s.middle = &plan{subject: "/O=acme/CN=int", issuer: s.root.subject, key: k.ec[4], signer: k.ec[0], serial: 10,
		extensions: []pkix.Extension{basic(true, -1), usage(0x06), subjectKey("int"), authorityKey("root")}}
	s.leaf.issuer, s.leaf.signer = s.middle.subject, k.ec[4]
	s.leaf.with(authorityKey("int"))
	s.anchored = true
}

// with replaces the extension of that kind; without an identifier it is taken away.
func (p *plan) with(e pkix.Extension) {
	p.without(e)
	p.extensions = append(p.extensions, e)
}

func (p *plan) without(e pkix.Extension) {
	p.extensions = slices.DeleteFunc(slices.Clone(p.extensions), func(o pkix.Extension) bool { return o.Id.Equal(e.Id) })
}

func (s situation) judge(t *testing.T) []finding.Finding {
	t.Helper()
	target, err := dialect.Parse(s.target)
	must(t, err)
	r := Rules{Target: target, Now: now(), Hosts: []string{"db1.example.com"}}
	s.rules(&r)
	leaf, root := s.leaf.make(t), s.root.make(t)
	p := Presented{Where: "cert.pem", Role: s.role, Chain: []*x509.Certificate{leaf}, Trust: []*x509.Certificate{}, TrustWhere: "ca.pem", CRLWhere: "crl.pem", Name: "db1"}
	if !s.untrusted {
		p.Trust = append(p.Trust, root)
	}
	if s.middle != nil {
		middle := s.middle.make(t)
		p.Others = append(p.Others, middle, root)
		if !s.alone {
			p.Chain = append(p.Chain, middle)
		}
		if s.anchored {
			p.Trust = append(p.Trust, middle)
		}
	}
	s.presented(t, &p)
	return r.Certificate(p)
}

// mintCase is one fault, and beside it what is nearly the same and sound.
type mintCase struct {
	id, where string
	says      string // a part of What
	broken    func(s *situation)
	sound     func(s *situation)
}

func TestFindings(t *testing.T) {
	for _, test := range slices.Concat(boilerplateCases(t), chainCases(), contentCases(), usageCases(), crlCases()) {
		broken := sound()
		test.broken(&broken)
		found := broken.judge(t)
		if !slices.ContainsFunc(found, func(f finding.Finding) bool {
			return f.ID == test.id && f.Where == test.where && strings.Contains(f.What, test.says)
		}) {
			t.Errorf("%s at %s, %q: found only %v", test.id, test.where, test.says, found)
		}
		near := sound()
		test.sound(&near)
		checkNone(t, test.id+", the sound one", near.judge(t))
	}
}

// TestFindingsAreComplete: every kind about certificates and CRLs has a case.
func TestFindingsAreComplete(t *testing.T) {
	var have []string
	for _, test := range slices.Concat(boilerplateCases(t), chainCases(), contentCases(), usageCases(), crlCases()) {
		have = append(have, test.id)
	}
	for _, id := range []string{finding.PublicKey, finding.ServerGenerated, finding.LooksLikeSampdb, finding.ChainBroken,
		finding.IntermediateNotSent, finding.IntermediateUntrusted, finding.SubjectOfCA, finding.CommonNameOfCA, finding.UsageWrong,
		finding.SANMissing, finding.HostNotNamed, finding.Expired, finding.NotYetValid, finding.ExpiresSoon, finding.WeakKey,
		finding.WeakDigest, finding.NotACA, finding.CARestricted, finding.LeafIsCA, finding.CertificateV1, finding.CRLMissing,
		finding.CRLExpired, finding.CRLNotEnforced, finding.Revoked} {
		if !slices.Contains(have, id) {
			t.Errorf("no case for %s", id)
		}
	}
}

// TestMends: a pair of the store has commands to paste.
func TestMends(t *testing.T) {
	tests := []struct {
		id, mend string
		change   func(s *situation)
	}{
		{finding.Expired, "myca renew db1", func(s *situation) { s.leaf.to = -days(1) }},
		{finding.Expired, "myca renew server/db1", func(s *situation) {
			s.leaf.to = -days(1)
			s.presented = func(_ *testing.T, p *Presented) { p.Name = "server/db1" }
		}},
		{finding.Expired, "myca ca rotate begin", func(s *situation) {
			s.root.to = -days(1)
			s.rules = func(r *Rules) { r.Issued = func(*x509.Certificate) bool { return true } }
		}},
		{finding.HostNotNamed, "myca issue server db1.example.com '*.db' --key ec-p256 --name db1 --force", func(s *situation) {
			s.rules = func(r *Rules) { r.Hosts = []string{"db1.example.com", "*.db"} }
		}},
		{finding.UsageWrong, "myca issue server db1.example.com --profile peer --key ec-p256 --name db1 --force", func(s *situation) { s.role = Peer }},
		{finding.UsageWrong, "myca issue client USER@HOST --key ec-p256 --name db1 --force", func(s *situation) { s.role = Client }},
		{finding.SANMissing, "myca issue server db1.example.com --name db1 --force", func(s *situation) { s.leaf.key = testKeys().rsa; s.leaf.without(hosts()) }},
		{finding.UsageWrong, "put the server's certificate there, and its key", func(s *situation) {
			s.leaf.with(purpose(2))
			s.rules = func(r *Rules) { r.Hosts = []string{"elsewhere"} }
			s.presented = func(_ *testing.T, p *Presented) { p.Name = "" }
		}},
		{finding.Expired, "myca renew client/laura", func(s *situation) {
			s.leaf.to = -days(1)
			s.rules = func(r *Rules) { r.Named = func(*x509.Certificate) string { return "client/laura" } }
			s.presented = func(_ *testing.T, p *Presented) { p.Name = "" }
		}},
		{finding.Expired, "myca renew NAME, then reload the server", func(s *situation) {
			s.leaf.to = -days(1)
			s.presented = func(_ *testing.T, p *Presented) { p.Name = "" }
		}},
	}
	for _, test := range tests {
		s := sound()
		test.change(&s)
		var mends []string
		for _, f := range s.judge(t) {
			if f.ID == test.id {
				mends = append(mends, f.Mend)
			}
		}
		if len(mends) != 1 || mends[0] != test.mend {
			t.Errorf("%s: %q, want %q", test.id, mends, test.mend)
		}
	}
}
