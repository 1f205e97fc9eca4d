package check

import (
	"myca/dialect"
	"myca/finding"
	"myca/live"
)

// protection is what is wrong with an account whatever the store holds: who gets
// in without a certificate, and whose password crosses the network in plain text.
func (j *judge) protection(account live.Account) []finding.Finding {
	var found []finding.Finding
	if cipherOnly(account) {
		found = append(found, j.cipherOnly(account))
	}
	if account.User == "" {
		found = append(found, finding.New(finding.AccountAnonymous, name(account), "DROP USER "+account.SQL()+";",
			"lets clients of host %q in under every name that has no account of its own there", account.Host))
	}
	if !j.reachable(account) {
		return found
	}
	open := account.HasPassword != nil && !*account.HasPassword && storesPassword(account.Plugin)
	switch {
	case open && !asksCertificate(account, j.Version):
		what := "has no password and demands no certificate (%s), and clients of host %q reach it over the network"
		found = append(found, finding.New(finding.AccountOpen, name(account), j.close(account), what, require(account), account.Host))
	case account.Type == "" && !j.SecureTransport && account.User != "":
		found = append(found, finding.New(finding.AccountUnprotected, name(account), alter(account.Account, j.Version, "REQUIRE SSL"),
			"requires no TLS, and clients of host %q reach it over the network", account.Host))
	}
	return found
}

func (j *judge) cipherOnly(account live.Account) finding.Finding {
	mend := issue(account.Account)
	if j.recorded[accountKey(account.Account)] != nil {
		mend = j.Commands.grant(account.Account, j.Version)
	}
	what := "has %s: the server is MariaDB, which lets in a client without any certificate"
	if j.Version.Product == dialect.MySQL {
		what = "has %s: MySQL demands a certificate too, but any of a CA in ssl-ca will do"
	}
	return finding.New(finding.CipherOnly, name(account), mend, what, require(account))
}

// close is how an open account is closed.
func (j *judge) close(account live.Account) string {
	if j.recorded[accountKey(account.Account)] != nil {
		return j.Commands.grant(account.Account, j.Version)
	}
	drop := "DROP USER " + account.SQL() + ";"
	if account.User == "" {
		return drop
	}
	return drop + " or, for whoever has a certificate of a CA in the server's ssl-ca: " + alter(account.Account, j.Version, "REQUIRE X509")
}
