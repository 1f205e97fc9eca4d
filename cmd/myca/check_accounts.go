package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"myca/ca"
	"myca/check"
	"myca/dialect"
	"myca/dn"
	"myca/ledger"
	"myca/live"
	"myca/store"
)

// judgeAccounts compares the server's accounts with the store.
func (k *checking) judgeAccounts(ctx context.Context, session *live.Session) error {
	asking, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	list, err := session.Accounts(asking)
	switch {
	case errors.Is(err, live.ErrNotSeen):
		k.unseen = append(k.unseen, err.Error())
		return nil
	case err != nil:
		return fmt.Errorf("asking the server at %s for its accounts: %w", k.server.address, err)
	}
	k.accounts = list
	judged := check.Accounts{
		Where: k.where(), Hostname: k.facts.Hostname, LocalOnly: k.facts.Listens.LocalOnly, Server: list, Version: k.facts.Version, Library: k.facts.Library,
		Protocols: k.facts.Protocols, Ciphers: k.facts.Ciphers,
		SecureTransport: k.facts.RequireSecureTransport != nil && *k.facts.RequireSecureTransport,
		TLSOff:          !k.hello.OffersTLS, Commands: k.commands, NewCRL: k.judged.NewCRL(), Elsewhere: k.judged.Elsewhere(),
	}
	if k.store != nil && !k.judged.Elsewhere() {
		judged.Certificates = func() iter.Seq2[check.Certificate, error] { return clientCertificates(ctx, k.store, k.t.now()) }
		judged.Revoked = func() iter.Seq2[check.RevokedCertificate, error] { return k.revokedCertificates(ctx) }
		if judged.Authorities, err = authoritiesAs(k.store, k.facts.Library); err != nil {
			return err
		}
		if judged.Recorded, err = recordedAccounts(ctx, k.store, k.facts.Library); err != nil {
			return err
		}
	}
	views, findings, err := judged.Judge()
	if err != nil {
		return err
	}
	k.views = views
	k.findings = append(k.findings, findings...)
	k.unseen = append(k.unseen, judged.Unseen()...)
	return nil
}

// clientCertificates goes through what a client could present: what is active
// and has not ended at now.
func clientCertificates(ctx context.Context, s *store.Store, now time.Time) iter.Seq2[check.Certificate, error] {
	return func(yield func(check.Certificate, error) bool) {
		for usable, err := range forClients(ctx, s, ledger.Filter{State: ledger.Active, Lasting: now}) {
			if !yield(usable.named(), err) || err != nil {
				return
			}
		}
	}
}

// revokedCertificates goes through what was revoked and has not ended, of the
// CAs that are in use.
func (k *checking) revokedCertificates(ctx context.Context) iter.Seq2[check.RevokedCertificate, error] {
	refusal := k.judged.Refusals()
	return func(yield func(check.RevokedCertificate, error) bool) {
		for usable, err := range forClients(ctx, k.store, ledger.Filter{State: ledger.Revoked, Lasting: k.t.now()}) {
			if err != nil {
				yield(check.RevokedCertificate{}, err)
				return
			}
			cert := usable.cert
			inUse := func(authority *x509.Certificate) bool {
				return bytes.Equal(authority.SubjectKeyId, cert.AuthorityKeyId)
			}
			if !slices.ContainsFunc(k.judged.Authorities, inUse) {
				continue
			}
			if !yield(check.RevokedCertificate{Certificate: usable.named(), Serial: ca.SerialHex(cert.SerialNumber), Refusal: refusal(cert)}, nil) {
				return
			}
		}
	}
}

// usable is a certificate that is good for clients.
type usable struct {
	name string // of the pair
	cert *x509.Certificate
}

func (u usable) named() check.Certificate {
	if u.cert == nil {
		return check.Certificate{}
	}
	return check.Certificate{Name: u.name, RawSubject: u.cert.RawSubject, RawIssuer: u.cert.RawIssuer}
}

// forClients goes through the certificates that the filter lets through and
// that are good for clients; peers among the servers too. An error comes last.
func forClients(ctx context.Context, s *store.Store, f ledger.Filter) iter.Seq2[usable, error] {
	return func(yield func(usable, error) bool) {
		for row, err := range s.Ledger().All(ctx, f) {
			if err != nil {
				yield(usable{}, err)
				return
			}
			if row.Kind == ledger.CA {
				continue
			}
			cert, err := x509.ParseCertificate(row.DER)
			if err != nil {
				yield(usable{}, fmt.Errorf("reading certificate %s of the ledger: %w", row.Serial, err))
				return
			}
			if row.Kind == ledger.Server && !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
				continue
			}
			if !yield(usable{row.Name, cert}, nil) {
				return
			}
		}
	}
}

// authoritiesAs is the subjects of the store's CAs as library renders them.
func authoritiesAs(s *store.Store, library dn.Library) ([]string, error) {
	certs, err := s.CACertificates()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, cert := range certs {
		name, err := dn.FromDER(cert.RawSubject)
		if err != nil {
			return nil, fmt.Errorf("reading the subject of the CA: %w", err)
		}
		names = append(names, name.OneLine(library))
	}
	return names, nil
}

// recordedAccounts is every account that the store issued an active
// certificate for: of clients, and of servers that replicate.
func recordedAccounts(ctx context.Context, s *store.Store, library dn.Library) ([]check.Recorded, error) {
	var list []check.Recorded
	for row, err := range s.Ledger().All(ctx, ledger.Filter{State: ledger.Active}) {
		if err != nil {
			return nil, err
		}
		if row.Kind == ledger.CA {
			continue
		}
		spec, err := store.ReadSpec(row)
		if err != nil {
			return nil, err
		}
		accounts, require, err := accountsOf(spec)
		if err != nil {
			return nil, fmt.Errorf("reading what %s %q was issued for: %w", row.Kind, row.Name, err)
		}
		if len(accounts) == 0 {
			continue
		}
		target, err := dialect.Parse(spec.Target)
		if err != nil {
			target = dialect.Version{} // of a store that another version wrote
		}
		subject, issuer, err := namesOf(row, library)
		if err != nil {
			return nil, err
		}
		for _, account := range accounts {
			list = append(list, check.Recorded{Account: account, Name: row.Name, Product: target.Product, Requirement: require, Subject: subject, Issuer: issuer, OnSource: row.Kind == ledger.Server})
		}
	}
	return list, nil
}

// accountsOf reads the accounts of a client and what they demand.
func accountsOf(spec store.Spec) ([]dialect.Account, dialect.Requirement, error) {
	var accounts []dialect.Account
	for _, text := range spec.Accounts {
		account, err := dialect.ParseAccount(text)
		if err != nil {
			return nil, dialect.Requirement{}, err
		}
		accounts = append(accounts, account)
	}
	text := spec.Require
	if text == "" {
		text = defaultRequire
	}
	require, err := dialect.ParseRequirement(text)
	return accounts, require, err
}

// namesOf is subject and issuer of a row's certificate as library renders them.
func namesOf(row ledger.Row, library dn.Library) (subject, issuer string, err error) {
	cert, err := x509.ParseCertificate(row.DER)
	if err != nil {
		return "", "", fmt.Errorf("reading certificate %s of the ledger: %w", row.Serial, err)
	}
	of, err := dn.FromDER(cert.RawSubject)
	if err != nil {
		return "", "", fmt.Errorf("reading the subject of certificate %s: %w", row.Serial, err)
	}
	by, err := dn.FromDER(cert.RawIssuer)
	if err != nil {
		return "", "", fmt.Errorf("reading the issuer of certificate %s: %w", row.Serial, err)
	}
	return of.OneLine(library), by.OneLine(library), nil
}
