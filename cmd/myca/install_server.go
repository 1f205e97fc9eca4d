package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/deploy"
	"myca/dialect"
	"myca/ledger"
	"myca/live"
	"myca/store"
	"myca/templates"
	"myca/verify"
)

// serverInstall is one run of install server.
type serverInstall struct {
	checking
	job    deploy.Server
	folder string // --deploy-dir
	mycnf  string
	owner  string
	told   bool // flags say how to connect
	named  bool // they name the server itself
	dryRun bool

	name string // of the pair; "" while it is not known which
	// find looks the pair up, once what was interrupted is undone.
	find func() error
	row  ledger.Row
	spec store.Spec

	replace *replacement // nil without --replace-boilerplate
	running *running     // nil: nothing answers
	peer    *int         // who listens at its socket, nil: not known
	silent  []string     // where nothing answered
	// requiring are the accounts that get in with a certificate of a CA which the
	// server trusts no more.
	requiring []dialect.Account
	plan      *deploy.ServerPlan
	done      deploy.Installed
}

func (t *tool) installServer(c *cli.Context) error {
	r, err := t.newServerInstall(c)
	if err != nil {
		return err
	}
	if r.store != nil {
		defer r.store.Close()
	}
	if err = r.run(c.Context); err != nil && !errors.Is(err, errFound) {
		t.tell(r.notices) // what was done before it failed
	}
	return r.asRoot(err)
}

// run does all of it, once the command line is read.
func (r *serverInstall) run(ctx context.Context) (err error) {
	if r.running, err = r.reachServer(ctx); err != nil {
		return err
	}
	if r.running != nil {
		defer r.running.close()
	}
	if err := r.answered(); err != nil {
		return err
	}
	if err := r.unfinished(ctx); err != nil {
		return err
	}
	if err := r.find(); err != nil {
		return err
	}
	if err := r.describe(ctx); err != nil {
		return err
	}
	if r.replace != nil {
		needed, err := r.replace.pair(ctx, r)
		if err != nil {
			return err
		}
		if !needed {
			return r.printNothing()
		}
	}
	return r.install(ctx)
}

// newServerInstall reads the flags, and finds the pair.
func (t *tool) newServerInstall(c *cli.Context) (*serverInstall, error) {
	var p problems
	r := &serverInstall{checking: checking{t: t, changes: true}, folder: c.String("deploy-dir"), owner: c.String("owner"), dryRun: c.Bool("dry-run")}
	args := c.Args().Slice()
	replace := c.Bool("replace-boilerplate")
	var err error
	if r.store, err = t.open(); err != nil && !(replace && errors.Is(err, store.ErrNoStore)) {
		return nil, err
	}
	if r.store != nil {
		r.notices = append(r.notices, r.store.Notices()...)
	}
	switch {
	case replace:
		r.replace = t.newReplacement(c, r.store, args, &p)
		r.find = func() error { return nil }
	case len(args) != 1:
		p.addf("name", "myca install server NAME, or myca install server --replace-boilerplate [HOST...]", "one NAME of a server of the store is needed")
	default:
		r.find = func() (err error) {
			r.row, r.spec, err = t.pairNamed(c, r.store, ledger.Server, args[0])
			r.name = r.row.Name
			return err
		}
	}
	if c.IsSet("subject") && !replace {
		p.addf("subject", "--replace-boilerplate", "--subject is for the CA that --replace-boilerplate makes")
	}
	p.add("deploy-dir", dialect.CheckDeployDir(r.folder))
	if r.mycnf = c.String("mycnf"); r.mycnf != "" {
		r.mycnf, err = existingFile(r.mycnf, "--mycnf")
		p.add("mycnf", err)
	}
	if r.owner != "" {
		_, err := givenOwner(r.owner)
		p.add("owner", err)
	}
	r.connection(c, &p)
	r.named = c.IsSet("host") || c.IsSet("port") || c.IsSet("socket")
	r.told = r.named || c.IsSet("defaults-file")
	if c.IsSet("host") && !loopback(r.server.host) {
		r.job.Rules.Hosts = []string{r.server.host}
	}
	if err := p.err(); err != nil {
		if r.store != nil {
			err = errors.Join(err, r.store.Close())
		}
		return nil, err
	}
	return r, nil
}

// unfinished undoes what an installation that was killed has left; with
// --dry-run it only tells.
func (r *serverInstall) unfinished(ctx context.Context) error {
	if r.dryRun {
		told, _, err := deploy.Pending(r.t.dir)
		r.notices = append(r.notices, told...)
		return err
	}
	var told []string
	err := r.t.durable(ctx, func(ctx context.Context) (err error) {
		var server deploy.Running
		if r.running != nil {
			server = r.running
		}
		told, err = deploy.UndoUnfinished(context.WithoutCancel(ctx), r.t.dir, server)
		return err
	})
	r.notices = append(r.notices, told...)
	if err == nil && len(told) > 0 && r.running != nil {
		var facts live.Facts
		if facts, err = r.running.Facts(ctx); err == nil {
			r.facts = &facts
		}
	}
	return err
}

// describe fills in the server that is installed on.
func (r *serverInstall) describe(ctx context.Context) error {
	version, err := r.version()
	if err != nil {
		return err
	}
	s := &r.job
	s.Name, s.Machine, s.Default = r.name, verify.OS(), templates.DeployDir
	s.Options = r.options(version)
	s.Rules.Target, s.Rules.Now, s.Rules.Public = version, r.t.now(), r.public
	s.Peer = r.peer
	s.Mine = func(*x509.Certificate) bool { return false }
	if r.store != nil {
		s.Rules.Issued = issuedBy(ctx, r.store)
		s.Mine = func(cert *x509.Certificate) bool {
			row, known := rowOf(ctx, r.store, cert)
			return known && row.Kind == ledger.Server && row.Name == s.Name
		}
		s.Whose = func(cert *x509.Certificate) string {
			row, known := rowOf(ctx, r.store, cert)
			if !known || row.Kind != ledger.Server {
				return ""
			}
			return row.Name
		}
	}
	if r.running != nil {
		s.Running, s.Facts = r.running, *r.facts
		s.Options.DataDir = r.facts.DataDir
	} else {
		r.notices = append(r.notices, fmt.Sprintf("nothing answered at %s: the server uses what is installed when it starts", strings.Join(r.silent, ", nor at ")))
	}
	return r.whose()
}

// whose decides who owns the files.
func (r *serverInstall) whose() error {
	s := &r.job
	s.Given = r.owner != ""
	text := r.owner
	if text == "" {
		text = r.spec.Owner
	}
	if text == "" {
		text = s.ServerUser()
	}
	owner, err := givenOwner(text)
	if err != nil {
		return err
	}
	s.Owner = owner
	s.User, _, _ = strings.Cut(text, ":")
	if r.folder == "" {
		r.folder = r.spec.DeployDir
	}
	s.Folder = r.folder
	return nil
}

// version is that of the running server, else --target, else of the program
// that is installed, else as recorded.
func (r *serverInstall) version() (dialect.Version, error) {
	switch {
	case r.running != nil && r.facts.Version != (dialect.Version{}):
		return r.facts.Version, nil
	case r.t.target != "":
		return dialect.Parse(r.t.target)
	}
	if installed, ok := installedServer(); ok {
		return installed, nil
	}
	if r.store == nil {
		return r.t.targetOf()
	}
	return r.t.targetOf(r.spec.Target, r.store.Target().String())
}

// install plans, and does it unless this is only to show what would be done.
func (r *serverInstall) install(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	var err error
	if r.plan, err = r.job.Plan(ctx); err != nil {
		return err
	}
	if err := r.entitled(ctx); err != nil {
		return err
	}
	if err := r.cutOff(ctx); err != nil {
		return err
	}
	r.foresee()
	if r.dryRun {
		return r.printPlan()
	}
	if r.replace != nil {
		if err := r.replace.commit(ctx, r); err != nil {
			return err
		}
	}
	err = r.t.durable(ctx, func(ctx context.Context) (err error) {
		r.done, err = r.job.Install(ctx, r.t.dir, r.plan, r.t.now())
		return err
	})
	if err != nil {
		return r.kept(err)
	}
	return r.printDone()
}

// load reads the pair, if it is not one that is only being made.
func (r *serverInstall) load(ctx context.Context) error {
	if r.replace != nil && r.replace.item != nil {
		return nil
	}
	var err error
	if r.job.Material, err = material(ctx, r.store, r.row); err != nil {
		return err
	}
	crl, err := r.store.CRL()
	if err != nil || crl.Path == "" || !crl.NextUpdate.After(r.t.now()) {
		return err
	}
	r.job.Material.CRL, err = os.ReadFile(crl.Path)
	return err
}
