package ca

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// tbsCertificate is a TBSCertificate to be changed and signed again.
type tbsCertificate struct {
	Version    int `asn1:"optional,explicit,default:0,tag:0"`
	Serial     *big.Int
	Algorithm  asn1.RawValue
	Issuer     asn1.RawValue
	Validity   struct{ NotBefore, NotAfter asn1.RawValue }
	Subject    asn1.RawValue
	PublicKey  asn1.RawValue
	IssuerID   asn1.BitString   `asn1:"optional,tag:1"`
	SubjectID  asn1.BitString   `asn1:"optional,tag:2"`
	Extensions []pkix.Extension `asn1:"optional,explicit,tag:3"`
}

// resign is the certificate with its content changed, signed by an EC key.
func resign(t *testing.T, cert *x509.Certificate, key crypto.Signer, change func(*tbsCertificate)) *x509.Certificate {
	t.Helper()
	var content tbsCertificate
	if rest, err := asn1.Unmarshal(cert.RawTBSCertificate, &content); err != nil || len(rest) > 0 {
		t.Fatal(err)
	}
	change(&content)
	tbs, err := asn1.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(tbs)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := asn1.Marshal(struct {
		TBS, Algorithm asn1.RawValue
		Signature      asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, content.Algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		t.Fatal(err)
	}
	changed, err := x509.ParseCertificate(whole)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// editExtension changes one extension; nil removes it.
func editExtension(n int, edit func(*pkix.Extension) *pkix.Extension) func(*tbsCertificate) {
	return func(c *tbsCertificate) {
		var list []pkix.Extension
		for _, e := range c.Extensions {
			if e.Id.Equal(extensionOID(n)) {
				if changed := edit(&e); changed != nil {
					list = append(list, *changed)
				}
				continue
			}
			list = append(list, e)
		}
		c.Extensions = list
	}
}

func dropExtension(n int) func(*tbsCertificate) {
	return editExtension(n, func(*pkix.Extension) *pkix.Extension { return nil })
}

func flipCritical(n int) func(*tbsCertificate) {
	return editExtension(n, func(e *pkix.Extension) *pkix.Extension { e.Critical = !e.Critical; return e })
}

func setExtension(n int, value ...byte) func(*tbsCertificate) {
	return editExtension(n, func(e *pkix.Extension) *pkix.Extension { e.Value = value; return e })
}

func addExtension(id asn1.ObjectIdentifier, value ...byte) func(*tbsCertificate) {
	return func(c *tbsCertificate) { c.Extensions = append(c.Extensions, pkix.Extension{Id: id, Value: value}) }
}

// lintedLeaf is a server's certificate, its authority's key, and its content.
func lintedLeaf(t *testing.T) (*x509.Certificate, crypto.Signer, Content) {
	t.Helper()
	authorityKey, leafKey := testKey(t, ECP256), testKey(t, ECP256)
	a := authorityOf(t, authorityKey, nil)
	tmpl := leafTemplate(t, "/CN=leaf/C=US")
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	tmpl.DNSNames = []string{"db1.example.com", "*.example.com"}
	tmpl.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("2001:db8::1")}
	leaf, err := a.Sign(tmpl, leafKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	return leaf, authorityKey, Content{
		Subject: tmpl.RawSubject, Issuer: a.Certificate.RawSubject, NotBefore: testBegin, NotAfter: testEnd,
		PublicKey: leafKey.Public(), Signature: x509.ECDSAWithSHA256, AuthorityKeyID: a.Certificate.SubjectKeyId,
		ExtKeyUsage: tmpl.ExtKeyUsage, DNS: tmpl.DNSNames, IPs: tmpl.IPAddresses,
	}
}

// TestLintFires breaks a certificate in one way at a time: each must be found,
// and nothing else. (What crypto/x509 refuses to parse, as an extension that is
// there twice or a critical key identifier, does not get as far as Lint.)
func TestLintFires(t *testing.T) {
	leaf, key, content := lintedLeaf(t)
	if wrong := content.Lint(leaf); wrong != nil {
		t.Fatalf("the good one: %q", wrong)
	}
	if wrong := content.Lint(resign(t, leaf, key, func(*tbsCertificate) {})); wrong != nil {
		t.Fatalf("the good one, signed again: %q", wrong)
	}
	raw := func(der []byte) asn1.RawValue { return asn1.RawValue{FullBytes: der} }
	other, err := x509.MarshalPKIXPublicKey(testKey(t, ECP256).Public())
	if err != nil {
		t.Fatal(err)
	}
	aki := content.AuthorityKeyID
	issuerAndSerial := append(der(0x80, aki), append(
		der(0xa1, der(0xa4, content.Issuer)), der(0x82, []byte{7})...)...)
	san := bytes.TrimPrefix(content.subjectAltName(), []byte{0x30, byte(len(content.subjectAltName()) - 2)})
	for name, tt := range map[string]struct {
		change func(*tbsCertificate)
		want   string
	}{
		"subject order": {func(c *tbsCertificate) { c.Subject = raw(mustDER(t, "/C=US/CN=leaf")) }, "subject is "},
		"subject string type": {func(c *tbsCertificate) {
			c.Subject = raw(bytes.Replace(content.Subject, []byte{0x13}, []byte{0x0c}, 1))
		}, "subject is "},
		"issuer":               {func(c *tbsCertificate) { c.Issuer = raw(mustDER(t, "/CN=test ca")) }, "issuer is "},
		"issuer string type":   {func(c *tbsCertificate) { c.Issuer = raw(bytes.Replace(content.Issuer, []byte{0x13}, []byte{0x0c}, 1)) }, "issuer is "},
		"serial zero":          {func(c *tbsCertificate) { c.Serial = new(big.Int) }, "serial number 00 "},
		"serial of 21 octets":  {func(c *tbsCertificate) { c.Serial = new(big.Int).Lsh(big.NewInt(1), 159) }, "serial number 80"},
		"begins a second late": {func(c *tbsCertificate) { c.Validity.NotBefore = raw(derTime(testBegin.Add(time.Second))) }, "notBefore is "},
		"ends a second late":   {func(c *tbsCertificate) { c.Validity.NotAfter = raw(derTime(testEnd.Add(time.Second))) }, "notAfter is "},
		"2020 as GeneralizedTime": {func(c *tbsCertificate) {
			c.Validity.NotBefore = raw(der(asn1.TagGeneralizedTime, []byte("20200102030405Z")))
		}, "notBefore is "},
		"2060 as UTCTime": {func(c *tbsCertificate) {
			c.Validity.NotAfter = raw(der(asn1.TagUTCTime, []byte("600102030405Z")))
		}, "notAfter is "},
		"issuer unique id":        {func(c *tbsCertificate) { c.IssuerID = asn1.BitString{Bytes: []byte{1}, BitLength: 8} }, "unique identifier"},
		"subject unique id":       {func(c *tbsCertificate) { c.SubjectID = asn1.BitString{Bytes: []byte{1}, BitLength: 8} }, "unique identifier"},
		"no key usage":            {dropExtension(extKeyUsage), "keyUsage is missing"},
		"key usage not critical":  {flipCritical(extKeyUsage), "keyUsage: critical is false, planned true"},
		"key usage of RSA":        {setExtension(extKeyUsage, 3, 2, 5, 0xa0), "keyUsage is "},
		"key usage of a CA":       {setExtension(extKeyUsage, 3, 2, 1, 6), "keyUsage is "},
		"no constraints":          {dropExtension(extBasicConstraints), "basicConstraints is missing"},
		"constraints uncritical":  {flipCritical(extBasicConstraints), "basicConstraints: critical is false, planned true"},
		"CA:TRUE":                 {setExtension(extBasicConstraints, 0x30, 3, 1, 1, 0xff), "basicConstraints is "},
		"no subject key id":       {dropExtension(extSubjectKeyID), "subjectKeyIdentifier is missing"},
		"another subject key id":  {setExtension(extSubjectKeyID, 4, 1, 9), "subjectKeyIdentifier is "},
		"no authority key id":     {dropExtension(extAuthorityKeyID), "authorityKeyIdentifier is missing"},
		"another authority's":     {setExtension(extAuthorityKeyID, der(0x30, der(0x80, []byte{9}))...), "authorityKeyIdentifier is "},
		"issuer and serial in it": {setExtension(extAuthorityKeyID, der(0x30, issuerAndSerial)...), "authorityKeyIdentifier is "},
		"no extended key usage":   {dropExtension(extExtKeyUsage), "extKeyUsage is missing"},
		"extended usage critical": {flipCritical(extExtKeyUsage), "extKeyUsage: critical is true, planned false"},
		"client's extended usage": {setExtension(extExtKeyUsage, Content{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}.extKeyUsage()...), "extKeyUsage is "},
		"peer's extended usage": {setExtension(extExtKeyUsage, Content{ExtKeyUsage: []x509.ExtKeyUsage{
			x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}.extKeyUsage()...), "extKeyUsage is "},
		"no SAN":            {dropExtension(extSubjectAltName), "subjectAltName is missing"},
		"SAN critical":      {flipCritical(extSubjectAltName), "subjectAltName: critical is true, planned false"},
		"a SAN less":        {setExtension(extSubjectAltName, Content{DNS: content.DNS, IPs: content.IPs[:1]}.subjectAltName()...), "subjectAltName is "},
		"a SAN more":        {setExtension(extSubjectAltName, der(0x30, san, der(0x82, []byte("x")))...), "subjectAltName is "},
		"a mail address":    {setExtension(extSubjectAltName, der(0x30, san, der(0x81, []byte("a@b")))...), "subjectAltName is "},
		"an otherName":      {setExtension(extSubjectAltName, der(0x30, san, der(0xa0, der(0x06, []byte{0x2a, 3}), der(0xa0, der(0x0c, []byte("x")))))...), "subjectAltName is "},
		"other order":       {setExtension(extSubjectAltName, Content{DNS: []string{"*.example.com", "db1.example.com"}, IPs: content.IPs}.subjectAltName()...), "subjectAltName is "},
		"foreign extension": {addExtension(asn1.ObjectIdentifier{1, 2, 3, 4}, 5, 0), "extension 1.2.3.4 0500 is not planned"},
		"name constraints":  {addExtension(extensionOID(30), der(0x30, der(0xa0, der(0x30, der(0x82, []byte("x")))))...), "extension 2.5.29.30 "},
		"another key":       {func(c *tbsCertificate) { c.PublicKey = raw(other) }, "public key is not the one planned"},
		"signature algorithm": {func(c *tbsCertificate) {
			c.Algorithm = raw(der(0x30, der(0x06, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3}))) // ecdsa-with-SHA384
		}, "signature algorithm is ECDSA-SHA384, planned ECDSA-SHA256"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := content.Lint(resign(t, leaf, key, tt.change))
			if len(wrong) != 1 || !strings.Contains(wrong[0], tt.want) {
				t.Errorf("found %q, want only %q", wrong, tt.want)
			}
		})
	}
}

// TestLintFiresVersion is apart because version 1 has no extensions at all.
func TestLintFiresVersion(t *testing.T) {
	leaf, key, content := lintedLeaf(t)
	wrong := content.Lint(resign(t, leaf, key, func(c *tbsCertificate) { c.Version, c.Extensions = 0, nil }))
	want := []string{
		"version is 1, not 3", "subjectKeyIdentifier is missing", "keyUsage is missing", "basicConstraints is missing",
		"authorityKeyIdentifier is missing", "extKeyUsage is missing", "subjectAltName is missing",
	}
	if strings.Join(wrong, "|") != strings.Join(want, "|") {
		t.Errorf("found %q, want %q", wrong, want)
	}
}

// TestLintFiresAuthority is for what only an authority's certificate has.
func TestLintFiresAuthority(t *testing.T) {
	a, keyPEM := mustCreate(t, testSpec(t, "/CN=test CA", ECP256))
	good := a.Certificate
	key, err := DecodeKey(keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	content := Content{
		Subject: good.RawSubject, Issuer: good.RawSubject, NotBefore: testBegin, NotAfter: testEnd,
		PublicKey: key.Public(), Signature: x509.ECDSAWithSHA256, Authority: true,
	}
	if wrong := content.Lint(good); wrong != nil {
		t.Fatalf("the good one: %q", wrong)
	}
	for name, tt := range map[string]struct {
		change func(*tbsCertificate)
		want   string
	}{
		"no path length":     {setExtension(extBasicConstraints, 0x30, 3, 1, 1, 0xff), "basicConstraints is "},
		"path length 1":      {setExtension(extBasicConstraints, 0x30, 6, 1, 1, 0xff, 2, 1, 1), "basicConstraints is "},
		"CA:FALSE":           {setExtension(extBasicConstraints, 0x30, 0), "basicConstraints is "},
		"no cRLSign":         {setExtension(extKeyUsage, 3, 2, 2, 4), "keyUsage is "},
		"authority key id":   {addExtension(extensionOID(extAuthorityKeyID), der(0x30, der(0x80, good.SubjectKeyId))...), "authorityKeyIdentifier 30"},
		"extended key usage": {addExtension(extensionOID(extExtKeyUsage), Content{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}.extKeyUsage()...), "extKeyUsage 30"},
		"alternative name":   {addExtension(extensionOID(extSubjectAltName), Content{DNS: []string{"x"}}.subjectAltName()...), "subjectAltName 30"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := content.Lint(resign(t, good, key, tt.change))
			if len(wrong) != 1 || !strings.Contains(wrong[0], tt.want) {
				t.Errorf("found %q, want only %q", wrong, tt.want)
			}
		})
	}
}

// TestDERLength compares the lengths written here with encoding/asn1.
func TestDERLength(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 65536} {
		content := make([]byte, n)
		want, err := asn1.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if got := der(0x04, content); !bytes.Equal(got, want) {
			t.Errorf("%d octets: begins %x, want %x", n, got[:min(len(got), 6)], want[:min(len(want), 6)])
		}
	}
}
