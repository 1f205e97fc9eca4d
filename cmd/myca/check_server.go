package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"myca/check"
	"myca/ledger"
	"myca/live"
	"myca/verify"
)

// login logs in as the user that is known. The session is nil when there is
// none; what that leaves unseen is noted. refusal is why the user of --user did
// not get in.
func (k *checking) login(ctx context.Context) (session *live.Session, refusal, err error) {
	s := k.server
	if s.user == "" {
		k.unseen = append(k.unseen, "a login: no user is known (--user USER --password-file FILE)")
		return nil, nil, nil
	}
	session, err = k.open(ctx)
	switch {
	case err == nil:
		return session, nil, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, nil, ctx.Err()
	}
	if !s.explicit {
		k.unseen = append(k.unseen, "a login: "+err.Error())
		return nil, nil, nil
	}
	var answer *live.ServerError
	hint := "" // an error of this side says what to do
	switch {
	case !errors.As(err, &answer):
	case s.password == "":
		hint = "--password-file FILE, if the account has a password"
	default:
		hint = "another password, or another --user"
	}
	return nil, &failure{err, hint}, nil
}

// open logs in as the user that is known, once the server was greeted: with TLS
// where the server can.
func (k *checking) open(ctx context.Context) (*live.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	attempt := k.attempt(ctx)
	if why := k.noPlain(attempt.Password); attempt.Plain && why != "" {
		return nil, fmt.Errorf("log in as %q to %s: %s", attempt.User, k.server.address, why)
	}
	return live.Open(ctx, k.server.address, attempt)
}

// attempt is how the user that is known logs in.
func (k *checking) attempt(ctx context.Context) live.Login {
	s := k.server
	return live.Login{
		User: s.user, Password: s.password, Certificate: s.certificate, Verify: k.gate(ctx, s.password),
		Plain: k.hello.Handshake == nil || k.hello.Err != nil,
	}
}

// session connects and logs in, for a command that cannot do without. Nothing
// was changed when it fails.
func (k *checking) session(ctx context.Context) (*live.Session, error) {
	if k.server.user == "" {
		return nil, usagef(fmt.Sprintf("--%suser USER --%spassword-file FILE, or --defaults-file FILE", k.prefix, k.prefix),
			"no user is known to log in as to the server at %s", k.server.address)
	}
	if err := k.greet(ctx); err != nil {
		return nil, err
	}
	session, err := k.open(ctx)
	if err != nil && ctx.Err() == nil {
		err = &failure{err, fmt.Sprintf("--%spassword-file FILE, or another --%suser", k.prefix, k.prefix)}
	}
	return session, err
}

// ask reads the settings.
func (k *checking) ask(ctx context.Context, session *live.Session) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	facts, err := session.Facts(ctx)
	if err != nil {
		return fmt.Errorf("asking the server at %s for its settings: %w", k.server.address, err)
	}
	k.facts = &facts
	return nil
}

// judgeServer judges all but the accounts.
func (k *checking) judgeServer(ctx context.Context) error {
	k.judged = check.Server{
		Where: k.where(), Hello: k.hello, Facts: k.facts,
		Rules: verify.Rules{Now: k.t.now(), Public: k.public},
		Trust: k.server.trust, TrustWhere: k.server.trustWhere, Commands: k.commands,
	}
	if k.server.host != "" {
		k.judged.Rules.Hosts = []string{k.server.host}
	}
	k.readServerFiles()
	if k.store != nil {
		if err := k.compareWithStore(ctx); err != nil {
			return err
		}
	}
	k.findings = append(k.findings, k.judged.Findings()...)
	k.unseen = append(k.unseen, k.judged.Unseen()...)
	return nil
}

// compareWithStore adds to the server what the store knows of it. Of a server
// that presents somebody else's certificate its CRL is not compared.
func (k *checking) compareWithStore(ctx context.Context) (err error) {
	s := &k.judged
	s.Rules.Issued = issuedBy(ctx, k.store)
	s.StoreState = func(cert *x509.Certificate) (state, name string) {
		row, known := rowOf(ctx, k.store, cert)
		if !known {
			return "", ""
		}
		return string(row.State), row.Name
	}
	if s.Authorities, err = k.store.CACertificates(); err != nil {
		return err
	}
	if s.Elsewhere() {
		k.unseen = append(k.unseen, fmt.Sprintf("what the accounts require: this server's certificate is not from the store %q; is that the right --dir?", k.store.Dir()))
		return nil
	}
	if list, err := k.store.CRL(); err == nil && list.Path != "" { // verify tells of one that is damaged
		if s.StoreCRLs, err = readCRLs(list.Path); err == nil {
			s.StoreCRLWhere = list.Path
		}
	}
	tallies, err := k.store.Ledger().Count(ctx, ledger.Filter{State: ledger.Revoked, Lasting: k.t.now()})
	for _, tally := range tallies {
		if tally.Kind != ledger.CA {
			s.RevokedInStore += tally.Count
		}
	}
	return err
}
