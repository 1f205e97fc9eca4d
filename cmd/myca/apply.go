package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"myca/fleet"
	"myca/out"
	"myca/store"
)

const applyUsage = "myca apply FLEET.yaml"

func applyCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "make the store hold what a manifest says: a CA, servers, clients",
		ArgsUsage: "FLEET.yaml|-",
		Description: `Issues what is missing, renews what ends soon or has changed, and keeps the rest:
a second run changes nothing. Then it writes what the hosts need into --output:
fleet.sql for each target, inventory.json, and archives; it ends with what is to be
done on the hosts. A store that is not there is made: on a terminal after a question,
unless --yes or --json. A run that was cut short goes on where it stopped.

  ca:       {subject: "/C=US/O=acme/CN=acme CA", key: ec-p256, days: 3650}
  defaults: {target: mysql-8.4, key: ec-p256, days: 365, password: none}
  servers:
    - {name: db1, hosts: [db1.example.com, 10.0.0.1], deploy_dir: /etc/mysql/myca}
    - {name: galera-{1..3}, hosts: ["galera-{1..3}.example.com"], profile: peer,
       target: mariadb-11.8, deploy_dir: /etc/mysql/myca}
  clients:
    - {account: "app-{001..500}@10.%", grants: ["SELECT, INSERT ON app.*"],
       deploy_dir: /etc/app/myca}

  myca apply fleet.yaml --dry-run        exit code 3 when something would change
  myca apply fleet.yaml --archive tar.gz
  myca apply fleet.yaml --prune          revoke what is not in it any more
  generate | myca --json apply -`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "print the plan and change nothing; exit code 3 when there are changes"},
			&cli.BoolFlag{Name: "prune", Usage: "revoke the servers and clients of the store that are not in the manifest; a terminal is asked first, unless --yes or --json"},
			&cli.StringFlag{Name: "archive", Usage: "an archive for each server and client in this `FORMAT`: tar.gz; later runs keep them up to date"},
			&cli.StringFlag{Name: "output", Usage: "the folder `DIR` for statements, inventory and archives (default: fleet in the store)"},
			&cli.StringFlag{Name: "renew-before", Value: defaultRenewBefore, Usage: "renew what ends within `DURATION`, but at most in the last third of its validity"},
			&cli.BoolFlag{Name: "schema", Usage: "print every key of a manifest with its meaning and default, as JSON Schema, and do nothing"},
		},
		Action: t.apply,
	}
}

const (
	defaultRenewBefore = "30d"
	archiveFormat      = "tar.gz"
)

// provisioning is one run of apply.
type provisioning struct {
	t        *tool
	store    *store.Store
	manifest *fleet.Manifest
	options  fleet.Options
	dryRun   bool
	founds   bool     // the store is made by this run
	outputs  bool     // the outputs are written by this run
	late     []string // notices about these
	early    []string // notices that were given before the plan was made

	plan *fleet.Plan
	done fleet.Count // what is recorded by now; with dryRun, what was printed
	next next
	told applyReport
	bar  *progress // nil while nothing is carried out
}

func (t *tool) apply(c *cli.Context) error {
	if c.Bool("schema") {
		return t.printSchema(c)
	}
	path, err := manifestArgument(c)
	if err != nil {
		return err
	}
	r := provisioning{t: t, dryRun: c.Bool("dry-run")}
	if r.options, err = t.applyOptions(c); err != nil {
		return err
	}
	text, name, err := t.readManifest(path)
	if err != nil {
		return err
	}
	if r.store, err = t.openFleet(r.dryRun); err != nil {
		return err
	}
	if r.store != nil {
		defer r.store.Close()
	}
	secrets := &secretFiles{t: t, folder: filepath.Dir(path)}
	if err := r.read(name, text, secrets); err != nil {
		return err
	}
	if r.founds {
		defer r.store.Close()
		if err := r.announce(); err != nil {
			return err
		}
	}
	r.options.Secret, r.options.Inputs = secrets.of, secrets.stamps()
	return t.durable(c.Context, func(ctx context.Context) error { return r.run(c, ctx) })
}

// applyOptions reads the flags of apply.
func (t *tool) applyOptions(c *cli.Context) (fleet.Options, error) {
	var p problems
	o := fleet.Options{Now: t.now(), Prune: c.Bool("prune"), Version: version()}
	var err error
	o.RenewBefore, err = parseDuration(c.String("renew-before"))
	p.add("renew-before", err)
	if c.IsSet("archive") {
		o.Archive = true
		if format := c.String("archive"); format != archiveFormat {
			p.addf("archive", "--archive "+archiveFormat, "--archive %q is no format of archives that there is: %s is the one", format, archiveFormat)
		}
	}
	o.Output, err = t.outputFolder(c.String("output"))
	p.add("output", err)
	return o, p.err()
}

// outputFolder is --output as an absolute path, "" for the default. Of the
// store itself only the folder fleet is free for outputs.
func (t *tool) outputFolder(text string) (string, error) {
	const hint = "--output fleet-out"
	if text == "" {
		return "", nil
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", usagef(hint, "--output %q has a control character", text)
	}
	folder, err := filepath.Abs(text)
	if err != nil {
		return "", fmt.Errorf("finding the folder of outputs %q: %w", text, err)
	}
	for above := folder; ; above = filepath.Dir(above) {
		if info, err := os.Stat(above); err == nil && info.IsDir() || above == filepath.Dir(above) {
			break
		} else if err == nil {
			return "", usagef(hint, "--output %q: %q is not a folder", folder, above)
		}
	}
	for above := resolved(folder); above != filepath.Dir(above); above = filepath.Dir(above) {
		if there, err := out.Exists(filepath.Join(above, "ledger.db")); err == nil && there && above != resolved(t.dir) {
			return "", usagef("leave out --output, or name a folder elsewhere", "--output %q is in another store, %q", folder, above)
		}
	}
	within, err := filepath.Rel(resolved(t.dir), resolved(folder))
	if err == nil && within != "fleet" && filepath.IsLocal(within) {
		return "", usagef("leave out --output, or name a folder elsewhere", "--output %q is in the store %q, which keeps other things there", folder, t.dir)
	}
	return folder, nil
}

// resolved is path with the links in it followed, as far as it exists.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}

// openFleet opens the store; nil when there is none yet.
func (t *tool) openFleet(look bool) (*store.Store, error) {
	open := t.open
	if look {
		open = t.openRead
	}
	s, err := open()
	if errors.Is(err, store.ErrNoStore) {
		return nil, nil
	}
	return s, err
}

// run makes the plan, and prints it or carries it out.
func (r *provisioning) run(c *cli.Context, ctx context.Context) error {
	r.told = r.report(c)
	err := r.work(ctx)
	if err != nil {
		err = r.explained(err)
	}
	if ended := r.told.end(err != nil); err == nil {
		err = ended
	}
	if err == nil && r.dryRun && r.outputs {
		return errFound
	}
	return err
}

func (r *provisioning) work(ctx context.Context) error {
	var err error
	if r.plan, err = fleet.Survey(ctx, r.store, r.manifest, r.options); err != nil {
		return err
	}
	if r.dryRun {
		for step, err := range r.plan.Steps(ctx) {
			if err != nil {
				return err
			}
			if err := r.told.steps([]fleet.Step{step}); err != nil {
				return err
			}
			r.count(step)
		}
		return r.foresee(ctx)
	}
	if err := r.confirmPrune(); err != nil {
		return err
	}
	defer spacious()()
	written, err := r.carryOut(ctx)
	if err != nil {
		return err
	}
	r.outputs, r.late = written.Changed, written.Notices
	r.told.wrote(written)
	return nil
}

// foresee says of a dry run that the outputs would be written, if they would be.
func (r *provisioning) foresee(ctx context.Context) error {
	r.outputs = r.changes()
	if r.outputs {
		return nil
	}
	var err error
	r.outputs, err = r.plan.Outdated(ctx)
	return err
}

// carryOut applies the plan and tells what is done batch by batch.
func (r *provisioning) carryOut(ctx context.Context) (fleet.Written, error) {
	r.bar = r.t.progress(r.plan.Count().Changes())
	defer r.bar.clear()
	r.next.before(r)
	return r.plan.Carry(ctx, func(steps []fleet.Step) error {
		for _, step := range steps {
			r.count(step)
		}
		if err := r.told.steps(steps); err != nil {
			return err
		}
		r.bar.add(len(steps))
		return nil
	})
}

func (r *provisioning) count(step fleet.Step) {
	r.next.add(step)
	switch step.Action {
	case fleet.Create:
		r.done.Create++
	case fleet.Renew:
		r.done.Renew++
	case fleet.Update:
		r.done.Update++
	case fleet.Revoke:
		r.done.Revoke++
	}
}

// changes reports whether the run changes something, or would.
func (r *provisioning) changes() bool { return r.founds || r.plan.Count().Changes() > 0 }

// notices is what there is to say about the run as a whole.
func (r *provisioning) notices() []string {
	list := slices.Concat(r.store.Notices(), r.remarks(), r.late)
	if r.done.Revoke > 0 && !r.dryRun {
		crl := shellWord(filepath.Join(r.t.dir, "crl.pem"))
		list = append(list, "what is revoked opens its accounts until the servers read "+crl+": myca --dir "+shellWord(r.t.dir)+" mycnf server NAME --crl")
	}
	return list
}
