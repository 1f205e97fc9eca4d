package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"myca/ca"
	"myca/check"
	"myca/dialect"
	"myca/finding"
	"myca/ledger"
	"myca/live"
	"myca/store"
)

// logins logs in to each account of the clients in rows: with its own
// certificate, without, in plain text, and with another client's. given is the
// password instead of the store's; nil: the store's.
func (k *checking) logins(ctx context.Context, rows []ledger.Row, given *string) error {
	for _, row := range rows {
		spec, err := store.ReadSpec(row)
		if err != nil {
			return err
		}
		accounts, require, err := accountsOf(spec)
		if err != nil {
			return fmt.Errorf("reading what client %q was issued for: %w", row.Name, err)
		}
		if len(accounts) == 0 {
			k.unseen = append(k.unseen, fmt.Sprintf("logins of %s, which was issued for no account", row.Name))
			continue
		}
		trial, err := k.trialOf(ctx, row, spec, given)
		if err != nil {
			return err
		}
		trial.accounts = accounts
		for _, account := range accounts {
			tried := check.Logins{Account: account, Name: row.Name, Requirement: require,
				PasswordKnown: trial.password != nil, PasswordFrom: trial.passwordFrom, TLSOff: !k.hello.OffersTLS, Version: k.hello.Version, Commands: k.commands}
			k.explain(&tried)
			if tried.Tries, err = k.tries(ctx, trial, account); err != nil {
				return err
			}
			k.tried = append(k.tried, tried)
			k.findings = append(k.findings, tried.Findings()...)
			k.unseen = append(k.unseen, tried.Unseen()...)
		}
	}
	k.unseen = append(k.unseen, k.untried.unseen()...)
	return nil
}

// explain adds what is known of the server's account, and what was found that
// keeps its client out.
func (k *checking) explain(l *check.Logins) {
	if k.facts != nil {
		l.Version = k.facts.Version
	}
	who := l.Account.SQL()
	for _, f := range k.findings {
		switch f.ID {
		case finding.AccountLockedOut, finding.AccountMissing, finding.AccountShadowed, finding.RequirementForeign:
			if f.Where == who {
				l.Cause = cmp.Or(l.Cause, f.ID)
			}
		case finding.CRLExpired:
			l.Cause = cmp.Or(l.Cause, f.ID)
		}
	}
	for _, a := range k.accounts {
		if a.SQL() == who {
			l.Locked = a.Locked
		}
	}
	for _, v := range k.views {
		if v.Account == who {
			l.Met = !strings.Contains(v.Require, " CIPHER ") && (v.Satisfying > 0 || v.Require == "REQUIRE NONE" || v.Require == "REQUIRE SSL")
		}
	}
}

// untried is the logins that were not tried: accounts by the reason, each
// reason once.
type untried struct {
	reasons  []string
	accounts map[string][]string
}

func (u *untried) add(reason string, account dialect.Account) {
	if u.accounts == nil {
		u.accounts = map[string][]string{}
	}
	if u.accounts[reason] == nil {
		u.reasons = append(u.reasons, reason)
	}
	u.accounts[reason] = append(u.accounts[reason], account.String())
}

// unseen is a sentence for each reason.
func (u *untried) unseen() []string {
	var list []string
	for _, reason := range u.reasons {
		list = append(list, fmt.Sprintf("logins of %s: %s", strings.Join(u.accounts[reason], ", "), reason))
	}
	return list
}

// trial is what the accounts of one client are tried with.
type trial struct {
	name      string
	accounts  []dialect.Account // all of the client
	own       *tls.Certificate
	other     *tls.Certificate // nil: the store has no other client
	otherName string
	password  *string // nil: it is not known
	// passwordFrom is where it is from, for a sentence; "" when it is that of an
	// account without.
	passwordFrom string
}

func (k *checking) trialOf(ctx context.Context, row ledger.Row, spec store.Spec, given *string) (trial, error) {
	tr := trial{name: row.Name}
	var err error
	if tr.own, err = pairOf(k.store, row); err != nil {
		return tr, err
	}
	stored, err := k.store.Password(row.Name)
	if err != nil {
		return tr, err
	}
	switch {
	case given != nil:
		tr.password, tr.passwordFrom = given, "--client-password-file"
	case stored != nil:
		tr.password, tr.passwordFrom = stored, fmt.Sprintf("the store, which keeps the one that %q was issued with", row.Name)
	case spec.Password == passwordNone:
		tr.password = new(string)
	}
	for other, err := range k.store.Ledger().All(ctx, ledger.Filter{Kind: ledger.Client, State: ledger.Active, Lasting: k.t.now()}) {
		if err != nil {
			return tr, err
		}
		if other.Subject != row.Subject {
			tr.otherName = other.Name
			tr.other, err = pairOf(k.store, other)
			return tr, err
		}
	}
	return tr, nil
}

// pairOf reads certificate and key of an active client.
func pairOf(s *store.Store, row ledger.Row) (*tls.Certificate, error) {
	text, err := s.PrivateKey(row)
	if err != nil {
		return nil, err
	}
	key, err := ca.DecodeKey(text)
	if err != nil {
		return nil, fmt.Errorf("reading the key of client %q: %w", row.Name, err)
	}
	leaf, err := x509.ParseCertificate(row.DER)
	if err != nil {
		return nil, fmt.Errorf("reading certificate %s of the ledger: %w", row.Serial, err)
	}
	return &tls.Certificate{Certificate: [][]byte{row.DER}, PrivateKey: key, Leaf: leaf}, nil
}

// tries makes the attempts that can be made from here.
func (k *checking) tries(ctx context.Context, tr trial, account dialect.Account) ([]check.Try, error) {
	if tr.password == nil { // a wrong one would be counted against the account
		k.untried.add("its password is not known here (--client-password-file FILE)", account)
		return nil, nil
	}
	address, why := k.from(account)
	if why == "" {
		why = k.shadow(account, tr.accounts)
	}
	if why != "" {
		k.untried.add(why, account)
		return nil, nil
	}
	ways := []struct {
		how         check.How
		certificate *tls.Certificate
		name        string
	}{
		{check.OwnCertificate, tr.own, tr.name},
		{check.WithoutCertificate, nil, ""},
		{check.PlainText, nil, ""},
		{check.OtherCertificate, tr.other, tr.otherName},
	}
	var tried []check.Try
	for _, way := range ways {
		login := live.Login{User: account.User, Password: *tr.password, Certificate: way.certificate, Verify: k.gate(ctx, *tr.password), Plain: way.how == check.PlainText}
		switch {
		case way.how == check.OtherCertificate && way.certificate == nil:
			k.untried.add("with another client's certificate: the store has no other client", account)
			continue
		case login.Plain && k.noPlain(*tr.password) != "":
			k.untried.add("in plain text: "+k.noPlain(*tr.password), account)
			continue
		}
		attempt := try(ctx, address, login)
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, ctx.Err()
		}
		if why := k.elsewhere(account, address, attempt); why != "" {
			k.untried.add(why, account)
			return nil, nil
		}
		tried = append(tried, check.Try{How: way.how, Certificate: way.name, Attempt: attempt})
	}
	return tried, nil
}

func try(ctx context.Context, address live.Address, login live.Login) live.Attempt {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	return live.Try(ctx, address, login)
}
