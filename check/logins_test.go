package check_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/check"
	"myca/dialect"
	"myca/live"
)

func TestLogins(t *testing.T) {
	in, refused := live.Attempt{In: true}, live.Attempt{Refused: true, Err: errors.New("access denied (1045)")}
	broken := live.Attempt{Err: errors.New("connection refused")}
	// tries are with the own certificate, without, in plain text, with bob's.
	tries := func(own, without, plain, other live.Attempt) []check.Try {
		return []check.Try{{check.OwnCertificate, "laura", own}, {check.WithoutCertificate, "", without}, {check.PlainText, "", plain}, {check.OtherCertificate, "bob", other}}
	}
	const notProven = `whether the certificate of "laura" is what lets 'laura'@'%' in: with it the account could not log in either`
	for name, test := range map[string]struct {
		tries       []check.Try
		requirement dialect.Requirement
		password    bool
		want        []string
		unseen      []string
	}{
		"sound":             {tries: tries(in, refused, refused, refused), password: true},
		"refused":           {tries: tries(refused, refused, refused, refused), password: true, want: []string{"login-refused"}, unseen: []string{notProven}},
		"password unknown":  {tries: tries(refused, refused, refused, refused), unseen: []string{`whether 'laura'@'%' can log in with the certificate of "laura": its password is not known here`, notProven}},
		"no certificate":    {tries: tries(in, in, refused, refused), password: true, want: []string{"login-without-certificate"}},
		"plain text":        {tries: tries(in, refused, in, refused), password: true, want: []string{"login-in-plain-text"}},
		"another's":         {tries: tries(in, refused, refused, in), password: true, want: []string{"login-with-other"}},
		"everything":        {tries: tries(in, in, in, in), want: []string{"login-without-certificate", "login-in-plain-text", "login-with-other"}},
		"issued for any":    {tries: tries(in, refused, refused, in), requirement: dialect.Requirement{X509: true}, password: true},
		"issued for a CA":   {tries: tries(in, in, refused, in), requirement: dialect.Requirement{Issuer: true}, password: true, want: []string{"login-without-certificate"}},
		"issued for TLS":    {tries: tries(in, in, in, in), requirement: dialect.Requirement{SSL: true}, password: true, want: []string{"login-in-plain-text"}},
		"issued for cipher": {tries: tries(in, in, in, in), requirement: dialect.Requirement{Cipher: "AES"}, password: true, want: []string{"login-in-plain-text"}},
		"issued for none":   {tries: tries(in, in, in, in), requirement: dialect.Requirement{None: true}, password: true},
		"no connection": {tries: tries(broken, broken, broken, broken), password: true, unseen: []string{
			`whether 'laura'@'%' can log in with the certificate of "laura", or without a certificate, or without TLS, or with the certificate of "bob": connection refused`,
		}},
		"nothing tried": {},
	} {
		t.Run(name, func(t *testing.T) {
			l := check.Logins{Account: dialect.Account{User: "laura", Host: "%"}, Name: "laura", Requirement: test.requirement, PasswordKnown: test.password, Tries: test.tries}
			var got []string
			for _, f := range l.Findings() {
				got = append(got, f.ID)
				if f.Where != "'laura'@'%'" {
					t.Errorf("%s is at %s", f.ID, f.Where)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.unseen, l.Unseen()); diff != "" {
				t.Errorf("unseen (-want +got):\n%s", diff)
			}
		})
	}
}
