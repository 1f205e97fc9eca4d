package acceptance

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/dialect"
)

// brokenAccounts: what is wrong with accounts. Whatever was done to laura's
// is undone by what the findings tell the administrator to run.
func (i *installation) brokenAccounts(t *testing.T) {
	own := lauraSubject
	undo := func(t *testing.T) {
		i.sql(t, "DROP USER IF EXISTS other@'%', ''@'localhost', laura@'localhost';"+i.myca(t, "grant", "laura@%", "--existing"))
	}
	i.broken(t, (*installation).checkedClients, undo, []breakage{
		{id: "account-locked-out", what: "another order", do: required(caSubject, "/C=US/ST=WI/L=Madison/CN=laura/O=sampdb"),
			also: []string{"login-refused"}, says: []string{"laura", "order"}},
		{id: "account-locked-out", what: "another case", do: required(caSubject, "/C=US/ST=WI/L=Madison/O=SampDB/CN=laura"),
			also: []string{"login-refused"}, says: []string{"laura", "case"}},
		{id: "account-locked-out", what: "another value", do: required(caSubject, "/C=US/ST=WI/L=Madison/O=sampdb/CN=lora"),
			also: []string{"login-refused"}, says: []string{"laura"}},
		{id: "requirement-foreign", what: "an issuer of elsewhere", do: required("/CN=another CA", own), also: []string{"login-refused", "account-locked-out"}, says: []string{"/CN=another CA"}},
		{id: "requirement-differs", what: "issuer only", do: altered("laura@'%' REQUIRE ISSUER " + dialect.Literal(caSubject)), also: []string{"login-with-other"}},
		{id: "login-with-other", what: "issuer only", do: altered("laura@'%' REQUIRE ISSUER " + dialect.Literal(caSubject)), also: []string{"requirement-differs"}},
		{id: "requirement-differs", what: "any certificate", do: altered("laura@'%' REQUIRE X509"), also: []string{"login-with-other"}},
		{id: "login-with-other", what: "any certificate", do: altered("laura@'%' REQUIRE X509"), also: []string{"requirement-differs"}},
		{id: "login-without-certificate", what: "only TLS", do: altered("laura@'%' REQUIRE SSL"), also: []string{"requirement-differs", "login-with-other"}},
		{id: "login-in-plain-text", what: "nothing", do: altered("laura@'%' REQUIRE NONE"),
			also: []string{"requirement-differs", "login-with-other", "login-without-certificate"}},
		{id: "cipher-only", what: "a cipher", do: altered("laura@'%' REQUIRE CIPHER 'TLS_AES_256_GCM_SHA384'"),
			also: []string{"requirement-differs", "login-with-other", "login-without-certificate", "login-refused"}, on: mariadb},
		{id: "account-unprotected", what: "of nobody in the store", do: created("other@'%' IDENTIFIED BY 'Pass-word1'"), says: []string{"other"}},
		{id: "account-open", what: "no password", do: created("other@'%'"), also: []string{"account-unprotected"}, says: []string{"other"}},
		{id: "account-missing", what: "dropped", do: func(t *testing.T, i *installation) {
			t.Cleanup(func() { i.sql(t, read(t, filepath.Join(i.store, "sql", "robert.sql"))) })
			i.sql(t, "DROP USER robert@'%'")
		}, also: []string{"login-refused"}, says: []string{"robert"}},
		{id: "account-shadowed", what: "by nobody", do: created("''@'localhost'"), says: []string{"''"},
			// Whom the server takes for nobody needs nothing to get in.
			also: []string{"account-anonymous", "login-refused", "login-without-certificate", "login-in-plain-text", "login-with-other"}},
		{id: "login-refused", what: "another password", do: func(t *testing.T, i *installation) {
			t.Cleanup(func() { i.sql(t, "DROP USER laura@'%';"+read(t, filepath.Join(i.store, "sql", "laura.sql"))) })
			altered("laura@'%' IDENTIFIED BY 'Pass-word1'")(t, i)
		}, says: []string{"laura", "the password is probably wrong"}},
		{id: "login-refused", what: "locked", do: func(t *testing.T, i *installation) {
			t.Cleanup(func() { i.sql(t, "ALTER USER laura@'%' ACCOUNT UNLOCK") })
			altered("laura@'%' ACCOUNT LOCK")(t, i)
		}, says: []string{"laura", "ACCOUNT UNLOCK;"}},
		{id: "account-anonymous", what: "of this machine", do: created("''@'localhost'"), look: (*installation).checked,
			also: []string{"account-shadowed"}, says: []string{"DROP USER ''@'localhost';"}},
		{id: "revoked-still-opens", what: "no CRL", do: revokeRobert, look: (*installation).checked,
			also: []string{"crl-not-set"}, says: []string{"robert", "ACCOUNT LOCK;", "has no CRL"}},
		{id: "grant-tables-old", what: "no columns", do: oldTables, on: mysql,
			// Such a server really demands nothing.
			also: []string{"requirement-differs", "account-unprotected", "account-open"}},
	})
}

// revokeRobert revokes a certificate in the store alone.
func revokeRobert(t *testing.T, i *installation) { i.myca(t, "revoke", "robert") }

// roles are no accounts: nobody logs in as one.
func (i *installation) roles(t *testing.T) {
	made := "CREATE ROLE readers"
	if !i.product.MySQL() {
		made += "; GRANT SELECT ON mysql.help_topic TO PUBLIC"
		t.Cleanup(func() { i.sql(t, "REVOKE SELECT ON mysql.help_topic FROM PUBLIC") })
	}
	t.Cleanup(func() { i.sql(t, "DROP ROLE readers") })
	i.sql(t, made)
	for _, a := range i.wantSound(t, i.checked()).Accounts {
		if strings.Contains(a.Account, "readers") || strings.Contains(a.Account, "PUBLIC") {
			t.Errorf("an account %s", a.Account)
		}
	}
}

// checkedClients is the command that checks the clients too.
func (i *installation) checkedClients() []string { return append(i.checked(), "laura", "robert") }

// required makes laura's account require that issuer and subject.
func required(issuer, subject string) func(*testing.T, *installation) {
	return altered("laura@'%' REQUIRE ISSUER " + dialect.Literal(issuer) + " AND SUBJECT " + dialect.Literal(subject))
}

func altered(account string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) { i.sql(t, "ALTER USER "+account) }
}

func created(account string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) { i.sql(t, "CREATE USER "+account) }
}

// oldTables makes the table of accounts look like that of a server which could
// not keep requirements yet. The server reads it again only when it is told to.
func oldTables(t *testing.T, i *installation) {
	for _, column := range []string{"ssl_type", "ssl_cipher", "x509_issuer", "x509_subject"} {
		t.Cleanup(func() { i.sql(t, "ALTER TABLE mysql.user RENAME COLUMN old_"+column+" TO "+column) })
		i.sql(t, "ALTER TABLE mysql.user RENAME COLUMN "+column+" TO old_"+column)
	}
}

// brokenNames: requirements that differ from a certificate's subject in one
// place, beside which check puts the nearest subject and says what differs.
func (i *installation) brokenNames(t *testing.T) {
	i.keep(t)
	pair := i.client(t, "slash", "--no-password", "--allow-nonportable-subject", "--subject", `/O=sampdb/OU=a\/b/CN=slash`)
	i.apply(t, pair)
	t.Cleanup(func() { i.sql(t, "DROP USER slash@'%'") })
	i.wantSound(t, append(i.checked(), "slash"))
	for _, tt := range []struct{ account, subject, nearest, difference string }{
		{"laura", "/C=US/ST=WI/L=Madison/CN=laura/O=sampdb", lauraSubject, "order"},
		{"laura", "/C=US/ST=WI/L=Madison/O=sampdb/CN=Laura", lauraSubject, "case"},
		{"laura", "/C=US/ST=WI/L=Madison/O=sampdb/CN=lara", lauraSubject, "value"},
		{"slash", "/O=sampdb/OU=a/b/CN=slash", `/O=sampdb/OU=a\/b/CN=slash`, "escape"},
	} {
		t.Run(tt.difference, func(t *testing.T) {
			t.Cleanup(func() { i.sql(t, i.myca(t, "grant", tt.account+"@%", "--existing")) })
			i.sql(t, "ALTER USER "+tt.account+"@'%' REQUIRE ISSUER "+dialect.Literal(caSubject)+" AND SUBJECT "+dialect.Literal(tt.subject))
			r := i.diagnose(t, i.checked()...)
			breakage{id: "account-locked-out", says: []string{tt.account}}.judge(t, r)
			i.mend(t, r, "account-locked-out")
			i.wantSound(t, append(i.checked(), tt.account))
			for _, a := range r.Accounts {
				if !strings.Contains(a.Account, tt.account) {
					continue
				}
				if n := a.Nearest; n == nil || n.Name == "" || n.Subject != tt.nearest || n.Difference != tt.difference || !strings.Contains(n.Marked, "^") {
					t.Errorf("nearest to %s: %+v, want %s, which differs in %s", tt.subject, n, tt.nearest, tt.difference)
				}
			}
		})
	}
}
