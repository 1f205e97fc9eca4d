package ca

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/dn"
)

// oddSubjects are in an order that crypto/x509/pkix cannot keep; want is what
// openssl reads back.
func oddSubjects() map[string]string {
	return map[string]string{
		"/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb":        "C = US, ST = WI, L = Madison, O = sampdb, OU = CA, CN = sampdb",
		"/CN=first/O=then/C=DE":                                 "CN = first, O = then, C = DE",
		"/OU=b/OU=a/OU=b/CN=x":                                  "OU = b, OU = a, OU = b, CN = x",
		"/O=x/emailAddress=a@b.example/CN=y/L=z":                "O = x, emailAddress = a@b.example, CN = y, L = z",
		"/CN=a/CN=b":                                            "CN = a, CN = b",
		"/L=x/CN= leading blank":                                `L = x, CN = " leading blank"`,
		"/O=it's \"quoted\", a=b #1;/CN=" + "0123456789abcdef!": `O = "it's \"quoted\", a=b #1;", CN = 0123456789abcdef!`,
	}
}

func TestCreateKeepsOrder(t *testing.T) {
	needs(t, "openssl")
	dir := t.TempDir()
	for subject, want := range oddSubjects() {
		t.Run(subject, func(t *testing.T) {
			a, _ := mustCreate(t, testSpec(t, subject, ECP256))
			if got := a.Subject.String(); got != subject {
				t.Errorf("Subject is %q", got)
			}
			path := writeFile(t, dir, "ca.pem", EncodeCertificate(a.Certificate), 0o600)
			for _, field := range []string{"subject", "issuer"} {
				out := run(t, "openssl", "x509", "-noout", "-"+field, "-in", path)
				if got := strings.TrimSuffix(out, "\n"); got != field+"="+want && got != field+"="+compact(want) {
					t.Errorf("openssl reads %q, want %q", got, want)
				}
			}
			leaf, err := a.Sign(leafTemplate(t, "/CN=leaf"), testKey(t, ECP256).Public())
			if err != nil {
				t.Fatal(err)
			}
			if string(leaf.RawIssuer) != string(a.Certificate.RawSubject) {
				t.Errorf("issuer of a leaf is %x, the authority's subject %x", leaf.RawIssuer, a.Certificate.RawSubject)
			}
		})
	}
}

// compact is a name as later versions of openssl print it.
func compact(s string) string { return strings.ReplaceAll(s, " = ", "=") }

func TestCreateEveryKeyType(t *testing.T) {
	needs(t, "openssl")
	digest := map[KeyType]string{
		RSA2048: "sha256WithRSAEncryption", RSA3072: "sha256WithRSAEncryption", RSA4096: "sha256WithRSAEncryption",
		ECP256: "ecdsa-with-SHA256", ECP384: "ecdsa-with-SHA384", Ed25519: "ED25519",
	}
	for _, kt := range KeyTypes() {
		t.Run(string(kt), func(t *testing.T) {
			if testing.Short() && kt == RSA4096 {
				t.Skip("rsa-4096 takes seconds: not with -short")
			}
			a, keyPEM := mustCreate(t, testSpec(t, "/O=acme/CN=acme CA", kt))
			key, err := DecodeKey(keyPEM)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := New(a.Certificate, key); err != nil {
				t.Errorf("the key returned is not the authority's: %v", err)
			}
			path := writeFile(t, t.TempDir(), "ca.pem", EncodeCertificate(a.Certificate), 0o600)
			text := run(t, "openssl", "x509", "-noout", "-text", "-in", path)
			for _, want := range []string{
				"Version: 3 (0x2)", "Signature Algorithm: " + digest[kt],
				"X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0\n",
				"X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n",
				"X509v3 Subject Key Identifier: \n",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			for _, unwanted := range []string{"Extended Key Usage", "Authority Key Identifier", "Alternative Name"} {
				if strings.Contains(text, unwanted) {
					t.Errorf("there is %q in\n%s", unwanted, text)
				}
			}
			run(t, "openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", path, path)
		})
	}
}

func TestCreateVerifiedByGnuTLS(t *testing.T) {
	needs(t, "certtool")
	for _, kt := range []KeyType{RSA2048, ECP256, ECP384, Ed25519} {
		a, _ := mustCreate(t, testSpec(t, "/CN=acme CA", kt))
		path := writeFile(t, t.TempDir(), "ca.pem", EncodeCertificate(a.Certificate), 0o600)
		out := run(t, "certtool", "--verify-chain", "--infile", path)
		if !strings.Contains(out, "Verified. The certificate is trusted.") {
			t.Errorf("%s:\n%s", kt, out)
		}
	}
}

func TestCreatePathLen(t *testing.T) {
	for _, n := range []int{0, 1} {
		s := testSpec(t, "/CN=root", ECP256)
		s.PathLen = n
		a, _ := mustCreate(t, s)
		if c := a.Certificate; c.MaxPathLen != n || c.MaxPathLenZero != (n == 0) {
			t.Errorf("path length %d became %d, %t", n, c.MaxPathLen, c.MaxPathLenZero)
		}
	}
}

// TestCreateYears shows both forms of a time and the bounds of the years.
func TestCreateYears(t *testing.T) {
	for _, tt := range []struct{ begin, end string }{
		{"1950-01-01T00:00:00Z", "2049-12-31T23:59:59Z"},
		{"2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"},
		{"2050-01-01T00:00:00Z", "9999-12-31T23:59:59Z"},
		{"2026-01-01T01:00:00+02:00", "2026-01-01T00:59:59.999+01:00"},
	} {
		s := testSpec(t, "/CN=years", ECP256)
		for text, to := range map[string]*time.Time{tt.begin: &s.NotBefore, tt.end: &s.NotAfter} {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				t.Fatal(err)
			}
			*to = at
		}
		a, _ := mustCreate(t, s)
		if got, want := a.Certificate.NotBefore, Second(s.NotBefore); !got.Equal(want) {
			t.Errorf("begins %s, want %s", got, want)
		}
		if got, want := a.Certificate.NotAfter, Second(s.NotAfter); !got.Equal(want) {
			t.Errorf("ends %s, want %s", got, want)
		}
	}
}

func TestSpecCheck(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	good := testSpec(t, "/CN=acme CA", ECP256)
	with := func(change func(*Spec)) Spec {
		s := good
		change(&s)
		return s
	}
	for name, tt := range map[string]struct {
		spec Spec
		want []string // fields of the problems
	}{
		"good":           {good, nil},
		"no subject":     {with(func(s *Spec) { s.Subject = nil }), []string{"subject"}},
		"bad attribute":  {with(func(s *Spec) { s.Subject = dn.Name{{{OID: "x.y", Tag: 12}}} }), []string{"subject"}},
		"nonportable":    {with(func(s *Spec) { s.Subject = mustName(t, `/CN=a\/b`) }), []string{"subject"}},
		"unknown key":    {with(func(s *Spec) { s.Key = "dsa" }), []string{"key"}},
		"ended":          {with(func(s *Spec) { s.NotAfter = now }), []string{"not_after"}},
		"ends at once":   {with(func(s *Spec) { s.NotBefore = s.NotAfter }), []string{"not_after"}},
		"same second":    {with(func(s *Spec) { s.NotBefore = s.NotAfter.Add(-1) }), nil},
		"within second":  {with(func(s *Spec) { s.NotBefore, s.NotAfter = testEnd.Add(1), testEnd.Add(2) }), []string{"not_after"}},
		"no beginning":   {with(func(s *Spec) { s.NotBefore = time.Time{} }), []string{"not_before"}},
		"year 1949":      {with(func(s *Spec) { s.NotBefore = time.Date(1949, 12, 31, 23, 0, 0, 0, time.UTC) }), []string{"not_before"}},
		"year 10000":     {with(func(s *Spec) { s.NotAfter = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }), []string{"not_after"}},
		"path length 2":  {with(func(s *Spec) { s.PathLen = 2 }), []string{"pathlen"}},
		"path length -1": {with(func(s *Spec) { s.PathLen = -1 }), []string{"pathlen"}},
		"all":            {Spec{PathLen: 7}, []string{"subject", "key", "not_before", "not_after", "pathlen"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tt.spec.Check(now)
			var problems Problems
			if errors.As(err, &problems) != (tt.want != nil) {
				t.Fatalf("error %v, want problems with %q", err, tt.want)
			}
			var fields []string
			for _, p := range problems {
				fields = append(fields, p.Field)
				if p.Hint == "" && name != "bad attribute" { // which no text makes
					t.Errorf("no hint: %s", p)
				}
			}
			if diff := cmp.Diff(tt.want, fields); diff != "" {
				t.Error(diff, err)
			}
			if name == "ended" { // only a clock can tell
				return
			}
			if a, keyPEM, err := Create(tt.spec); (err != nil) != (tt.want != nil) || (a != nil) != (keyPEM != nil) {
				t.Errorf("Create: %v, %v", a, err)
			}
		})
	}
}

func TestCreateNonportable(t *testing.T) {
	s := testSpec(t, `/O=a\/b/CN=münchen`, ECP256)
	s.AllowNonportable = true
	notices, err := s.Check(testBegin)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(dn.Portable(s.Subject)); len(notices) < want || want == 0 {
		t.Errorf("%d notices for %d reasons: %q", len(notices), want, notices)
	}
	a, _ := mustCreate(t, s)
	if a.Subject.String() != s.Subject.String() {
		t.Errorf("subject %q became %q", s.Subject, a.Subject)
	}
}

// TestLongSubject shows that a subject the grant tables cannot hold is refused.
func TestLongSubject(t *testing.T) {
	n := mustName(t, "/CN=x")
	for range 1100 {
		n = append(n, mustName(t, "/OU="+strings.Repeat("o", 60))...)
	}
	problems, _ := CheckSubject(n, true)
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "65535") {
		t.Errorf("got %v", problems)
	}
	if problems, _ := CheckSubject(n[:1000], true); problems != nil {
		t.Errorf("got %v", problems)
	}
}

// TestGolden pins every octet of an authority and a leaf of it: whatever
// changes them has to be meant, or be a release of Go that uses randomness in
// another way. UPDATE=1 go test ./ca writes the files anew.
func TestGolden(t *testing.T) {
	for _, kt := range []KeyType{ECP256, Ed25519} {
		t.Run(string(kt), func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, 1)
			a, keyPEM := mustCreate(t, testSpec(t, "/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb", kt))
			leaf, err := a.Sign(leafTemplate(t, "/CN=laura/C=US"), testKey(t, kt).Public())
			if err != nil {
				t.Fatal(err)
			}
			got := string(keyPEM) + string(EncodeCertificate(a.Certificate)) + string(EncodeCertificate(leaf))
			path := filepath.Join("testdata", string(kt)+".golden")
			if os.Getenv("UPDATE") != "" {
				writeFile(t, "testdata", string(kt)+".golden", []byte(got), 0o644)
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestProblems shows the texts of one and of several.
func TestProblems(t *testing.T) {
	one := Problems{{"key", `unknown key type "x"`, "one of a, b"}}
	if got, want := one.Error(), `key: unknown key type "x"`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	three := append(one, Problem{"subject", "is empty", ""}, Problem{"hosts", "is empty", "one of a, b"})
	want := "3 problems:\n  key: unknown key type \"x\"\n  subject: is empty\n  hosts: is empty"
	if got := three.Error(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := three.Hint(), "one of a, b"; got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
}
