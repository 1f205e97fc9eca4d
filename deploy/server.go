package deploy

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"myca/ca"
	"myca/finding"
	"myca/live"
	"myca/out"
	"myca/templates"
	"myca/verify"
)

// Material is a pair with its trust bundle, in PEM. CRL is the list of every CA
// of the bundle, nil when there is none.
type Material struct{ CA, Cert, Key, CRL []byte }

// Server is the installation of a server's pair on the machine that the server
// runs on.
type Server struct {
	Name     string
	Material Material
	Options  ServerOptions // Text is not used: Plan makes it
	Machine  verify.System
	// Rules judge the pair, and what the server presents in the end.
	Rules verify.Rules
	// Mine reports whether a certificate is one of that pair, an earlier one
	// too: where it lies, the new one goes.
	Mine func(*x509.Certificate) bool
	// Whose is the name of the store's server that a certificate was issued for,
	// "" for none; nil: there is no store.
	Whose func(*x509.Certificate) string

	// Folder is where the files are to lie, "" for: where the certificate that
	// they replace lies, when it is one of the pair or the server is a MariaDB,
	// which cannot change paths while it runs, and the option files agree; else
	// Default.
	Folder, Default string
	// Peer is who listens at the socket of Running, by the machine; nil: that is
	// not known.
	Peer *int
	// User is whom the server runs as, and Owner whose the files are to be, nil
	// for whoever runs. Given says that Owner was asked for: files that are
	// replaced in their place then get it too.
	User  string
	Owner *out.Owner
	Given bool

	Running Running    // nil: nothing answers
	Facts   live.Facts // of Running
}

// ServerPlan is what an installation is going to do.
type ServerPlan struct {
	Disk    Plan
	Wanted  []Wanted // every file, changed or not; the option file is not among them
	Edit    Edit     // of the option files
	Paths   live.Files
	State   Activated
	Why     string   // of RestartNeeded
	Dropped []string // subjects of CAs that the server trusts no more
	// NewCA says that clients which verified the server so far need another CA.
	NewCA   bool
	Notices []string

	activation *activation
}

// Wanted is a file as it will be.
type Wanted struct {
	Path    string
	Mode    fs.FileMode
	Owner   *out.Owner // nil: whoever runs
	Changed bool
}

// Empty reports whether there is nothing to change, here or at the server.
func (p *ServerPlan) Empty() bool { return p.Disk.Empty() && p.State != Reloaded }

// Statements are what the server is going to be told, for who reads them.
func (p *ServerPlan) Statements() []string {
	if p.State != Reloaded {
		return nil
	}
	var list []string
	a := p.activation
	if have := absolute(a.facts, a.facts.Configured); have != a.want {
		list = settings(have, a.want)
	}
	return append(list, a.facts.Version.ReloadStatement())
}

// Plan looks at the machine and at the running server, and says what there is to
// do. It writes nothing and changes nothing. What keeps the installation from
// coming out well is an error here as far as it can be seen: the pair itself,
// option files that would win, a bundle that others depend on.
func (s Server) Plan(ctx context.Context) (*ServerPlan, error) {
	leaf, bundle, err := s.parse()
	if err != nil {
		return nil, err
	}
	p := &ServerPlan{}
	if p.Notices, err = s.sound(leaf, bundle); err != nil {
		return nil, err
	}
	site := s.look()
	if err := s.settle(ctx, &site); err != nil {
		return nil, err
	}
	p.Paths = site.paths
	if err := s.enterable(site); err != nil {
		return nil, err
	}
	if err := s.sameInstance(site); err != nil {
		return nil, err
	}
	if err := s.bundleFree(site, bundle); err != nil {
		return nil, err
	}
	if p.Edit, err = s.place(site.paths); err != nil {
		return nil, err
	}
	if err := s.wanted(p, site); err != nil {
		return nil, err
	}
	p.activation = &activation{running: s.Running, facts: s.Facts, leaf: leaf, want: site.paths}
	if p.State, p.Why, err = p.activation.state(ctx, !p.Disk.Empty()); err != nil {
		return nil, err
	}
	p.Dropped = s.dropped(site, bundle)
	p.NewCA = s.newAuthority(s.former(site, p.activation.presented), leaf, bundle)
	p.Notices = append(append(p.Notices, s.notices(site, p)...), s.leftBehind(site)...)
	return p, nil
}

// parse reads the certificate and the bundle.
func (s Server) parse() (leaf *x509.Certificate, bundle []*x509.Certificate, err error) {
	chain, err := ca.DecodeCertificates(s.Material.Cert)
	if err != nil {
		return nil, nil, fmt.Errorf("the certificate of server %s: %w", s.Name, err)
	}
	if bundle, err = ca.DecodeCertificates(s.Material.CA); err != nil {
		return nil, nil, fmt.Errorf("the trust bundle of server %s: %w", s.Name, err)
	}
	return chain[0], bundle, nil
}

// sound refuses a pair that clients would refuse; what is only a warning is a
// notice.
func (s Server) sound(leaf *x509.Certificate, bundle []*x509.Certificate) (notices []string, err error) {
	found := s.Rules.Certificate(verify.Presented{
		Where: "server " + s.Name, Role: verify.Server, Chain: []*x509.Certificate{leaf}, Trust: bundle, TrustWhere: "the trust bundle", Name: s.Name,
	})
	for _, f := range found {
		if f.Severity != finding.Error {
			notices = append(notices, f.What)
		}
	}
	if problem := worst(found); problem != nil {
		return nil, fail(ErrRefused, problem.Mend, "the pair of server %s is not fit to be installed: %s", s.Name, problem.What)
	}
	return notices, nil
}

// worst is the first error among findings, nil when there is none.
func worst(found []finding.Finding) *finding.Finding {
	for _, f := range found {
		if f.Severity == finding.Error {
			return &f
		}
	}
	return nil
}

// place is the change of the option files that names the paths. Its text has no
// serial number, and where that makes no difference no patch version, so that
// neither a renewed certificate nor an upgrade changes it.
func (s Server) place(paths live.Files) (Edit, error) {
	o := s.Options
	series := o.Version
	if series.Patch = -1; series.ReloadStatement() != o.Version.ReloadStatement() || series.CRLOption() != o.Version.CRLOption() {
		series = o.Version
	}
	text, err := templates.ServerOptions{
		Target: series, CA: paths.CA, Cert: paths.Cert, Key: paths.Key, CRL: paths.CRL, Name: s.Name, Installed: true,
	}.OptionFile()
	if err != nil {
		return Edit{}, err
	}
	o.Text = text
	return o.Place()
}

// Install does what the plan says, with the journal in the store dir: all of it,
// or nothing, and then the error is an *UndoneError or one of Begin. A ctx that
// ends undoes it.
func (s Server) Install(ctx context.Context, dir string, p *ServerPlan, now time.Time) (Installed, error) {
	done := Installed{Activated: p.State}
	if p.Empty() {
		return done, nil
	}
	activate := func(ctx context.Context) error {
		if err := s.readable(p); err != nil {
			return err
		}
		if p.State != Reloaded {
			return nil
		}
		return p.activation.do(ctx, s.judge)
	}
	if p.Disk.Empty() {
		if err := activate(ctx); err != nil {
			return done, &UndoneError{Cause: err, Left: p.activation.back(ctx)}
		}
		return done, nil
	}
	var err error
	done.Backup, err = change(ctx, dir, p.Disk, s.meta(p), now, activate, p.activation.back)
	return done, err
}

// meta is what the journal keeps.
func (s Server) meta(p *ServerPlan) meta {
	m := meta{Kind: "server", Name: s.Name, DataDir: s.Facts.DataDir}
	if p.State == Reloaded {
		m.Before = p.activation.former()
	}
	return m
}

// readable judges the files in their places, as the server's user sees them.
func (s Server) readable(p *ServerPlan) error {
	paths := []string{p.Paths.Cert, p.Paths.Key, p.Paths.CA}
	if p.Paths.CRL != "" {
		paths = append(paths, p.Paths.CRL)
	}
	report, err := verify.Disk{Rules: s.Rules, System: s.Machine, ServerUser: s.User}.Paths(paths...)
	if err != nil {
		return err
	}
	if problem := worst(report.Findings); problem != nil {
		mend := problem.Mend
		if problem.ID == finding.ServerCannotRead {
			mend = s.elsewhere()
		}
		return fail(errors.New(problem.ID), mend, "%s: %s", problem.Where, problem.What)
	}
	return nil
}

// judge judges what the server presents after the reload.
func (s Server) judge(chain []*x509.Certificate) error {
	_, bundle, err := s.parse()
	if err != nil {
		return err
	}
	found := s.Rules.Certificate(verify.Presented{
		Where: "the server", Role: verify.Server, Chain: chain, Wire: true, Trust: bundle, TrustWhere: "the trust bundle", Name: s.Name,
	})
	if problem := worst(found); problem != nil {
		return fail(errors.New(problem.ID), problem.Mend, "what the server presents: %s", problem.What)
	}
	return nil
}

// inFolder are the paths of the files in a folder of myca's.
func inFolder(folder string, crl bool) live.Files {
	f := live.Files{CA: filepath.Join(folder, ca.CertificateFile), Cert: filepath.Join(folder, "server-cert.pem"), Key: filepath.Join(folder, "server-key.pem")}
	if crl {
		f.CRL = filepath.Join(folder, "crl.pem")
	}
	return f
}
