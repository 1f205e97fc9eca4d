package dialect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTLSOption(t *testing.T) {
	for _, c := range []struct {
		target string
		server bool
		name   string
		want   string // Key, "known", Prefix, "loose"; "" for not about TLS
	}{
		{"mysql-9.7", true, "ssl-ca", "ssl-ca known"},
		{"mysql-9.7", true, "ssl_ca", "ssl-ca known"},
		{"mysql-9.7", true, "SSL-CA", ""},
		{"mysql-9.7", true, "ssl", "ssl"},
		{"mysql-9.7", true, "skip-ssl", "ssl skip"},
		{"mysql-9.7", true, "skip_ssl_ca", "ssl-ca known skip"},
		{"mysql-8.3", true, "skip-ssl", "ssl known skip"},
		{"mysql-8.3", true, "admin-ssl", "admin-ssl known"},
		{"mysql-8.4", true, "admin-ssl", "admin-ssl"},
		{"mysql-9.7", true, "ssl-ce", "ssl-ce"},
		{"mysql-5.6", true, "ssl-ce", "ssl-cert known"},
		{"mysql-5.6", true, "ssl-c", "ssl-c"},
		{"mysql-5.6", true, "s", ""},
		{"mysql-9.7", true, "ssl-mode", "ssl-mode"},
		{"mysql-9.7", false, "ssl-mode", "ssl-mode known"},
		{"mysql-9.7", false, "loose-ssl-verify-server-cert", "ssl-verify-server-cert loose"},
		{"mysql-9.7", true, "tls-cert", "tls-cert"},
		{"mysql-9.7", true, "port", ""},
		{"mysql-9.7", true, "", ""},
		{"mysql-9.7", true, "skip-", ""},
		{"mysql-9.7", true, "skip-skip-loose-enable-ssl-ca", "ssl-ca known enable loose"},
		{"mysql-5.5.48", false, "ssl-mode", "ssl-mode"},
		{"mysql-5.5.49", false, "ssl-mode", "ssl-mode known"},
		{"mysql-5.6.29", false, "ssl-mode", "ssl-mode"},
		{"mysql-5.6.30", false, "ssl-mode", "ssl-mode known"},
		{"mysql-5.7.10", false, "ssl-mode", "ssl-mode"},
		{"mysql-5.7.11", false, "ssl-mode", "ssl-mode known"},
		{"mysql-8.0", true, "mysqlx_ssl_key", "mysqlx-ssl-key known"},
		{"mariadb-11.8", true, "SSL_CA", "ssl-ca known"},
		{"mariadb-11.8", true, "tls-ver", "tls-version known"},
		{"mariadb-11.8", true, "require-secure", "require-secure-transport known"},
		{"mariadb-11.8", true, "re", ""},
		{"mariadb-11.8", true, "ssl-c", "ssl-c"},
		{"mariadb-11.8", true, "disable-ssl", "ssl known disable"},
		{"mariadb-11.8", true, "skip-loose-ssl", "ssl known loose"},
		{"mariadb-11.8", true, "loose-skip-ssl", "ssl known skip loose"},
		{"mariadb-11.8", true, "tls-ciphersuites", "tls-ciphersuites"},
		{"mariadb-11.8", true, "auto-generate-certs", "auto-generate-certs"},
		{"mariadb-11.8", true, "ssl-passphrase", "ssl-passphrase"},
		{"mariadb-12.0", true, "ssl-passphrase", "ssl-passphrase known"},
		{"mariadb-11.8", false, "ssl-mode", "ssl-mode"},
		{"mariadb-11.8", false, "ssl-v", "ssl-verify-server-cert known"},
		{"mariadb-11.8", false, "ssl-fp", "ssl-fp known"},
		{"mariadb-11.8", false, "ssl-f", "ssl-f"},
		{"mariadb-10.11", false, "ssl-fp", "ssl-fp"},
	} {
		option, ok := version(t, c.target).TLSOption(c.server, c.name)
		if got := tlsOptionText(option, ok); got != c.want {
			t.Errorf("%s, server %t, %q: %q, want %q", c.target, c.server, c.name, got, c.want)
		}
	}
}

func tlsOptionText(o TLSOption, ok bool) string {
	if !ok {
		return ""
	}
	words := []string{o.Key}
	if o.Known {
		words = append(words, "known")
	}
	if o.Prefix != "" {
		words = append(words, o.Prefix)
	}
	if o.Loose {
		words = append(words, "loose")
	}
	return strings.Join(words, " ")
}

// TestTLSOptionAgrees compares the table with the capabilities that say the
// same of single options.
func TestTLSOptionAgrees(t *testing.T) {
	for _, target := range []string{"mysql-4.1", "mysql-5.1.10", "mysql-5.1.11", "mysql-5.6.3", "mysql-5.7.8", "mysql-5.7.10", "mysql-5.7.11",
		"mysql-8.0.0", "mysql-8.4", "mysql-9", "mariadb-5.5", "mariadb-10.2", "mariadb-10.4.5", "mariadb-10.4.6", "mariadb-10.5.1", "mariadb-10.5.2", "mariadb-11.8", "mariadb-12.3"} {
		v := version(t, target)
		got := []bool{v.ServerTLSOption("require-secure-transport"), v.ServerTLSOption("tls-version"), v.ClientTLSOption("tls-version"),
			v.ClientTLSOption("ssl-verify-server-cert"), v.ClientTLSOption("ssl-mode")}
		want := []bool{v.RequireSecureTransport(), v.TLSVersionOption(), v.TLSVersionOption(), v.VerifyServerCert(), v.SSLMode()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

func TestChainFile(t *testing.T) {
	got := map[string]bool{}
	want := map[string]bool{
		"mysql-5.6": false, "mysql-5.7.22": false, "mysql-5.7.27": false, "mysql-5.7.28": true, "mysql-5.7": true, "mysql-8.0.11": false,
		"mysql-8.0.12": true, "mysql-8.4": true, "mysql-9.7": true, "mariadb-10.1": false, "mariadb-10.2": true, "mariadb-11.8": true,
	}
	for target := range want {
		got[target] = version(t, target).ChainFile()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// tlsOptionNames is every name of the table, once.
func tlsOptionNames() []string {
	var names []string
	for _, row := range tlsOptions() {
		if !slices.Contains(names, row.name) {
			names = append(names, row.name)
		}
	}
	return names
}

func TestTLSOptionNames(t *testing.T) {
	if n := len(tlsOptionNames()); n < 40 {
		t.Errorf("%d names", n)
	}
	for _, row := range tlsOptions() {
		for _, s := range []span{row.server.mysql, row.server.mariadb, row.client.mysql, row.client.mariadb} {
			if s.to != (release{}) && fmt.Sprintf("%03d%03d%03d", s.to.major, s.to.minor, s.to.patch) <= fmt.Sprintf("%03d%03d%03d", s.from.major, s.from.minor, s.from.patch) {
				t.Errorf("%s: until %v, from %v", row.name, s.to, s.from)
			}
		}
	}
}
