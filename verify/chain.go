package verify

import (
	"crypto/x509"
	"slices"
	"time"
)

// maxChain is the most certificates of a chain (X509_VERIFY_PARAM's depth of 100).
const maxChain = 101

// chain is the way from a certificate to a trusted CA, as far as it goes.
type chain struct {
	certs    []*x509.Certificate // the certificate first
	sent     int                 // how many of certs, from the first, are not from the trusted ones
	anchored bool                // it ends in a self-signed certificate among the trusted ones
}

func (c chain) last() *x509.Certificate { return c.certs[len(c.certs)-1] }

// maker makes chains as build_chain of OpenSSL's crypto/x509/x509_vfy.c does
// since version 1.1.0: the trusted certificates are looked at first, a
// certificate that is not self-signed is no anchor (no X509_V_FLAG_PARTIAL_CHAIN),
// and of several issuers of one name the key identifiers and the dates decide,
// never the signature.
type maker struct {
	trust []*x509.Certificate
	sent  []*x509.Certificate // without the first certificate
	now   time.Time
}

func (m maker) chain(leaf *x509.Certificate) chain {
	c := chain{certs: []*x509.Certificate{leaf}, sent: 1}
	left, searchSent, searchTrust := slices.Clone(m.sent), len(m.sent) > 0, true
	for {
		if searchTrust {
			grown, self := m.extend(&c)
			if grown {
				searchSent = false
				c.anchored = slices.ContainsFunc(c.certs[c.sent:], selfSigned)
				if c.anchored {
					return c
				}
			}
			if grown && !self {
				continue
			}
			if !searchSent {
				return c
			}
		}
		i := -1
		if !selfSigned(c.last()) && len(c.certs) < maxChain {
			i = m.pick(c.last(), left)
		}
		if i < 0 {
			searchSent, searchTrust = false, true
			continue
		}
		c.certs = append(c.certs, left[i])
		c.sent++
		left = slices.Delete(left, i, i+1)
	}
}

// extend puts the trusted issuer of the last certificate behind it, or, when
// that is self-signed, takes the same certificate from the trusted ones in its
// place; self is whether the chain then ends in a self-signed one.
func (m maker) extend(c *chain) (grown, self bool) {
	if len(c.certs) >= maxChain {
		return false, false
	}
	last := c.last()
	i := m.pick(last, m.trust)
	switch {
	case i < 0:
		return false, false
	case !selfSigned(last):
		c.certs = append(c.certs, m.trust[i])
		return true, selfSigned(m.trust[i])
	case !last.Equal(m.trust[i]):
		return false, true
	}
	c.sent = min(c.sent, len(c.certs)-1)
	return true, true
}

// pick is the index of the issuer of c among certs: the first that is valid
// now, else the one that ended last (X509_STORE_CTX_get1_issuer, find_issuer);
// -1 for none.
func (m maker) pick(c *x509.Certificate, certs []*x509.Certificate) int {
	best := -1
	for i, issuer := range certs {
		switch {
		case !mayIssue(issuer, c):
		case whenValid(issuer, m.now) == 0:
			return i
		case best < 0 || issuer.NotAfter.After(certs[best].NotAfter):
			best = i
		}
	}
	return best
}

// mayIssue reports whether issuer has the name, the key identifiers and the kind
// of key that c asks for (ossl_x509_likely_issued).
func mayIssue(issuer, c *x509.Certificate) bool {
	return sameName(issuer.RawSubject, c.RawIssuer) && keyIDsAgree(c.Extensions, issuer) && keyCanSign(issuer.PublicKey, c.SignatureAlgorithm)
}

// whenValid is -1 before the certificate is valid, 0 while it is and 1 after
// (ossl_x509_check_cert_time: the last second does not count).
func whenValid(c *x509.Certificate, now time.Time) int {
	switch {
	case now.Before(c.NotBefore):
		return -1
	case now.Before(c.NotAfter):
		return 0
	}
	return 1
}
