package issue

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"myca/ca"
	"myca/dn"
)

// TestTwoGenerations shows what a rotation of the authority rests on: with two
// authorities of one name in a trust bundle, in either order, the certificates
// of both verify, because the authority key identifier says whose they are.
func TestTwoGenerations(t *testing.T) {
	for _, kt := range []ca.KeyType{ca.RSA2048, ca.ECP256} {
		old, young := testAuthority(t, sampdb, kt), testAuthority(t, sampdb, kt)
		dir := t.TempDir()
		bundles := []string{
			writeCertificate(t, dir, "old-first.pem", old.Certificate, young.Certificate),
			writeCertificate(t, dir, "young-first.pem", young.Certificate, old.Certificate),
		}
		for i, a := range []*ca.Authority{old, young} {
			leaf := writeCertificate(t, dir, "leaf.pem", mustMake(t, a, clientRequest()).Certificate)
			for _, bundle := range bundles {
				t.Run(fmt.Sprintf("%s %d %s", kt, i, filepath.Base(bundle)), func(t *testing.T) {
					needs(t, "openssl")
					if out, ok := output(t, "openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", bundle, leaf); !ok {
						t.Error(out)
					}
					needs(t, "certtool")
					if out, ok := output(t, "certtool", "--verify", "--load-ca-certificate", bundle, "--infile", leaf); !ok {
						t.Error(out)
					}
				})
			}
		}
	}
}

// TestForeignAuthority issues under an authority that openssl made, with a
// multi-valued RDN and characters outside ASCII: the issuer stays what it is.
func TestForeignAuthority(t *testing.T) {
	needs(t, "openssl")
	dir := t.TempDir()
	for name, extra := range map[string][]string{
		"UTF8String":  {"-utf8", "-subj", "/C=DE/O=Größe+OU=zwei/CN=foreign\\/CA"},
		"T61String":   {"-subj", "/O=caf\xe9/CN=foreign CA"},
		"no O at all": {"-subj", "/title=odd/emailAddress=ca@acme.example/CN=foreign CA"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{
				"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
				"-addext", "keyUsage=critical,keyCertSign,cRLSign",
				"-keyout", filepath.Join(dir, ca.KeyFile), "-out", filepath.Join(dir, ca.CertificateFile),
			}, extra...)
			if out, ok := output(t, "openssl", args...); !ok {
				t.Fatal(out)
			}
			a, _, err := ca.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			r := clientRequest()
			r.NotBefore, r.Subject = testNow(), mustName(t, "/CN=laura/O=acme")
			pair := mustMake(t, a, r)
			leaf := writeCertificate(t, dir, "leaf.pem", pair.Certificate)
			root := filepath.Join(dir, ca.CertificateFile)
			if out, ok := output(t, "openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", root, leaf); !ok {
				t.Error(out)
			}
			subject, _ := output(t, "openssl", "x509", "-noout", "-subject", "-nameopt", "compat", "-in", root)
			issuer, _ := output(t, "openssl", "x509", "-noout", "-issuer", "-nameopt", "compat", "-in", leaf)
			want := strings.TrimPrefix(subject, "subject=")
			if got := strings.TrimPrefix(issuer, "issuer="); got != want || pair.Issuer.OneLine(dn.OpenSSL3) != want {
				t.Errorf("issuer %q (%q), want %q", got, pair.Issuer.OneLine(dn.OpenSSL3), want)
			}
		})
	}
}
