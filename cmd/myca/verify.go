package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/dialect"
	"myca/finding"
	"myca/store"
	"myca/verify"
)

func verifyCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "what is wrong with certificate files, option files and folders; no server is needed",
		ArgsUsage: "[DIR|FILE...]",
		Description: `Without arguments, the store: every active pair, the CA, the trust bundle, the
CRL. With arguments, what they are told by their content: certificates, keys and
CRLs in PEM or DER, option files with what they include, folders of them, a
server's data folder. It only reads. Exit code 3 when there is an error among the
findings; warnings alone are 0. What could not be looked at is listed as not seen;
when that is all, the exit code is 1.

  myca verify
  myca verify /etc/mysql/my.cnf /var/lib/mysql
  myca verify --target mariadb-11.8 --host db1.example.com server-cert.pem server-key.pem
  myca verify --ca ca-cert.pem --json client-cert.pem client-key.pem

` + publicKeysHelp + `

What it can find (what mends it stands in the finding):

` + kindsHelp(finding.By.Verify),
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "host", Usage: "a name or address that clients connect to, `HOST`: the servers' certificates must name it, of a store's one (repeatable)"},
			&cli.StringFlag{Name: "server-user", Usage: "the `USER` that the server runs as (default: as the option file says, else the data folder's owner, else mysql)"},
			trustFlag("the bundle of the files' own folder or option file"),
			publicKeysFlag(),
		},
		Action: t.verify,
	}
}

const publicKeysHelp = `The list of --public-keys has one key a line: the SHA-256 of its
SubjectPublicKeyInfo in hex, and after tabs where it was published. So it is made
from a key: openssl pkey -in FILE -pubout -outform DER | sha256sum`

func trustFlag(fallback string) cli.Flag {
	return &cli.StringFlag{Name: "ca", Usage: "the certificates that are trusted, a `FILE` (default: " + fallback + ")"}
}

func publicKeysFlag() cli.Flag {
	return &cli.StringFlag{Name: "public-keys", Usage: "further keys that count as published, a `FILE`"}
}

// verification is one run of verify.
type verification struct {
	t        *tool
	disk     verify.Disk
	notices  []string
	examined examinedList
	options  []verify.InForce
	findings []finding.Finding
	found    map[[3]string]bool // identifier, place and text of findings: what several ways lead to is told once
	unseen   []string
}

func (t *tool) verify(c *cli.Context) error {
	paths, err := arguments(c, 0, -1, "myca verify [DIR|FILE...]")
	if err != nil {
		return err
	}
	if len(paths) == 1 && isStore(paths[0]) {
		if t.dir, err = filepath.Abs(paths[0]); err != nil {
			return fmt.Errorf("finding the store %q: %w", paths[0], err)
		}
		paths = nil
	}
	s, err := t.openRead()
	if err == nil {
		defer s.Close()
	}
	var notices []string
	switch {
	case err == nil:
	case len(paths) == 0 && errors.Is(err, store.ErrNoStore):
		return &usageError{message: fmt.Sprintf("no store in %q, and nothing else to verify", t.dir), hint: "myca verify /etc/mysql/my.cnf /var/lib/mysql", cause: err}
	case len(paths) == 0, t.named && errors.Is(err, store.ErrNoStore):
		return err
	case !errors.Is(err, store.ErrNoStore):
		notices = append(notices, fmt.Sprintf("what the store %q issued is not known: %v; to compare with it: %s", t.dir, err, hintOf(err)))
	}
	v := &verification{t: t, notices: notices, found: map[[3]string]bool{}, disk: verify.Disk{System: verify.OS(), ServerUser: c.String("server-user")}}
	if err := v.prepare(c, s); err != nil {
		return err
	}
	v.examined.begin(t, len(paths) == 0)
	if len(paths) == 0 {
		err = v.store(c.Context, s)
	} else {
		err = v.paths(paths)
	}
	if err != nil {
		return err
	}
	return v.print()
}

// isStore reports whether path is the folder of a store.
func isStore(path string) bool { return isFile(filepath.Join(path, "ledger.db")) }

// prepare reads the flags and what the store knows.
func (v *verification) prepare(c *cli.Context, s *store.Store) error {
	var p problems
	var err error
	v.disk.Target, err = v.t.diagnosedTarget(s, &v.notices)
	p.add("target", err)
	v.disk.Now, v.disk.Hosts = v.t.now(), c.StringSlice("host")
	v.disk.Public, err = publicKeys(c.String("public-keys"))
	p.add("public-keys", err)
	if path := c.String("ca"); path != "" {
		v.disk.Trust, err = readCertificates(path)
		v.disk.TrustWhere = path
		p.add("ca", err)
	}
	if user := v.disk.ServerUser; user != "" {
		if _, err := v.disk.System.User(user); err != nil {
			p.addf("server-user", "--server-user mysql", "--server-user %q: %v", user, err)
		}
	}
	if s != nil {
		v.disk.Issued, v.disk.Named = issuedBy(c.Context, s), namedBy(c.Context, s)
		v.notices = append(v.notices, s.Notices()...)
	}
	return p.err()
}

// diagnosedTarget is the server that files are judged for: --target, else the
// store's, else the one that is installed here, else the default.
func (t *tool) diagnosedTarget(s *store.Store, notices *[]string) (dialect.Version, error) {
	if t.target == "" && s == nil {
		if installed, ok := installedServer(); ok {
			*notices = append(*notices, fmt.Sprintf("judged for %s, which is installed here; --target names another server", installed))
			return installed, nil
		}
		*notices = append(*notices, fmt.Sprintf("judged for %s, the default; --target names another server", defaultTarget))
	}
	if s == nil {
		return t.targetOf()
	}
	return t.targetOf(s.Target().String())
}

// publicKeys is the list of published keys, with that of the file path.
func publicKeys(path string) (verify.PublicKeys, error) {
	keys, err := verify.Published()
	if err != nil || path == "" {
		return keys, err
	}
	file, content, err := openRegular(path)
	if err != nil {
		return keys, usagef("--public-keys FILE", "reading the published keys: %v", err)
	}
	defer file.Close()
	more, err := keys.With(content)
	if err != nil {
		return keys, usagef("myca verify --help", "reading the published keys of %q: %v", path, err)
	}
	return more, nil
}

// readCertificates reads the certificates of a file.
func readCertificates(path string) ([]*x509.Certificate, error) {
	raw, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("name another file", "the file %q does not exist", path)
	}
	if err != nil {
		return nil, err
	}
	certs, err := ca.DecodeCertificates(raw)
	if err != nil {
		return nil, &usageError{message: fmt.Sprintf("reading %q: %v", path, err), hint: hintOf(err), cause: err}
	}
	return certs, nil
}

// paths verifies what the user named.
func (v *verification) paths(paths []string) error {
	var p problems
	absolute := make([]string, len(paths)) // as option files name them, so that each is examined once
	for i, path := range paths {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			p.addf("path", "myca verify /etc/mysql/my.cnf /var/lib/mysql", "%q does not exist", path)
		}
		var err error
		absolute[i], err = filepath.Abs(path)
		p.add("path", err)
	}
	if err := p.err(); err != nil {
		return err
	}
	report, err := v.disk.Paths(absolute...)
	if err != nil {
		return badInput(err)
	}
	return v.add(report)
}
