package templates

import (
	"testing"
	"time"

	"myca/dialect"
	"myca/dn"
)

// The texts of one client, as a fleet makes them by the thousand.

func BenchmarkAccountsSQL(b *testing.B) {
	a := benchAccounts(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.SQL(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClientOptionFile(b *testing.B) {
	o := ClientOptions{
		Target: benchAccounts(b).Target,
		CA:     "/etc/mysql/myca/ca-cert.pem", Cert: "/etc/mysql/myca/client-cert.pem", Key: "/etc/mysql/myca/client-key.pem",
		User: "app", Host: "db1.example.com",
		Name: "app", Serial: "2b8f94c3", NotAfter: time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC),
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.OptionFile(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchAccounts(b *testing.B) Accounts {
	b.Helper()
	target, err := dialect.Parse("mysql-8.4")
	if err != nil {
		b.Fatal(err)
	}
	account, err := dialect.ParseAccount("app@10.%")
	if err != nil {
		b.Fatal(err)
	}
	grant, err := dialect.ParseGrant("SELECT, INSERT, UPDATE, DELETE ON app.*")
	if err != nil {
		b.Fatal(err)
	}
	subject, err := dn.Parse("/C=US/O=sampdb/CN=app")
	if err != nil {
		b.Fatal(err)
	}
	issuer, err := dn.Parse("/C=US/O=sampdb/CN=sampdb CA")
	if err != nil {
		b.Fatal(err)
	}
	return Accounts{
		Target: target, Library: dn.OpenSSL3, Issuer: issuer, Subject: subject,
		Name: "app", Serial: "2b8f94c3", NotAfter: time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC),
		Accounts: []dialect.Account{account}, Grants: []dialect.Grant{grant}, Mode: IfNotExists,
	}
}
