package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// This file has what tests of commands at a time of their choice share.

// clock is a store with a clock that the test sets.
type clock struct {
	*testing.T
	dir string
	now time.Time
}

// storeAt makes a store whose CA is valid for days from an hour before at.
func storeAt(t *testing.T, at, days string) *clock {
	t.Helper()
	c := &clock{t, filepath.Join(t.TempDir(), "pki"), instant(t, at)}
	c.done("ca", "create", "--subject", "/CN=x CA", "--key", "ec-p256", "--days", days)
	return c
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// at sets the clock.
func (c *clock) at(text string) { c.now = instant(c.T, text) }

// run runs a command at the time of the clock, without a process of its own.
func (c *clock) run(args ...string) result {
	c.Helper()
	in, err := os.Open(os.DevNull)
	if err != nil {
		c.Fatal(err)
	}
	defer in.Close()
	var out, talk bytes.Buffer
	code := run(append([]string{"myca", "--dir", c.dir}, args...), terminal{in: in, out: &out, err: &talk, now: func() time.Time { return c.now }})
	return result{code, out.String(), talk.String()}
}

func (c *clock) done(args ...string) result {
	c.Helper()
	r := c.run(args...)
	if r.code != exitDone {
		c.Fatalf("%v at %s ends with %d: %s", args, stamp(c.now), r.code, r.talk)
	}
	return r
}

// client issues a pair for a client and returns what it prints.
func (c *clock) client(name string, flags ...string) issuedJSON {
	c.Helper()
	return c.issued(c.done(append([]string{"issue", "client", name, "--no-password", "--key", "ec-p256", "--json"}, flags...)...))
}

func (c *clock) issued(r result) issuedJSON {
	c.Helper()
	var one issuedJSON
	jsonOf(c.T, r.out, &one)
	return one
}

// renewed renews and returns what it prints.
func (c *clock) renewed(args ...string) []issuedJSON {
	c.Helper()
	var list []issuedJSON
	jsonOf(c.T, c.done(append([]string{"renew", "--json"}, args...)...).out, &list)
	return list
}

// expiring is the names that list --expiring shows, with "ca" for a CA.
func (c *clock) expiring(within string) []string {
	c.Helper()
	r := c.run("list", "--expiring", within, "--json")
	var list []listedJSON
	jsonOf(c.T, r.out, &list)
	names := []string{}
	for _, one := range list {
		name := one.Name
		if one.Kind == "ca" {
			name = "ca"
		}
		names = append(names, name)
	}
	if want := map[bool]int{true: exitFound, false: exitDone}[len(names) > 0]; r.code != want {
		c.Errorf("list --expiring %s ends with %d for %q", within, r.code, names)
	}
	return names
}

// wantValidity asserts the ends of a pair, and of the certificate in its file.
func (c *clock) wantValidity(shown issuedJSON, notBefore, notAfter string) {
	c.Helper()
	cert := c.certificate(*shown.Files.Cert)
	got := []string{shown.NotBefore, shown.NotAfter, stamp(cert.NotBefore), stamp(cert.NotAfter)}
	if diff := cmp.Diff([]string{notBefore, notAfter, notBefore, notAfter}, got); diff != "" {
		c.Errorf("validity of %s (-want +got):\n%s", shown.Name, diff)
	}
}

func (c *clock) der(path string) []byte {
	c.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		c.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		c.Fatalf("no PEM in %s", path)
	}
	return block.Bytes
}

func (c *clock) certificate(path string) *x509.Certificate {
	c.Helper()
	cert, err := x509.ParseCertificate(c.der(path))
	if err != nil {
		c.Fatal(err)
	}
	return cert
}

func notices(shown issuedJSON) string { return strings.Join(shown.Notices, "\n") }
