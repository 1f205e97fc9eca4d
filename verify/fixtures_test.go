package verify

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"myca/dialect"
	"myca/finding"
)

// TestFixtures judges certificates of servers, connectors and demos: each ends
// with findings or none, and exactly those whose key is on the list are named
// public-key, before anything else that is wrong with them.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "fixtures", "certs", "*"))
	must(t, err)
	if len(files) == 0 {
		t.Skip("needs the certificates of ../shared/fixtures beside the project")
	}
	if len(files) != 577 {
		t.Errorf("%d files, want 577", len(files))
	}
	target, err := dialect.Parse("mysql-9.7")
	must(t, err)
	public, err := Published()
	must(t, err)
	r := Rules{Target: target, Now: now(), Hosts: []string{"db1.example.com"}, Public: public}
	named, roles, kinds := 0, map[Role]int{}, map[string]int{}
	for _, file := range files {
		c := readCertificate(t, file)
		role := RoleOf(c, filepath.Base(file))
		roles[role]++
		found := r.Certificate(Presented{Where: file, Role: role, Chain: []*x509.Certificate{c}, Trust: []*x509.Certificate{}})
		if !boilerplateFirst(found) {
			t.Errorf("%s: boilerplate does not come first: %v", file, found)
		}
		found = append(found, r.Authorities(file, []*x509.Certificate{c})...)
		got := slices.ContainsFunc(found, func(f finding.Finding) bool { return f.ID == finding.PublicKey })
		for _, f := range found {
			kinds[f.ID]++
		}
		if want := listed(c); got != want {
			t.Errorf("%s: public-key %t, want %t", file, got, want)
		}
		if got {
			named++
		}
	}
	t.Logf("%d of %d have a published key; roles %v; findings %v", named, len(files), roles, kinds)
	if named == 0 {
		t.Error("none has a published key")
	}
}

func boilerplateFirst(found []finding.Finding) bool {
	rank := func(f finding.Finding) int {
		return 1 - min(1, 1+slices.Index([]string{finding.PublicKey, finding.ServerGenerated, finding.LooksLikeSampdb}, f.ID))
	}
	return slices.IsSortedFunc(found, func(a, b finding.Finding) int { return rank(a) - rank(b) })
}

// listed reports whether the key of c stands in the first column of the table.
func listed(c *x509.Certificate) bool {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return bytes.Contains(publicKeys, []byte("\n"+hex.EncodeToString(sum[:])+"\t"))
}

func readCertificate(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(file)
	must(t, err)
	block, _ := pem.Decode(content)
	if block == nil {
		t.Fatalf("%s: no PEM", file)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c
}
