package acceptance

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"myca/dialect"
)

// foreignSubject is a subject that myca reads but does not write: the lines of
// OpenSSL's distinguished_name section (a + joins a value to the one before
// it) and the string types it may use.
type foreignSubject struct {
	what     string
	mask     string // OpenSSL's string_mask
	dn, near []string
	nearMask string // "" is mask
}

// String masks of OpenSSL's asn1.h, each leaving one type.
const (
	utf8String = "utf8only"
	bmpString  = "MASK:0x800"
	t61String  = "MASK:0x4"
)

func foreignSubjects() []foreignSubject {
	return []foreignSubject{
		{what: "two values in one RDN", mask: utf8String,
			dn: []string{"O=sampdb", "OU=users", "+L=Madison", "CN=multi"}, near: []string{"O=sampdb", "L=Madison", "OU=users", "CN=multi"}},
		{what: "CN and UID in one RDN", mask: utf8String,
			dn: []string{"O=sampdb", "CN=multi", "+UID=laura"}, near: []string{"O=sampdb", "CN=multi", "UID=laura"}},
		{what: "three values in one RDN", mask: utf8String,
			dn: []string{"O=sampdb", "CN=multi", "+OU=users", "+serialNumber=7"}, near: []string{"O=sampdb", "CN=multi", "+OU=users", "serialNumber=7"}},
		{what: "special values in one RDN", mask: utf8String,
			dn: []string{`O=a/b`, `+OU=c\\d`, `CN=Müller's`}, near: []string{`O=a/b`, `OU=c\\d`, `CN=Müller's`}},
		{what: "BMPString", mask: bmpString, nearMask: utf8String,
			dn: []string{"O=sampdb", "CN=Aü"}, near: []string{"O=sampdb", "CN=Aü"}},
		{what: "BMPString of ASCII", mask: bmpString, nearMask: utf8String,
			dn: []string{"O=sampdb", "CN=laura"}, near: []string{"O=sampdb", "CN=laura"}},
		{what: "BMPString whose second byte is a slash", mask: bmpString,
			dn: []string{"O=sampdb", "CN=a/b+c"}, near: []string{"O=sampdb", "CN=a/b+d"}},
		{what: "T61String", mask: t61String, nearMask: utf8String,
			dn: []string{"O=sampdb", "CN=Aü"}, near: []string{"O=sampdb", "CN=Aü"}},
		{what: "T61String of two", mask: t61String, nearMask: bmpString,
			dn: []string{"O=sämpdb", "CN=läura"}, near: []string{"O=sämpdb", "CN=läura"}},
	}
}

// foreignTrials makes certificates with openssl under the store's CA and takes
// the strings for their accounts from "myca show FILE --json".
func (h *host) foreignTrials(t *testing.T) []trial {
	t.Helper()
	var trials []trial
	for i, s := range foreignSubjects() {
		user := fmt.Sprintf("f%02d", i)
		if s.nearMask == "" {
			s.nearMask = s.mask
		}
		tr := trial{
			what: s.what + " " + strings.Join(s.dn, " "), user: user,
			own:  h.authority(t).sign(t, user, s.mask, s.dn...),
			near: h.authority(t).sign(t, user+"near", s.nearMask, s.near...),
		}
		var shown issued
		decode(t, h.myca(t, "show", "--json", tr.own.cert), &shown)
		tr.statements = fmt.Sprintf("CREATE USER '%s'@'%%' REQUIRE ISSUER %s AND SUBJECT %s;\n", user,
			dialect.Literal(shown.Require.Issuer), dialect.Literal(shown.Require.Subject))
		trials = append(trials, tr)
	}
	return trials
}

// authority is a CA's certificate and key, for use with openssl.
type authority certificate

// authority returns the store's CA.
func (h *host) authority(t *testing.T) authority {
	t.Helper()
	keys, _ := filepath.Glob(filepath.Join(h.store, "ca", "*", "ca-key.pem"))
	if len(keys) != 1 {
		t.Fatalf("CA keys in the store: %q, want one", keys)
	}
	return authority{cert: filepath.Join(filepath.Dir(keys[0]), "ca-cert.pem"), key: keys[0]}
}

// newAuthority makes a self-signed CA with openssl.
func newAuthority(t *testing.T, dn ...string) authority {
	t.Helper()
	dir := t.TempDir()
	a := authority{cert: filepath.Join(dir, "ca-cert.pem"), key: filepath.Join(dir, "ca-key.pem")}
	config := filepath.Join(dir, "ca.cnf")
	write(t, config, requestConfig(utf8String, dn))
	openssl(t, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
		"-config", config, "-extensions", "ca", "-keyout", a.key, "-out", a.cert)
	return a
}

// sign makes a client's key and certificate with openssl.
func (a authority) sign(t *testing.T, name, mask string, dn ...string) certificate {
	t.Helper()
	dir := t.TempDir()
	c := certificate{cert: filepath.Join(dir, name+"-cert.pem"), key: filepath.Join(dir, name+"-key.pem")}
	config, request := filepath.Join(dir, "req.cnf"), filepath.Join(dir, "req.pem")
	write(t, config, requestConfig(mask, dn))
	openssl(t, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
		"-config", config, "-keyout", c.key, "-out", request)
	openssl(t, "x509", "-req", "-in", request, "-CA", a.cert, "-CAkey", a.key, "-days", "30",
		"-extfile", config, "-extensions", "client", "-out", c.cert)
	return c
}

// requestConfig is an openssl.cnf for a request with the given subject.
func requestConfig(mask string, dn []string) string {
	lines := []string{"[req]", "prompt=no", "utf8=yes", "string_mask=" + mask, "distinguished_name=dn", "[dn]"}
	for i, line := range dn {
		lines = append(lines, fmt.Sprintf("%d.%s", i, line)) // a key may stand only once: 0.OU, 1.OU
	}
	return strings.Join(append(lines, "[client]", "basicConstraints=critical,CA:FALSE", "keyUsage=digitalSignature",
		"extendedKeyUsage=clientAuth", "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid",
		"[ca]", "basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,cRLSign", "subjectKeyIdentifier=hash", ""), "\n")
}

func openssl(t *testing.T, args ...string) {
	t.Helper()
	if output, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}
