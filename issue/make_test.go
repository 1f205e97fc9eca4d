package issue

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"go.step.sm/crypto/keyutil"

	"myca/ca"
)

// side is one side of a connection, as every verifier names it.
type side struct {
	usage   x509.ExtKeyUsage
	openssl string // -purpose
	gnutls  string // --verify-purpose
}

func sides() map[string]side {
	return map[string]side{
		"server": {x509.ExtKeyUsageServerAuth, "sslserver", "1.3.6.1.5.5.7.3.1"},
		"client": {x509.ExtKeyUsageClientAuth, "sslclient", "1.3.6.1.5.5.7.3.2"},
	}
}

// everyPair calls test with a pair of every kind, profile and type of key,
// under an authority of every type.
func everyPair(t *testing.T, test func(t *testing.T, a *ca.Authority, r Request, pair *Pair)) {
	types := []ca.KeyType{ca.RSA2048, ca.ECP256, ca.ECP384, ca.Ed25519}
	for _, signer := range types {
		a := testAuthority(t, "/CN=odd CA/O=first CN, then O/C=US", signer)
		for _, leaf := range types {
			for _, r := range []Request{serverRequest(), clientRequest()} {
				for _, profile := range []Profile{"", ProfilePeer} {
					r.Key, r.Profile = leaf, profile
					t.Run(fmt.Sprintf("%s under %s %s %s", leaf, signer, r.Kind, profile), func(t *testing.T) {
						test(t, a, r, mustMake(t, a, r))
					})
				}
			}
		}
	}
}

// serves says which sides a request's certificate is for.
func serves(r Request, name string) bool { return r.Profile == ProfilePeer || string(r.Kind) == name }

func TestMake(t *testing.T) {
	everyPair(t, func(t *testing.T, a *ca.Authority, r Request, pair *Pair) {
		key, err := ca.DecodeKey(pair.KeyPEM)
		if err != nil {
			t.Fatal(err)
		}
		if err := keyutil.VerifyPair(pair.Certificate.PublicKey, key); err != nil {
			t.Error(err)
		}
		back, err := ca.DecodeCertificates(pair.CertPEM)
		if err != nil || len(back) != 1 || !back[0].Equal(pair.Certificate) {
			t.Errorf("the PEM text is of another certificate: %v", err)
		}
		if got, want := pair.Issuer.String(), a.Subject.String(); got != want {
			t.Errorf("issuer %q, want %q", got, want)
		}
		if err := Lint(pair.Certificate, a, mustCheck(t, a, r)); err != nil {
			t.Error(err)
		}
		usage := x509.KeyUsageDigitalSignature
		if r.Key.RSA() && serves(r, "server") {
			usage |= x509.KeyUsageKeyEncipherment
		}
		if got := pair.Certificate.KeyUsage; got != usage {
			t.Errorf("key usage %b, want %b", got, usage)
		}
		roots := x509.NewCertPool()
		roots.AddCert(a.Certificate)
		for name, s := range sides() {
			opts := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{s.usage}}
			if _, err := pair.Certificate.Verify(opts); (err == nil) != serves(r, name) {
				t.Errorf("as a %s: %v", name, err)
			}
		}
	})
}

func TestMakeVerifiedByOpenSSL(t *testing.T) {
	needs(t, "openssl")
	dir := t.TempDir()
	everyPair(t, func(t *testing.T, a *ca.Authority, r Request, pair *Pair) {
		root, leaf := writeCertificate(t, dir, "ca.pem", a.Certificate), writeCertificate(t, dir, "leaf.pem", pair.Certificate)
		for name, s := range sides() {
			args := []string{"verify", "-x509_strict", "-check_ss_sig", "-purpose", s.openssl, "-CAfile", root}
			if r.Kind == Server {
				args = append(args, "-verify_hostname", "db1.example.com", "-verify_ip", "10.0.0.1")
			}
			if out, ok := output(t, "openssl", append(args, leaf)...); ok != serves(r, name) {
				t.Errorf("as a %s: %s", name, out)
			}
		}
		out, _ := output(t, "openssl", "x509", "-noout", "-subject", "-issuer", "-nameopt", "compat", "-in", leaf)
		want := fmt.Sprintf("subject=%s\nissuer=%s", pair.Subject, pair.Issuer)
		if out != want {
			t.Errorf("openssl reads\n%s\nwant\n%s", out, want)
		}
	})
}

func TestMakeVerifiedByGnuTLS(t *testing.T) {
	needs(t, "certtool")
	dir := t.TempDir()
	everyPair(t, func(t *testing.T, a *ca.Authority, r Request, pair *Pair) {
		root, leaf := writeCertificate(t, dir, "ca.pem", a.Certificate), writeCertificate(t, dir, "leaf.pem", pair.Certificate)
		for name, s := range sides() {
			args := []string{"--verify", "--load-ca-certificate", root, "--verify-purpose", s.gnutls, "--infile", leaf}
			if r.Kind == Server {
				args = append(args, "--verify-hostname", "db1.example.com")
			}
			out, ok := output(t, "certtool", args...)
			if ok != serves(r, name) || ok != strings.Contains(out, "Chain verification output: Verified. The certificate is trusted.") {
				t.Errorf("as a %s:\n%s", name, out)
			}
		}
	})
}

// TestMakeOddSubjects reads subjects in orders that crypto/x509/pkix cannot
// keep back with openssl.
func TestMakeOddSubjects(t *testing.T) {
	needs(t, "openssl")
	a := testAuthority(t, sampdb, ca.ECP256)
	dir := t.TempDir()
	for _, subject := range []string{
		"/CN=first/C=US", "/C=US/CN=last", "/OU=b/OU=a/OU=b/CN=x", "/O=x/emailAddress=a@b.example/CN=y/L=z", "/CN=a/CN=b",
		"/DC=com/DC=example/UID=laura/CN=laura", "/serialNumber=42/CN=x", "/CN=" + strings.Repeat("x", 64),
		"/C=US/ST=WI/L=Madison/O=sampdb/CN=laura", "/CN=laura/O=sampdb/L=Madison/ST=WI/C=US", "/O=a, b = \"c\" #d;'e/CN= x ",
	} {
		r := clientRequest()
		r.Subject = mustName(t, subject)
		leaf := writeCertificate(t, dir, "leaf.pem", mustMake(t, a, r).Certificate)
		out, _ := output(t, "openssl", "x509", "-noout", "-subject", "-nameopt", "compat", "-in", leaf)
		if want := "subject=" + subject; out != want {
			t.Errorf("openssl reads %q, want %q", out, want)
		}
	}
}

// TestMakeFails shows that Make gives nothing for what Check never returns.
func TestMakeFails(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	for name, change := range map[string]func(*Plan){
		"empty":      func(p *Plan) { *p = Plan{} },
		"no subject": func(p *Plan) { p.Subject = nil },
		"no key":     func(p *Plan) { p.Request.Key = "" },
		"format":     func(p *Plan) { p.Request.KeyFormat = ca.PKCS1 },
		"no profile": func(p *Plan) { p.Request.Profile = "" },
		"too long":   func(p *Plan) { p.NotAfter = p.NotAfter.AddDate(30, 0, 0) },
		"no SAN":     func(p *Plan) { p.DNS, p.IPs = nil, nil },
		"a bad SAN":  func(p *Plan) { p.DNS = []string{"ü"} },
		"authority":  func(p *Plan) { p.Subject = a.Subject },
	} {
		p := mustCheck(t, a, serverRequest())
		change(&p)
		if pair, err := Make(a, p); err == nil || pair != nil {
			t.Errorf("%s: made %v", name, pair)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, kt := range []ca.KeyType{ca.ECP256, ca.Ed25519} {
		b.Run(string(kt), func(b *testing.B) {
			a := testAuthority(b, sampdb, kt)
			r := clientRequest()
			r.Key = kt
			b.ReportAllocs()
			for b.Loop() {
				p, err := r.Check(a, testNow())
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Make(a, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFloor is what BenchmarkMake cannot be faster than: the same key,
// signature and parsing with crypto/x509 alone.
func BenchmarkFloor(b *testing.B) {
	for _, kt := range []ca.KeyType{ca.ECP256, ca.Ed25519} {
		b.Run(string(kt), func(b *testing.B) {
			parentKey, err := ca.NewKey(kt)
			if err != nil {
				b.Fatal(err)
			}
			parent, err := floorCertificate(nil, parentKey, parentKey)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				key, err := ca.NewKey(kt)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := x509.MarshalPKCS8PrivateKey(key); err != nil {
					b.Fatal(err)
				}
				if _, err := floorCertificate(parent, key, parentKey); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestMakeTogether makes pairs in several goroutines: under -race it shows that
// an authority may be shared.
func TestMakeTogether(t *testing.T) {
	a := testAuthority(t, sampdb, ca.RSA2048)
	plan := mustCheck(t, a, clientRequest())
	serials := make(chan string)
	const workers, each = 4, 8
	for range workers {
		go func() {
			for range each {
				pair, err := Make(a, plan)
				if err != nil {
					serials <- err.Error()
					continue
				}
				serials <- ca.SerialHex(pair.Certificate.SerialNumber)
			}
		}()
	}
	seen := map[string]bool{}
	for range workers * each {
		s := <-serials
		if seen[s] || strings.Contains(s, " ") {
			t.Errorf("serial %q", s)
		}
		seen[s] = true
	}
}
