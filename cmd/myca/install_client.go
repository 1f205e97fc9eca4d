package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"myca/deploy"
	"myca/dialect"
	"myca/ledger"
	"myca/optionfile"
	"myca/out"
	"myca/store"
)

// installClient puts a client's pair into the home folder of a user.
func (t *tool) installClient(c *cli.Context) error {
	args, err := arguments(c, 1, 1, "myca install client NAME")
	if err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	told, err := t.undoClient(c, s)
	notices := append(s.Notices(), told...)
	if err == nil {
		err = t.installClientFrom(c, s, args[0], &notices)
	}
	if err != nil && !errors.Is(err, errFound) {
		t.tell(notices) // what was done before it failed
	}
	return err
}

// installClientFrom installs the pair of that name, once what was interrupted is
// undone.
func (t *tool) installClientFrom(c *cli.Context, s *store.Store, name string, told *[]string) error {
	row, spec, err := t.pairNamed(c, s, ledger.Client, name)
	if err != nil {
		return err
	}
	u, err := homeOf(c.String("user"))
	if err != nil {
		return err
	}
	client, err := t.clientFor(c, s, row, spec, u)
	if err != nil {
		return err
	}
	if err := t.readable(client); err != nil {
		return err
	}
	plan, err := client.Plan()
	if err != nil {
		return err
	}
	*told = append(*told, clientNotices(spec, plan.Notices)...)
	notices := *told
	if c.Bool("dry-run") {
		shown := describeInstalled(row.Name, plan.Wanted, plan.Edit, "", notices)
		shown.DryRun = true
		err := t.printDryRun(shown, plan.Disk, plan.Edit)
		if plan.Disk.Empty() {
			return err
		}
		return orFound(err)
	}
	var done deploy.Installed
	err = t.durable(c.Context, func(ctx context.Context) (err error) {
		done, err = client.Install(ctx, s.Dir(), plan, t.now())
		return err
	})
	if err != nil {
		return err
	}
	shown := describeInstalled(row.Name, plan.Wanted, plan.Edit, done.Backup, notices)
	if shown.WayBack, err = deploy.WayBack(done.Backup); err != nil {
		shown.Notices = append(shown.Notices, "the way back is not known: "+err.Error())
	}
	if err := t.printInstalled("client", shown, ""); err != nil || t.json {
		return err
	}
	t.section("the way back", shown.WayBack)
	return nil
}

// osUser is a user of this machine.
type osUser struct {
	name  string
	home  string
	uid   int
	owner *out.Owner // of what is made; nil: who runs this
}

// homeOf looks up --user; "" is who runs this, whose home folder is where the
// programs look for it, $HOME.
func homeOf(name string) (osUser, error) {
	if name == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return osUser{}, usagef("--user OSUSER", "no home folder: %v", err)
		}
		me := osUser{name: strconv.Itoa(os.Geteuid()), home: home, uid: os.Geteuid()}
		if u, err := user.LookupId(me.name); err == nil {
			me.name = u.Username
		}
		return me, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return osUser{}, usagef("getent passwd lists them", "--user %q: no such user on this machine", name)
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if uidErr != nil || gidErr != nil || !filepath.IsAbs(u.HomeDir) {
		return osUser{}, usagef("install for a user with a number and a home folder", "--user %q cannot be installed for: user %q, group %q, home %q", name, u.Uid, u.Gid, u.HomeDir)
	}
	found := osUser{name: u.Username, home: u.HomeDir, uid: uid}
	switch me := os.Geteuid(); {
	case me == 0 && uid != 0:
		found.owner = &out.Owner{UID: uid, GID: gid}
	case me != uid:
		return osUser{}, usagef("run the command as root (sudo), or as "+shellWord(name), "only root installs for other users: --user %q", name)
	}
	return found, nil
}

// clientFor describes the installation of a client's pair for a user.
func (t *tool) clientFor(c *cli.Context, s *store.Store, row ledger.Row, spec store.Spec, u osUser) (deploy.Client, error) {
	folder := c.String("deploy-dir")
	if folder == "" {
		folder = filepath.Join(u.home, ".mysql")
	}
	spec.DeployDir = folder
	target, err := dialect.Parse(spec.Target)
	if err != nil {
		return deploy.Client{}, err
	}
	password, err := s.Password(row.Name)
	if err != nil {
		return deploy.Client{}, err
	}
	o, err := s.ClientOptions(spec, row, password)
	if err != nil {
		return deploy.Client{}, err
	}
	o.Serial, o.NotAfter = "", time.Time{} // a renewed certificate does not change the file
	text, err := o.OptionFile()
	if err != nil {
		return deploy.Client{}, badInput(err)
	}
	pem, err := material(c.Context, s, row)
	return deploy.Client{
		Name: row.Name, Material: pem, Folder: folder, UID: u.uid, Owner: u.owner, Login: u.name, Asked: c.String("user") != "",
		Options: deploy.ClientOptions{System: optionfile.OS(), Version: target, Home: u.home, Text: text},
	}, err
}

// readable refuses option files that the client programs of this machine would
// stop at. Whoever named a target knows which programs will read them.
func (t *tool) readable(client deploy.Client) error {
	if t.target != "" {
		return nil
	}
	o := client.Options
	var other dialect.Version
	for _, installed := range installedClients() {
		if installed.Product == o.Version.Product {
			return nil
		}
		other = installed
	}
	if other == (dialect.Version{}) {
		return nil
	}
	target := o.Version
	o.Version = other
	if stopper, found := o.Stopper(); found {
		return usagef("--target "+other.String()+": options for the programs here\n--target "+target.String()+": as it is, for others that are not in PATH",
			"the pair %s is for %s, and the client programs here are of %s, which would stop at its option %s", client.Name, target, other, stopper.Name)
	}
	return nil
}

// undoClient undoes what was interrupted, with --dry-run it only tells. A server
// that was changed is put back by install server, which can log in to it.
func (t *tool) undoClient(c *cli.Context, s *store.Store) ([]string, error) {
	told, server, err := deploy.Pending(s.Dir())
	if err != nil || c.Bool("dry-run") || told == nil {
		return told, err
	}
	if server {
		return nil, &failure{fmt.Errorf("an installation of a server was interrupted: %s", told[0]), "myca install server NAME puts it back, at the running server too"}
	}
	err = t.durable(c.Context, func(ctx context.Context) (err error) {
		told, err = deploy.UndoUnfinished(context.WithoutCancel(ctx), s.Dir(), nil)
		return err
	})
	return told, err
}

// clientNotices tell what the option file does not have.
func clientNotices(spec store.Spec, notices []string) []string {
	if spec.Connect == "" {
		notices = append(notices, "no server is recorded: the programs connect to this machine's own (--connect HOST[:PORT])")
	}
	if spec.Password == passwordFile {
		notices = append(notices, "the password is not in the option file: give -p to the programs")
	}
	return notices
}
