package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"myca/ca"
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

// gate is what a server must pass before the login, when that is needed, as it is
// where there is a password: nil lets every server through.
func (k *checking) gate(needed bool) func(tls.ConnectionState) error {
	s := k.server
	if !needed || s.local() || s.unverified {
		return nil
	}
	now, public := k.t.now(), k.public
	return func(state tls.ConnectionState) error {
		return s.trusts(state.PeerCertificates, now, public)
	}
}

// trusts verifies what a server presented: the chain, the time, the host, and
// that nobody else has the keys.
func (s server) trusts(chain []*x509.Certificate, now time.Time, public verify.PublicKeys) error {
	const way = "the password was not sent (--ca FILE, or --login-unverified)"
	if len(s.trust) == 0 || len(chain) == 0 {
		return fmt.Errorf("no CA is known that the server could be verified by: %s", way)
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
		return fmt.Errorf("the server could not be verified: %w; %s", err, way)
	}
	var known error
	for _, chain := range verified {
		if known = published(chain, public); known == nil {
			return nil
		}
	}
	return fmt.Errorf("%w; %s", known, way)
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
