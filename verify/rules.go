package verify

import (
	"crypto/x509"
	"strings"
	"time"

	"myca/dialect"
	"myca/dn"
	"myca/finding"
)

// Rules is what certificates are judged by.
type Rules struct {
	Target dialect.Version                // the server, for what differs between versions
	Now    time.Time                      // the time that validity is judged at
	Hosts  []string                       // names and addresses a server's certificate must be good for; nil: not judged
	Public PublicKeys                     // key pairs whose private keys are published
	Issued func(c *x509.Certificate) bool // whether the store's ledger knows it; nil: there is no store
	// Named is the name of the active pair of the store that has the certificate,
	// for commands: db1 or server/db1; "" for none; nil: there is no store.
	Named func(c *x509.Certificate) string
}

// Presented is one certificate as a server or a client would use it.
type Presented struct {
	Where      string                 // its file, or "server HOST:PORT"
	Role       Role                   // what it is used for
	Chain      []*x509.Certificate    // the certificate first, then what follows it in its file or on the wire
	Wire       bool                   // Chain is what a server sent: nothing is left out of it, and Trust is not the server's own
	Trust      []*x509.Certificate    // the other side's ssl-ca; nil: the chain is not judged
	TrustWhere string                 // the file of Trust
	Others     []*x509.Certificate    // further certificates that were seen, such as those of the same folder, to name what is missing; or nil
	CRLs       []*x509.RevocationList // the other side's ssl-crl; nil: none is configured
	CRLWhere   string                 // the file of CRLs
	Name       string                 // of the pair in the store, for commands: db1 or server/db1; "" when it is not known
}

// Soon is how long before a certificate's end it is told: 30 days.
const Soon = 30 * 24 * time.Hour

// subject and issuer are the names of a certificate as people read them. A name
// that is not DER is "?".
func subject(c *x509.Certificate) string { return nameText(c.RawSubject) }
func issuer(c *x509.Certificate) string  { return nameText(c.RawIssuer) }

func nameText(raw []byte) string {
	name, err := dn.FromDER(raw)
	if err != nil {
		return "?"
	}
	return name.String()
}

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// list collects findings.
type list []finding.Finding

func (l *list) add(id, where, mend, what string, args ...any) {
	*l = append(*l, finding.New(id, where, mend, what, args...))
}

// shellWord is s as one word of a POSIX shell.
func shellWord(s string) string {
	plain := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@+:,./-", r))
	})
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
