package check

import (
	"fmt"
	"iter"
	"strings"

	"myca/dialect"
	"myca/dn"
	"myca/finding"
	"myca/live"
)

// Certificate is one of the store's certificates that a client can use: active,
// not ended, and good for clients.
type Certificate struct {
	Name                  string // of the pair
	RawSubject, RawIssuer []byte // encoded Names, of the certificate
}

// Recorded is an account that the store issued a certificate for.
type Recorded struct {
	Account         dialect.Account
	Name            string              // of the pair
	Product         dialect.Product     // of the server that it was issued for; "": not known
	Requirement     dialect.Requirement // as it was asked for; the zero value demands issuer and subject
	Subject, Issuer string              // of the active certificate, which may have ended, as this server's library renders them
	// OnSource says that a replica logs in to it, on its source: any other
	// server has no need of it.
	OnSource bool
}

// Accounts is the accounts of a server, and the certificates to log in to them
// with.
type Accounts struct {
	Where   string          // the server, for Unseen: "server HOST:PORT"
	Server  []live.Account  // nil: they could not be seen
	Version dialect.Version // of the server
	Library dn.Library      // that the server renders names with
	// Hostname is the server's own (@@hostname), "" when it is not known: accounts
	// at it cannot be reached from the network.
	Hostname string
	// LocalOnly says that the server takes no connections from other machines:
	// no account can be reached from the network.
	LocalOnly bool
	Protocols []string // of TLS that the server speaks; nil: not known
	Ciphers   []string // that it has, as OpenSSL names them; nil: not known
	// SecureTransport says that the server has require_secure_transport=ON, so
	// that nobody logs in from the network without TLS.
	SecureTransport bool

	// TLSOff says that the server has no TLS now: requirements wait until it has.
	TLSOff   bool
	Commands Commands // how mends reach this server and the store

	// Certificates lists the store's, and is called at most twice by Judge. nil:
	// there is no store, and requirements are compared with nothing.
	// Elsewhere says that there is one, of other servers.
	Certificates func() iter.Seq2[Certificate, error]
	Elsewhere    bool
	// Revoked lists what the store revoked and what has not ended. nil: nothing.
	Revoked     func() iter.Seq2[RevokedCertificate, error]
	NewCRL      string     // how the server gets the store's CRL; "": it enforces none
	Authorities []string   // subjects of the store's CAs, as the server's library renders them
	Recorded    []Recorded //
}

// View is one account with what it demands and who of the store meets that.
type View struct {
	Account     string   // 'USER'@'HOST'
	Require     string   // "REQUIRE ISSUER '…' AND SUBJECT '…'", with values as they are stored; what no terminal should get is written \xHH
	SatisfiedBy []string // names of the store's pairs, at most the first ten
	Satisfying  int      // how many certificates of the store meet it
	Nearest     *Nearest // when none does: the one that nearly does
}

// Nearest is a name that a requirement was probably meant to be.
type Nearest struct {
	Name    string // of the pair; "" when Subject is the store's CA
	Subject string // the name as the server's library renders it
	// Difference says how the required name differs: "order", "case", "escape",
	// "blank", "type" (of an attribute: ST or S), "notation" (commas for
	// slashes), or several of these joined by " and "; "issuer" when the subject
	// fits and the issuer does not; else "value".
	Difference string
	Note       string // what more there is to say, "" mostly
	Marked     string // the required name, the near one, and, except for "notation", carets under what differs: two or three lines
}

// Judge compares every account with the store. Views are in the order of Server,
// without roles; findings too, those about missing and shadowed accounts last. The error is of
// Certificates, or of a certificate whose names cannot be read.
//
// Memory does not grow with the number of certificates.
func (a Accounts) Judge() ([]View, []finding.Finding, error) {
	j := newJudge(a)
	if a.Certificates != nil && len(j.groups) > 0 {
		if err := j.match(); err != nil {
			return nil, nil, err
		}
		if j.Revoked != nil {
			if err := j.matchRevoked(); err != nil {
				return nil, nil, err
			}
		}
		if err := j.search(); err != nil {
			return nil, nil, err
		}
	}
	views := make([]View, 0, len(a.Server))
	var found []finding.Finding
	for _, account := range a.Server {
		if account.Role {
			continue
		}
		views = append(views, j.view(account))
		if !account.Locked {
			found = append(found, j.account(account)...)
		}
	}
	if a.Server != nil {
		found = append(found, j.missing()...)
		found = append(found, j.shadowed()...)
	}
	a.afterTLS(found)
	return views, found, nil
}

// afterTLS says of mends that need TLS when they are in place. What locks or
// drops an account can be done at once.
func (a Accounts) afterTLS(found []finding.Finding) {
	for i, f := range found {
		switch f.ID {
		case finding.AccountLockedOut, finding.RequirementForeign, finding.RequirementDiffers, finding.CipherOnly, finding.AccountUnprotected:
			if a.TLSOff {
				found[i].Mend = onceTLS + f.Mend
			}
		}
	}
}

const onceTLS = "once TLS is on: "

// Unseen is what could not be judged, a sentence each.
func (a Accounts) Unseen() []string {
	if a.Server == nil {
		return []string{"the accounts of " + a.Where + " could not be seen"}
	}
	var unseen []string
	demanding, untold := 0, []string{}
	for _, account := range a.Server {
		if demandsCertificate(account) && !account.Role {
			demanding++
		}
		if a.reachable(account) && !asksCertificate(account, a.Version) && storesPassword(account.Plugin) && account.HasPassword == nil {
			untold = append(untold, name(account))
		}
	}
	if a.Certificates == nil && demanding > 0 && !a.Elsewhere {
		unseen = append(unseen, fmt.Sprintf("there is no store: what accounts require was compared with no certificate (accounts that require one: %d)", demanding))
	}
	if names := a.ciphers(); names != nil {
		unseen = append(unseen, "whether clients agree with the server on the cipher that these accounts require: "+strings.Join(names, ", "))
	}
	if text := a.unexpected(); text != "" {
		unseen = append(unseen, text)
	}
	if len(untold) > 0 {
		unseen = append(unseen, "whether these accounts have a password could not be seen: "+strings.Join(untold, ", "))
	}
	return unseen
}
