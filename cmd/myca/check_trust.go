package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"myca/ca"
	"myca/ledger"
	"myca/verify"
)

// trusted decides which CAs clients trust: --ca, else the store's, else ssl-ca
// of the option file.
func (k *checking) trusted(c *cli.Context, settings map[string]string, p *problems) {
	s := &k.server
	var err error
	switch path := c.String("ca"); {
	case path != "":
		s.trust, err = readCertificates(path)
		s.trustWhere = path
		p.add("ca", err)
	case k.store != nil:
		s.trust, err = k.store.CACertificates()
		s.trustWhere = k.store.Dir()
		p.add("ca", err)
	case settings["ssl-ca"] != "":
		s.trustWhere = settings["ssl-ca"]
		if s.trust, err = readCertificates(s.trustWhere); err != nil {
			k.notices = append(k.notices, fmt.Sprintf("ssl-ca of the option file is not used: %v", err))
		}
	}
}

// gate is what a server must pass before anything of a login is sent to it: nil
// lets every server through. Over the network nobody is logged in to a server
// that was not verified, with a password or without, unless --login-unverified
// was given. On this machine anybody can listen at a port while the server does
// not: a password goes only to a server whose chain is trusted, where it is known
// who is, and by a port that somebody named. A Unix socket is exempt.
func (k *checking) gate(ctx context.Context, password string) func(tls.ConnectionState) error {
	s := k.server
	switch {
	case s.unverified || s.address.Socket != "":
		return nil
	case s.local() && (password == "" || s.named && len(s.trust) == 0):
		return nil
	}
	if s.local() {
		s.host = "" // a loopback address is enough of a name
	}
	now, public := k.t.now(), k.public
	return func(state tls.ConnectionState) error {
		if err := s.trusts(state.PeerCertificates, now, public, k.refused(ctx)); err != nil {
			return fmt.Errorf("%w; nobody was logged in (--ca FILE, or --login-unverified)", err)
		}
		return nil
	}
}

// noPlain is why nobody logs in without TLS, "" when it can be done: what gate
// demands cannot be shown without. Of a port of this machine that somebody named
// it is not demanded, as the password then goes out only in hashed form.
func (k *checking) noPlain(password string) string {
	s := k.server
	switch {
	case s.unverified || s.local() && (s.named || password == "" || s.address.Socket != ""):
		return ""
	case s.local():
		return "without TLS the password is not sent to a server that nobody named (--host, --port)"
	}
	return "over the network nobody is logged in without TLS (--login-unverified does it)"
}

// refused is an error about a certificate that the store has revoked, or a
// ledger that cannot be asked.
func (k *checking) refused(ctx context.Context) func(*x509.Certificate) error {
	return func(cert *x509.Certificate) error {
		if k.store == nil || cert.SerialNumber == nil {
			return nil
		}
		serial := ca.SerialHex(cert.SerialNumber)
		row, err := k.store.Ledger().BySerial(ctx, serial)
		switch {
		case errors.Is(err, ledger.ErrNotFound):
			return nil
		case err != nil:
			return fmt.Errorf("whether the server's certificate %s is revoked cannot be told: %w", serial, err)
		case row.State != ledger.Revoked || !bytes.Equal(row.DER, cert.Raw):
			return nil
		case row.Reason != "":
			return fmt.Errorf("the server's certificate %s of %q is revoked in the store (%s)", serial, row.Name, row.Reason)
		}
		return fmt.Errorf("the server's certificate %s of %q is revoked in the store", serial, row.Name)
	}
}

// trusts verifies what a server presented: the chain, the time, the host where
// there is one, and that nobody else has the keys, and that refused refuses none
// of them.
func (s server) trusts(chain []*x509.Certificate, now time.Time, public verify.PublicKeys, refused func(*x509.Certificate) error) error {
	if len(s.trust) == 0 || len(chain) == 0 {
		return errors.New("no CA is known that the server could be verified by")
	}
	options := x509.VerifyOptions{
		Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: s.host, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, cert := range s.trust {
		options.Roots.AddCert(cert)
	}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	verified, err := chain[0].Verify(options)
	if err != nil {
		return fmt.Errorf("the server could not be verified: %w", err)
	}
	var known error
	for _, chain := range verified {
		if known = published(chain, public); known != nil {
			continue
		}
		for _, cert := range chain {
			known = cmp.Or(known, refused(cert))
		}
		if known == nil {
			return nil
		}
	}
	return known
}

// published is an error when somebody else has a private key of the chain.
func published(chain []*x509.Certificate, public verify.PublicKeys) error {
	for _, cert := range chain {
		if source, found := public.Find(cert.RawSubjectPublicKeyInfo); found {
			return fmt.Errorf("the private key of the certificate %s is published: %s", ca.SerialHex(cert.SerialNumber), source)
		}
	}
	return nil
}
