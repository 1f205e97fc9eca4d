package check

import (
	"crypto/x509"
	"fmt"
	"slices"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/finding"
)

// crl is what is wrong with the server's use of a CRL.
func (s Server) crl() []finding.Finding {
	c := s.Facts.Configured
	configured := c.CRL + c.CRLPath
	switch enforces := s.enforcesCRL(); {
	case configured != "" && !enforces:
		return []finding.Finding{finding.New(finding.CRLNotEnforced, s.Where, "", "ssl_crl is %q, but the server's TLS library is %s", configured, s.Facts.Library)}
	case configured == "" && enforces && s.RevokedInStore > 0:
		return []finding.Finding{finding.New(finding.CRLNotSet, s.Where, s.NewCRL(), "%s revoked and not ended, but neither ssl_crl nor ssl_crlpath is set", number(s.RevokedInStore))}
	case configured == "" && !enforces && s.RevokedInStore > 0:
		return []finding.Finding{finding.New(finding.CRLNotEnforced, s.Where, "", "%s revoked and not ended, and the server enforces no CRL: its TLS library is %s", number(s.RevokedInStore), s.Facts.Library)}
	case configured != "":
		return append(s.crlExpired(), s.crlStale()...)
	}
	return nil
}

// crlExpired judges the lists of the server's file by their time.
func (s Server) crlExpired() []finding.Finding {
	rules := s.Rules
	rules.Target = s.version()
	var found []finding.Finding
	for _, f := range rules.CRLs(s.Where, s.CRLs) {
		if f.ID == finding.CRLExpired {
			found = append(found, finding.New(f.ID, s.Where, s.NewCRL(), "%q, which is its ssl_crl: %s", s.CRLWhere, f.What))
		}
	}
	return found
}

// crlStale compares the server's file with the store's lists. A list with a
// lower number is no harm as long as it has the same certificates.
func (s Server) crlStale() []finding.Finding {
	if s.CRLs == nil {
		return nil
	}
	listed, missing := entries(s.CRLs), []string{}
	for _, l := range s.StoreCRLs {
		for _, e := range l.RevokedCertificateEntries {
			if serial := ca.SerialHex(e.SerialNumber); !listed[string(l.RawIssuer)+serial] && !slices.Contains(missing, serial) {
				missing = append(missing, serial)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return []finding.Finding{finding.New(finding.CRLStale, s.Where, s.NewCRL(), "%q, which is its ssl_crl, has the number %s and lacks %d of the certificates that %q with the number %s lists, such as %s",
		s.CRLWhere, crlNumber(s.CRLs), len(missing), s.StoreCRLWhere, crlNumber(s.StoreCRLs), missing[0])}
}

// entries are issuer and serial of all that the lists revoke.
func entries(lists []*x509.RevocationList) map[string]bool {
	listed := map[string]bool{}
	for _, l := range lists {
		for _, e := range l.RevokedCertificateEntries {
			listed[string(l.RawIssuer)+ca.SerialHex(e.SerialNumber)] = true
		}
	}
	return listed
}

// crlNumber is the number of a file's lists, which in those of a store is one
// and the same.
func crlNumber(lists []*x509.RevocationList) string {
	for _, l := range lists {
		if l.Number != nil {
			return l.Number.String()
		}
	}
	return "none"
}

// Refusal is whether the server's CRL keeps a revoked certificate out.
type Refusal struct {
	Known, Refused bool
	Reason         string // why it is not refused, for a sentence
}

// Refusals tells of revoked certificates whether the server refuses them.
func (s Server) Refusals() func(c *x509.Certificate) Refusal {
	all := func(r Refusal) func(*x509.Certificate) Refusal {
		return func(*x509.Certificate) Refusal { return r }
	}
	switch {
	case s.Facts == nil || !s.Hello.OffersTLS: // without TLS no certificate gets in
		return all(Refusal{})
	case !s.enforcesCRL():
		return all(Refusal{Known: true, Reason: fmt.Sprintf("the server's TLS library, %s, enforces no CRL", s.Facts.Library)})
	case s.Facts.Configured.CRL+s.Facts.Configured.CRLPath == "":
		return all(Refusal{Known: true, Reason: "the server has no CRL, neither ssl_crl nor ssl_crlpath is set"})
	case s.CRLs == nil || s.Facts.Configured.CRLPath != "":
		return all(Refusal{})
	}
	listed, reason := entries(s.CRLs), fmt.Sprintf("the server's CRL %q does not list it", s.CRLWhere)
	return func(c *x509.Certificate) Refusal {
		if listed[string(c.RawIssuer)+ca.SerialHex(c.SerialNumber)] {
			return Refusal{Known: true, Refused: true}
		}
		return Refusal{Known: true, Reason: reason}
	}
}

// NewCRL is how the server gets the store's list; "" where it enforces none.
func (s Server) NewCRL() string {
	if s.Facts == nil || !s.enforcesCRL() {
		return ""
	}
	file := "crl.pem of the store"
	if s.StoreCRLWhere != "" {
		file = word(s.StoreCRLWhere)
	}
	if path := s.Facts.Configured.CRL; path != "" {
		return fmt.Sprintf("myca ca crl, copy %s to %s on the server's machine, then %s", file, word(path), s.reload())
	}
	pair := "NAME"
	if leaf := s.leaf(); leaf != nil && s.StoreState != nil {
		if _, name := s.StoreState(leaf); name != "" {
			pair = word(name)
		}
	}
	return fmt.Sprintf("myca ca crl, copy %s to the server, put the lines of myca mycnf server %s --crl into its option file, and restart it", file, pair)
}

// enforcesCRL reports whether the server keeps out what its CRL lists. MariaDB
// with wolfSSL takes ssl-crl and forgets it (include/sslopt-case.h), yaSSL
// ignores it.
func (s Server) enforcesCRL() bool {
	if library := s.Facts.Library; s.Facts.LibraryKnown {
		return (library == dn.OpenSSL3 || library == dn.OpenSSL1) && s.crlOption()
	}
	return s.version().CRLOption()
}

// crlOption reports whether the version has ssl-crl, whatever library it was
// built with: MySQL 5.6.3, MariaDB 10.0.
func (s Server) crlOption() bool {
	v := s.version()
	if v.Product == dialect.MariaDB {
		return v.AtLeast(10, 0, 0)
	}
	return v.AtLeast(5, 6, 3)
}

// number is how many certificates, for a sentence.
func number(n int) string {
	if n == 1 {
		return "1 certificate of the store is"
	}
	return fmt.Sprintf("%d certificates of the store are", n)
}
