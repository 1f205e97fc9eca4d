package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/dn"
	"myca/ledger"
	"myca/store"
)

func rotateCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "rotate",
		Usage: "replace the CA by a new generation, without an interruption",
		Subcommands: []*cli.Command{
			{
				Name:  "begin",
				Usage: "make the new generation; both are in every trust bundle from now on",
				Description: `The new generation has the same subject, so that every REQUIRE ISSUER stays true,
and its own key. The old one goes on signing. Afterwards copy the ca-cert.pem of
every folder to its host and reload the servers, then: myca ca rotate switch.

  myca ca rotate begin
  myca ca rotate begin --subject '/C=US/O=acme/CN=acme CA 2' > alter.sql`,
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "subject", Usage: "another subject `DN`: then every account that requires the issuer has to be changed, by the statements printed"},
					&cli.StringFlag{Name: "key", Usage: "key `TYPE`: " + keyTypes + " (default: as before)"},
					&cli.StringFlag{Name: "days", Usage: "valid for `N` days (default: as long as the old one)"},
					nonportableFlag(),
				},
				Action: t.rotateBegin,
			},
			{
				Name:  "switch",
				Usage: "sign with the new generation from now on",
				Description: `Do this when every host has the bundle of both generations. Certificates of the
old one stay good; renew them: at once with --renew, or by myca renew NAME.

  myca ca rotate switch
  myca ca rotate switch --renew`,
				Flags:  []cli.Flag{&cli.BoolFlag{Name: "renew", Usage: "renew every active pair of the old generation"}},
				Action: t.rotateSwitch,
			},
			{
				Name:  "finish",
				Usage: "drop the old generation from the trust bundles",
				Description: `Refuses while active certificates of the old generation remain. --compromised is
for a stolen CA key: it drops the old generation at once, and says who is cut off.

  myca ca rotate finish
  myca ca rotate finish --compromised`,
				Flags:  []cli.Flag{&cli.BoolFlag{Name: "compromised", Usage: "the old generation's key is in wrong hands: drop it at once"}},
				Action: t.rotateFinish,
			},
			{
				Name:  "status",
				Usage: "how far a rotation is",
				Description: `  myca ca rotate status
  myca ca rotate status --json`,
				Action: t.rotateStatus,
			},
		},
	}
}

func (t *tool) rotateBegin(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca rotate begin"); err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	next, spec, err := t.nextGeneration(c, s)
	if err != nil {
		return err
	}
	old, err := signingCA(c.Context, s) // its key may be lost
	if err != nil {
		return err
	}
	var row ledger.Row
	err = t.durable(c.Context, func(ctx context.Context) error {
		row, err = s.RotateBegin(ctx, next, spec, t.now())
		return err
	})
	if err != nil {
		return err
	}
	if row.Subject == old.Subject {
		return t.printRotation(c, s, "next: copy ca-cert.pem of every folder to its host, reload the servers, then: myca ca rotate switch --renew")
	}
	renamed, _, err := dn.FromCertificate(row.DER)
	if err != nil {
		return err
	}
	return t.printNewIssuer(c, s, renamed)
}

// nextGeneration reads the flags of begin; what is zero is as before.
func (t *tool) nextGeneration(c *cli.Context, s *store.Store) (ca.Spec, store.Spec, error) {
	var p problems
	next := ca.Spec{Subject: parseSubject(c, &p), AllowNonportable: c.Bool("allow-nonportable-subject")}
	row, err := signingCA(c.Context, s)
	if err != nil {
		return next, store.Spec{}, err
	}
	spec, err := store.ReadSpec(row)
	if err != nil {
		return next, spec, err
	}
	if c.IsSet("subject") {
		spec.Subject = c.String("subject")
		if err := checkUnused(c.Context, s, next.Subject, &p); err != nil {
			return next, spec, err
		}
	}
	if c.IsSet("key") {
		next.Key, err = ca.ParseKeyType(c.String("key"))
		p.add("key", err)
		spec.Key = c.String("key")
	}
	if c.IsSet("days") {
		valid, err := parseValidity(c.String("days"), "", defaultCADays, t.now())
		p.add("days", err)
		next.NotBefore, next.NotAfter, spec.Days = valid.notBefore, valid.notAfter, valid.days
	}
	return next, spec, p.err()
}

// checkUnused refuses a subject for the CA that an active pair has, or whose CN
// one has: it could not be renewed under that CA.
func checkUnused(ctx context.Context, s *store.Store, subject dn.Name, p *problems) error {
	for row, err := range s.Ledger().All(ctx, ledger.Filter{State: ledger.Active}) {
		if err != nil {
			return err
		}
		if row.Kind == ledger.CA {
			continue
		}
		name, _, err := dn.FromCertificate(row.DER)
		if err != nil {
			return err
		}
		for _, cn := range name.Values("CN") {
			if slices.ContainsFunc(subject.Values("CN"), func(taken string) bool { return strings.EqualFold(taken, cn) }) {
				p.addf("subject", "another CN than those of myca list", "the active %s %q has the CN %q: it could not be renewed under a CA with that CN", row.Kind, row.Name, cn)
				return nil
			}
		}
		if strings.EqualFold(name.String(), subject.String()) {
			p.addf("subject", "another subject than those of myca list", "the active %s %q has the subject %q", row.Kind, row.Name, name)
			return nil
		}
	}
	return nil
}

func (t *tool) rotateSwitch(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca rotate switch"); err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := t.durable(c.Context, s.RotateSwitch); err != nil {
		return err
	}
	if !c.Bool("renew") {
		return t.printRotation(c, s, "next: renew what the old generation signed (myca renew --all), copy the pairs to their hosts, reload the servers, then: myca ca rotate finish")
	}
	rows, err := t.ofOldGenerations(c, s)
	if err != nil {
		return err
	}
	return switchedOnly(t.renewRows(c.Context, s, rows, renewal{}))
}

// switchedOnly says of an error of the renewal that the switch before it is
// done.
func switchedOnly(err error) error {
	const message, hint = "the new generation signs from now on, but nothing was renewed", "myca renew --all"
	switch list := problemsIn(err); {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return &usageError{message: "interrupted: " + message, hint: hint, cause: err}
	case list != nil:
		return append(list, ca.Problem{Field: "renew", Message: message, Hint: hint + ", once the rest is mended"})
	}
	return fmt.Errorf("%s: %w", message, err)
}

// ofOldGenerations are the active pairs that the CA which signs did not sign.
func (t *tool) ofOldGenerations(c *cli.Context, s *store.Store) ([]ledger.Row, error) {
	rows, err := t.pairsOf(c.Context, s, ledger.Filter{State: ledger.Active})
	if err != nil {
		return nil, err
	}
	signs, err := signingCA(c.Context, s)
	if err != nil {
		return nil, err
	}
	var old []ledger.Row
	for _, row := range rows {
		if row.Generation != signs.Generation {
			old = append(old, row)
		}
	}
	return old, nil
}

func (t *tool) rotateFinish(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca rotate finish"); err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	var done store.Finished
	err = t.durable(c.Context, func(ctx context.Context) error {
		done, err = s.RotateFinish(ctx, c.Bool("compromised"), t.now())
		return err
	})
	if err != nil {
		return err
	}
	var notices []string
	for _, row := range done.CutOff {
		notices = append(notices, fmt.Sprintf("cut off once its servers have the new bundle: %s %s (serial %s); myca renew %s/%s", row.Kind, row.Name, row.Serial, row.Kind, row.Name))
	}
	for _, row := range done.Superseded {
		notices = append(notices, fmt.Sprintf("not accepted any more: the old certificate of %s %s (serial %s)", row.Kind, row.Name, row.Serial))
	}
	t.notice(notices...)
	return t.printRotation(c, s, "next: copy ca-cert.pem of every folder to its host, and reload the servers", notices...)
}

func (t *tool) rotateStatus(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca rotate status"); err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	return t.printRotation(c, s, "")
}
