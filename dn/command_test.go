package dn_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/dn"
)

// openssl runs the command on an input and returns what it prints, or skips the
// test where it is not installed.
func openssl(t *testing.T, input string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("needs the command openssl (apt-get install openssl)")
	}
	command := exec.Command("openssl", args...)
	command.Stdin = strings.NewReader(input)
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return string(output)
}

// namesOf is the subject and issuer of a certificate as the command prints them
// from X509_NAME_oneline.
func namesOf(t *testing.T, certificate string) (subject, issuer string) {
	t.Helper()
	output := openssl(t, certificate, "x509", "-noout", "-subject", "-issuer", "-nameopt", "compat")
	subject, issuer, _ = strings.Cut(strings.TrimSuffix(output, "\n"), "\nissuer=")
	return strings.TrimPrefix(subject, "subject="), issuer
}

// Certificates with random names, as the command prints them.
func TestOneLineIsTheCommands(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	for range 200 { // 400 names
		subject, issuer := randomName(random, decodedTags), randomName(random, decodedTags)
		var ders [2][]byte
		for i, name := range []dn.Name{subject, issuer} {
			var err error
			if ders[i], err = name.DER(); err != nil {
				t.Fatal(err)
			}
		}
		der, err := x509.CreateCertificate(nil, &x509.Certificate{SerialNumber: big.NewInt(1), RawSubject: ders[0]},
			&x509.Certificate{RawSubject: ders[1]}, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		gotSubject, gotIssuer, err := dn.FromCertificate(der)
		if err != nil {
			t.Fatalf("%x: %v", der, err)
		}
		wantSubject, wantIssuer := namesOf(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
		checkOneLine(t, "subject", gotSubject, wantSubject)
		checkOneLine(t, "issuer", gotIssuer, wantIssuer)
	}
}

// Certificates whose names OpenSSL made itself, of every string type it makes.
func TestCertificatesByOpenSSL(t *testing.T) {
	folder := t.TempDir()
	key := filepath.Join(folder, "key.pem")
	openssl(t, "", "genpkey", "-algorithm", "ed25519", "-out", key)
	const usual = "C=DE\nO=Zürich/Söhne+Co\n0.OU=one\n1.OU=two\nemailAddress=root@db1\nCN=db1\n"
	tests := []struct {
		title string
		mask  string // string_mask of openssl req
		lines string // of its section for names
		tags  []int  // of the values
		texts []string
	}{
		{"UTF8String", "utf8only", usual, []int{19, 12, 12, 12, 22, 12}, []string{"DE", "Zürich/Söhne+Co", "one", "two", "root@db1", "db1"}},
		{"BMPString", "MASK:0x0800", usual, []int{19, 30, 30, 30, 22, 30}, []string{"DE", "Zürich/Söhne+Co", "one", "two", "root@db1", "db1"}},
		{"T61String", "MASK:0x0004", usual, []int{19, 20, 20, 20, 22, 20}, []string{"DE", "Zürich/Söhne+Co", "one", "two", "root@db1", "db1"}},
		{"PrintableString else T61String", "nombstr", usual, []int{19, 20, 19, 19, 22, 19}, []string{"DE", "Zürich/Söhne+Co", "one", "two", "root@db1", "db1"}},
		{"PrintableString else BMPString", "pkix", "O=株式会社\nCN=db1\n", []int{30, 19}, []string{"株式会社", "db1"}},
		{"unknown OIDs", "utf8only", "x.1.3.6.1.4.1.99999.1=a\nx.2.999.18446744073709551616=b\nCN=c\n", []int{12, 12, 12}, []string{"a", "b", "c"}},
		{"multi-valued RDNs", "utf8only", "O=one\n+L=two\n+1.CN=three\nOU=four\n+2.DC=five\n", []int{12, 12, 12, 12, 22}, []string{"two", "one", "three", "four", "five"}},
		{"many types", "utf8only", "DC=com\nUID=u\nserialNumber=1\nSN=s\nGN=g\ntitle=t\ninitials=i\npseudonym=p\ndnQualifier=d\ngenerationQualifier=q\nname=n\n" +
			"description=e\nbusinessCategory=b\npostalCode=1\nstreet=m\norganizationIdentifier=o\nx500UniqueIdentifier=x\nunstructuredName=u\n" +
			"jurisdictionC=US\njurisdictionST=WI\njurisdictionL=Madison\n",
			[]int{22, 12, 19, 12, 12, 12, 12, 12, 19, 12, 12, 12, 12, 12, 12, 12, 12, 12, 19, 12, 12},
			[]string{"com", "u", "1", "s", "g", "t", "i", "p", "d", "q", "n", "e", "b", "1", "m", "o", "x", "u", "US", "WI", "Madison"}},
		{"odd characters", "utf8only", `CN=a\\b/c+d=e\,f\"g<h>\#i; j`, []int{12}, []string{`a\b/c+d=e,f"g<h>#i; j`}},
	}
	for _, test := range tests {
		t.Run(test.title, func(t *testing.T) {
			config := filepath.Join(t.TempDir(), "openssl.cnf")
			text := "[req]\nprompt=no\nutf8=yes\nstring_mask=" + test.mask + "\ndistinguished_name=name\n[name]\n" + test.lines
			if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			certificate := openssl(t, "", "req", "-new", "-x509", "-key", key, "-config", config, "-days", "1")
			block, _ := pem.Decode([]byte(certificate))
			subject, issuer, err := dn.FromCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			wantSubject, wantIssuer := namesOf(t, certificate)
			checkOneLine(t, "subject", subject, wantSubject)
			checkOneLine(t, "issuer", issuer, wantIssuer)
			tags, texts := contents(subject)
			if diff := cmp.Diff(test.tags, tags); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.texts, texts); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
		})
	}
}

// contents is the tag and the text of every attribute.
func contents(name dn.Name) (tags []int, texts []string) {
	for _, rdn := range name {
		for _, a := range rdn {
			tags = append(tags, a.Tag)
			texts = append(texts, dn.Name{{a}}.Values(a.OID)...)
		}
	}
	return tags, texts
}

// Names that OpenSSL encodes from a description, with the string types that its
// own requests never have.
func TestNamesByOpenSSL(t *testing.T) {
	const description = `asn1=SEQUENCE:name
[name]
1=SET:one
2=SET:two
[one]
1=SEQUENCE:universal
[universal]
type=OID:2.5.4.10
value=FORMAT:UTF8,UNIVERSALSTRING:Zürich/+😀
[two]
1=SEQUENCE:bmp
2=SEQUENCE:numeric
3=SEQUENCE:bits
4=SEQUENCE:unknown
[bmp]
type=OID:2.5.4.3
value=FORMAT:UTF8,BMPSTRING:株式会社
[numeric]
type=OID:2.5.4.5
value=NUMERICSTRING:12 34
[bits]
type=OID:2.5.4.45
value=FORMAT:BITLIST,BITSTRING:1,5,7,9
[unknown]
type=OID:1.3.6.1.4.1.99999.18446744073709551616
value=FORMAT:UTF8,T61STRING:Zürich
`
	folder := t.TempDir()
	config, output := filepath.Join(folder, "name.cnf"), filepath.Join(folder, "name.der")
	if err := os.WriteFile(config, []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	openssl(t, "", "asn1parse", "-genconf", config, "-noout", "-out", output)
	der, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	name, err := dn.FromDER(der)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := name.DER(); err != nil || string(again) != string(der) {
		t.Errorf("%x encodes as %x, %v", der, again, err)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), RawSubject: der}
	certificate, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := namesOf(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})))
	checkOneLine(t, "subject", name, want)
	tags, texts := contents(name)
	if diff := cmp.Diff([]int{28, 3, 18, 30, 20}, tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Zürich/+😀", "#0303064540", "12 34", "株式会社", "Zürich"}, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// What OpenSSL reads as -subj in the slash form, Parse reads as the same name,
// where the two notations agree.
func TestParseAsOpenSSLReadsSubj(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	openssl(t, "", "genpkey", "-algorithm", "ed25519", "-out", key)
	for _, text := range []string{
		"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb",
		"/CN=first/OU=b/OU=a/emailAddress=root@db1/C=US",
		`/O=a\/b\+c\\d/CN=x`,
		`/O="Acme", Inc. <a=b>; #1 'x' & *.y/CN= x `,
		"/DC=com/DC=example/UID=laura/serialNumber=7/2.5.4.12=x",
		"/O=Zürich 株式会社/CN=db1",
	} {
		certificate := openssl(t, "", "req", "-new", "-x509", "-key", key, "-utf8", "-subj", text, "-days", "1")
		want, _ := namesOf(t, certificate)
		if got := parse(t, text).OneLine(dn.OpenSSL3); got != want {
			t.Errorf("%s renders as %s, openssl's as %s", text, got, want)
		}
	}
}

func TestFromCertificateErrors(t *testing.T) {
	const version, serial, algorithm, name, validity = "a003020102", "020101", "3000", "3000", "3000"
	certificate := func(fields ...string) string {
		tbs := strings.Join(fields, "")
		return fmt.Sprintf("30%02x 30%02x %s", len(tbs)/2+2, len(tbs)/2, tbs)
	}
	tests := map[string]struct{ der, problem string }{
		"nothing":         {"", "ends too early"},
		"not a SEQUENCE":  {"3100", "tag 17"},
		"empty":           {"3000", "ends too early"},
		"bytes after it":  {"3000 00", "1 bytes follow it"},
		"no fields":       {certificate(), "field 1"},
		"no subject":      {certificate(version, serial, algorithm, name, validity), "field 5"},
		"issuer no name":  {certificate(version, serial, algorithm, "3100", validity, name), "issuer: name: tag 17"},
		"subject no name": {certificate(serial, algorithm, name, validity, "0500"), "subject: name: tag 5"},
	}
	for title, test := range tests {
		_, _, err := dn.FromCertificate(unhex(t, test.der))
		if err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %v", title, err)
		}
	}
	const named = "300c310a30080603550403130149"
	for _, text := range []string{
		certificate(serial, algorithm, named, validity, name), certificate(version, serial, algorithm, named, validity, name, "0500"),
	} {
		subject, issuer, err := dn.FromCertificate(unhex(t, text))
		if err != nil || issuer.String() != "/CN=I" || len(subject) != 0 {
			t.Errorf("%s: %q, %q, %v", text, subject, issuer, err)
		}
	}
}
