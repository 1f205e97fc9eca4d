package dialect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// capabilities writes down everything a version answers.
func capabilities(v Version) string {
	var flags []string
	for _, c := range []struct {
		name string
		has  bool
	}{
		{"rsa-only", v.RSAOnly()},
		{"create-user-require", v.CreateUserRequire()},
		{"if-not-exists", v.CreateUserIfNotExists()},
		{"no-auto-create-user", v.NoAutoCreateUser()},
		{"ssl-mode", v.SSLMode()},
		{"verify-server-cert", v.VerifyServerCert()},
		{"client-mariadb", v.ClientMariaDBGroup()},
		{"secure-transport", v.RequireSecureTransport()},
		{"tls-version", v.TLSVersionOption()},
		{"crl", v.CRLOption()},
		{"partial-revokes", v.PartialRevokes()},
		{"tested", v.TestedOnServer()},
	} {
		if c.has {
			flags = append(flags, c.name)
		}
	}
	return fmt.Sprintf("%s %s | %s | %s | %s | %s | user %d host %d", v.ClientProgram(), v.TLSLibrary(), strings.Join(flags, " "),
		strings.Join(v.ClientGroups(), " "), strings.Join(v.TLSVersions(), ","), v.ReloadStatement(), v.MaxUser(), v.MaxHost())
}

func TestCapabilities(t *testing.T) {
	const (
		five  = "mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow"
		slap  = five + " mysqlslap"
		eight = slap + " mysqlbinlog"
		maria = "TLSv1.0,TLSv1.1,TLSv1.2,TLSv1.3"
	)
	want := map[string]string{
		"mysql-4.0":     "mysql yassl | rsa-only | " + five + " |  |  | user 16 host 60",
		"mysql-4.1":     "mysql yassl | rsa-only | " + five + " |  |  | user 16 host 60",
		"mysql-5.0":     "mysql yassl | rsa-only no-auto-create-user | " + five + " |  |  | user 16 host 60",
		"mysql-5.1":     "mysql yassl | rsa-only no-auto-create-user verify-server-cert | " + slap + " |  |  | user 16 host 60",
		"mysql-5.5":     "mysql yassl | rsa-only no-auto-create-user verify-server-cert tested | " + slap + " |  |  | user 16 host 60",
		"mysql-5.6":     "mysql openssl1 | rsa-only no-auto-create-user verify-server-cert crl tested | " + slap + " |  |  | user 16 host 60",
		"mysql-5.7.20":  "mysql yassl | rsa-only create-user-require if-not-exists no-auto-create-user ssl-mode verify-server-cert secure-transport tls-version tested | " + eight + " | TLSv1,TLSv1.1 |  | user 32 host 60",
		"mysql-5.7":     "mysql openssl1 | create-user-require if-not-exists no-auto-create-user ssl-mode verify-server-cert secure-transport tls-version crl tested | " + eight + " | TLSv1,TLSv1.1,TLSv1.2 |  | user 32 host 60",
		"mysql-8.0":     "mysql openssl3 | create-user-require if-not-exists ssl-mode secure-transport tls-version crl partial-revokes tested | " + eight + " | TLSv1.2,TLSv1.3 | ALTER INSTANCE RELOAD TLS | user 32 host 255",
		"mysql-8.4":     "mysql openssl3 | create-user-require if-not-exists ssl-mode secure-transport tls-version crl partial-revokes tested | " + eight + " | TLSv1.2,TLSv1.3 | ALTER INSTANCE RELOAD TLS | user 32 host 255",
		"mysql-9.7":     "mysql openssl3 | create-user-require if-not-exists ssl-mode secure-transport tls-version crl partial-revokes tested | " + eight + " | TLSv1.2,TLSv1.3 | ALTER INSTANCE RELOAD TLS | user 32 host 255",
		"mysql-8":       "mysql openssl3 | create-user-require if-not-exists ssl-mode secure-transport tls-version crl partial-revokes tested | " + eight + " | TLSv1.2,TLSv1.3 | ALTER INSTANCE RELOAD TLS | user 32 host 255",
		"mariadb-5.5":   "mysql yassl | rsa-only no-auto-create-user verify-server-cert tested | " + slap + " |  |  | user 16 host 60",
		"mariadb-10.1":  "mysql yassl | rsa-only if-not-exists no-auto-create-user verify-server-cert tested | " + slap + " |  |  | user 80 host 60",
		"mariadb-10.2":  "mysql openssl1 | create-user-require if-not-exists no-auto-create-user verify-server-cert client-mariadb crl tested | client-mariadb |  |  | user 80 host 60",
		"mariadb-10.4":  "mariadb openssl1 | create-user-require if-not-exists no-auto-create-user verify-server-cert client-mariadb tls-version crl tested | client-mariadb | " + maria + " | FLUSH LOCAL SSL | user 80 host 60",
		"mariadb-10.11": "mariadb openssl3 | create-user-require if-not-exists no-auto-create-user verify-server-cert client-mariadb secure-transport tls-version crl tested | client-mariadb | " + maria + " | FLUSH LOCAL SSL | user 128 host 255",
		"mariadb-11.4":  "mariadb openssl3 | create-user-require if-not-exists no-auto-create-user verify-server-cert client-mariadb secure-transport tls-version crl tested | client-mariadb | " + maria + " | FLUSH LOCAL SSL | user 128 host 255",
		"mariadb-11.8":  "mariadb openssl3 | create-user-require if-not-exists no-auto-create-user verify-server-cert client-mariadb secure-transport tls-version crl tested | client-mariadb | " + maria + " | FLUSH LOCAL SSL | user 128 host 255",
		"mariadb-12.3":  "mariadb openssl3 | create-user-require if-not-exists no-auto-create-user verify-server-cert client-mariadb secure-transport tls-version crl tested | client-mariadb | " + maria + " | FLUSH LOCAL SSL | user 128 host 255",
	}
	got := map[string]string{}
	for target := range want {
		got[target] = capabilities(version(t, target))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFirstVersions looks at the release before and at the first release of
// every capability.
func TestFirstVersions(t *testing.T) {
	for _, c := range []struct {
		name          string
		has           func(Version) bool
		before, first string
	}{
		{"rsa-only ends", func(v Version) bool { return !v.RSAOnly() }, "mysql-5.6.51", "mysql-5.7.28"},
		{"rsa-only ends", func(v Version) bool { return !v.RSAOnly() }, "mysql-5.7.27", "mysql-5.7.28"},
		{"rsa-only ends", func(v Version) bool { return !v.RSAOnly() }, "mysql-8.0.3", "mysql-8.0.4"},
		{"rsa-only ends", func(v Version) bool { return !v.RSAOnly() }, "mariadb-10.1.48", "mariadb-10.2.0"},
		{"openssl", func(v Version) bool { return v.TLSLibrary() == "openssl1" }, "mysql-5.6.45", "mysql-5.6.46"},
		{"openssl3", func(v Version) bool { return v.TLSLibrary() == "openssl3" }, "mysql-8.0.27", "mysql-8.0.28"},
		{"openssl3", func(v Version) bool { return v.TLSLibrary() == "openssl3" }, "mariadb-10.5", "mariadb-10.6"},
		{"create user require", Version.CreateUserRequire, "mysql-5.7.5", "mysql-5.7.6"},
		{"create user require", Version.CreateUserRequire, "mariadb-10.1.48", "mariadb-10.2.0"},
		{"if not exists", Version.CreateUserIfNotExists, "mysql-5.7.7", "mysql-5.7.8"},
		{"if not exists", Version.CreateUserIfNotExists, "mariadb-10.1.2", "mariadb-10.1.3"},
		{"no auto create user", Version.NoAutoCreateUser, "mysql-5.0.1", "mysql-5.0.2"},
		{"no auto create user ends", func(v Version) bool { return !v.NoAutoCreateUser() }, "mysql-8.0.10", "mysql-8.0.11"},
		{"ssl-mode", Version.SSLMode, "mysql-5.7.10", "mysql-5.7.11"},
		{"verify-server-cert", Version.VerifyServerCert, "mysql-5.1.10", "mysql-5.1.11"},
		{"verify-server-cert ends", func(v Version) bool { return !v.VerifyServerCert() }, "mysql-5.7.44", "mysql-8.0.0"},
		{"client-mariadb", Version.ClientMariaDBGroup, "mariadb-10.1.48", "mariadb-10.2.0"},
		{"secure transport", Version.RequireSecureTransport, "mysql-5.7.7", "mysql-5.7.8"},
		{"secure transport", Version.RequireSecureTransport, "mariadb-10.5.1", "mariadb-10.5.2"},
		{"tls-version", Version.TLSVersionOption, "mysql-5.7.9", "mysql-5.7.10"},
		{"tls-version", Version.TLSVersionOption, "mariadb-10.4.5", "mariadb-10.4.6"},
		{"crl", Version.CRLOption, "mysql-5.6.45", "mysql-5.6.46"},
		{"crl", Version.CRLOption, "mariadb-10.1.48", "mariadb-10.2.0"},
		{"partial revokes", Version.PartialRevokes, "mysql-8.0.15", "mysql-8.0.16"},
		{"reload", func(v Version) bool { return v.ReloadStatement() != "" }, "mysql-8.0.15", "mysql-8.0.16"},
		{"reload", func(v Version) bool { return v.ReloadStatement() != "" }, "mariadb-10.4.0", "mariadb-10.4.1"},
		{"tls 1.3", func(v Version) bool { return len(v.TLSVersions()) == 4 }, "mysql-8.0.15", "mysql-8.0.16"},
		{"tls 1.2 at least", func(v Version) bool { return len(v.TLSVersions()) == 2 }, "mysql-8.0.27", "mysql-8.0.28"},
		{"mysqlslap", func(v Version) bool { return len(v.ClientGroups()) == 7 }, "mysql-5.1.3", "mysql-5.1.4"},
		{"mysqlbinlog", func(v Version) bool { return len(v.ClientGroups()) == 8 }, "mysql-5.7.2", "mysql-5.7.3"},
		{"mariadb", func(v Version) bool { return v.ClientProgram() == "mariadb" }, "mariadb-10.4.5", "mariadb-10.4.6"},
		{"long users", func(v Version) bool { return v.MaxUser() == 32 }, "mysql-5.7.7", "mysql-5.7.8"},
		{"long users", func(v Version) bool { return v.MaxUser() == 128 }, "mariadb-10.5.29", "mariadb-10.6.0"},
		{"long hosts", func(v Version) bool { return v.MaxHost() == 255 }, "mysql-8.0.16", "mysql-8.0.17"},
		{"long hosts", func(v Version) bool { return v.MaxHost() == 255 }, "mariadb-10.5.29", "mariadb-10.6.0"},
	} {
		if c.has(version(t, c.before)) || !c.has(version(t, c.first)) {
			t.Errorf("%s: %s %t, %s %t", c.name, c.before, c.has(version(t, c.before)), c.first, c.has(version(t, c.first)))
		}
	}
}
