package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"myca/ca"
	"myca/finding"
)

func same(*situation) {}

// publish is a list with one key.
func publish(t *testing.T, key crypto.Signer) PublicKeys {
	t.Helper()
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	sum := sha256.Sum256(spki)
	list, err := PublicKeys{}.With(strings.NewReader(hex.EncodeToString(sum[:]) + "\tEC 256\t\texample/demo:key.pem"))
	must(t, err)
	return list
}

func boilerplateCases(t *testing.T) []mintCase {
	t.Helper()
	published := func(key crypto.Signer) func(r *Rules) {
		return func(r *Rules) { r.Public = publish(t, key) }
	}
	k := testKeys()
	sampdb := func(s *situation) {
		s.root.subject, s.root.issuer, s.leaf.issuer = sampdbIssuer, sampdbIssuer, sampdbIssuer
	}
	return []mintCase{
		{finding.PublicKey, "cert.pem", "example/demo:key.pem", func(s *situation) { s.rules = published(k.ec[6]) }, func(s *situation) { s.rules = published(k.ec[7]) }},
		{finding.PublicKey, "ca.pem", `"/O=acme/CN=root"`, func(s *situation) { s.rules = published(k.ec[0]) }, same},
		{finding.ServerGenerated, "cert.pem", "MySQL", func(s *situation) { s.leaf.subject = "/CN=MySQL_Server_9.7.0_Auto_Generated_Server_Certificate" },
			func(s *situation) { s.leaf.subject = "/CN=MySQL_Server_of_acme" }},
		{finding.ServerGenerated, "ca.pem", "MySQL", func(s *situation) {
			s.root.subject = "/CN=MySQL_Server_Auto_Generated_CA_Certificate"
			s.root.issuer, s.leaf.issuer = s.root.subject, s.root.subject
		}, same},
		{finding.ServerGenerated, "cert.pem", "MariaDB", func(s *situation) {
			s.leaf = plan{subject: "/CN=MariaDB Server", issuer: "/CN=MariaDB Server", key: k.rsa, signer: k.rsa}
		}, func(s *situation) { s.leaf.subject = "/CN=MariaDB Server" }},
		{finding.LooksLikeSampdb, "cert.pem", "looks like", sampdb, func(s *situation) {
			sampdb(s)
			s.rules = func(r *Rules) { r.Issued = func(*x509.Certificate) bool { return true } }
		}},
		{finding.LooksLikeSampdb, "ca.pem", "looks like", func(s *situation) {
			sampdb(s)
			s.rules = func(r *Rules) {
				r.Issued = func(c *x509.Certificate) bool { return c.SerialNumber.Int64() == 77 }
			}
		}, func(s *situation) { s.leaf.subject = sampdbIssuer + " two" }},
	}
}

func chainCases() []mintCase {
	k := testKeys()
	another := func(p *plan) { p.key, p.signer = k.ec[2], k.ec[2] }
	anotherRoot := func(s *situation) { // the same name, another key
		s.presented = func(t *testing.T, p *Presented) {
			root := s.root
			another(&root)
			root.with(subjectKey("else"))
			p.Trust = append([]*x509.Certificate{root.make(t)}, p.Trust...)
		}
	}
	anonymous := func(s *situation) { s.leaf.without(authorityKey("")); anotherRoot(s) }
	return []mintCase{
		{finding.ChainBroken, "cert.pem", `was signed by "/O=acme/CN=root", key 726f6f74, which is not in ca.pem`, func(s *situation) { s.untrusted = true }, same},
		{finding.ChainBroken, "cert.pem", "another key, 656c7365", func(s *situation) { s.untrusted = true; anotherRoot(s) }, anotherRoot},
		{finding.ChainBroken, "cert.pem", "takes the first one of that name in ca.pem", anonymous, func(s *situation) { s.leaf.without(authorityKey("")) }},
		{finding.ChainBroken, "cert.pem", "the signature of", func(s *situation) { s.leaf.damaged = true }, same},
		{finding.ChainBroken, "cert.pem", "self-signed, and is not itself in ca.pem", func(s *situation) {
			s.leaf.issuer, s.leaf.signer = s.leaf.subject, s.leaf.key
			s.leaf.without(authorityKey(""))
		}, func(s *situation) {
			s.leaf.issuer, s.leaf.signer = s.leaf.subject, s.leaf.key
			s.leaf.without(authorityKey(""))
			s.presented = func(t *testing.T, p *Presented) { p.Trust = []*x509.Certificate{p.Chain[0]} }
		}},
		{finding.ChainBroken, "ca.pem", "but not the CA", func(s *situation) { s.under(); s.untrusted = true }, func(s *situation) { s.under() }},
		{finding.ChainBroken, "cert.pem", `ends in the CA "/O=acme/CN=root"`, func(s *situation) {
			s.untrusted = true
			s.presented = func(t *testing.T, p *Presented) { p.Chain = append(p.Chain, s.root.make(t)) }
		}, func(s *situation) {
			s.presented = func(t *testing.T, p *Presented) { p.Chain = append(p.Chain, s.root.make(t)) }
		}},
		{finding.ChainBroken, "ca.pem", "allows 0 CAs", func(s *situation) { s.under(); s.root.with(basic(true, 0)) }, func(s *situation) { s.under(); s.root.with(basic(true, 1)) }},
		{finding.ChainBroken, "cert.pem", "critical extensions that OpenSSL does not know: 1.2.3.4", func(s *situation) {
			s.leaf.with(pkix.Extension{Id: oid(1, 2, 3, 4), Critical: true, Value: []byte{5, 0}})
		}, func(s *situation) { s.leaf.with(pkix.Extension{Id: oid(1, 2, 3, 4), Value: []byte{5, 0}}) }},
		{finding.ChainBroken, "cert.pem", "not permitted by any constraint", func(s *situation) { s.root.with(onlyUnder("example.net")) },
			func(s *situation) { s.root.with(onlyUnder("example.com")) }},
		{finding.IntermediateNotSent, "cert.pem", "is not in the certificate's file", func(s *situation) { s.under(); s.alone, s.anchored = true, false },
			func(s *situation) { s.under(); s.alone = true }},
		{finding.IntermediateNotSent, "cert.pem", "mysql-5.6 does not send", func(s *situation) { s.under(); s.target, s.anchored = "mysql-5.6", false },
			func(s *situation) { s.under(); s.target = "mysql-5.6" }},
		{finding.IntermediateUntrusted, "cert.pem", `does not find its CA "/O=acme/CN=int" in ca.pem`, func(s *situation) { s.under(); s.anchored = false },
			func(s *situation) { s.under(); s.anchored, s.target = false, "mariadb-11.8" }},
		{finding.SubjectOfCA, "cert.pem", `"/O=acme/CN=root"`, func(s *situation) { s.leaf.subject = s.root.subject; s.leaf.without(authorityKey("")) }, same},
		{finding.CommonNameOfCA, "cert.pem", "whole subject", func(s *situation) { s.leaf.subject = s.root.subject; s.leaf.with(subjectKey("leaf")) }, same},
		{finding.CommonNameOfCA, "cert.pem", `"root"`, func(s *situation) { s.leaf.subject = "/O=else/CN=root" }, func(s *situation) { s.leaf.subject = "/O=acme/OU=root/CN=Root" }},
	}
}

// onlyUnder is name constraints that permit one domain.
func onlyUnder(domain string) pkix.Extension {
	inner := append([]byte{0x82, byte(len(domain))}, domain...)
	for _, tag := range []byte{0x30, 0xa0, 0x30} {
		inner = append([]byte{tag, byte(len(inner))}, inner...)
	}
	return pkix.Extension{Id: oid(2, 5, 29, 30), Critical: true, Value: inner}
}

func contentCases() []mintCase {
	k := testKeys()
	weak, _ := rsa.GenerateKey(rand.Reader, 1024)
	p224, _ := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	return []mintCase{
		{finding.Expired, "cert.pem", "2026-10-31", func(s *situation) { s.leaf.to = -days(1) }, func(s *situation) { s.leaf.to = days(31) }},
		{finding.Expired, "ca.pem", "root", func(s *situation) { s.root.to = -days(1) }, func(s *situation) {
			s.presented = func(t *testing.T, p *Presented) { // a generation that ended stands before the current one
				ended := s.root
				ended.to = -days(1)
				p.Trust = append([]*x509.Certificate{ended.make(t)}, p.Trust...)
			}
		}},
		{finding.NotYetValid, "cert.pem", "2026-11-02", func(s *situation) { s.leaf.from = days(1) }, func(s *situation) { s.leaf.from = -1 }},
		{finding.ExpiresSoon, "cert.pem", "2026-11-30", func(s *situation) { s.leaf.to = days(29) }, func(s *situation) { s.leaf.to = days(30) }},
		{finding.ExpiresSoon, "ca.pem", "root", func(s *situation) { s.root.to = days(29) }, same},
		{finding.WeakKey, "cert.pem", "RSA of 1024 bits", func(s *situation) { s.leaf.key = weak }, func(s *situation) { s.leaf.key = k.rsa }},
		{finding.WeakKey, "ca.pem", "RSA of 1024 bits", func(s *situation) { s.root.key, s.root.signer, s.leaf.signer = weak, weak, weak }, func(s *situation) {
			s.root.key, s.root.signer, s.leaf.signer = p224, p224, p224
		}},
		{finding.WeakDigest, "cert.pem", "SHA-1", func(s *situation) { s.leaf.digest = crypto.SHA1 }, func(s *situation) { s.root.digest = crypto.SHA1 }},
		{finding.WeakDigest, "cert.pem", "MD5", func(s *situation) {
			s.root.key, s.root.signer, s.leaf.signer, s.leaf.digest = k.rsa, k.rsa, k.rsa, crypto.MD5
		}, func(s *situation) {
			s.root.key, s.root.signer, s.root.digest, s.leaf.signer = k.rsa, k.rsa, crypto.MD5, k.rsa
		}},
		{finding.CertificateV1, "cert.pem", "version 1", func(s *situation) { s.leaf.version = 1 }, same},
		{finding.CertificateV1, "ca.pem", "version 1", func(s *situation) { s.root.version = 1 }, same},
		{finding.LeafIsCA, "cert.pem", "can also sign others", func(s *situation) { s.leaf.with(basic(true, -1)); s.leaf.with(usage(0x84)) },
			func(s *situation) { s.leaf.with(basic(true, -1)) }}, // without keyCertSign it cannot
		{finding.SANMissing, "cert.pem", "no DNS name", func(s *situation) { s.leaf.without(hosts()) }, func(s *situation) {
			s.leaf.without(hosts())
			s.leaf.with(purpose(2))
			s.role = Client
		}},
		{finding.HostNotNamed, "cert.pem", `does not name "db2.example.com", it is for db1.example.com`, func(s *situation) {
			s.rules = func(r *Rules) { r.Hosts = []string{"db1.example.com", "db2.example.com"} }
		}, func(s *situation) { s.leaf.with(hosts("*.example.com")) }},
	}
}

func usageCases() []mintCase {
	return []mintCase{
		{finding.UsageWrong, "cert.pem", "lacks serverAuth", func(s *situation) { s.leaf.with(purpose(2)) }, func(s *situation) { s.leaf.without(purpose()) }},
		{finding.UsageWrong, "cert.pem", "lacks clientAuth", func(s *situation) { s.role = Peer }, func(s *situation) { s.role = Peer; s.leaf.with(purpose(1, 2)) }},
		{finding.UsageWrong, "cert.pem", "lacks clientAuth", func(s *situation) { s.role = Client }, func(s *situation) { s.role = Client; s.leaf.with(purpose(2)) }},
		{finding.UsageWrong, "cert.pem", "lacks digitalSignature", func(s *situation) { s.leaf.with(usage(0x10)) }, func(s *situation) { s.leaf.with(usage(0x20)) }},
		{finding.UsageWrong, "cert.pem", "Netscape", func(s *situation) {
			s.leaf.with(pkix.Extension{Id: oid(2, 16, 840, 1, 113730, 1, 1), Value: []byte{3, 2, 7, 0x80}})
		}, func(s *situation) {
			s.leaf.with(pkix.Extension{Id: oid(2, 16, 840, 1, 113730, 1, 1), Value: []byte{3, 2, 6, 0x40}})
		}},
		{finding.NotACA, "ca.pem", "it says CA:FALSE", func(s *situation) { s.root.with(basic(false, -1)) }, same},
		{finding.NotACA, "ca.pem", "keyCertSign", func(s *situation) { s.root.with(usage(0x02)) }, func(s *situation) { s.root.with(usage(0x04)) }},
		{finding.NotACA, "ca.pem", "it does not say CA:TRUE", func(s *situation) { s.root.without(basic(true, 0)); s.root.without(usage(0)) },
			func(s *situation) { s.root.without(basic(true, 0)) }}, // with keyCertSign a root is taken for one
		{finding.NotACA, "ca.pem", "an intermediate CA has to say", func(s *situation) { s.under(); s.middle.without(basic(true, 0)) }, func(s *situation) { s.under() }},
		{finding.CARestricted, "ca.pem", "lacks serverAuth", func(s *situation) { s.root.with(purpose(2)) }, func(s *situation) { s.root.with(purpose(1)) }},
		{finding.CARestricted, "ca.pem", "lacks clientAuth", func(s *situation) {
			s.role = Peer
			s.leaf.with(purpose(1, 2))
			s.root.with(purpose(1))
		}, same},
	}
}

// lists has the root make the CRLs that are configured.
func (s *situation) lists(crls func(t *testing.T, root *ca.Authority) []*x509.RevocationList) {
	s.presented = func(t *testing.T, p *Presented) {
		root, err := ca.New(s.root.make(t), s.root.key)
		must(t, err)
		p.CRLs = crls(t, root)
	}
}

// revoking is one current CRL, of the root, with these serial numbers.
func revoking(serials ...int64) func(s *situation) {
	return func(s *situation) {
		s.lists(func(t *testing.T, root *ca.Authority) []*x509.RevocationList {
			var revoked []*big.Int
			for _, n := range serials {
				revoked = append(revoked, big.NewInt(n))
			}
			return []*x509.RevocationList{crl(t, root, revoked...)}
		})
	}
}

// signedWith is one current CRL in the root's name that does not name a key.
func (s *situation) signedWith(key crypto.Signer) {
	s.presented = func(t *testing.T, p *Presented) {
		p.CRLs = []*x509.RevocationList{crlPlan{issuer: s.root.subject, signer: key, from: -days(1), to: days(1)}.make(t)}
	}
}

// ended is a CRL that ended a day ago.
func ended(t *testing.T, a *ca.Authority) *x509.RevocationList {
	t.Helper()
	der, err := a.CRL(1, nil, now().Add(-days(30)), now().Add(-days(1)))
	must(t, err)
	list, err := x509.ParseRevocationList(der)
	must(t, err)
	return list
}

// ofIntermediate is the CRL of the intermediate.
func ofIntermediate(t *testing.T, s *situation) *x509.RevocationList {
	t.Helper()
	a, err := ca.New(s.middle.make(t), s.middle.key)
	must(t, err)
	return crl(t, a)
}

func crlCases() []mintCase {
	return []mintCase{
		{finding.CRLMissing, "crl.pem", `the CA "/O=acme/CN=root", key 726f6f74`, func(s *situation) {
			s.presented = func(t *testing.T, p *Presented) { p.CRLs = []*x509.RevocationList{} }
		}, revoking()},
		{finding.CRLMissing, "crl.pem", `the CA "/O=acme/CN=root"`, func(s *situation) {
			s.under()
			s.presented = func(t *testing.T, p *Presented) { p.CRLs = []*x509.RevocationList{ofIntermediate(t, s)} }
		}, func(s *situation) {
			s.under()
			s.lists(func(t *testing.T, root *ca.Authority) []*x509.RevocationList {
				return []*x509.RevocationList{ofIntermediate(t, s), crl(t, root)}
			})
		}},
		{finding.CRLMissing, "crl.pem", "lacks cRLSign", func(s *situation) { s.root.with(usage(0x04)); s.signedWith(s.root.key) },
			func(s *situation) { s.signedWith(s.root.key) }},
		{finding.CRLMissing, "crl.pem", "is not signed with the key of that CA", func(s *situation) { s.signedWith(testKeys().ec[3]) },
			func(s *situation) { s.signedWith(s.root.key) }},
		{finding.CRLExpired, "crl.pem", "2026-10-31", func(s *situation) {
			s.lists(func(t *testing.T, root *ca.Authority) []*x509.RevocationList {
				return []*x509.RevocationList{ended(t, root)}
			})
		}, func(s *situation) {
			s.lists(func(t *testing.T, root *ca.Authority) []*x509.RevocationList {
				return []*x509.RevocationList{ended(t, root), crl(t, root)}
			})
		}},
		{finding.CRLNotEnforced, "crl.pem", "mysql-5.5", func(s *situation) { revoking()(s); s.target = "mysql-5.5" }, revoking()},
		{finding.Revoked, "cert.pem", "serial 4d", revoking(78, 77), revoking(78)},
	}
}
