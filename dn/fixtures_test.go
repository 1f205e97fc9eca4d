package dn_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myca/dn"
)

// The names of certificates of servers and connectors, as OpenSSL renders them:
// a table of file, subject and issuer beside the project.
func TestFixtures(t *testing.T) {
	folder := filepath.Join("..", "..", "shared", "fixtures")
	table, err := os.ReadFile(filepath.Join(folder, "oneline.tsv"))
	if err != nil {
		t.Skipf("needs the certificates of %s beside the project", folder)
	}
	rows := strings.Split(strings.TrimSuffix(string(table), "\n"), "\n")[1:]
	if len(rows) != 577 {
		t.Errorf("%d rows, want 577", len(rows))
	}
	for _, row := range rows {
		fields := strings.Split(row, "\t")
		content, err := os.ReadFile(filepath.Join(folder, "certs", fields[0]))
		if err != nil {
			t.Error(err)
			continue
		}
		block, _ := pem.Decode(content)
		if block == nil {
			t.Errorf("%s: no PEM", fields[0])
			continue
		}
		subject, issuer, err := dn.FromCertificate(block.Bytes)
		if err != nil {
			t.Errorf("%s: %v", fields[0], err)
			continue
		}
		checkOneLine(t, fields[0]+": subject", subject, fields[1])
		checkOneLine(t, fields[0]+": issuer", issuer, fields[2])
	}
}

// checkOneLine compares a rendering, and reads the name again from its encoding.
func checkOneLine(t *testing.T, title string, name dn.Name, want string) {
	t.Helper()
	if got := name.OneLine(dn.OpenSSL3); got != want {
		t.Errorf("%s:\n got %q\nwant %q", title, got, want)
	}
	der, err := name.DER()
	if err != nil {
		t.Errorf("%s: %v", title, err)
		return
	}
	again, err := dn.FromDER(der)
	if err != nil || again.OneLine(dn.OpenSSL3) != want {
		t.Errorf("%s, read again: %s, %v", title, again, err)
	}
}
