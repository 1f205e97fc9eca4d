package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/out"
	"myca/store"
)

// pair is what the flags say of a certificate and its key.
type pair struct {
	subject     dn.Name
	sans        []string
	key         ca.KeyType
	format      ca.KeyFormat
	valid       validity
	name        string
	profile     issue.Profile
	deployDir   string
	owner       string
	force       bool
	nonportable bool
	library     string
}

// parsePair reads the pair flags of c for a certificate of kind, all but the
// subject: bootstrap's is the CA's.
func (t *tool) parsePair(c *cli.Context, kind issue.Kind, target dialect.Version, p *problems) pair {
	r := pair{
		sans:        c.StringSlice("san"),
		name:        c.String("name"),
		profile:     issue.Profile(kind),
		deployDir:   c.String("deploy-dir"),
		owner:       c.String("owner"),
		force:       c.Bool("force"),
		nonportable: c.Bool("allow-nonportable-subject"),
		library:     c.String("tls-library"),
	}
	var err error
	r.key, err = ca.ParseKeyType(keyFlag(c, "key", defaultLeafKey))
	p.add("key", err)
	r.format, err = parseKeyFormat(c.String("key-format"), target.RSAOnly())
	p.add("key-format", err)
	r.valid, err = parseValidity(c.String("days"), c.String("not-after"), defaultLeafDays, t.now())
	p.add("days", err)
	if c.IsSet("profile") {
		r.profile = issue.Profile(c.String("profile"))
	}
	p.add("deploy-dir", dialect.CheckDeployDir(r.deployDir))
	p.add("tls-library", checkLibrary(r.library))
	if r.owner != "" {
		_, err := out.ParseOwner(r.owner)
		p.add("owner", err)
	}
	return r
}

// parseSubject reads --subject; without it the subject is nil, the default.
func parseSubject(c *cli.Context, p *problems) dn.Name {
	if !c.IsSet("subject") {
		return nil
	}
	name, err := dn.Parse(c.String("subject"))
	p.add("subject", err)
	return name
}

func keyFlag(c *cli.Context, name, fallback string) string {
	if text := c.String(name); text != "" {
		return text
	}
	return fallback
}

func checkLibrary(text string) error {
	if text == "" {
		return nil
	}
	_, err := dn.ParseLibrary(text)
	return err
}

// request is the certificate asked for; commonName is the CN of a default
// subject.
func (r pair) request(kind issue.Kind, commonName string, target dialect.Version) issue.Request {
	request := issue.Request{
		Kind: kind, Name: r.name, Profile: r.profile,
		Subject: r.subject, CommonName: commonName, SANs: r.sans,
		Key: r.key, KeyFormat: r.format,
		NotBefore: r.valid.notBefore, NotAfter: r.valid.notAfter,
		AllowNonportable: r.nonportable,
	}
	if target.RSAOnly() {
		request.RSAOnly = target.String()
	}
	return request
}

// spec is what the ledger keeps, so that later commands repeat it.
func (r pair) spec(target dialect.Version) store.Spec {
	spec := store.Spec{
		Target: target.String(), Profile: string(r.profile), SANs: r.sans,
		Days: r.valid.days, Key: string(r.key), KeyFormat: string(r.format),
		DeployDir: r.deployDir, Owner: r.owner,
		AllowNonportable: r.nonportable, TLSLibrary: r.library,
	}
	return spec
}

// keep takes from the pair that --force replaces what says where its files
// go, unless a flag of c says otherwise: the folder on the host, and the owner.
func (r *pair) keep(c *cli.Context, s *store.Store, kind issue.Kind, p *problems) store.Spec {
	if !r.force {
		return store.Spec{}
	}
	row, err := s.Ledger().Active(c.Context, string(kind), r.name)
	if err != nil {
		return store.Spec{} // nothing of that name
	}
	old, err := store.ReadSpec(row)
	p.add("name", err)
	if !c.IsSet("deploy-dir") {
		r.deployDir = old.DeployDir
	}
	if !c.IsSet("owner") {
		r.owner = old.Owner
	}
	return old
}

// checkFree reports a name that is taken, before a key is made; Commit checks
// again under the lock.
func (r pair) checkFree(ctx context.Context, s *store.Store, kind issue.Kind, p *problems) {
	if r.force || r.name == "" {
		return
	}
	if _, err := s.Ledger().Active(ctx, string(kind), r.name); err == nil {
		p.addf("name", "--force replaces it and archives the old pair; --name gives the new one another folder",
			"%s %q exists already in %s", kind, r.name, s.Dir())
	}
}
