package check

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"myca/dialect"
	"myca/dn"
	"myca/finding"
	"myca/live"
)

// TestCipher: of an account that requires a cipher too, no certificate is said to
// open it; and none does where the server does not have the cipher.
func TestCipher(t *testing.T) {
	yes := true
	subject := []byte{0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'l'} // CN=l
	store := func() iter.Seq2[Certificate, error] {
		return func(yield func(Certificate, error) bool) {
			yield(Certificate{Name: "laura", RawSubject: subject, RawIssuer: subject}, nil)
		}
	}
	const old, current = "ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"
	for _, test := range []struct {
		cipher             string
		protocols, ciphers []string
		satisfied          bool
		locked             string
	}{
		{"", nil, nil, true, ""},
		{old, nil, nil, false, ""},
		{old, []string{"TLSv1.2", "TLSv1.3"}, []string{current, old}, false, ""},
		{old, []string{"TLSv1.3"}, nil, false, "the server speaks nothing else"},
		{current, []string{"TLSv1.2"}, nil, false, "the server does not speak"},
		{current, []string{"TLSv1.3"}, []string{current}, false, ""},
		{"AES128-SHA", []string{"TLSv1.2"}, []string{current, old}, false, "none of the server's"},
	} {
		a := Accounts{Where: "server db1:3306", Version: dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4}, Library: dn.OpenSSL3, Certificates: store,
			Protocols: test.protocols, Ciphers: test.ciphers, Authorities: []string{"/CN=l"},
			Server: []live.Account{{Account: dialect.Account{User: "laura", Host: "%"}, Type: "SPECIFIED", Subject: "/CN=l", Cipher: test.cipher, HasPassword: &yes}}}
		views, found, err := a.Judge()
		if err != nil {
			t.Fatal(err)
		}
		if got := views[0].Satisfying == 1; got != test.satisfied || len(views[0].SatisfiedBy) != views[0].Satisfying {
			t.Errorf("%+v: %+v", test, views[0])
		}
		locked := slices.ContainsFunc(found, func(f finding.Finding) bool {
			return f.ID == finding.AccountLockedOut && test.locked != "" && strings.Contains(f.What, test.locked) && !strings.Contains(f.Mend, "CIPHER")
		})
		if locked != (test.locked != "") || test.locked == "" && len(found) > 0 {
			t.Errorf("%+v: %v", test, found)
		}
		if unseen := strings.Contains(strings.Join(a.Unseen(), "\n"), "the cipher"); unseen != (test.cipher != "" && test.locked == "") {
			t.Errorf("%+v: unseen %q", test, a.Unseen())
		}
	}
}

// TestExpected: an account of a client that was issued for the other product is
// not missed.
func TestExpected(t *testing.T) {
	for product, missed := range map[dialect.Product]bool{dialect.MySQL: true, dialect.MariaDB: false, "": true} {
		a := Accounts{Where: "server db1:3306", Version: dialect.Version{Product: dialect.MySQL, Major: 8}, Server: []live.Account{},
			Recorded: []Recorded{{Account: dialect.Account{User: "laura", Host: "%"}, Name: "laura", Product: product}}}
		_, found, err := a.Judge()
		if err != nil || (len(found) == 1) != missed || (len(a.Unseen()) == 1) == missed {
			t.Errorf("%q: %v, %v, %q", product, found, err, a.Unseen())
		}
	}
}
