package issue

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"myca/ca"
)

// floorCertificate is a client's certificate by crypto/x509 alone; without a
// parent it is an authority's.
func floorCertificate(parent *x509.Certificate, key, signer crypto.Signer) (*x509.Certificate, error) {
	t := &x509.Certificate{
		Subject: pkix.Name{CommonName: "laura"}, SerialNumber: big.NewInt(1),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	if parent == nil {
		t.IsCA, t.KeyUsage, t.ExtKeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
		parent = t
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// template is the certificate of a plan as sign fills it, for a test to break.
func template(t *testing.T, p Plan) *x509.Certificate {
	t.Helper()
	subject, err := p.Subject.DER()
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{
		RawSubject: subject, NotBefore: p.Request.NotBefore, NotAfter: p.NotAfter,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: p.Request.Profile.usages(), DNSNames: p.DNS, IPAddresses: p.IPs,
	}
}

// TestLintFires signs certificates that differ from the plan in one way each:
// every one is found, with nothing else. (Package ca has the same for what its
// Sign cannot be told to do.)
func TestLintFires(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	other := testAuthority(t, sampdb, ca.ECP256)
	key, err := ca.NewKey(ca.ECP256)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ca.NewKey(ca.ECP384)
	if err != nil {
		t.Fatal(err)
	}
	good := mustCheck(t, a, serverRequest())
	for name, tt := range map[string]struct {
		change func(*x509.Certificate) // of the certificate
		plan   func(*Plan)             // of the plan it is compared with
		key    crypto.Signer           // nil: key
		signer *ca.Authority           // nil: a
		want   []string                // nil: nothing is wrong
	}{
		"good":          {},
		"subject":       {change: func(c *x509.Certificate) { c.RawSubject, _ = mustName(t, "/CN=x").DER() }, want: []string{"subject is"}},
		"subject order": {plan: func(p *Plan) { p.Subject = append(p.Subject[1:len(p.Subject):len(p.Subject)], p.Subject[0]) }, want: []string{"subject is"}},
		"later begin":   {change: func(c *x509.Certificate) { c.NotBefore = c.NotBefore.Add(time.Second) }, want: []string{"notBefore is"}},
		"later end":     {change: func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(time.Second) }, want: []string{"notAfter is"}},
		"client":        {change: func(c *x509.Certificate) { c.ExtKeyUsage = ProfileClient.usages() }, want: []string{"extKeyUsage is"}},
		"peer":          {change: func(c *x509.Certificate) { c.ExtKeyUsage = ProfilePeer.usages() }, want: []string{"extKeyUsage is"}},
		"no EKU":        {change: func(c *x509.Certificate) { c.ExtKeyUsage = nil }, want: []string{"extKeyUsage is missing"}},
		"any EKU":       {change: func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageAny) }, want: []string{"extKeyUsage is"}},
		"key usage":     {change: func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment }, want: []string{"keyUsage is"}},
		"no key usage":  {change: func(c *x509.Certificate) { c.KeyUsage = 0 }, want: []string{"keyUsage is missing"}},
		"CA":            {change: func(c *x509.Certificate) { c.IsCA = true }, want: []string{"basicConstraints is"}},
		"no BC":         {change: func(c *x509.Certificate) { c.BasicConstraintsValid = false }, want: []string{"basicConstraints is missing"}},
		"one host less": {change: func(c *x509.Certificate) { c.DNSNames = nil }, want: []string{"subjectAltName is"}},
		"one host more": {change: func(c *x509.Certificate) { c.DNSNames = append([]string{"x"}, c.DNSNames...) }, want: []string{"subjectAltName is"}},
		"other address": {change: func(c *x509.Certificate) { c.IPAddresses = []net.IP{{10, 0, 0, 2}} }, want: []string{"subjectAltName is"}},
		"mail address":  {change: func(c *x509.Certificate) { c.EmailAddresses = []string{"a@b"} }, want: []string{"subjectAltName is"}},
		"no SAN":        {change: func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil }, want: []string{"subjectAltName is missing"}},
		"SKI":           {change: func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} }, want: []string{"subjectKeyIdentifier is"}},
		"long serial":   {change: func(c *x509.Certificate) { c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 159) }, want: []string{"serial number"}},
		"zero serial":   {change: func(c *x509.Certificate) { c.SerialNumber = new(big.Int) }, want: []string{"serial number"}},
		"CRL point":     {change: func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://x"} }, want: []string{"extension 2.5.29.31"}},
		"AKI with issuer": {change: func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: []byte{0x30, 3, 0x82, 1, 7}}}
		}, want: []string{"authorityKeyIdentifier is"}},
		"other key type":  {key: p384, want: []string{"the key is of type ec-p384, planned ec-p256"}},
		"other authority": {signer: other, want: []string{"authorityKeyIdentifier is"}},
		"no SAN, planned": {
			change: func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil },
			plan:   func(p *Plan) { p.DNS, p.IPs = nil, nil }, want: []string{"a server without a SAN"},
		},
		"no SAN, a client": {
			change: func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil },
			plan:   func(p *Plan) { p.DNS, p.IPs, p.Request.Kind = nil, nil, Client },
		},
		"no profile": {
			change: func(c *x509.Certificate) { c.ExtKeyUsage = nil },
			plan:   func(p *Plan) { p.Request.Profile = "none" }, want: []string{`the profile "none" has no extended key usage`},
		},
		"end before begin": {
			change: func(c *x509.Certificate) { c.NotAfter = c.NotBefore },
			plan:   func(p *Plan) { p.NotAfter = p.Request.NotBefore }, want: []string{"the end is not after the beginning"},
		},
		"after the authority": {
			change: func(c *x509.Certificate) { c.NotAfter = a.Certificate.NotAfter.Add(time.Second) },
			plan:   func(p *Plan) { p.NotAfter = a.Certificate.NotAfter.Add(time.Second) }, want: []string{"the end is after the authority's"},
		},
		"authority's subject": {
			change: func(c *x509.Certificate) { c.RawSubject = a.Certificate.RawSubject },
			plan:   func(p *Plan) { p.Subject = a.Subject }, want: []string{"the subject is the authority's"},
		},
		"two at once": {
			change: func(c *x509.Certificate) { c.KeyUsage, c.NotAfter = 0, c.NotAfter.Add(time.Hour) },
			want:   []string{"notAfter is", "keyUsage is missing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			signer, subject, tmpl, plan := a, key, template(t, good), good
			if tt.signer != nil {
				signer = tt.signer
			}
			if tt.key != nil {
				subject = tt.key
			}
			if tt.change != nil {
				tt.change(tmpl)
			}
			if tt.plan != nil {
				tt.plan(&plan)
			}
			cert, err := signer.Sign(tmpl, subject.Public())
			if err != nil {
				t.Fatal(err)
			}
			expectLint(t, Lint(cert, a, plan), tt.want)
		})
	}
}

// expectLint compares an error of Lint with the beginnings of what it has to
// find, in order.
func expectLint(t *testing.T, err error, want []string) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil {
		t.Fatalf("nothing was found, want %q", want)
	}
	found := strings.Split(strings.TrimPrefix(err.Error(), "the signed certificate is not as planned: "), "; ")
	ok := len(found) == len(want)
	for i := range min(len(found), len(want)) {
		ok = ok && strings.HasPrefix(found[i], want[i])
	}
	if !ok {
		t.Errorf("found %q, want %q", found, want)
	}
}

// TestLintFiresSignature changes the signature alone, and signs by an
// authority that has the name and the key identifier of the right one.
func TestLintFiresSignature(t *testing.T) {
	a := testAuthority(t, sampdb, ca.Ed25519)
	r := clientRequest()
	plan := mustCheck(t, a, r)
	cert := mustMake(t, a, r).Certificate
	raw := bytes.Clone(cert.Raw)
	raw[len(raw)-40] ^= 1
	broken, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	expectLint(t, Lint(broken, a, plan), []string{"the signature is not the authority's"})

	twinKey, err := ca.NewKey(ca.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	twinCert := *a.Certificate
	twinCert.PublicKey = twinKey.Public()
	twin, err := ca.New(&twinCert, twinKey)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := twin.Sign(template(t, plan), cert.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	expectLint(t, Lint(forged, a, plan), []string{"the signature is not the authority's"})
}

// TestLintFiresKey is for a certificate of the right type with another's key.
func TestLintFiresKey(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	r := clientRequest()
	key, err := ca.NewKey(ca.ECP256)
	if err != nil {
		t.Fatal(err)
	}
	cert := mustMake(t, a, r).Certificate
	err = lint(cert, a, mustCheck(t, a, r), key.Public())
	expectLint(t, err, []string{"public key is not the one planned", "subjectKeyIdentifier is"})
}

// TestLintFiresRSA is for the key usage that only an RSA key of a server has.
func TestLintFiresRSA(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	key, err := ca.NewKey(ca.RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		r     Request
		usage x509.KeyUsage
		want  []string
	}{
		{serverRequest(), x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, nil},
		{serverRequest(), x509.KeyUsageDigitalSignature, []string{"keyUsage is"}},
		{clientRequest(), x509.KeyUsageDigitalSignature, nil},
		{clientRequest(), x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, []string{"keyUsage is"}},
	} {
		tt.r.Key = ca.RSA2048
		plan := mustCheck(t, a, tt.r)
		tmpl := template(t, plan)
		tmpl.KeyUsage = tt.usage
		cert, err := a.Sign(tmpl, key.Public())
		if err != nil {
			t.Fatal(err)
		}
		expectLint(t, Lint(cert, a, plan), tt.want)
	}
}
