package main

import (
	"context"
	"strconv"

	"github.com/urfave/cli/v2"

	"myca/store"
)

const defaultCRLDays = 30

func crlCommand(t *tool) *cli.Command {
	return &cli.Command{
		Name:  "crl",
		Usage: "write a fresh CRL",
		Description: `Writes crl.pem: a list of each CA generation in the trust bundle. What servers do
with it (ssl-crl in the option file: myca mycnf server NAME --crl):

- A server with a CRL needs a current one of every CA in its bundle, of both
  generations during a rotation: crl.pem holds them all.
- An expired CRL cuts every client with a certificate off: write, copy and
  reload a fresh one in time, for example by a timer.
- MariaDB built with wolfSSL (its tarballs and Windows builds) takes the option
  and ignores it; yaSSL has none.

  myca ca crl
  myca ca crl --days 90 --json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "days", Usage: "good for `N` days (default: " + strconv.Itoa(defaultCRLDays) + ")"},
		},
		Action: t.crl,
	}
}

// crlJSON is what ca crl --json prints.
type crlJSON struct {
	File       string   `json:"file"`
	Number     int64    `json:"number"`
	ThisUpdate string   `json:"this_update"`
	NextUpdate string   `json:"next_update"`
	Revoked    int      `json:"revoked"`
	Notices    []string `json:"notices,omitempty"`
}

func (t *tool) crl(c *cli.Context) error {
	if _, err := arguments(c, 0, 0, "myca ca crl --days 30"); err != nil {
		return err
	}
	valid, err := parseValidity(c.String("days"), "", defaultCRLDays, t.now())
	if err != nil {
		return err
	}
	s, err := t.open()
	if err != nil {
		return err
	}
	defer s.Close()
	err = t.durable(c.Context, func(ctx context.Context) error { return s.WriteCRL(ctx, t.now(), valid.days) })
	if err != nil {
		return err
	}
	t.notice(s.Notices()...)
	if !t.json {
		return t.printCRL(s)
	}
	crl, err := s.CRL()
	if err != nil {
		return err
	}
	return t.printJSON(describeCRL(crl, s.Notices()))
}

func describeCRL(crl store.CRL, notices []string) crlJSON {
	return crlJSON{
		File: crl.Path, Number: crl.Number, ThisUpdate: stamp(crl.ThisUpdate), NextUpdate: stamp(crl.NextUpdate),
		Revoked: crl.Revoked, Notices: notices,
	}
}
