//go:build unix

package verify

import (
	"slices"
	"testing"

	"myca/ca"
	"myca/finding"
)

// What MySQL made by itself in its data folder is judged where the server may use
// it, and not where its option file names other files, in whatever order the two
// are given.
func TestUnusedFiles(t *testing.T) {
	for target, want := range map[string][]string{"mysql-8.4": {}, "mariadb-11.8": {finding.KeyMismatch}} {
		s := newScene(t, target)
		s.write("data/ibdata1", nil, 0o600)
		s.write("data/ca.pem", s.read("ca-cert.pem"), 0o600)
		s.write("data/server-cert.pem", s.read("server-cert.pem"), 0o600)
		s.write("data/server-key.pem", s.read("client-key.pem"), 0o600)
		if got := kindsOf(s.report(s.path("data")).Findings); !slices.Equal(got, []string{finding.KeyMismatch}) {
			t.Errorf("%s: the data folder alone: %v", target, got)
		}
		s.mycnf("[mysqld]|port=3306")
		if got := kindsOf(s.report(s.path("my.cnf"), s.path("data")).Findings); !slices.Equal(got, []string{finding.KeyMismatch}) {
			t.Errorf("%s: without TLS options: %v", target, got)
		}
		s.mycnf(serverOptions)
		for _, paths := range [][]string{{s.path("my.cnf"), s.path("data")}, {s.path("data"), s.path("my.cnf")}} {
			if got := kindsOf(s.report(paths...).Findings); !slices.Equal(got, want) {
				t.Errorf("%s: %v: %v, want %v", target, paths, got, want)
			}
		}
	}
}

// A server needs a CRL of each CA whose clients it trusts, not only of its own.
func TestCRLOfEveryAuthority(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.mycnf(serverOptions + "|ssl-crl=@/crl.pem")
	if report := s.report(s.path("my.cnf")); len(report.Findings) > 0 {
		t.Fatalf("one CA with its CRL: %v", report.Findings)
	}
	other, _ := newAuthority(t, "/O=acme/CN=acme CA 2")
	s.write("ca-cert.pem", slices.Concat(s.read("ca-cert.pem"), ca.EncodeCertificate(other.Certificate)), 0o644)
	if got := kindsOf(s.report(s.path("my.cnf")).Findings); !slices.Equal(got, []string{finding.CRLMissing}) {
		t.Errorf("a second CA without CRL: %v", got)
	}
}

// The key of a server beside a CA's certificate is not taken for the CA's.
func TestKeyBesideAuthority(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	for _, name := range []string{"server-cert.pem", "client-cert.pem", "client-key.pem", "crl.pem"} {
		s.remove(name)
	}
	if report := s.report(s.dir); len(report.Findings) > 0 {
		t.Errorf("%v", report.Findings)
	}
}
