package check_test

import (
	"testing"

	"myca/check"
	"myca/dialect"
	"myca/live"
)

func TestLacks(t *testing.T) {
	mysql, mariadb := dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4}, dialect.Version{Product: dialect.MariaDB, Major: 11, Minor: 8}
	plain := check.Client{}
	tls := check.Client{Cipher: "A"}
	laura := check.Client{Cipher: "A", Certificate: true, Issuer: "/CN=ca", Subject: "/CN=laura"}
	specified := func(cipher, issuer, subject string) live.Account {
		return live.Account{Type: "SPECIFIED", Cipher: cipher, Issuer: issuer, Subject: subject}
	}
	tests := []struct {
		client  check.Client
		account live.Account
		mysql   string
		mariadb string
	}{
		{plain, live.Account{}, "", ""},
		{plain, live.Account{Type: "ANY"}, "TLS", "TLS"},
		{plain, live.Account{Type: "X509"}, "TLS", "TLS"},
		{plain, specified("A", "", ""), "TLS", "TLS"},
		{tls, live.Account{Type: "ANY"}, "", ""},
		{tls, live.Account{Type: "X509"}, "a certificate", "a certificate"},
		{tls, specified("A", "", ""), "a certificate", ""},
		{tls, specified("B", "", ""), "the cipher", "the cipher"},
		{tls, specified("", "", "/CN=laura"), "a certificate", "a certificate"},
		{laura, live.Account{Type: "X509"}, "", ""},
		{laura, specified("A", "/CN=ca", "/CN=laura"), "", ""},
		{laura, specified("", "", "/CN=laura"), "", ""},
		{laura, specified("", "/CN=ca", ""), "", ""},
		{laura, specified("", "/CN=CA", "/CN=laura"), "the issuer", "the issuer"},
		{laura, specified("", "/CN=ca", "/CN=Laura"), "the subject", "the subject"},
		{laura, specified("B", "/CN=ca", "/CN=laura"), "the cipher", "the cipher"},
	}
	for _, test := range tests {
		for v, want := range map[dialect.Version]string{mysql: test.mysql, mariadb: test.mariadb} {
			if got := test.client.Lacks(test.account, v); got != want {
				t.Errorf("%s: %+v of %s lacks %q, want %q", v, test.client, check.Require(test.account), got, want)
			}
		}
	}
}

func TestRestore(t *testing.T) {
	account := dialect.Account{User: "laura", Host: "%"}
	modern, old := dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4}, dialect.Version{Product: dialect.MySQL, Major: 5, Minor: 6}
	mariadb := dialect.Version{Product: dialect.MariaDB, Major: 11, Minor: 8}
	tests := []struct {
		account live.Account
		version dialect.Version
		want    string
	}{
		{live.Account{}, modern, "ALTER USER 'laura'@'%' REQUIRE NONE"},
		{live.Account{Type: "ANY"}, modern, "ALTER USER 'laura'@'%' REQUIRE SSL"},
		{live.Account{Type: "X509"}, old, "GRANT USAGE ON *.* TO 'laura'@'%' REQUIRE X509"},
		{live.Account{Type: "SPECIFIED", Subject: `/O=it's/CN=a\b`}, modern, `ALTER USER 'laura'@'%' REQUIRE SUBJECT '/O=it''s/CN=a\\b'`},
		{live.Account{Type: "SPECIFIED", Issuer: "/CN=ca", Subject: "/CN=l", Cipher: "A"}, mariadb, "ALTER USER 'laura'@'%' REQUIRE ISSUER '/CN=ca' AND SUBJECT '/CN=l' AND CIPHER 'A'"},
		{live.Account{Type: "SPECIFIED"}, mariadb, "ALTER USER 'laura'@'%' REQUIRE SSL"},
		{live.Account{Type: "SPECIFIED"}, modern, "ALTER USER 'laura'@'%' REQUIRE X509"},
	}
	for _, test := range tests {
		test.account.Account = account
		if got := check.Restore(test.account, test.version); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
