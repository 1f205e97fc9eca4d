package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hostCases are the patterns of certificates and the hosts that are looked for
// in each.
func hostCases() (patterns, names []string) {
	patterns = []string{
		"db1.example.com", "DB1.Example.COM", "*.example.com", "db*.example.com", "*db.example.com", "d*b.example.com",
		"*.com", "*", "*.*.example.com", "db1.*.com", "*.example.com.", "xn--*.example.com", "*xn--a.example.com",
		"*.xn--bcher-kva.com", "*-.example.com", "-*.example.com", "*.-example.com", "*.example-.com", "a_b.example.com", "*.a_b.example.com",
		".example.com", "localhost", "10.0.0.1", "**.example.com", "*b*.example.com", "f*.b-r.example.com", "*.example..com",
	}
	names = []string{
		"db1.example.com", "dB1.eXample.com", "a.b.example.com", "example.com", "db.example.com", "xn--db.example.com",
		"xn--x.example.com", "x.xn--bcher-kva.com", "a.com", "*.example.com", "*.com", "db1.example.com.", "localhost", "10.0.0.1", "10.0.0.2",
		"::1", "a_b.example.com", "x.a_b.example.com", "foo.b-r.example.com", "f.b-r.example.com", "-.example.com", "x.-example.com", "x",
		"x-.example.com", "x.example..com",
	}
	return patterns, names
}

// TestNamesHostAsOpenSSL compares with openssl x509 -checkhost and -checkip.
func TestNamesHostAsOpenSSL(t *testing.T) {
	needOpenSSL(t)
	patterns, names := hostCases()
	k := testKeys().ec[0]
	file := filepath.Join(t.TempDir(), "cert.pem")
	matches, misses := 0, 0
	check := func(c *x509.Certificate, host string) {
		t.Helper()
		flag := "-checkhost"
		if _, err := netip.ParseAddr(host); err == nil {
			flag = "-checkip"
		}
		must(t, os.WriteFile(file, pemOf(c), 0o600))
		out, err := exec.Command("openssl", "x509", "-noout", "-in", file, flag, host).CombinedOutput()
		if err != nil && len(out) == 0 {
			t.Fatalf("%s: %v", host, err)
		}
		want := strings.Contains(string(out), "does match")
		if got := NamesHost(c, host); got != want {
			t.Errorf("%s with %v, %v looked up by %q: %t, openssl says %s", subject(c), c.DNSNames, c.IPAddresses, host, got, out)
		}
		if want {
			matches++
		} else {
			misses++
		}
	}
	for i, pattern := range patterns {
		c := plan{subject: "/CN=localhost", issuer: "/CN=ca", key: k, signer: k, extensions: []pkix.Extension{hosts("else.example.net", pattern)}}.make(t)
		for n, host := range names {
			if (i+n)%5 == 0 || pattern == "*.example.com" {
				check(c, host)
			}
		}
		byName := plan{subject: "/CN=x.example.net/CN=" + pattern, issuer: "/CN=ca", key: k, signer: k}.make(t)
		check(byName, names[i%len(names)])
		check(byName, pattern)
	}
	value, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 7, Bytes: []byte{10, 0, 0, 1}}})
	must(t, err)
	byAddress := plan{subject: "/CN=db1.example.com", issuer: "/CN=ca", key: k, signer: k,
		extensions: []pkix.Extension{{Id: oid(2, 5, 29, 17), Value: value}}}.make(t)
	for _, host := range []string{"10.0.0.1", "10.0.0.2", "db1.example.com", "::1"} {
		check(byAddress, host)
	}
	if matches < 15 || misses < 50 {
		t.Errorf("%d matches, %d misses", matches, misses)
	}
	t.Logf("%d matches, %d misses", matches, misses)
}
