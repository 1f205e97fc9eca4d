package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"myca/check"
	"myca/dialect"
	"myca/dn"
	"myca/live"
	"myca/templates"
)

// judge refuses, before anything is done, what the server would refuse, and what
// would lock out the account that is logged in.
func (r *applying) judge(ctx context.Context) error {
	var p problems
	client, err := r.client()
	if err != nil {
		return err
	}
	for _, s := range r.states {
		r.judgeState(s, &p)
		lack := client.Lacks(s.wanted, r.facts.Version)
		if same(s.account, r.self()) && lack != "" {
			p.addf("account", "--defaults-file FILE with ssl-cert and ssl-key of a certificate that meets it, or another --login-user",
				"%s is the account that is logged in: this connection lacks %s of the new requirement, so it would be locked out", s.account.SQL(), lack)
		}
	}
	if err := p.err(); err != nil {
		return err
	}
	if err := r.accepted(ctx, &p); err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	return r.rights(ctx)
}

// judgeState holds the mode of the statements against what there is.
func (r *applying) judgeState(s state, p *problems) {
	makes := r.statements.Mode == templates.New || r.statements.Mode == templates.IfNotExists
	switch {
	case s.before == nil && !makes:
		p.addf("account", "--new or --if-not-exists, and a password flag", "the server at %s has no account %s", r.server.address, s.account.SQL())
	case s.before == nil:
	case s.before.Role:
		p.addf("account", "name an account", "%s is a role: nobody logs in with it", s.account.SQL())
	case r.statements.Mode == templates.New:
		p.addf("account", "--existing changes the requirement only; --if-not-exists the privileges too",
			"the server at %s has the account %s already: %s", r.server.address, s.account.SQL(), check.Require(*s.before))
	case r.guardless(s) != nil:
		p.add("password", r.guardless(s))
	case s.before.Locked:
		r.notices = append(r.notices, fmt.Sprintf("%s is locked and stays so: nobody logs in until ALTER USER %s ACCOUNT UNLOCK", s.account.SQL(), s.account.SQL()))
	}
}

// guardless refuses statements with which an account would be open to others: they
// ask for less than one certificate, and the server says that it has no password,
// or does not say.
func (r *applying) guardless(s state) error {
	set := r.statements.Password != nil && r.statements.Mode != templates.IfNotExists
	if set || s.wanted.Subject != "" || requires(s.before, s.wanted) {
		return nil
	}
	switch has := s.before.HasPassword; {
	case has != nil && *has:
	case has != nil:
		return usagef("--password-file FILE gives it one", "%s has no password on the server: with these statements it would be open", s.account.SQL())
	case r.guarded || s.before.Plugin == "unix_socket" || s.before.Plugin == "auth_socket": // who is somebody there
	default:
		return usagef(guardHint, "whether %s has a password cannot be seen on the server: without one, these statements would open it", s.account.SQL())
	}
	return nil
}

// client is how this program is connected.
func (r *applying) client() (check.Client, error) {
	client := check.Client{Cipher: r.facts.Cipher}
	// A server without a CA asks for no certificate.
	files := r.facts.Configured
	if pair := r.server.certificate; pair != nil && client.Cipher != "" && (files.CA != "" || files.CAPath != "") {
		subject, issuer, err := dn.FromCertificate(pair.Certificate[0])
		if err != nil {
			return client, fmt.Errorf("reading the certificate of the option file: %w", err)
		}
		client.Certificate = true
		client.Subject, client.Issuer = subject.OneLine(r.facts.Library), issuer.OneLine(r.facts.Library)
	}
	return client, nil
}

// rights refuses a login that cannot run the statements, as far as that can be
// told: CREATE USER and ALTER USER need the privilege CREATE USER or privileges
// on the database mysql, and GRANT the GRANT OPTION (reference manuals of both
// products).
func (r *applying) rights(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	held, err := r.session.Held(ctx)
	if err != nil {
		return fmt.Errorf("asking the server at %s for the rights of %s: %w", r.server.address, r.login(), err)
	}
	if held.Beyond {
		return nil
	}
	if _, has := held.Global["CREATE USER"]; !has && r.statements.Target.CreateUserRequire() {
		return &failure{fmt.Errorf("%s may not make or change accounts", r.login()), "GRANT CREATE USER ON *.* TO " + r.login()}
	}
	if grants := r.statements.Grants; len(grants) > 0 && r.statements.Mode != templates.Rescind && !held.Grants && !routine(grants) {
		return &failure{fmt.Errorf("%s has no privilege that it may give to others", r.login()),
			fmt.Sprintf("GRANT %s TO %s WITH GRANT OPTION", strings.TrimSuffix(grants[0].String(), " WITH GRANT OPTION"), r.login())}
	}
	return nil
}

// routine reports grants on a procedure or function: whether the login may give
// these cannot be seen.
func routine(grants []dialect.Grant) bool {
	for _, g := range grants {
		if text := g.String(); strings.Contains(text, " ON PROCEDURE ") || strings.Contains(text, " ON FUNCTION ") {
			return true
		}
	}
	return false
}

// comesBack tries the login of this run once more, and tells which account lets
// it in; "" when that was not seen. Nothing is known when the attempt could not
// be made, which is a notice.
func (r *applying) comesBack(ctx context.Context) (attempt live.Attempt, account string) {
	login := r.attempt(ctx)
	for _, s := range r.states {
		if same(s.account, r.self()) && r.statements.Password != nil && r.statements.Mode != templates.IfNotExists {
			login.Password = *r.statements.Password
		}
	}
	attempt = try(ctx, r.server.address, login)
	if attempt.In {
		var err error
		if account, err = r.letIn(ctx, login); err != nil {
			r.notices = append(r.notices, fmt.Sprintf("which account %s logs in to now was not seen: %v", r.login(), err))
		}
		return attempt, account
	}
	if !attempt.Refused {
		r.notices = append(r.notices, fmt.Sprintf("whether %s can still log in was not seen: %v", r.login(), attempt.Err))
	}
	return attempt, ""
}

// letIn logs in and asks which account that is.
func (r *applying) letIn(ctx context.Context, login live.Login) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	session, err := live.Open(ctx, r.server.address, login)
	if err != nil {
		return "", err
	}
	held, err := session.Held(ctx)
	return held.CurrentUser, errors.Join(err, session.Close())
}
