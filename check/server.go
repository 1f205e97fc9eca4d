package check

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"myca/dialect"
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

	// Rules judge the presented certificate. The version that the server says it
	// has takes the place of their Target.
	Rules      verify.Rules
	Trust      []*x509.Certificate // the clients' ssl-ca; nil: the chain is not judged
	TrustWhere string              // its file

	FileCert  []*x509.Certificate // what the file of @@ssl_cert holds; nil: not seen
	FileWhere string              // that file
	FileKey   crypto.PublicKey    // of the key in the file of @@ssl_key; nil: not seen
	KeyWhere  string              // that file

	Authorities []*x509.Certificate // the store's CAs; nil: there is no store

	// StoreState is what the store's ledger says of a certificate: one of
	// Active, Superseded and Revoked with the pair's name, or "" when it does
	// not know it. nil: there is no store.
	StoreState     func(c *x509.Certificate) (state, name string)
	RevokedInStore int // revoked certificates of the store that have not ended

	CRLs          []*x509.RevocationList // what the file of @@ssl_crl holds; nil: not seen
	CRLWhere      string                 // that file
	StoreCRLs     []*x509.RevocationList // the store's own; nil: there are none
	StoreCRLWhere string                 // their file

	Commands Commands // how mends reach this server and the store
}

// Findings is everything that is wrong with the server, its accounts apart.
func (s Server) Findings() []finding.Finding {
	var found []finding.Finding
	if s.Hello.OffersTLS {
		found = append(found, s.handshake()...)
		found = append(found, s.presented()...)
		found = append(found, s.settings()...)
	} else {
		found = append(found, s.off())
	}
	if s.Facts != nil && s.Facts.RequirementColumns != nil && !*s.Facts.RequirementColumns {
		found = append(found, finding.New(finding.GrantTablesOld, s.Where, s.upgrade(), "mysql.user has no columns ssl_type, ssl_cipher, x509_issuer and x509_subject"))
	}
	return found
}

// version is the server's, zero when it is not known.
func (s Server) version() dialect.Version {
	if s.Facts != nil && s.Facts.Version.Product != "" {
		return s.Facts.Version
	}
	return s.Hello.Version
}

// off tells a server without TLS files from one that could not use them.
func (s Server) off() finding.Finding {
	if s.Facts == nil {
		return finding.New(finding.TLSOff, s.Where, "", "its greeting offers no TLS")
	}
	said := ""
	if s.Facts.TLSSource != "" {
		said = " (" + s.Facts.TLSSource + " says so, too)"
	}
	c := s.Facts.Configured
	for _, setting := range []struct{ name, value string }{{"ssl_cert", c.Cert}, {"ssl_key", c.Key}, {"ssl_ca", c.CA}, {"ssl_capath", c.CAPath}} {
		if setting.value != "" {
			return finding.New(finding.TLSFailed, s.Where, s.examine(), "its greeting offers no TLS%s, though %s is %q: either it could not use its files, or it was started with skip-ssl",
				said, setting.name, setting.value)
		}
	}
	return finding.New(finding.TLSOff, s.Where, "", "its greeting offers no TLS%s, and no certificate is configured", said)
}

// examine is the command that says what is wrong with the server's files.
func (s Server) examine() string {
	mend := "myca verify"
	c := s.Facts.Configured
	for _, path := range []string{c.Cert, c.Key, c.CA, c.CRL} {
		if path != "" && !strings.HasPrefix(path, "/") {
			path = strings.TrimSuffix(s.Facts.DataDir, "/") + "/" + path
		}
		if path != "" {
			mend += " " + word(path)
		}
	}
	return mend + " on the server's machine, mend what it finds, and restart the server"
}

func (s Server) handshake() []finding.Finding {
	if s.Hello.Err == nil || errors.Is(s.Hello.Err, live.ErrUnjudged) {
		return nil
	}
	return []finding.Finding{finding.New(finding.HandshakeFailed, s.Where, "", "the TLS handshake fails: %v", s.Hello.Err)}
}

// settings judges what a login saw of a server with TLS.
func (s Server) settings() []finding.Finding {
	if s.Facts == nil {
		return nil
	}
	return append(s.protocols(), s.crl()...)
}

// protocols is the finding about TLS 1.0 and 1.1. MySQL calls the former TLSv1,
// MariaDB TLSv1.0.
func (s Server) protocols() []finding.Finding {
	var old, kept []string
	for _, p := range s.Facts.Protocols {
		if slices.Contains([]string{"tlsv1", "tlsv1.0", "tlsv1.1"}, strings.ToLower(p)) {
			old = append(old, p)
		}
	}
	for _, p := range s.version().TLSVersions() {
		if p == "TLSv1.2" || p == "TLSv1.3" {
			kept = append(kept, p)
		}
	}
	if old == nil {
		return nil
	}
	mend := "upgrade the server: this version has nothing newer"
	if kept != nil {
		mend = "tls-version=" + strings.Join(kept, ",") + " in the server's option file, and restart it"
	}
	return []finding.Finding{finding.New(finding.OldTLS, s.Where, mend, "tls_version has %s", strings.Join(old, " and "))}
}

// upgrade is how the version brings its grant tables up to date: MySQL from
// 8.0.16 on does it at the start, before 5.0.19 there was only the script.
func (s Server) upgrade() string {
	switch v := s.version(); {
	case v.Product == dialect.MariaDB && v.AtLeast(10, 4, 6):
		return s.Commands.program("mariadb-upgrade")
	case v.Product == dialect.MySQL && v.AtLeast(8, 0, 16):
		return "restart the server with --upgrade=FORCE"
	case v.Product == dialect.MySQL && !v.AtLeast(5, 0, 19):
		return "mysql_fix_privilege_tables"
	}
	return s.Commands.program("mysql_upgrade")
}

// Unseen is what could not be judged, a sentence each, with what Facts did not
// see.
func (s Server) Unseen() []string {
	var unseen []string
	switch {
	case errors.Is(s.Hello.Err, live.ErrUnjudged):
		unseen = append(unseen, "the server's certificate: "+s.Hello.Err.Error())
	case s.Hello.OffersTLS && s.leaf() == nil:
		unseen = append(unseen, "the server's certificate: the handshake did not come so far")
	}
	if s.leaf() != nil && s.Trust == nil {
		unseen = append(unseen, "whether the server's certificate leads to a CA that clients trust: no CA is known here")
	}
	if s.leaf() != nil && s.Rules.Hosts == nil {
		unseen = append(unseen, "whether the server's certificate names the host: no name was given (--host NAME)")
	}
	switch {
	case s.Facts == nil:
		return append(unseen, "the server's settings and accounts: there was no login")
	case s.leaf() != nil && s.FileCert == nil && s.Facts.Configured.Cert != "":
		unseen = append(unseen, fmt.Sprintf("whether the server presents what is in its file: %q cannot be read from here", s.Facts.Configured.Cert))
	}
	if c := s.Facts.Configured; s.CRLs == nil && s.RevokedInStore > 0 && c.CRL+c.CRLPath != "" && s.enforcesCRL() {
		unseen = append(unseen, fmt.Sprintf("whether the server's CRL lists what the store revoked: %q cannot be read from here", cmp.Or(c.CRL, c.CRLPath)))
	}
	return append(unseen, s.Facts.Unseen...)
}
