package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/deploy"
	"myca/dialect"
	"myca/issue"
	"myca/ledger"
	"myca/store"
)

// replacement is what --replace-boilerplate makes.
type replacement struct {
	t         *tool
	hosts     []string // the arguments; nil: those of the running server
	authority authority
	flags     pair

	made *store.Store // founded in memory; nil: there is a store
	item *store.Item  // drafted; nil: there is such a pair
}

// newReplacement reads the flags of --replace-boilerplate; s is nil when there
// is no store.
func (t *tool) newReplacement(c *cli.Context, s *store.Store, hosts []string, p *problems) *replacement {
	b := &replacement{t: t, hosts: hosts}
	for _, host := range hosts {
		p.add("host", issue.CheckHost(host))
	}
	if s != nil && c.IsSet("subject") {
		p.addf("subject", "leave it out", "the store %q has a CA already; --subject is for one that is made", s.Dir())
	}
	b.authority = t.parseAuthority(c, "ca-key", "ca-days", p)
	b.flags = t.parsePair(c, issue.Server, dialect.Version{}, p)
	b.flags.owner = "" // of the installed files, not of the folder in the store
	return b
}

// pair finds or drafts the pair that replaces the server's; needed is false when
// nothing of the server's is boilerplate.
func (b *replacement) pair(ctx context.Context, r *serverInstall) (needed bool, err error) {
	reasons, err := r.job.Boilerplate(ctx)
	if err != nil || len(reasons) == 0 {
		return false, err
	}
	for _, reason := range reasons {
		r.say(reason)
	}
	if len(b.hosts) == 0 {
		b.hosts = b.find(ctx, r)
	}
	r.say("the certificate names " + strings.Join(b.hosts, ", "))
	r.name = issue.FolderName(b.hosts[0])
	if r.store != nil {
		found, err := b.existing(ctx, r)
		if found || err != nil {
			return found, err
		}
	}
	if err := b.draft(r); err != nil {
		return false, err
	}
	r.job.Name, r.row, r.spec = r.name, b.item.Row, b.item.Spec
	return true, b.use(r)
}

// find are the names of the server that a certificate can have.
func (b *replacement) find(ctx context.Context, r *serverInstall) []string {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	hostname := r.job.Facts.Hostname
	if hostname == "" {
		hostname, _ = os.Hostname() // without one, the certificate names localhost
	}
	var hosts []string
	for _, host := range r.job.Hosts(ctx, net.DefaultResolver, hostname) {
		if err := issue.CheckHost(host); err != nil {
			r.say(fmt.Sprintf("%q is left out: %v", host, err))
			continue
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// existing takes the pair of that name, which has to name the hosts.
func (b *replacement) existing(ctx context.Context, r *serverInstall) (bool, error) {
	row, err := r.store.Ledger().Active(ctx, ledger.Server, r.name)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	cert, err := x509.ParseCertificate(row.DER)
	if err != nil {
		return false, fmt.Errorf("reading the certificate %s of the ledger: %w", row.Serial, err)
	}
	var missing []string
	for _, host := range b.hosts {
		if cert.VerifyHostname(host) != nil {
			missing = append(missing, host)
		}
	}
	if missing != nil {
		var words []string
		for _, host := range b.hosts {
			words = append(words, shellWord(host))
		}
		return false, usagef("to use it as it is: myca install server "+shellWord(r.name)+"\nto replace it first: myca issue server "+strings.Join(words, " ")+" --name "+shellWord(r.name)+" --force",
			"the store %q has a server %q, whose certificate does not name %s", r.store.Dir(), r.name, strings.Join(missing, ", "))
	}
	r.row, r.job.Name = row, r.name
	if r.spec, err = store.ReadSpec(row); err != nil {
		return false, err
	}
	if r.folder == "" {
		r.job.Folder = r.spec.DeployDir
	}
	return true, nil
}

// draft makes the pair in memory, and the CA where there is no store.
func (b *replacement) draft(r *serverInstall) error {
	target := r.job.Options.Version
	target.Patch = -1
	s := r.store
	var p problems
	if s == nil {
		var err error
		if b.made, err = store.Found(b.t.dir, b.t.founding(b.authority, target)); err != nil {
			return err
		}
		s = b.made
		name := b.authority.subject.String()
		if r.dryRun && b.authority.given == "" {
			name = "/CN=myca XXXXXXXX CA, unique (or --subject DN)" // another one each time
		}
		r.say(fmt.Sprintf("a CA is made in %s: %s", b.t.dir, name))
	}
	b.flags.name, b.flags.sans = r.name, b.hosts
	var err error
	b.flags.format, err = parseKeyFormat("", target.RSAOnly())
	p.add("key", err)
	order := store.Order{Plan: b.t.plan(s, b.flags.request(issue.Server, b.hosts[0], target), &p), Spec: b.flags.spec(target), Now: b.t.now()}
	if err := p.err(); err != nil {
		return err
	}
	b.item, err = s.Draft(order)
	return err
}

// use takes the drafted pair for the one to be installed. Nothing of it is in
// the ledger yet.
func (b *replacement) use(r *serverInstall) error {
	s := r.store
	if s == nil {
		s = b.made
	}
	r.notices = append(r.notices, b.item.Notices...)
	bundle, err := bundlePEM(s)
	if err != nil {
		return err
	}
	r.job.Material = deploy.Material{CA: bundle, Cert: b.item.Pair.CertPEM, Key: b.item.Pair.KeyPEM}
	certs, err := ca.DecodeCertificates(append(bytes.Clone(bundle), b.item.Pair.CertPEM...))
	if err != nil {
		return err
	}
	issued := r.job.Rules.Issued
	r.job.Rules.Issued = func(cert *x509.Certificate) bool {
		for _, c := range certs {
			if bytes.Equal(c.Raw, cert.Raw) {
				return true
			}
		}
		return issued != nil && issued(cert)
	}
	return nil
}

// commit makes the store and the pair durable, before they are installed.
func (b *replacement) commit(ctx context.Context, r *serverInstall) error {
	if b.item == nil {
		return nil
	}
	s := r.store
	if b.made != nil {
		s = b.made
		defer b.made.Close()
	}
	if err := b.t.commit(ctx, s, b.item); err != nil {
		return err
	}
	r.notices = append(r.notices, fmt.Sprintf("the pair %s was issued, and is kept in %s", r.name, s.Dir()))
	return nil
}
