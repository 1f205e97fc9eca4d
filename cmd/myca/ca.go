package main

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/ledger"
	"myca/store"
)

func caCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "ca",
		Usage: "the authority",
		Subcommands: []*cli.Command{
			{
				Name:  "create",
				Usage: "make a store and its CA",
				Description: `Makes the folder --dir with a CA and nothing else; bootstrap does this and more.

  myca ca create
  myca --dir /srv/pki --target mariadb-11.8 ca create --subject '/C=US/O=acme/CN=acme CA'`,
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "subject", Usage: "the CA's exact subject `DN` (default: /CN=myca XXXXXXXX CA, unique)"},
					&cli.StringFlag{Name: "key", Value: defaultCAKey, Usage: "key `TYPE`: " + keyTypes},
					&cli.StringFlag{Name: "days", Usage: "valid for `N` days (default: " + strconv.Itoa(defaultCADays) + ")"},
					&cli.StringFlag{Name: "not-after", Usage: "valid until `TIME`: RFC 3339, or from now: 3650d"},
					nonportableFlag(),
				},
				Action: t.createCA,
			},
			{
				Name:  "show",
				Usage: "the CA's certificate",
				Description: `  myca ca show
  myca ca show --json`,
				Flags:  []cli.Flag{libraryFlag()},
				Action: t.showCA,
			},
			rotateCommand(t),
			crlCommand(t),
			rebuildCommand(t),
		},
	}
}

// authority is what the flags say of a CA.
type authority struct {
	subject     dn.Name
	given       string // the subject as written, "" when it is the default
	key         ca.KeyType
	valid       validity
	nonportable bool
}

// parseAuthority reads the flags of a CA, whose names differ between ca
// create (key, days) and bootstrap (ca-key, ca-days).
func (t *tool) parseAuthority(c *cli.Context, keyName, daysName string, p *problems) authority {
	a := authority{given: c.String("subject"), nonportable: c.Bool("allow-nonportable-subject")}
	text := a.given
	if text == "" {
		text = defaultCASubject()
	}
	var err error
	a.subject, err = dn.Parse(text)
	p.add("subject", err)
	a.key, err = ca.ParseKeyType(keyFlag(c, keyName, defaultCAKey))
	p.add(keyName, err)
	end := ""
	if keyName == "key" {
		end = c.String("not-after")
	}
	a.valid, err = parseValidity(c.String(daysName), end, defaultCADays, t.now())
	p.add(daysName, err)
	return a
}

func (a authority) spec() ca.Spec {
	return ca.Spec{Subject: a.subject, Key: a.key, NotBefore: a.valid.notBefore, NotAfter: a.valid.notAfter, AllowNonportable: a.nonportable}
}

func (t *tool) founding(a authority, target dialect.Version) store.Founding {
	return store.Founding{
		Target: target, CA: a.spec(), Now: t.now(),
		Spec: store.Spec{Target: target.String(), Key: string(a.key), Days: a.valid.days, Subject: a.given, AllowNonportable: a.nonportable},
	}
}

func (t *tool) createCA(c *cli.Context) error {
	var p problems
	if _, err := arguments(c, 0, 0, "myca ca create --subject DN"); err != nil {
		return err
	}
	a := t.parseAuthority(c, "key", "days", &p)
	target, err := t.targetOf()
	p.add("target", err)
	if err := p.err(); err != nil {
		return err
	}
	s, err := store.Found(t.dir, t.founding(a, target))
	if err != nil {
		return err
	}
	defer s.Close()
	if err := t.commit(c.Context, s); err != nil {
		return err
	}
	return t.printCA(c, s, "")
}

func (t *tool) showCA(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca show"); err != nil {
		return err
	}
	if err := checkLibrary(c.String("tls-library")); err != nil {
		return badInput(err)
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	return t.printCA(c, s, c.String("tls-library"))
}

// printCA prints the CA that signs. Its key is opened, so that a key that is
// missing or does not belong to the certificate is told here.
func (t *tool) printCA(c *cli.Context, s *store.Store, library string) error {
	shown, err := t.describeCA(c, s, library)
	if err != nil {
		return err
	}
	if t.json {
		return t.printJSON(shown)
	}
	t.notice(shown.Notices...)
	fmt.Fprintf(t.out, "CA, generation %d, of a store for %s\n", *shown.Generation, s.Target())
	at, _ := s.Authority()
	t.fields(
		"subject", shown.Subject,
		"REQUIRE ISSUER", shown.Require.Subject,
		"expires", ends(at.Certificate.NotAfter, t.now()),
		"key", shown.KeyType,
		"serial", shown.Serial,
		"SHA-256", shown.Fingerprint,
		"trust bundle", deref(shown.Files.CA),
		"private key", deref(shown.Files.Key),
	)
	return nil
}

func (t *tool) describeCA(c *cli.Context, s *store.Store, library string) (shownJSON, error) {
	authority, err := s.Authority()
	if err != nil {
		return shownJSON{}, err
	}
	row, err := s.Ledger().BySerial(c.Context, ca.SerialHex(authority.Certificate.SerialNumber))
	if err != nil {
		return shownJSON{}, err
	}
	shown, err := t.showRow(s, row, library)
	if err != nil {
		return shownJSON{}, err
	}
	bundle := filepath.Join(s.Dir(), "ca-cert.pem")
	shown.Kind, shown.Files.CA = ledger.CA, &bundle
	shown.Notices = s.Notices()
	return shown, nil
}
