package check

import (
	"slices"
	"strings"

	"myca/dialect"
	"myca/finding"
	"myca/live"
)

// cipherGone is why no client gets in with the cipher that the account requires,
// "" when one can, or that is not known. A certificate says nothing of it: which
// cipher a connection has, client and server agree on.
func (a Accounts) cipherGone(account live.Account) string {
	newer := strings.HasPrefix(account.Cipher, "TLS_") // all of TLS 1.3, as OpenSSL names them, and none before
	speaks := func(p string) bool { return strings.EqualFold(p, "TLSv1.3") }
	switch {
	case account.Cipher == "" || account.Type != "SPECIFIED":
		return ""
	case len(a.Protocols) > 0 && newer && !slices.ContainsFunc(a.Protocols, speaks):
		return "is of TLS 1.3, which the server does not speak"
	case len(a.Protocols) > 0 && !newer && !slices.ContainsFunc(a.Protocols, func(p string) bool { return !speaks(p) }):
		return "is not of TLS 1.3, and the server speaks nothing else"
	case len(a.Ciphers) > 0 && !slices.Contains(a.Ciphers, account.Cipher):
		return "is none of the server's (Ssl_cipher_list)"
	}
	return ""
}

// cipher is the finding about an account whose cipher no connection can have.
func (j *judge) cipher(account live.Account) []finding.Finding {
	why := j.cipherGone(account)
	if why == "" {
		return nil
	}
	clause := "REQUIRE SSL"
	if demandsCertificate(account) {
		clause = dialect.Requirement{Issuer: account.Issuer != "", Subject: account.Subject != ""}.Clause(account.Issuer, account.Subject)
	}
	return []finding.Finding{finding.New(finding.AccountLockedOut, name(account), alter(account.Account, j.Version, clause),
		"requires the cipher '%s', which %s: no client gets in, whatever its certificate", safe(account.Cipher), why)}
}

// ciphers is the accounts that require a cipher that clients may have.
func (a Accounts) ciphers() []string {
	var names []string
	for _, account := range a.Server {
		if account.Type == "SPECIFIED" && account.Cipher != "" && !account.Role && !account.Locked && a.cipherGone(account) == "" {
			names = append(names, name(account))
		}
	}
	return names
}
