package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/ca"
	"myca/deploy"
	"myca/dialect"
	"myca/dn"
	"myca/live"
)

// answered is an error where the server was named and nothing answers: it is not
// taken for one that is stopped.
func (r *serverInstall) answered() error {
	if r.running != nil || !r.named {
		return nil
	}
	return &failure{fmt.Errorf("nothing answers at %s", strings.Join(r.silent, ", nor at ")),
		"start the server, or name where it listens; leave out --socket, --host and --port to install for a server that does not run"}
}

// entitled refuses a login that could not make the server reload, before
// anything is made.
func (r *serverInstall) entitled(ctx context.Context) error {
	if r.running == nil || r.plan.State != deploy.Reloaded {
		return nil
	}
	var held live.Held
	err := r.running.with(ctx, func(ctx context.Context) (err error) {
		held, err = r.running.session.Held(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if grants := held.Lacking(r.facts.Version, len(r.plan.Statements()) > 1); grants != nil {
		return &failure{fmt.Errorf("%s could not make the server reload: it lacks %s", held.CurrentUser, counted(len(grants), "right")),
			strings.Join(grants, "\n")}
	}
	return nil
}

// foresee tells those who use the server what changes for them.
func (r *serverInstall) foresee() {
	if r.plan.NewCA {
		r.notices = append(r.notices, "clients that verify this server (ssl-mode=VERIFY_CA or VERIFY_IDENTITY, ssl-verify-server-cert) refuse it from now on, until their ssl-ca has "+r.bundle())
	}
	of := r.job.Options.Version
	if r.store == nil || r.running == nil {
		return
	}
	if target := r.store.Target(); target.Product != of.Product {
		series := of
		series.Patch = -1
		r.notices = append(r.notices, fmt.Sprintf("the store is for %s, this server is %s: issue clients with --target %s", target, series, series))
	}
}

// bundle is the file that clients are to trust.
func (r *serverInstall) bundle() string { return filepath.Join(r.t.dir, ca.CertificateFile) }

// kept is why nothing was installed, with what was made for it before and stays.
func (r *serverInstall) kept(err error) error {
	if err == nil || r.replace == nil || r.replace.item == nil {
		return err
	}
	stays := fmt.Sprintf("the pair %s stays in %s", r.name, r.t.dir)
	if r.replace.made != nil {
		stays = fmt.Sprintf("the CA and the pair %s stay in %s", r.name, r.t.dir)
	}
	if errors.Is(err, context.Canceled) {
		return &usageError{message: "interrupted: the server and its files are as they were; " + stays, cause: err}
	}
	return &failure{&keptError{err, stays}, hintOf(err)}
}

// keptError is an error after which something stays.
type keptError struct {
	error
	stays string
}

func (e *keptError) Error() string { return e.error.Error() + "; " + e.stays }
func (e *keptError) Unwrap() error { return e.error }

// names are those in the certificate.
func (r *serverInstall) names() []string {
	certs, err := ca.DecodeCertificates(r.job.Material.Cert)
	if err != nil {
		return nil // Plan has read it
	}
	return hostsOf(certs[0])
}

func hostsOf(cert *x509.Certificate) []string {
	names := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// authority is the CA as far as its name is known: with --dry-run that of one
// that is to be made is another each time.
func (r *serverInstall) authority() *installedCAJSON {
	shown := &installedCAJSON{Path: r.bundle()}
	if r.dryRun && r.replace != nil && r.replace.made != nil && r.replace.authority.given == "" {
		return shown
	}
	certs, err := ca.DecodeCertificates(r.job.Material.CA)
	if err != nil {
		return shown // Plan has read it
	}
	if name, err := dn.FromDER(certs[0].RawSubject); err == nil {
		shown.Subject = present(name.String())
	}
	return shown
}

// wayBack are the commands that undo by hand what was installed.
func (r *serverInstall) wayBack() ([]string, error) {
	commands, err := deploy.WayBack(r.done.Backup)
	if err != nil {
		return nil, err
	}
	switch told := r.plan.StatementsBack(); {
	case told != nil:
		words := strings.Fields(r.job.Options.Version.ClientProgram() + " " + r.commands.Connection)
		commands = append(commands, strings.Join(words, " ")+" -e "+shellWord(strings.Join(told, "; ")+";"))
	case r.plan.State == deploy.Reloaded, r.plan.State == deploy.RestartNeeded:
		commands = append(commands, "systemctl restart "+r.service())
	}
	return commands, nil
}

// service is what the packages call the server.
func (r *serverInstall) service() string {
	if r.job.Options.Version.Product == dialect.MariaDB {
		return "mariadb"
	}
	return "mysql"
}

// next is what is to be done once the server has its certificate.
func (r *serverInstall) next() []string {
	store := "myca --dir " + shellWord(r.t.dir)
	var lines []string
	if r.plan.NewCA || r.replace != nil && r.replace.made != nil {
		lines = append(lines, "hand out "+r.bundle()+" to the clients (ssl-ca)")
	}
	for _, account := range r.requiring {
		lines = append(lines, "move the account "+account.SQL()+": "+store+" issue client "+shellWord(account.String())+" --existing, then "+store+" grant NAME --apply")
	}
	if r.replace != nil && r.replace.made != nil {
		lines = append(lines, "back up the CA's key off this host: "+filepath.Join(r.t.dir, "ca"))
	}
	var words []string
	for _, name := range r.names() {
		words = append(words, shellWord(name))
	}
	return append(lines, "the certificate names "+strings.Join(r.names(), ", ")+"; to add more: "+
		store+" issue server "+strings.Join(words, " ")+" MORE --name "+shellWord(r.name)+" --force, then "+store+" install server "+shellWord(r.name))
}

// asRoot adds to an error about what only root may do the command that does it.
func (r *serverInstall) asRoot(err error) error {
	const sudo = "run the command as root (sudo)"
	if err == nil || !strings.Contains(hintOf(err), sudo) {
		return err
	}
	name := "--replace-boilerplate"
	if r.replace == nil {
		name = shellWord(r.name)
	}
	return &failure{err, strings.ReplaceAll(hintOf(err), sudo, "sudo myca --dir "+shellWord(r.t.dir)+" install server "+name+" …")}
}
