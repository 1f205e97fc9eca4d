package main

import (
	"path/filepath"
	"strings"
	"testing"

	"myca/finding"
)

// verified is what verify --json prints.
type verified struct {
	Examined []examinedJSON `json:"examined"`
	verifiedJSON
}

func (c *clock) verified(code int, args ...string) verified {
	c.Helper()
	r := c.run(append([]string{"verify", "--json"}, args...)...)
	if r.code != code {
		c.Fatalf("verify %q: exit code %d, want %d\n%s%s", args, r.code, code, r.out, r.talk)
	}
	var shown verified
	jsonOf(c.T, r.out, &shown)
	return shown
}

// places is each finding as "ID FILE", without the folders above the pair's.
func places(c *clock, list []finding.Finding) string {
	var texts []string
	for _, f := range list {
		where, err := filepath.Rel(c.dir, f.Where)
		if err != nil {
			c.Fatal(err)
		}
		texts = append(texts, f.ID+" "+filepath.ToSlash(where))
	}
	return strings.Join(texts, ", ")
}

// A store as it grows old: what ends soon is a warning, what has ended an error,
// and the CRL and the CA end too.
func TestVerifyByTime(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "730")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256", "--days", "90")
	c.client("laura", "--days", "365")
	c.client("paul", "--days", "365")
	c.done("revoke", "paul")
	for _, test := range []struct {
		at, want string
		code     int
	}{
		{"2030-06-15T12:30:00Z", "", exitDone},
		{"2030-07-14T12:00:00Z", "", exitDone},
		{"2030-08-20T12:00:00Z", "crl-expired crl.pem, expires-soon servers/db1/server-cert.pem", exitFound},
		{"2030-09-20T12:00:00Z", "crl-expired crl.pem, expired servers/db1/server-cert.pem", exitFound},
		{"2030-06-14T12:00:00Z", "not-yet-valid", exitFound},
	} {
		c.at(test.at)
		before := tree(t, c.dir)
		shown := c.verified(test.code)
		if got := places(c, shown.Findings); got != test.want && (test.want != "not-yet-valid" || !strings.Contains(got, test.want)) {
			t.Errorf("%s: got %s, want %s", test.at, got, test.want)
		}
		for _, f := range shown.Findings {
			if f.ID == finding.Expired && !strings.Contains(f.Mend, "db1") {
				t.Errorf("the remedy does not name the pair: %s", f.Mend)
			}
		}
		unchanged(t, before, c.dir)
	}
	c.at("2030-09-20T12:00:00Z")
	c.done("renew", "db1")
	c.done("ca", "crl")
	if got := places(c, c.verified(exitDone).Findings); got != "" {
		t.Errorf("mended: %s", got)
	}
}

// During a rotation two CAs of one name are in the bundles, and no finding.
func TestVerifyRotation(t *testing.T) {
	c := storeAt(t, "2030-06-15T12:00:00Z", "3650")
	c.done("issue", "server", "db1.example.com", "--name", "db1", "--key", "ec-p256", "--profile", "peer")
	c.client("laura")
	c.client("paul")
	c.done("revoke", "paul")
	c.at("2030-06-15T13:00:00Z")
	for _, step := range [][]string{{"ca", "rotate", "begin"}, {"ca", "rotate", "switch"}, {"renew", "db1"}, {"renew", "laura"}, {"ca", "rotate", "finish"}} {
		c.done(step...)
		c.at(c.now.Add(3600e9).Format("2006-01-02T15:04:05Z"))
		if got := places(c, c.verified(exitDone).Findings); got != "" {
			t.Errorf("after %q: %s", step, got)
		}
	}
}
