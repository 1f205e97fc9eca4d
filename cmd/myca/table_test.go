package main

import (
	"strings"
	"testing"

	"myca/verify"
)

func TestTable(t *testing.T) {
	rows := [][]string{{"ca", "/srv/pki/ca-cert.pem", "/O=acme/CN=Bücher acme CA", "2030-01-02"}, {"key", "k.pem", "", ""}}
	for columns, want := range map[int]string{
		0:  "ca   /srv/pki/ca-cert.pem  /O=acme/CN=Bücher acme CA  2030-01-02\nkey  k.pem\n",
		64: "ca   /srv/pki/ca-cert.pem  /O=acme/CN=Bücher acme CA  2030-01-02\nkey  k.pem\n",
		63: "ca   /srv/pki/ca-cert.pem  /O=acme/CN=Bücher acme …  2030-01-02\nkey  k.pem\n",
		20: "ca   /srv/pki/ca-cert.pem  /O=acme/CN=…  2030-01-02\nkey  k.pem\n",
	} {
		list := table{rows: rows, columns: columns, cut: 2}
		var out strings.Builder
		if err := list.print(&out); err != nil || out.String() != want {
			t.Errorf("%d columns: %v\n%swant\n%s", columns, err, out.String(), want)
		}
	}
}

// What several programs have from one line is one row, and a file is named once.
func TestPrintOptionsInForce(t *testing.T) {
	var out strings.Builder
	(&tool{terminal: terminal{out: &out}}).printOptionsInForce([]verify.InForce{
		{Program: "mariadbd", Option: "ssl-ca", Value: "/ca.pem", File: "/etc/mysql/server.cnf", Line: 3},
		{Program: "mariadbd", Option: "ssl-crl", Value: "/crl.pem", File: "/data/mysqld-auto.cnf"},
		{Program: "mariadb", Option: "ssl-ca", Value: "/ca.pem", File: "/etc/mysql/client.cnf", Line: 12},
		{Program: "mariadb-dump", Option: "ssl-ca", Value: "/ca.pem", File: "/etc/mysql/client.cnf", Line: 12},
		{Program: "mariadb-dump", Option: "ssl-ca", Value: "/old.pem", File: "/etc/mysql/server.cnf", Line: 9},
		{Program: "Connector/C", Option: "ssl-ca", Value: "/ca.pem", File: "/etc/mysql/client.cnf", Line: 12},
	})
	want := "/etc/mysql/server.cnf\n" +
		"  3   ssl-ca=/ca.pem    mariadbd\n" +
		"  9   ssl-ca=/old.pem   mariadb-dump\n" +
		"/data/mysqld-auto.cnf\n" +
		"      ssl-crl=/crl.pem  mariadbd\n" +
		"/etc/mysql/client.cnf\n" +
		"  12  ssl-ca=/ca.pem    mariadb and 2 others\n\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
