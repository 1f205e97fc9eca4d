package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	PasswordFrom  string // where the password is from, for a sentence; "" when there is none
	// Cause is the identifier of what is found about the account itself and keeps
	// its client out; "" for none.
	Cause string
	// Met says that the server's account is known and that the certificate meets
	// what it requires.
	Met      bool
	Locked   bool // the server's account is locked
	TLSOff   bool // the server has no TLS now
	Version  dialect.Version
	Commands Commands
	Tries    []Try
}

// Findings is what the attempts show to be wrong. What the account was issued to
// allow is no finding: with REQUIRE X509 other clients of the CA get in.
func (l Logins) Findings() []finding.Finding {
	var found []finding.Finding
	where, mend := safe(l.Account.SQL()), l.Commands.grant(l.Account, l.Version)
	if l.TLSOff {
		mend = onceTLS + mend
	}
	asked := l.asked()
	for _, t := range l.Tries {
		switch {
		case t.How == OwnCertificate && t.Attempt.Refused && l.PasswordKnown:
			found = append(found, l.refused(where, t))
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

// refused is the finding about a client that is locked out, with the reason as
// far as it shows.
func (l Logins) refused(where string, t Try) finding.Finding {
	mend, why := "", ""
	var answer *live.ServerError
	denied := errors.As(t.Attempt.Err, &answer) && (answer.Number == 1045 || answer.Number == 1698)
	switch {
	case l.Locked:
		mend, why = "ALTER USER "+l.Account.SQL()+" ACCOUNT UNLOCK;", "; the account is locked"
	case l.Cause != "":
		mend, why = "mend "+l.Cause+" first", "; see "+l.Cause
		if kind, _ := finding.Lookup(l.Cause); kind.Severity == finding.Error { // those come first
			why += " above"
		}
	case denied && l.Met && l.PasswordFrom != "":
		mend = "ALTER USER " + l.Account.SQL() + " IDENTIFIED BY …; or --client-password-file FILE with the password it has"
		why = "; its certificate is the right one, so the password is probably wrong: it is from " + l.PasswordFrom
	case denied && l.Met:
		mend = "--client-password-file FILE with its password"
		why = "; its certificate is the right one, so it probably has a password"
	}
	return finding.New(finding.LoginRefused, where, mend, "refused with the certificate of %q: %v%s", t.Certificate, t.Attempt.Err, why)
}

// asked is what the requirement, as it was issued, asks of a client.
type asked struct{ tls, certificate, subject bool }

func (l Logins) asked() asked {
	r := l.Requirement
	subject := r == (dialect.Requirement{}) || r.Subject
	certificate := subject || r.Issuer || r.X509
	return asked{certificate || r.SSL || r.Cipher != "", certificate, subject}
}

// Unseen is what the attempts could not show, a sentence each; attempts that
// could not be made for the same reason share one.
func (l Logins) Unseen() []string {
	var unseen, reasons []string
	ways := map[string][]string{}
	account, in := safe(l.Account.SQL()), false
	for _, t := range l.Tries {
		in = in || t.How == OwnCertificate && t.Attempt.In
		reason := ""
		switch {
		case t.Attempt.In:
			continue
		case !t.Attempt.Refused:
			reason = t.Attempt.Err.Error()
		case t.How == OwnCertificate && !l.PasswordKnown:
			reason = "its password is not known here"
		default:
			continue
		}
		if ways[reason] == nil {
			reasons = append(reasons, reason)
		}
		ways[reason] = append(ways[reason], t.how())
	}
	for _, reason := range reasons {
		unseen = append(unseen, fmt.Sprintf("whether %s can log in %s: %s", account, strings.Join(ways[reason], ", or "), reason))
	}
	if !in && slices.ContainsFunc(l.Tries, func(t Try) bool { return t.How != OwnCertificate && t.Attempt.Refused }) {
		unseen = append(unseen, fmt.Sprintf("whether the certificate of %q is what lets %s in: with it the account could not log in either", l.Name, account))
	}
	return unseen
}

// Expected reports whether a refusal is what the account was issued for.
func (l Logins) Expected(t Try) bool {
	asked := l.asked()
	return t.Attempt.Refused && (t.How == WithoutCertificate && asked.certificate || t.How == PlainText && asked.tls || t.How == OtherCertificate && asked.subject)
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
