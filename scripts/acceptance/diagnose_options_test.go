package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myca/scripts/servers"
)

// brokenOptions: what is wrong with the option files, of the server and of a
// client.
func (i *installation) brokenOptions(t *testing.T) {
	unknown := "tls-ciphersuites" // which MariaDB has never had
	if i.product.MySQL() {
		unknown = "ssl" // which MySQL 8.4 removed
	}
	off := "skip-ssl\n"
	if i.product.MySQL() {
		off = "tls-version=\n"
	}
	i.broken(t, (*installation).verifiedOptions, nil, []breakage{
		{id: "option-file-broken", what: "an option before any group", do: func(t *testing.T, i *installation) {
			write(t, i.optionFile(), "ssl-ca=/nowhere\n"+read(t, i.optionFile()))
		}, says: []string{"my.cnf"}},
		{id: "option-file-broken", what: "a group without its bracket", do: lines("[mysqld\nport=3306\n"), says: []string{"zz-myca.cnf"}},
		{id: "option-file-ignored", what: "everybody can write it", do: func(t *testing.T, i *installation) {
			if err := os.Chmod(i.included(), 0o666); err != nil {
				t.Fatal(err)
			}
		}, says: []string{"zz-myca.cnf"}},
		{id: "option-unknown", what: "of another version", do: lines("[mysqld]\n" + unknown + "=1\n"), says: []string{unknown}},
		{id: "option-unknown", what: "misspelt", do: lines("[mysqld]\nssl-certificate=/etc/mysql/cert.pem\n"), says: []string{"ssl-certificate"}},
		{id: "option-invalid", what: "no version of TLS", do: lines("[mysqld]\ntls-version=TLSv1.2,SSLv3\n"), says: []string{"SSLv3", "tls-version=TLSv1.2,TLSv1.3"}},
		{id: "option-invalid", what: "one that was removed", on: mysql, do: lines("[mysqld]\ntls-version=TLSv1.2,TLSv1.1\n"), says: []string{"TLSv1.1"}},
		{id: "option-twice", what: "two bundles", do: func(t *testing.T, i *installation) {
			write(t, filepath.Join(i.etc(), "other.pem"), read(t, filepath.Join(i.folder(), "ca-cert.pem")))
			admin("chmod 0644 ../other.pem")(t, i)
			i.setOption(t, "ssl_ca", filepath.Join(i.etc(), "other.pem"))
		}, says: []string{"zz-myca.cnf", "ssl"}},
		{id: "options-incomplete", what: "no key", do: without("ssl-key"), says: []string{"ssl-key"}},
		{id: "client-ca-missing", what: "no bundle", do: without("ssl-ca"), says: []string{"ssl-ca"}},
		{id: "tls-off", what: "no file named", on: func(p servers.Product) bool { return p.Series() == "10.11" }, do: func(t *testing.T, i *installation) {
			for _, option := range []string{"ssl-ca", "ssl-cert", "ssl-key"} {
				without(option)(t, i)
			}
		}, says: []string{"my.cnf"}},
		{id: "path-relative", what: "the key's", do: relative, also: []string{"file-missing"}, says: []string{"server-key.pem"}},
		{id: "tls-disabled", what: "the server's", do: lines("[mysqld]\n" + off), says: []string{strings.TrimSpace(strings.TrimSuffix(off, "=\n"))}},
		{id: "tls-disabled", what: "with a value", on: mariadb, do: lines("[mysqld]\nssl=0\n"), says: []string{"ssl=0"}},
		{id: "file-missing", what: "of a setting kept by the server", on: mysql, do: func(t *testing.T, i *installation) {
			t.Cleanup(func() { i.sql(t, "RESET PERSIST ssl_crl") })
			i.sql(t, "SET PERSIST_ONLY ssl_crl = '/nowhere/crl.pem'")
		}, look: (*installation).verified, says: []string{"mysqld-auto.cnf", "/nowhere/crl.pem"}},
		{id: "file-missing", what: "of no file", do: lines("[mysqld]\nssl-crl=/nowhere/crl.pem\n"), says: []string{"/nowhere/crl.pem"}},
	})
	i.broken(t, (*installation).verifiedClient, nil, []breakage{
		{id: "tls-disabled", what: "a client's", do: clientLines("ssl-mode=DISABLED\n", "skip-ssl\n"), also: []string{"option-twice", "option-file-broken"}},
		{id: "server-not-verified", what: "switched off", do: clientLines("ssl-mode=REQUIRED\n", "ssl-verify-server-cert=0\n"), also: []string{"option-twice"}},
		{id: "option-unknown", what: "of the other product", do: clientLines("ssl-verify-server-cert=1\n", "ssl-mode=VERIFY_IDENTITY\n")},
		{id: "file-missing", what: "a client's certificate", do: clientLines("ssl-cert=/nowhere/cert.pem\n", "ssl-cert=/nowhere/cert.pem\n"),
			also: []string{"option-twice"}, says: []string{"/nowhere/cert.pem"}},
	})
}

// verifiedOptions is the command that verifies the server's option file.
func (i *installation) verifiedOptions() []string { return []string{"verify", i.optionFile()} }

// verifiedClient is the same for laura's.
func (i *installation) verifiedClient() []string { return []string{"verify", i.lauraCnf()} }

// lines adds lines to the server's option file.
func lines(text string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) { i.addLines(t, text) }
}

// clientLines adds lines to laura's option file, in the group that is last in it.
func clientLines(mysql, mariadb string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		text := mariadb
		if i.product.MySQL() {
			text = mysql
		}
		write(t, i.lauraCnf(), strings.TrimRight(read(t, i.lauraCnf()), "\n")+"\n"+text)
	}
}

// without takes an option out of the server's.
func without(option string) func(*testing.T, *installation) {
	return func(t *testing.T, i *installation) {
		write(t, i.included(), withoutLines(read(t, i.included()), option))
	}
}

// relative makes the path of the server's key one that does not say from where.
func relative(t *testing.T, i *installation) {
	write(t, i.included(), strings.ReplaceAll(read(t, i.included()), i.folder()+"/server-key.pem", "server-key.pem"))
}

// brokenLists: what is wrong with the CRL that the server's option names.
func (i *installation) brokenLists(t *testing.T) {
	in10Days := time.Now().AddDate(0, 0, 10)
	i.broken(t, (*installation).verified, nil, []breakage{
		{id: "crl-expired", what: "yesterday", do: func(t *testing.T, i *installation) {
			i.useCRL(t, i.authorityPair(t).crl(t, time.Now().Add(-time.Hour)))
		}, says: []string{"crl.pem"}},
		{id: "crl-missing", what: "of another CA", do: func(t *testing.T, i *installation) {
			i.useCRL(t, authorityOf(t, "/CN=another CA").crl(t, in10Days))
		}},
		{id: "crl-missing", what: "of one generation", do: func(t *testing.T, i *installation) {
			first := i.authorityPair(t).crl(t, in10Days)
			i.myca(t, "ca", "rotate", "begin")
			i.deploy(t, map[string]string{"ca-cert.pem": read(t, filepath.Join(i.store, "ca-cert.pem"))})
			i.useCRL(t, first)
		}},
		{id: "revoked", what: "the server's", do: func(t *testing.T, i *installation) {
			i.myca(t, "revoke", "server/localhost")
			i.useCRL(t, read(t, filepath.Join(i.store, "crl.pem")))
		}, says: []string{"server-cert.pem"}},
		{id: "file-unreadable", what: "an empty list", do: func(t *testing.T, i *installation) { i.useCRL(t, "") }, says: []string{"crl.pem"}},
	})
}

// useCRL puts a CRL beside the server's files and into its options.
func (i *installation) useCRL(t *testing.T, text string) {
	t.Helper()
	i.deploy(t, map[string]string{"crl.pem": text})
	admin("chown mysql: crl.pem")(t, i)
	i.setOption(t, "ssl-crl", filepath.Join(i.folder(), "crl.pem"))
}
