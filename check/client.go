package check

import (
	"strings"

	"myca/dialect"
	"myca/live"
)

// Client is how somebody is connected, as far as requirements go.
type Client struct {
	Cipher      string // of the TLS session; "" without TLS
	Certificate bool   // one was presented, of a CA that the server trusts
	// Issuer and Subject are its names as the server's library renders them.
	Issuer, Subject string
}

// Lacks is what the account's requirement demands and the client does not have:
// "TLS", "a certificate", "the issuer", "the subject" or "the cipher"; "" when it
// meets the requirement. The order is that of acl_check_ssl
// (sql/auth/sql_authentication.cc of MySQL, sql/sql_acl.cc of MariaDB).
func (c Client) Lacks(account live.Account, v dialect.Version) string {
	names := demandOf(account)
	switch {
	case account.Type == "":
		return ""
	case c.Cipher == "":
		return "TLS"
	case account.Type == "SPECIFIED" && account.Cipher != "" && account.Cipher != c.Cipher:
		return "the cipher"
	case asksCertificate(account, v) && !c.Certificate:
		return "a certificate"
	case names.issuer != "" && names.issuer != c.Issuer:
		return "the issuer"
	case names.subject != "" && names.subject != c.Subject:
		return "the subject"
	}
	return ""
}

// Require is the account's REQUIRE clause as View has it.
func Require(account live.Account) string { return require(account) }

// Restore is the statement that gives the account the requirement that it has
// here, without semicolon. It is read as it is meant unless sql_mode has NO_BACKSLASH_ESCAPES.
func Restore(account live.Account, v dialect.Version) string {
	r := dialect.Requirement{
		Issuer: account.Issuer != "", Subject: account.Subject != "", Cipher: account.Cipher,
	}
	if r == (dialect.Requirement{}) {
		r.None, r.SSL, r.X509 = account.Type == "", account.Type == "ANY", account.Type == "X509"
	}
	if r == (dialect.Requirement{}) { // SPECIFIED with nothing, see live.Account
		r.SSL, r.X509 = v.Product == dialect.MariaDB, v.Product != dialect.MariaDB
	}
	return strings.TrimSuffix(alter(account.Account, v, r.Clause(account.Issuer, account.Subject)), ";")
}
