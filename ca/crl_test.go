package ca

import (
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCRL(t *testing.T) {
	serial, err := NewSerial()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 7, time.UTC)
	for _, key := range []KeyType{RSA2048, ECP256, ECP384, Ed25519} {
		a, _ := mustCreate(t, testSpec(t, "/C=US/O=sampdb/CN=sampdb CA", key))
		for _, test := range []struct {
			number    int64
			revoked   []Revoked
			now, next time.Time
		}{
			{1, nil, at, at.AddDate(0, 0, 30)},
			{1 << 40, []Revoked{{serial, at, 1}, {big.NewInt(128), at.AddDate(-1, 0, 0), 0}, {big.NewInt(1), at, 9}}, at, at.AddDate(0, 1, 0)},
			{7, []Revoked{{serial, at.AddDate(30, 0, 0), 4}}, time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2052, 2, 29, 0, 0, 0, 0, time.UTC)},
		} {
			der, err := a.CRL(test.number, test.revoked, test.now, test.next)
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			lists, err := DecodeCRLs(append(EncodeCertificate(a.Certificate), EncodeCRL(der)...))
			if err != nil || len(lists) != 1 {
				t.Fatalf("%s: %d lists, %v", key, len(lists), err)
			}
			list := lists[0]
			var got []Revoked
			for _, e := range list.RevokedCertificateEntries {
				got = append(got, Revoked{e.SerialNumber, e.RevocationTime, e.ReasonCode})
			}
			var want []Revoked
			for _, r := range test.revoked {
				want = append(want, Revoked{r.Serial, Second(r.At), r.Reason})
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
				t.Errorf("%s (-want +got):\n%s", key, diff)
			}
			if list.Number.Int64() != test.number || !list.ThisUpdate.Equal(Second(test.now)) || !list.NextUpdate.Equal(Second(test.next)) ||
				string(list.AuthorityKeyId) != string(a.Certificate.SubjectKeyId) || len(list.Extensions) != 2 {
				t.Errorf("%s: number %v, %v to %v, %d extensions", key, list.Number, list.ThisUpdate, list.NextUpdate, len(list.Extensions))
			}
		}
	}
}

func TestCRLThatCannotBe(t *testing.T) {
	a, _ := mustCreate(t, testSpec(t, "/CN=a", ECP256))
	now := time.Now()
	if _, err := a.CRL(1, nil, now, now.Add(-time.Hour)); err == nil {
		t.Error("a list that ends before it begins")
	}
	other := *a
	cert := *a.Certificate
	cert.KeyUsage = x509.KeyUsageCertSign
	other.Certificate = &cert
	_, err := other.CRL(1, nil, now, now.Add(time.Hour))
	if e := (*Error)(nil); !errors.As(err, &e) || !strings.Contains(e.Error(), "cRLSign") || e.Hint() == "" {
		t.Errorf("without cRLSign: %v", err)
	}
}

// What differs from the plan is found, and whose signature it is not.
func TestLintCRL(t *testing.T) {
	a, _ := mustCreate(t, testSpec(t, "/CN=a", ECP256))
	b, _ := mustCreate(t, testSpec(t, "/CN=b", ECP384))
	now := Second(time.Now())
	der, err := a.CRL(5, []Revoked{{big.NewInt(9), now, 1}}, now, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	plan := func(change func(*x509.RevocationList)) *x509.RevocationList {
		l := &x509.RevocationList{
			Number: big.NewInt(5), ThisUpdate: now, NextUpdate: now.Add(time.Hour), SignatureAlgorithm: a.SignatureAlgorithm(),
			RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(9), RevocationTime: now, ReasonCode: 1}},
		}
		change(l)
		return l
	}
	same := func(*x509.RevocationList) {}
	if wrong := a.lintCRL(der, plan(same)); wrong != nil {
		t.Errorf("as planned: %q", wrong)
	}
	if wrong := strings.Join(b.lintCRL(der, plan(same)), "; "); !strings.Contains(wrong, "issuer") || !strings.Contains(wrong, "authority key") {
		t.Errorf("of another authority: %q", wrong)
	}
	for words, change := range map[string]func(*x509.RevocationList){
		"number":    func(l *x509.RevocationList) { l.Number = big.NewInt(6) },
		"valid":     func(l *x509.RevocationList) { l.NextUpdate = now },
		"algorithm": func(l *x509.RevocationList) { l.SignatureAlgorithm = x509.PureEd25519 },
		"entries":   func(l *x509.RevocationList) { l.RevokedCertificateEntries = nil },
		"entry 0":   func(l *x509.RevocationList) { l.RevokedCertificateEntries[0].ReasonCode = 3 },
	} {
		if wrong := a.lintCRL(der, plan(change)); len(wrong) != 1 || !strings.Contains(wrong[0], words) {
			t.Errorf("%s: %q", words, wrong)
		}
	}
	if wrong := a.lintCRL(der[:40], plan(same)); wrong == nil {
		t.Error("cut short: nothing wrong")
	}
}

func TestReasons(t *testing.T) {
	for _, name := range Reasons() {
		code, err := ParseReason(name)
		if err != nil || ReasonName(code) != name || ReasonCode(name) != code {
			t.Errorf("%s: %d, %s, %v", name, code, ReasonName(code), err)
		}
	}
	for _, name := range []string{"", "keyCompromise", "ca-compromise", "certificate-hold"} {
		if _, err := ParseReason(name); err == nil || !strings.Contains(err.(*Error).Hint(), "key-compromise") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if ReasonName(2) != "ca-compromise" || ReasonName(6) != "unspecified" || ReasonCode("x") != 0 {
		t.Error("reasons that no leaf has")
	}
}

func TestDecodeCRLs(t *testing.T) {
	a, _ := mustCreate(t, testSpec(t, "/CN=a", ECP256))
	der, err := a.CRL(1, nil, testBegin, testEnd)
	if err != nil {
		t.Fatal(err)
	}
	text := string(EncodeCRL(der))
	for name, bad := range map[string]string{
		"empty": "", "no PEM": "x", "cut off": text[:len(text)-30], "a certificate": string(EncodeCertificate(a.Certificate)),
		"not a CRL inside": strings.Replace(string(EncodeCertificate(a.Certificate)), "CERTIFICATE", "X509 CRL", 2),
	} {
		if lists, err := DecodeCRLs([]byte(bad)); err == nil {
			t.Errorf("%s: %d lists", name, len(lists))
		}
	}
	if lists, err := DecodeCRLs([]byte(text + text)); len(lists) != 2 || err != nil {
		t.Errorf("two: %d, %v", len(lists), err)
	}
}

func TestCRLWithOtherPrograms(t *testing.T) {
	needs(t, "openssl")
	needs(t, "certtool")
	a, _ := mustCreate(t, testSpec(t, "/C=US/CN=a", RSA2048))
	now := time.Now()
	der, err := a.CRL(258, []Revoked{{big.NewInt(0xabcd), now, 1}}, now.Add(-time.Hour), now.AddDate(0, 0, 30))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	crl := writeFile(t, dir, "crl.pem", EncodeCRL(der), 0o600)
	cert := writeFile(t, dir, "ca.pem", EncodeCertificate(a.Certificate), 0o600)
	if text := run(t, "openssl", "crl", "-in", crl, "-CAfile", cert, "-noout", "-text", "-verify"); !strings.Contains(text, "verify OK") ||
		!strings.Contains(text, "Serial Number: ABCD") || !strings.Contains(text, "Key Compromise") || !strings.Contains(text, "258") {
		t.Errorf("openssl:\n%s", text)
	}
	run(t, "certtool", "--verify-crl", "--load-ca-certificate", cert, "--infile", crl)
}
