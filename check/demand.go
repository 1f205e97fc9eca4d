package check

import (
	"strings"

	"myca/dialect"
	"myca/live"
)

// demand is the names that an account's requirement compares, "" for one that it
// does not.
type demand struct{ issuer, subject string }

// demandOf is what the account compares; of REQUIRE X509 that is nothing, and
// every certificate will do.
func demandOf(account live.Account) demand {
	if account.Type != "SPECIFIED" {
		return demand{}
	}
	return demand{account.Issuer, account.Subject}
}

// demandsCertificate reports whether the requirement is one that certificates
// can meet or not: X509, ISSUER, SUBJECT.
func demandsCertificate(account live.Account) bool {
	return account.Type == "X509" || demandOf(account) != demand{}
}

// cipherOnly reports whether the account requires a cipher and nothing else.
func cipherOnly(account live.Account) bool {
	return account.Type == "SPECIFIED" && demandOf(account) == demand{}
}

// asksCertificate reports whether nobody logs in without a certificate. For a
// cipher alone MySQL asks for one, and MariaDB does not (acl_check_ssl in
// sql/auth/sql_authentication.cc and sql/sql_acl.cc; tried).
func asksCertificate(account live.Account, v dialect.Version) bool {
	return demandsCertificate(account) || cipherOnly(account) && v.Product != dialect.MariaDB
}

// require is the clause, values as they are stored.
func require(account live.Account) string {
	switch account.Type {
	case "":
		return "REQUIRE NONE"
	case "ANY":
		return "REQUIRE SSL"
	case "SPECIFIED":
	default:
		return "REQUIRE " + safe(account.Type)
	}
	var parts []string
	for _, part := range []struct{ word, value string }{{"ISSUER", account.Issuer}, {"SUBJECT", account.Subject}, {"CIPHER", account.Cipher}} {
		if part.value != "" {
			parts = append(parts, part.word+" '"+safe(part.value)+"'")
		}
	}
	return strings.TrimSpace("REQUIRE " + strings.Join(parts, " AND "))
}

// less is what the server's account does not demand of that which was recorded
// for it: "an issuer", "a subject", and so on.
func less(recorded dialect.Requirement, account live.Account) []string {
	names := demandOf(account)
	if recorded == (dialect.Requirement{}) {
		recorded.Issuer, recorded.Subject = true, true
	}
	certificate := recorded.X509 || recorded.Issuer || recorded.Subject
	var missing []string
	for _, part := range []struct {
		what          string
		recorded, has bool
	}{
		{"TLS", recorded.SSL, account.Type != ""},
		{"a certificate", recorded.X509, demandsCertificate(account)},
		{"the issuer", recorded.Issuer, names.issuer != ""},
		{"the subject", recorded.Subject, names.subject != ""},
		{"the cipher", recorded.Cipher != "", account.Cipher != ""},
	} {
		if part.recorded && !part.has {
			missing = append(missing, part.what)
		}
	}
	if certificate && account.Type == "" {
		return []string{"TLS and a certificate"}
	}
	return missing
}

// name is the account as statements name it, fit for a terminal.
func name(account live.Account) string { return safe(account.SQL()) }

// accountKey tells accounts apart as the servers do: users by their bytes, hosts
// without regard to case.
func accountKey(a dialect.Account) string { return a.User + "\x00" + lower(a.Host) }

// word is s as one word of a POSIX shell.
func word(s string) string { return "'" + strings.ReplaceAll(safe(s), "'", `'\''`) + "'" }

// grant is the command that makes the statements for an account of the store.
func (c Commands) grant(a dialect.Account, v dialect.Version) string {
	return "myca grant " + word(a.String()) + " --existing | " + c.client(v)
}

// issue is the command that issues a certificate for an account that is there.
func issue(a dialect.Account) string {
	return "myca issue client " + word(a.String()) + " --existing, and do what it prints"
}

// alter is the statement that makes an account require something; clause is as
// Requirement.Clause writes it.
func alter(a dialect.Account, v dialect.Version, clause string) string {
	if v.CreateUserRequire() {
		return "ALTER USER " + a.SQL() + " " + clause + ";"
	}
	return "GRANT USAGE ON *.* TO " + a.SQL() + " " + clause + ";"
}
