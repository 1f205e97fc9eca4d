package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/ledger"
	"myca/store"
	"myca/templates"
)

func mycnfCommand(t *tool) *cli.Command {
	shared := func() []cli.Flag {
		return []cli.Flag{
			&cli.StringFlag{Name: "deploy-dir", Usage: "the folder `DIR` on the host where the files lie (default: as recorded, else the folder in the store)"},
			&cli.StringFlag{Name: "tls-version", Usage: "the TLS versions allowed, a `LIST` such as TLSv1.2,TLSv1.3"},
			&cli.BoolFlag{Name: "crl", Usage: "check certificates against the store's CRL, which lies in the same folder on the host"},
			&cli.BoolFlag{Name: "as-flags", Usage: "print the same as command-line options"},
		}
	}
	return &cli.Command{
		Name:  "mycnf",
		Usage: "the option file of an issued pair, on standard output",
		Subcommands: []*cli.Command{
			{
				Name: "server", ArgsUsage: "NAME",
				Usage: "the [mysqld] options of a server",
				Description: `  myca mycnf server db1
  myca mycnf server db1 --deploy-dir /etc/mysql/myca --require-secure-transport
  myca mycnf server db1 --as-flags`,
				Flags:  append(shared(), &cli.BoolFlag{Name: "require-secure-transport", Usage: "refuse connections that are neither encrypted nor local"}),
				Action: t.mycnfServer,
			},
			{
				Name: "client", ArgsUsage: "NAME",
				Usage: "the option file of a client",
				Description: `It holds the account's password when that was made by --random-password.
Drivers that read option files mostly read only the group client: --groups client.

  myca mycnf client laura --connect db1.example.com
  myca mycnf client laura --deploy-dir /home/laura/.mysql --groups client
  myca mycnf client laura --as-flags`,
				Flags:  append(shared(), connectFlags()...),
				Action: t.mycnfClient,
			},
		},
	}
}

// textJSON is what mycnf --json prints. A password is never in it: Text is
// null and a notice says where it stands.
type textJSON struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Target  string   `json:"target"`
	Text    *string  `json:"text"`
	Flags   []string `json:"flags"`
	Notices []string `json:"notices,omitempty"`
}

// pairNamed finds the active pair of kind and the spec its texts are made
// from, with the flags of c over it.
func (t *tool) pairNamed(c *cli.Context, s *store.Store, kind, name string) (ledger.Row, store.Spec, error) {
	var p problems
	row, err := s.Ledger().Active(c.Context, kind, strings.TrimPrefix(name, kind+"/"))
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return row, store.Spec{}, err
	}
	if err != nil {
		p.addf("name", "myca --dir "+shellWord(s.Dir())+" list", "the store %q has no %s %q", s.Dir(), kind, name)
		row.Spec = []byte("{}") // the flags are checked all the same
	}
	spec, err := t.recorded(row, "")
	if err != nil {
		return row, spec, err
	}
	if c.IsSet("deploy-dir") {
		spec.DeployDir = c.String("deploy-dir")
		p.add("deploy-dir", dialect.CheckDeployDir(spec.DeployDir))
	}
	overConnect(c, &spec, &p)
	return row, spec, p.err()
}

func (t *tool) mycnfServer(c *cli.Context) error {
	return t.mycnf(c, ledger.Server, func(s *store.Store, row ledger.Row, spec store.Spec) (optionText, string, error) {
		o, err := s.ServerOptions(spec, row)
		if err != nil {
			return nil, "", err
		}
		o.RequireSecureTransport, o.TLSVersion = c.Bool("require-secure-transport"), c.String("tls-version")
		o.CRL, err = crlPath(c, s, spec)
		return o, "", err
	})
}

func (t *tool) mycnfClient(c *cli.Context) error {
	return t.mycnf(c, ledger.Client, func(s *store.Store, row ledger.Row, spec store.Spec) (optionText, string, error) {
		password, err := s.Password(row.Name)
		if err != nil {
			return nil, "", err
		}
		o, err := s.ClientOptions(spec, row, password)
		if err != nil {
			return nil, "", err
		}
		o.TLSVersion = c.String("tls-version")
		o.CRL, err = crlPath(c, s, spec)
		if password == nil {
			return o, "", err
		}
		return o, s.Files(row).MyCnf, err
	})
}

// mycnf prints the option file that describe makes of a pair of kind; secret is
// the file that holds the password which the text shows, "" for none.
func (t *tool) mycnf(c *cli.Context, kind string, describe func(*store.Store, ledger.Row, store.Spec) (o optionText, secret string, err error)) error {
	args, err := arguments(c, 1, 1, "myca mycnf "+kind+" NAME")
	if err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	row, spec, err := t.pairNamed(c, s, kind, args[0])
	if err != nil {
		return err
	}
	o, secret, err := describe(s, row, spec)
	if err != nil {
		return err
	}
	t.notice(s.Notices()...)
	return t.printOptions(c, textJSON{Name: row.Name, Kind: row.Kind, Target: spec.Target}, o, secret)
}

// crlPath is the value of ssl-crl, "" without --crl: crl.pem in the folder that
// the other files are in on the host, or in the store.
func crlPath(c *cli.Context, s *store.Store, spec store.Spec) (string, error) {
	if !c.Bool("crl") {
		return "", nil
	}
	crl, err := s.CRL()
	if err != nil {
		return "", err
	}
	if crl.Path == "" {
		return "", usagef("myca --dir "+shellWord(s.Dir())+" ca crl", "the store %q has no CRL yet", s.Dir())
	}
	if spec.DeployDir == "" {
		return crl.Path, nil
	}
	return strings.TrimRight(spec.DeployDir, `/\`) + "/" + filepath.Base(crl.Path), nil
}

// optionText is what both kinds of option files can do.
type optionText interface {
	OptionFile() (string, error)
	Flags() ([]string, error)
}

var (
	_ optionText = templates.ServerOptions{}
	_ optionText = templates.ClientOptions{}
)

// printOptions prints o as an option file or as flags. secret is the file
// that holds the password which the text shows, "" for none.
func (t *tool) printOptions(c *cli.Context, shown textJSON, o optionText, secret string) error {
	text, err := o.OptionFile()
	if err != nil {
		return badInput(err)
	}
	shown.Flags, err = o.Flags()
	if err != nil {
		return badInput(err)
	}
	switch {
	case t.json && secret != "":
		shown.Notices = append(shown.Notices, fmt.Sprintf("the option file holds a password: read %q", secret))
		return t.printJSON(shown)
	case t.json:
		shown.Text = &text
		return t.printJSON(shown)
	case c.Bool("as-flags"):
		words := make([]string, 0, len(shown.Flags))
		for _, flag := range shown.Flags {
			words = append(words, shellWord(flag))
		}
		fmt.Fprintln(t.out, strings.Join(words, " "))
		return nil
	}
	fmt.Fprint(t.out, text)
	return nil
}

// shellWord is text as one word of a POSIX shell, quoted only where needed.
func shellWord(text string) string { return templates.Shell(text) }

// splitGroups reads --groups.
func splitGroups(text string, p *problems) []string {
	groups := strings.Split(text, ",")
	for i, group := range groups {
		groups[i] = strings.TrimSpace(group)
		if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`).MatchString(groups[i]) {
			p.addf("groups", "--groups client,mysql", "--groups %q: %q is not an option group", text, group)
		}
	}
	return groups
}
