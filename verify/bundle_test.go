package verify

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myca/ca"
	"myca/dialect"
	"myca/finding"
)

func idsOf(found []finding.Finding) string {
	var list []string
	for _, f := range found {
		list = append(list, f.ID)
	}
	return strings.Join(list, " ")
}

func rulesFor(t *testing.T, target string) Rules {
	t.Helper()
	version, err := dialect.Parse(target)
	must(t, err)
	return Rules{Target: version, Now: now()}
}

func TestAuthorities(t *testing.T) {
	k := testKeys()
	root := func(change func(p *plan)) *x509.Certificate {
		p := plan{subject: "/O=acme/CN=root", issuer: "/O=acme/CN=root", key: k.ec[0], signer: k.ec[0], extensions: []pkix.Extension{basic(true, -1)}}
		change(&p)
		return p.make(t)
	}
	current := root(func(*plan) {})
	tests := []struct {
		title string
		certs []*x509.Certificate
		want  string
	}{
		{"a current one", []*x509.Certificate{current}, ""},
		{"one that ended", []*x509.Certificate{root(func(p *plan) { p.to = -days(1) })}, "expired"},
		{"one that ended, beside its successor", []*x509.Certificate{root(func(p *plan) { p.to = -days(1) }), current}, ""},
		{"one that ended, beside another", []*x509.Certificate{root(func(p *plan) { p.to = -days(1); p.subject = "/CN=old"; p.issuer = "/CN=old" }), current}, "ca-ended"},
		{"one that ends soon", []*x509.Certificate{root(func(p *plan) { p.to = days(3) })}, "expires-soon"},
		{"the next one, not valid yet", []*x509.Certificate{current, root(func(p *plan) { p.from = days(1) })}, ""},
		{"one that is not valid yet", []*x509.Certificate{root(func(p *plan) { p.from = days(1) })}, "not-yet-valid"},
		{"CA:FALSE", []*x509.Certificate{root(func(p *plan) { p.with(basic(false, -1)) })}, "not-a-ca"},
		{"a server's certificate, pinned", []*x509.Certificate{root(func(p *plan) { p.with(basic(false, -1)); p.with(hosts("db1")) })}, ""},
		{"for code only", []*x509.Certificate{root(func(p *plan) { p.with(purpose(3)) })}, "ca-restricted"},
		{"for servers only", []*x509.Certificate{root(func(p *plan) { p.with(purpose(1)) })}, ""},
		{"its own SHA-1", []*x509.Certificate{root(func(p *plan) { p.digest = crypto.SHA1 })}, ""},
		{"another's SHA-1", []*x509.Certificate{root(func(p *plan) { p.digest = crypto.SHA1; p.issuer = "/CN=above" })}, "weak-digest"},
	}
	for _, test := range tests {
		if got := idsOf(rulesFor(t, "mysql-9.7").Authorities("ca.pem", test.certs)); got != test.want {
			t.Errorf("%s: %q, want %q", test.title, got, test.want)
		}
	}
}

// A CA that a server made, in a bundle beside one's own, is to be taken out of it
// and no reason to make another CA.
func TestAuthoritiesBesideOwn(t *testing.T) {
	k := testKeys()
	root := func(subject string) *x509.Certificate {
		return plan{subject: subject, issuer: subject, key: k.ec[0], signer: k.ec[0], extensions: []pkix.Extension{basic(true, -1)}}.make(t)
	}
	own, made := root("/CN=acme"), root("/CN=MySQL_Server_8.4.0_Auto_Generated_CA_Certificate")
	for _, test := range []struct {
		certs      []*x509.Certificate
		what, mend string
	}{
		{[]*x509.Certificate{made}, `"/CN=MySQL_Server_8.4.0`, "myca install server --replace-boilerplate"},
		{[]*x509.Certificate{own, made}, "certificate 2 of 2 in it: ", "take this one out of ca.pem"},
		{[]*x509.Certificate{made, own, own}, "certificate 1 of 3 in it: ", "take this one out of ca.pem"},
	} {
		found := rulesFor(t, "mysql-9.7").Authorities("ca.pem", test.certs)
		if len(found) != 1 || !strings.HasPrefix(found[0].What, test.what) || !strings.Contains(found[0].Mend, test.mend) ||
			!strings.Contains(found[0].Why, "data folder") || strings.Contains(found[0].Why, "host") {
			t.Errorf("%d certificates: %+v", len(test.certs), found)
		}
	}
}

func TestAuthoritiesPublished(t *testing.T) {
	k := testKeys()
	c := plan{subject: "/CN=x", issuer: "/CN=x", key: k.ec[0], signer: k.ec[0], extensions: []pkix.Extension{basic(true, -1)}}.make(t)
	r := rulesFor(t, "mysql-9.7")
	r.Public = publish(t, k.ec[0])
	if got := idsOf(r.Authorities("ca.pem", []*x509.Certificate{c})); got != "public-key" {
		t.Errorf("found %q", got)
	}
}

func TestCRLs(t *testing.T) {
	a := generation(t, ca.ECP256, 3000)
	list := func(from, to int) *x509.RevocationList {
		der, err := a.CRL(1, nil, now().Add(days(from)), now().Add(days(to)))
		must(t, err)
		l, err := x509.ParseRevocationList(der)
		must(t, err)
		return l
	}
	tests := []struct {
		target string
		lists  []*x509.RevocationList
		want   string
	}{
		{"mysql-9.7", []*x509.RevocationList{list(-1, 7)}, ""},
		{"mysql-9.7", []*x509.RevocationList{list(-9, -2)}, "crl-expired"},
		{"mysql-9.7", []*x509.RevocationList{list(-9, -2), list(-8, -1)}, "crl-expired"}, // told once, of the later
		{"mysql-9.7", []*x509.RevocationList{list(-9, -2), list(-1, 7)}, ""},
		{"mysql-9.7", []*x509.RevocationList{list(1, 7)}, "crl-expired"},
		{"mysql-5.5", []*x509.RevocationList{list(-9, -2)}, "crl-not-enforced"},
	}
	for i, test := range tests {
		if got := idsOf(rulesFor(t, test.target).CRLs("crl.pem", test.lists)); got != test.want {
			t.Errorf("%d: %q, want %q", i, got, test.want)
		}
	}
}

func TestPrivateKey(t *testing.T) {
	k := testKeys()
	r := rulesFor(t, "mysql-9.7")
	checkNone(t, "a key of one's own", r.PrivateKey("key.pem", k.rsa))
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	r.Public = publish(t, weak)
	found := r.PrivateKey("key.pem", weak)
	if idsOf(found) != "public-key weak-key" || !strings.Contains(found[0].What, "example/demo:key.pem") {
		t.Errorf("found %v", found)
	}
}

func TestRoleOf(t *testing.T) {
	k := testKeys()
	of := func(subject string, extensions ...pkix.Extension) *x509.Certificate {
		return plan{subject: subject, issuer: "/CN=ca", key: k.ec[0], signer: k.ec[1], extensions: extensions}.make(t)
	}
	tests := []struct {
		cert *x509.Certificate
		file string
		want Role
	}{
		{of("/CN=x", basic(true, -1)), "cert.pem", Authority},
		{of("/CN=x", basic(true, -1)), "ca-server.pem", Authority},
		{of("/CN=x", basic(true, -1)), "server-cert.pem", Server},
		{of("/CN=x", purpose(1)), "client-cert.pem", Server},
		{of("/CN=x", purpose(2)), "server-cert.pem", Client},
		{of("/CN=x", purpose(1, 2)), "cert.pem", Peer},
		{of("/CN=x", purpose(1, 2)), "server-cert.pem", Server},
		{of("/CN=x", purpose(1, 2)), "client-cert.pem", Client},
		{of("/CN=x", purpose(3)), "db1.pem", Unknown},
		{of("/CN=x"), "db1.pem", Unknown},
		{of("/CN=x"), "ca.pem", Authority},
		{of("/CN=x"), "Server1.crt", Server},
		{of("/CN=x"), "mysql_client.crt", Client},
		{of("/CN=x"), "ca/client.pem", Client},
		{of("/CN=x", hosts("db1")), "db1.pem", Server},
		{of("/CN=MySQL_Server_8.0_Auto_Generated_Client_Certificate"), "x.pem", Client},
		{of("/CN=MySQL_Server_8.0_Auto_Generated_Server_Certificate"), "x.pem", Server},
		{of("/CN=MySQL_Server_8.0_Auto_Generated_CA_Certificate"), "x.pem", Authority},
		{of("/CN=x", usage(0x06)), "x.pem", Authority},
	}
	for i, test := range tests {
		if got := RoleOf(test.cert, test.file); got != test.want {
			t.Errorf("%d, %s in %s: %q, want %q", i, subject(test.cert), test.file, got, test.want)
		}
	}
}

// TestOldSignatures: signatures of old fixtures, which crypto/x509 refuses to
// check (MD5, RSA of 512 bits, DSA), fit their certificates, and no others.
func TestOldSignatures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "fixtures", "certs", "*"))
	must(t, err)
	if len(files) == 0 {
		t.Skip("needs the certificates of ../shared/fixtures beside the project")
	}
	var certs []*x509.Certificate
	for _, file := range files {
		certs = append(certs, readCertificate(t, file))
	}
	checked := map[x509.SignatureAlgorithm]int{}
	for _, c := range certs {
		i := slices.IndexFunc(certs, func(issuer *x509.Certificate) bool {
			return sameName(issuer.RawSubject, c.RawIssuer) && signedBy(c, issuer)
		})
		if i < 0 || certs[i].CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil || c.SignatureAlgorithm == x509.UnknownSignatureAlgorithm {
			continue
		}
		checked[c.SignatureAlgorithm]++
		other := append([]byte{0}, c.RawTBSCertificate...)
		if certs[i].PublicKey != nil && signatureFits(c.SignatureAlgorithm, other, c.Signature, certs[i]) {
			t.Errorf("%s, %s: the signature fits something else too", subject(c), c.SignatureAlgorithm)
		}
	}
	if checked[x509.MD5WithRSA] == 0 {
		t.Error("no certificate with MD5")
	}
	t.Logf("beyond crypto/x509: %v", checked)
}
