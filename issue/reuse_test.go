package issue

import (
	"bytes"
	"strings"
	"testing"

	"myca/ca"
)

// A key is certified again, whatever format it comes in.
func TestReusedKey(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	for _, keyType := range []ca.KeyType{ca.RSA2048, ca.ECP256, ca.Ed25519} {
		r := clientRequest()
		r.Key = keyType
		first := mustMake(t, a, r)
		r.ReuseKey = first.KeyPEM
		second := mustMake(t, a, r)
		if !bytes.Equal(first.KeyPEM, second.KeyPEM) || first.Certificate.SerialNumber.Cmp(second.Certificate.SerialNumber) == 0 {
			t.Errorf("%s: another key, or the same serial", keyType)
		}
		if !keyType.RSA() {
			continue
		}
		r.KeyFormat = ca.PKCS1
		third := mustMake(t, a, r)
		if !strings.Contains(string(third.KeyPEM), "RSA PRIVATE KEY") ||
			!bytes.Equal(third.Certificate.RawSubjectPublicKeyInfo, first.Certificate.RawSubjectPublicKeyInfo) {
			t.Errorf("in another format: %.40s", third.KeyPEM)
		}
	}
}

func TestReusedKeyThatDoesNotFit(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	r := clientRequest()
	r.ReuseKey = mustMake(t, a, r).KeyPEM
	r.Key = ca.ECP384
	for _, key := range [][]byte{r.ReuseKey, {}, []byte("x")} {
		r.ReuseKey = key
		if problems := problemsOf(t, a, r); len(problems) != 1 || problems[0].Field != "reuse_key" {
			t.Errorf("%.30q: %v", key, problems)
		}
	}
}
