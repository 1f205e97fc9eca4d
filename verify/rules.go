package verify

import (
	"crypto/x509"
	"time"

	"myca/dialect"
	"myca/finding"
)

// Rules is what certificates are judged by.
type Rules struct {
	Target dialect.Version                // the server, for what differs between versions
	Now    time.Time                      // the time that validity is judged at
	Hosts  []string                       // names and addresses a server's certificate must be good for; nil: not judged
	Public PublicKeys                     // key pairs whose private keys are published
	Issued func(c *x509.Certificate) bool // whether the store's ledger knows it; nil: there is no store
}

// Presented is one certificate as a server or a client would use it.
type Presented struct {
	Where      string                 // its file, or "server HOST:PORT"
	Role       Role                   // what it is used for
	Chain      []*x509.Certificate    // the certificate first, then what follows it in its file or on the wire
	Trust      []*x509.Certificate    // the other side's ssl-ca; nil: the chain is not judged
	TrustWhere string                 // the file of Trust
	CRLs       []*x509.RevocationList // the other side's ssl-crl; nil: none is configured
	CRLWhere   string                 // the file of CRLs
	Name       string                 // of the pair in the store, for commands; "" when it is not known
}

// Certificate is everything that is wrong with a certificate.
func (r Rules) Certificate(p Presented) []finding.Finding { return nil }

// Authorities is everything that is wrong with the certificates of a bundle of CAs.
func (r Rules) Authorities(where string, certs []*x509.Certificate) []finding.Finding { return nil }

// CRLs is everything that is wrong with CRLs by themselves.
func (r Rules) CRLs(where string, lists []*x509.RevocationList) []finding.Finding { return nil }
