package deploy

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"myca/out"
)

// Client is the installation of a client's pair for a user of this machine.
type Client struct {
	Name     string
	Material Material
	Options  ClientOptions // Home is the user's
	Folder   string        // where the files are to lie
	// UID is the user, and Owner whose the files are to be, nil for whoever
	// runs, who is then that user. It has a group.
	UID   int
	Owner *out.Owner
	// Login is the user's name on this machine. Asked says that the user was
	// named: a login in the user's own option files is then overridden.
	Login string
	Asked bool
}

// ClientPlan is what an installation is going to do.
type ClientPlan struct {
	Disk    Plan
	Wanted  []Wanted // every file, changed or not; the option file is not among them
	Edit    Edit
	Notices []string
}

// ClientPaths are the paths of the files in a folder.
func ClientPaths(folder string) (bundle, cert, key string) {
	return filepath.Join(folder, "ca-cert.pem"), filepath.Join(folder, "client-cert.pem"), filepath.Join(folder, "client-key.pem")
}

// Plan says what there is to do. It writes nothing. Root installs in a home
// folder of somebody else with that user's rights (out.As), here and in Install:
// what does not belong to that user there, or leads out of it, is refused.
func (c Client) Plan() (p *ClientPlan, err error) {
	err = out.As(c.Owner, func() error {
		p, err = c.plan()
		return err
	})
	return p, err
}

func (c Client) plan() (*ClientPlan, error) {
	c.Options.System = disk{c.Options.System}
	if err := c.owns(c.Options.Home, "the home folder"); err != nil {
		return nil, err
	}
	if err := c.ownsBelow(c.Folder); err != nil {
		return nil, err
	}
	p := &ClientPlan{}
	var err error
	if p.Edit, err = c.Options.Place(); err != nil {
		return nil, err
	}
	if !p.Edit.Created {
		if err := c.owns(p.Edit.Path, "the option file"); err != nil {
			return nil, err
		}
		if err := c.ownLogin(p.Edit); err != nil {
			return nil, err
		}
	}
	bundle, cert, key := ClientPaths(c.Folder)
	files := []File{
		{Path: bundle, Data: c.Material.CA, Mode: 0o644, Owner: c.Owner},
		{Path: cert, Data: c.Material.Cert, Mode: 0o644, Owner: c.Owner},
		{Path: key, Data: c.Material.Key, Mode: 0o600, Owner: c.Owner},
	}
	folder := Folder{Path: c.Folder, Mode: 0o700, Owner: c.Owner}
	if p.Disk, err = NewPlan([]Folder{folder}, append(files[:len(files):len(files)], p.Edit.File(c.Owner))); err != nil {
		return nil, err
	}
	p.Disk.As = c.Owner
	if p.Wanted, err = compared(files, p.Disk); err != nil {
		return nil, err
	}
	p.Notices = append(p.Disk.Notices, p.Edit.Notices...)
	return p, c.tightened(p)
}

// tightened tells of an option file that others can read so far.
func (c Client) tightened(p *ClientPlan) error {
	if p.Edit.Created {
		return nil
	}
	info, err := os.Stat(p.Edit.Path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&^p.Edit.Mode != 0 {
		p.Notices = append(p.Notices, fmt.Sprintf("%q has the mode %04o and gets %04o, so that only its owner can read it", p.Edit.Path, mode, p.Edit.Mode))
	}
	return nil
}

// ownsBelow refuses a folder below the home folder of which a part that is there
// is another user's.
func (c Client) ownsBelow(folder string) error {
	home := strings.TrimSuffix(filepath.Clean(c.Options.Home), "/") + "/"
	below, inside := strings.CutPrefix(filepath.Clean(folder)+"/", home)
	if !inside {
		return nil
	}
	path := strings.TrimSuffix(home, "/")
	for _, name := range strings.FieldsFunc(below, func(r rune) bool { return r == '/' }) {
		path = filepath.Join(path, name)
		info, err := os.Lstat(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return fail(ErrRefused, "--deploy-dir names another folder", "%q is a symbolic link", path)
		}
		if err := c.owns(path, "the folder"); err != nil {
			return err
		}
	}
	return nil
}

// owns refuses what belongs to another user.
func (c Client) owns(path, what string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if owner := out.OwnerIn(info).UID; owner >= 0 && owner != c.UID {
		return fail(ErrRefused, "give it to that user, or install for its owner: --user", "%s %q belongs to user %d, not to user %d", what, path, owner, c.UID)
	}
	return nil
}

// Install does what the plan says, with the journal in the store dir: all of it,
// or nothing, and then the error is an *UndoneError or one of Begin.
func (c Client) Install(ctx context.Context, dir string, p *ClientPlan, now time.Time) (Installed, error) {
	if p.Disk.Empty() {
		return Installed{Activated: Unchanged}, nil
	}
	nothing := func(context.Context) error { return nil }
	backup, err := change(ctx, dir, p.Disk, meta{Kind: "client", Name: c.Name}, now, nothing, nothing)
	return Installed{Backup: backup}, err
}
