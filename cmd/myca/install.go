package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/deploy"
	"myca/ledger"
	"myca/out"
	"myca/store"
)

func installCommand(t *tool) *cli.Command {
	shared := func(folder string) []cli.Flag {
		return []cli.Flag{
			&cli.StringFlag{Name: "deploy-dir", Usage: "put the files into the folder `DIR` of this machine (default: " + folder + ")"},
			&cli.BoolFlag{Name: "dry-run", Usage: "show what would change, as a diff, and change nothing; exit code 3 when something would"},
		}
	}
	return &cli.Command{
		Name:  "install",
		Usage: "put an issued pair to work on this machine",
		Subcommands: []*cli.Command{
			{
				Name:      "server",
				ArgsUsage: "NAME | --replace-boilerplate [HOST...]",
				Usage:     "files, options, reload, and a look at what the server presents",
				Description: `Puts the pair's files into place for the server's user, adds the options to the
server's option files (a drop-in where it reads a folder of them, else a marked
block; every other byte stays), makes the running server reload where its version
can, and looks whether it presents the new certificate. If anything fails,
everything is put back as it was. A second run changes nothing.

  myca install server db1 --dry-run
  myca install server db1
  myca install server db1 --socket /run/mysqld/mysqld.sock --user root --password-file pw
  myca install server --replace-boilerplate
  myca install server --replace-boilerplate db1.example.com 10.0.0.1 localhost

--replace-boilerplate does all of it for a server whose certificates everybody has,
that made them itself, or that has none: it makes the CA if there is no store,
issues a pair for HOST... (default: the names that the running server is known by)
and installs it. Where nothing is boilerplate, nothing is done.

Files go where the certificate lies that is replaced, if it is one of the pair, or
if the server is a MariaDB, which cannot change paths while it runs. The login needs
CONNECTION_ADMIN and SYSTEM_VARIABLES_ADMIN (MySQL) or RELOAD (MariaDB). Where
nothing answers, the next start of the server uses what was installed; but a server
that --socket, --host or --port name has to answer.

--json prints name, dry_run, files, options, activated (reloaded, restart-needed,
not-running, unchanged; with --dry-run would-reload, would-need-restart), backup and
notices; ca (path, subject: null while it is not decided) and names of the
certificate; and where they are known accounts_requiring_certificate (of those that
are cut off), untrusted_now (subjects of CAs that the server trusts no more),
way_back, and with --dry-run diff and statements.`,
				Flags: append(append(shared("as recorded with the pair, else where the certificate lies that is replaced, else /etc/mysql/myca"),
					&cli.StringFlag{Name: "owner", Usage: "`USER[:GROUP]` that the files are given to, whom the server runs as (default: its option user, else the owner of its data folder, else mysql)"},
					&cli.StringFlag{Name: "mycnf", Usage: "the one option `FILE` that the server reads (default: those that it reads without being told any)"},
					&cli.BoolFlag{Name: "replace-boilerplate", Usage: "issue and install a pair if the server has certificates that others have the keys of, or none"},
					&cli.StringFlag{Name: "subject", Usage: "with --replace-boilerplate: the subject `DN` of a CA that is made (default: /CN=myca XXXXXXXX CA, unique)"},
				), serverFlags("")...),
				Action: t.installServer,
			},
			{
				Name:      "client",
				ArgsUsage: "NAME",
				Usage:     "files and ~/.my.cnf of a user of this machine",
				Description: `Puts the pair's files into the user's home folder and adds a marked block to
~/.my.cnf, which gets the mode 0600. Every other byte of it stays. A second run
changes nothing. Root installs for other users. A login that ~/.my.cnf has already is
not taken over unless --user names that user.

  myca install client laura --dry-run
  myca install client laura --user laura --connect db1.example.com
  myca install client app --user www-data --deploy-dir /etc/app/tls

--json prints name, dry_run, files, options, backup and notices, way_back, and with
--dry-run diff.`,
				Flags: append(shared("~/.mysql"),
					append([]cli.Flag{&cli.StringFlag{Name: "user", Usage: "the `OSUSER` of this machine to install for (default: who runs it)"}}, connectFlags()...)...),
				Action: t.installClient,
			},
		},
	}
}

// material is what the active pair of row consists of.
func material(ctx context.Context, s *store.Store, row ledger.Row) (deploy.Material, error) {
	cert, err := x509.ParseCertificate(row.DER)
	if err != nil {
		return deploy.Material{}, fmt.Errorf("reading the certificate %s of the ledger: %w", row.Serial, err)
	}
	m := deploy.Material{Cert: ca.EncodeCertificate(cert)}
	if m.CA, err = bundlePEM(s); err != nil {
		return m, err
	}
	if m.Key, err = s.PrivateKey(row); err != nil {
		return m, err
	}
	return m, ctx.Err()
}

// bundlePEM is the trust bundle of the store.
func bundlePEM(s *store.Store) ([]byte, error) {
	certs, err := s.CACertificates()
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, c := range certs {
		text = append(text, ca.EncodeCertificate(c)...)
	}
	return text, nil
}

// givenOwner is USER[:GROUP] as the owner of files that are made: with the user's
// own group where none is named, nil where it is who runs this.
func givenOwner(text string) (*out.Owner, error) {
	owner, err := out.ParseOwner(text)
	if err != nil {
		return nil, err
	}
	if owner.GID >= 0 {
		return owner, nil
	}
	if me := os.Geteuid(); me > 0 && owner.UID == me {
		return nil, nil
	}
	u, err := user.LookupId(strconv.Itoa(owner.UID))
	if err != nil {
		return owner, nil // a number without a name has no group
	}
	if gid, err := strconv.Atoi(u.Gid); err == nil {
		owner.GID = gid
	}
	return owner, nil
}

// existingFile is the absolute path of a file that is there.
func existingFile(path, flag string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if !isFile(abs) {
		return "", usagef("name an option file that is there", "%s %q is no file", flag, path)
	}
	return abs, nil
}
