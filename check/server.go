package check

import (
	"crypto/x509"

	"myca/finding"
	"myca/live"
	"myca/verify"
)

// The states of a certificate in the store, as Server.StoreState gives them.
const (
	Active     = "active"
	Superseded = "superseded" // renewed, or replaced by another of its name
	Revoked    = "revoked"
)

// Server is what live saw of one server before and after a login, and what is
// known beside it. Only Where and Hello must be there.
type Server struct {
	Where string      // the Where of the findings: "server HOST:PORT"
	Hello live.Hello  //
	Facts *live.Facts // nil: there was no login

	// Rules judge the presented certificate. Where its Target is zero, the
	// version that the server says it has takes its place.
	Rules      verify.Rules
	Trust      []*x509.Certificate // the clients' ssl-ca; nil: the chain is not judged
	TrustWhere string              // its file

	FileCert  []*x509.Certificate // what the file of @@ssl_cert holds; nil: not seen
	FileWhere string              // that file

	// StoreState is what the store's ledger says of a certificate: one of
	// Active, Superseded and Revoked with the pair's name, or "" when it does
	// not know it. nil: there is no store.
	StoreState     func(c *x509.Certificate) (state, name string)
	RevokedInStore int // revoked certificates of the store that have not ended
}

// Findings is everything that is wrong with the server, its accounts apart.
func (s Server) Findings() []finding.Finding { return nil }

// Unseen is what could not be judged, a sentence each.
func (s Server) Unseen() []string { return nil }
