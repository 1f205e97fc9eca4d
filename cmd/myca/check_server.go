package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"myca/check"
	"myca/dialect"
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
	k.unseen = append(k.unseen, "a login: "+err.Error())
	if s.explicit {
		refusal = &failure{err, "--password-file FILE, or another --user"}
	}
	return nil, refusal, nil
}

// open logs in as the user that is known, once the server was greeted.
func (k *checking) open(ctx context.Context) (*live.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	attempt := k.attempt()
	if attempt.Plain && attempt.Verify != nil {
		what := "the password is not sent over the network (--login-unverified sends it)"
		if k.server.password == "" {
			what = "nothing is changed over the network (--login-unverified does it)"
		}
		return nil, fmt.Errorf("log in as %q to %s: without TLS %s", attempt.User, k.server.address, what)
	}
	return live.Open(ctx, k.server.address, attempt)
}

// attempt is how the user that is known logs in: with TLS where the server can.
// A server that is to be changed is verified also when there is no password.
func (k *checking) attempt() live.Login {
	s := k.server
	return live.Login{
		User: s.user, Password: s.password, Certificate: s.certificate, Verify: k.gate(s.password != "" || k.changes),
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
	judged := check.Server{
		Where: k.where(), Hello: k.hello, Facts: k.facts,
		Rules: verify.Rules{Now: k.t.now(), Public: k.public},
		Trust: k.server.trust, TrustWhere: k.server.trustWhere,
	}
	if k.server.host != "" {
		judged.Rules.Hosts = []string{k.server.host}
	}
	judged.FileCert, judged.FileWhere = k.configuredCertificate()
	if k.store != nil {
		judged.Rules.Issued = issuedBy(ctx, k.store)
		judged.StoreState = func(cert *x509.Certificate) (state, name string) {
			row, known := rowOf(ctx, k.store, cert)
			if !known {
				return "", ""
			}
			return string(row.State), row.Name
		}
		tallies, err := k.store.Ledger().Count(ctx, ledger.Filter{State: ledger.Revoked, Lasting: k.t.now()})
		if err != nil {
			return err
		}
		for _, tally := range tallies {
			if tally.Kind != ledger.CA {
				judged.RevokedInStore += tally.Count
			}
		}
	}
	k.findings = append(k.findings, judged.Findings()...)
	k.unseen = append(k.unseen, judged.Unseen()...)
	return nil
}

// configuredCertificate reads the file that the server was told to read its
// certificate from, where that is a file of this machine; nil otherwise, which
// check.Server tells.
func (k *checking) configuredCertificate() ([]*x509.Certificate, string) {
	if k.facts == nil || k.facts.Configured.Cert == "" {
		return nil, ""
	}
	path := k.facts.Configured.Cert
	if !filepath.IsAbs(path) && k.facts.Version.Product == dialect.MySQL {
		path = filepath.Join(k.facts.DataDir, path) // MariaDB takes it from where it was started
	}
	if !k.sameMachine() || !filepath.IsAbs(path) {
		return nil, ""
	}
	certs, err := readCertificates(path)
	if err != nil {
		k.unseen = append(k.unseen, "the server's certificate file: "+err.Error())
		return nil, ""
	}
	return certs, path
}

// sameMachine reports whether the server's files are files of this machine.
func (k *checking) sameMachine() bool {
	name, err := os.Hostname()
	same := err == nil && strings.EqualFold(name, k.facts.Hostname)
	if k.server.address.Socket != "" {
		return same || k.facts.Hostname == ""
	}
	return same && loopback(k.server.address.Host)
}
