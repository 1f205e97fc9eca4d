package check

import (
	"fmt"
	"slices"

	"myca/dialect"
	"myca/finding"
	"myca/live"
)

// How is the way an account of the store was logged in to.
type How string

// The ways.
const (
	OwnCertificate     How = "own-certificate"
	WithoutCertificate How = "without-certificate" // but with TLS
	PlainText          How = "plain-text"
	OtherCertificate   How = "other-certificate"
)

// Try is one attempt to log in.
type Try struct {
	How         How
	Certificate string // name of the pair whose certificate was presented; "" for none
	Attempt     live.Attempt
}

// Logins is the attempts to log in to one account of the store.
type Logins struct {
	Account     dialect.Account
	Name        string              // of the pair that was issued for it
	Requirement dialect.Requirement // as it was issued; the zero value demands issuer and subject
	// PasswordKnown says that the attempts had the account's password, or that
	// it has none. Otherwise a refusal shows nothing.
	PasswordKnown bool
	Tries         []Try
}

// Findings is what the attempts show to be wrong. What the account was issued to
// allow is no finding: with REQUIRE X509 other clients of the CA get in.
func (l Logins) Findings() []finding.Finding {
	var found []finding.Finding
	where, mend := safe(l.Account.SQL()), "myca grant "+word(l.Account.String())+" --existing, and run what it prints"
	asked := l.asked()
	for _, t := range l.Tries {
		switch {
		case t.How == OwnCertificate && t.Attempt.Refused && l.PasswordKnown:
			found = append(found, finding.New(finding.LoginRefused, where, "", "refused with the certificate of %q: %v", t.Certificate, t.Attempt.Err))
		case !t.Attempt.In:
		case t.How == WithoutCertificate && asked.certificate:
			found = append(found, finding.New(finding.LoginWithoutCertificate, where, mend, "logged in without a certificate"))
		case t.How == PlainText && asked.tls:
			found = append(found, finding.New(finding.LoginInPlainText, where, mend, "logged in without TLS"))
		case t.How == OtherCertificate && asked.subject:
			found = append(found, finding.New(finding.LoginWithOther, where, mend, "logged in with the certificate of %q, though it was issued for %q", t.Certificate, l.Name))
		}
	}
	return found
}

// asked is what the requirement, as it was issued, asks of a client.
type asked struct{ tls, certificate, subject bool }

func (l Logins) asked() asked {
	r := l.Requirement
	subject := r == (dialect.Requirement{}) || r.Subject
	certificate := subject || r.Issuer || r.X509
	return asked{certificate || r.SSL || r.Cipher != "", certificate, subject}
}

// Unseen is what the attempts could not show, a sentence each.
func (l Logins) Unseen() []string {
	var unseen []string
	account, in := safe(l.Account.SQL()), false
	for _, t := range l.Tries {
		in = in || t.How == OwnCertificate && t.Attempt.In
		switch {
		case t.Attempt.In:
		case !t.Attempt.Refused:
			unseen = append(unseen, fmt.Sprintf("whether %s can log in %s: %v", account, t.how(), t.Attempt.Err))
		case t.How == OwnCertificate && !l.PasswordKnown:
			unseen = append(unseen, fmt.Sprintf("whether %s can log in %s: its password is not known here", account, t.how()))
		}
	}
	if !in && slices.ContainsFunc(l.Tries, func(t Try) bool { return t.How != OwnCertificate && t.Attempt.Refused }) {
		unseen = append(unseen, fmt.Sprintf("whether the certificate of %q is what lets %s in: with it the account could not log in either", l.Name, account))
	}
	return unseen
}

// how is the way, for a sentence.
func (t Try) how() string {
	switch t.How {
	case WithoutCertificate:
		return "without a certificate"
	case PlainText:
		return "without TLS"
	}
	return fmt.Sprintf("with the certificate of %q", t.Certificate)
}
