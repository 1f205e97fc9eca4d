package verify

import (
	"bytes"
	"encoding/pem"
	"os/exec"
	"strings"
	"testing"

	"myca/finding"
)

// negative is the certificate with the first octet of its serial number, of which
// there is one, below zero: whole DER that crypto/x509 refuses.
func negative(t *testing.T, s *scene, kind string) []byte {
	t.Helper()
	der := bytes.Clone(s.certificate(kind).Raw)
	at := bytes.Index(der, []byte{0xa0, 3, 2, 1, 2, 2})
	if at < 0 {
		t.Fatal("no version and serial number")
	}
	if der[at+6] > 1 && der[at+7] == 0 {
		der[at+7] = 0xff // minimal no more, so that it is negative
		der[at+8] &= 0x7f
	} else {
		der[at+7] |= 0x80
	}
	return der
}

// A certificate that crypto/x509 does not read but OpenSSL may is not broken: it
// was not seen, neither was what depends on it.
func TestNotJudgedHere(t *testing.T) {
	for _, name := range []string{"ca-cert.pem", "server-cert.pem", "client-cert.pem"} {
		s := newScene(t, "mysql-8.4")
		s.mycnf(serverOptions + "|" + clientOptions)
		s.write(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: negative(t, s, strings.TrimSuffix(name, "-cert.pem"))}), 0o644)
		for _, path := range []string{s.path("my.cnf"), s.dir} {
			report := s.report(path)
			if len(report.Findings) > 0 || !strings.Contains(strings.Join(report.Unseen, "\n"), s.path(name)+": it cannot be judged here: ") {
				t.Errorf("%s of %s: %v, unseen %q", name, path, report.Findings, report.Unseen)
			}
		}
	}
	s := newScene(t, "mysql-8.4")
	s.write("x.der", negative(t, s, "server"), 0o644)
	if report := s.report(s.path("x.der")); len(report.Findings) > 0 || len(report.Unseen) != 1 {
		t.Errorf("DER: %v, unseen %q", report.Findings, report.Unseen)
	}
	cut := s.certificate("server").Raw
	s.write("cut.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cut[:len(cut)-7]}), 0o644)
	if got := kindsOf(s.report(s.path("cut.pem")).Findings); strings.Join(got, " ") != finding.FileUnreadable {
		t.Errorf("cut off: %v", got)
	}
}

// OpenSSL's TRUSTED CERTIFICATE is a certificate and what it is trusted for.
func TestTrustedCertificate(t *testing.T) {
	needOpenSSL(t)
	s := newScene(t, "mysql-8.4")
	s.mycnf(serverOptions)
	text, err := exec.Command("openssl", "x509", "-in", s.path("ca-cert.pem"), "-addtrust", "clientAuth", "-trustout").Output()
	must(t, err)
	if !strings.Contains(string(text), "TRUSTED CERTIFICATE") {
		t.Fatalf("%s", text)
	}
	s.write("ca-cert.pem", text, 0o644)
	if report := s.report(s.path("my.cnf")); len(report.Findings)+len(report.Unseen) > 0 {
		t.Errorf("%v, unseen %q", report.Findings, report.Unseen)
	}
}

// A CRL of more than 1 MiB is read; a file that is too long was not seen.
func TestLongFiles(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.mycnf(serverOptions + "|ssl-crl=@/crl.pem")
	long := append(bytes.Repeat([]byte("# a comment\n"), 100_000), s.crl()...)
	s.write("crl.pem", long, 0o644)
	for _, path := range []string{s.path("my.cnf"), s.path("crl.pem"), s.dir} {
		if report := s.report(path); len(report.Findings)+len(report.Unseen) > 0 {
			t.Errorf("%s: %v, unseen %q", path, report.Findings, report.Unseen)
		}
	}
	s.write("crl.pem", bytes.Repeat([]byte("x"), maxFile+1), 0o644)
	for _, path := range []string{s.path("my.cnf"), s.path("crl.pem"), s.dir} {
		report := s.report(path)
		if len(report.Findings) > 0 || len(report.Unseen) != 1 || !strings.Contains(report.Unseen[0], "too long") {
			t.Errorf("%s: %v, unseen %q", path, report.Findings, report.Unseen)
		}
	}
	report, err := s.disk.Pair("server", Server, PairFiles{Certificate: s.path("server-cert.pem"), Key: s.path("server-key.pem"), CA: s.path("ca-cert.pem"), CRL: s.path("crl.pem")})
	must(t, err)
	if len(report.Findings) > 0 || len(report.Unseen) != 1 {
		t.Errorf("a pair: %v, unseen %q", report.Findings, report.Unseen)
	}
}

// Two of a kind at one place are both told.
func TestReportTellsEach(t *testing.T) {
	var r Report
	for _, host := range []string{"a.x", "b.x", "a.x"} {
		r.find(finding.New(finding.HostNotNamed, "cert.pem", "", "it does not name %q", host))
		r.find(finding.New(finding.KeyMismatch, "key.pem", "", "it is not the key of %s", host))
		r.unsee(host)
	}
	if len(r.Findings) != 3 || len(r.Unseen) != 2 {
		t.Errorf("%v, unseen %q", r.Findings, r.Unseen)
	}
}

// An option that is set again and again is one finding.
func TestTwiceIsToldOnce(t *testing.T) {
	s := newScene(t, "mysql-8.4")
	s.mycnf("[mysqld]|" + strings.Repeat("ssl-ca=/a|ssl-ca=/b|", 50) + strings.TrimPrefix(serverOptions, "[mysqld]|"))
	report := s.report(s.path("my.cnf"))
	if len(report.Findings) != 1 || report.Findings[0].ID != finding.OptionTwice || !strings.Contains(report.Findings[0].What, "99 others") {
		t.Errorf("%v", report.Findings)
	}
}

// Options that want TLS, and no certificate for it: in a file by itself too.
func TestDemanded(t *testing.T) {
	for _, test := range []struct{ target, file, text, want string }{
		{"mariadb-10.11", "50-tls.cnf", "[mysqld]|ssl=1", finding.OptionsIncomplete},
		{"mariadb-10.11", "50-tls.cnf", "[mysqld]|require_secure_transport=ON", finding.OptionsIncomplete},
		{"mariadb-10.11", "my.cnf", "[mysqld]|ssl", finding.TLSOff},
		{"mariadb-10.11", "50-tls.cnf", "[mysqld]|port=3306", ""},
		{"mariadb-11.8", "50-tls.cnf", "[mysqld]|ssl=1", ""},
		{"mysql-8.4", "50-tls.cnf", "[mysqld]|require_secure_transport=ON", ""},
	} {
		s := newScene(t, test.target)
		s.write(test.file, []byte(strings.ReplaceAll(test.text, "|", "\n")+"\n"), 0o644)
		if got := strings.Join(kindsOf(s.report(s.path(test.file)).Findings), " "); got != test.want {
			t.Errorf("%s, %s: %q, want %q", test.target, test.text, got, test.want)
		}
	}
}

// What Galera reads was not seen, and its values are not told.
func TestGaleraNotSeen(t *testing.T) {
	s := newScene(t, "mariadb-11.8")
	s.mycnf("[galera]|wsrep_provider_options=socket.ssl_key=/a.pem;socket.ssl_cert=/b.pem;x=sesame")
	unseen := strings.Join(s.report(s.path("my.cnf")).Unseen, "\n")
	if !strings.Contains(unseen, "socket.ssl_") || !strings.Contains(unseen, "my.cnf:2") || strings.Contains(unseen, "sesame") {
		t.Errorf("unseen %q", unseen)
	}
}
