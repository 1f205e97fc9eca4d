package check

import (
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

// Findings is what the attempts show to be wrong.
func (l Logins) Findings() []finding.Finding { return nil }

// Unseen is what the attempts could not show, a sentence each.
func (l Logins) Unseen() []string { return nil }
