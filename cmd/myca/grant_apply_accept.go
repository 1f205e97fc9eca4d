package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"myca/dialect"
	"myca/live"
)

// accepted refuses a requirement that nobody can meet at this server as it is
// now: it has no TLS, or does not accept the certificate of the pair. An account
// that is made only now locks nobody out, and gets a notice.
func (r *applying) accepted(ctx context.Context, p *problems) error {
	kind := r.states[0].wanted.Type
	if kind == "" || kind == "ANY" && r.hello.OffersTLS {
		return nil
	}
	login := r.attempt(ctx)
	var err error
	if login.Certificate, err = pairOf(r.store, r.row); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	attempt := live.Present(ctx, r.server.address, login)
	switch {
	case attempt.In:
		return nil
	case !attempt.Refused:
		r.notices = append(r.notices, fmt.Sprintf("whether the server accepts the certificate of %q was not seen: %v", r.row.Name, attempt.Err))
		return nil
	}
	why, hint := r.unaccepted(attempt.Err)
	for _, s := range r.states {
		if s.before == nil {
			r.notices = append(r.notices, fmt.Sprintf("nobody gets in as %s for now: %s (%s)", s.account.SQL(), why, hint))
			continue
		}
		p.addf("account", hint, "%s would be locked out: %s; nothing was changed", s.account.SQL(), why)
	}
	return nil
}

// unaccepted says why the server does not accept the pair's certificate, and what
// to do first.
func (r *applying) unaccepted(err error) (why, hint string) {
	install := strings.TrimSpace("myca "+r.t.storeFlag()) + " install server "
	switch {
	case errors.Is(err, live.ErrNoTLS) && r.facts.Version.Product == dialect.MariaDB:
		// Before its restart a server does not tell which files are waiting.
		return "the server offers no TLS until it is restarted with its files", "systemctl restart mariadb, after " + install + "NAME"
	case errors.Is(err, live.ErrNoTLS):
		return "the server offers no TLS", install + "NAME"
	}
	hint = install + "NAME"
	if r.generated() {
		hint = install + "--replace-boilerplate"
	}
	issuer := r.statements.Issuer.OneLine(r.statements.Library)
	if errors.Is(err, live.ErrNotAsked) {
		return fmt.Sprintf("the server does not trust the CA %q: %v", issuer, err), hint
	}
	if strings.Contains(err.Error(), "unknown certificate authority") {
		return fmt.Sprintf("the server does not trust the CA %q", issuer), hint
	}
	return fmt.Sprintf("the server does not accept the certificate %s of the CA %q: %v", r.row.Serial, issuer, err), hint
}

// generated reports whether the server presents a certificate that it made by
// itself.
func (r *applying) generated() bool {
	if r.facts.Configured.Cert == "" {
		return true // MariaDB from 11.3 on makes one at its start
	}
	shown := r.hello.Handshake
	return shown != nil && len(shown.Certificates) > 0 && strings.Contains(shown.Certificates[0].Subject.CommonName, "_Auto_Generated_Server_Certificate")
}
