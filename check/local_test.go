package check

import (
	"testing"

	"myca/dialect"
	"myca/finding"
	"myca/live"
)

// TestLocalOnly: accounts without a password are open to the network only where
// the network reaches them.
func TestLocalOnly(t *testing.T) {
	no := false
	for _, test := range []struct {
		host      string
		localOnly bool
		open      bool
	}{
		{"%", false, true}, {"%", true, false}, {"db1.example.com", true, false}, {"127.0.0.1", false, false},
		{"localhost.localdomain", false, false}, {"LOCALHOST4", false, false}, {"localhost6.localdomain6", false, false}, {"ip6-localhost", false, false},
		{"db1.localhost", false, false}, {"localhost.example.com", false, true}, {"notlocalhost", false, true},
	} {
		a := Accounts{Where: "server db1:3306", Version: dialect.Version{Product: dialect.MySQL, Major: 9, Minor: 7}, LocalOnly: test.localOnly,
			Server: []live.Account{{Account: dialect.Account{User: "bob", Host: test.host}, Plugin: "caching_sha2_password", HasPassword: &no}}}
		_, found, err := a.Judge()
		if err != nil {
			t.Fatal(err)
		}
		open := false
		for _, f := range found {
			open = open || f.ID == finding.AccountOpen
		}
		if open != test.open || !open && len(found) > 0 {
			t.Errorf("%q, local only %v: %v", test.host, test.localOnly, found)
		}
	}
}
