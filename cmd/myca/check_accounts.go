package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

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
		Where: k.where(), Hostname: k.facts.Hostname, Server: list, Version: k.facts.Version, Library: k.facts.Library,
		SecureTransport: k.facts.RequireSecureTransport != nil && *k.facts.RequireSecureTransport,
	}
	if k.store != nil {
		judged.Certificates = func() iter.Seq2[check.Certificate, error] { return clientCertificates(ctx, k.store, k.t.now()) }
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

// clientCertificates goes through what a client could present: what is active,
// has not ended at now, and is good for clients; peers among the servers too.
func clientCertificates(ctx context.Context, s *store.Store, now time.Time) iter.Seq2[check.Certificate, error] {
	return func(yield func(check.Certificate, error) bool) {
		for row, err := range s.Ledger().All(ctx, ledger.Filter{State: ledger.Active, Lasting: now}) {
			if err != nil {
				yield(check.Certificate{}, err)
				return
			}
			if row.Kind == ledger.CA {
				continue
			}
			cert, err := x509.ParseCertificate(row.DER)
			if err != nil {
				yield(check.Certificate{}, fmt.Errorf("reading certificate %s of the ledger: %w", row.Serial, err))
				return
			}
			if row.Kind == ledger.Server && !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
				continue
			}
			if !yield(check.Certificate{Name: row.Name, RawSubject: cert.RawSubject, RawIssuer: cert.RawIssuer}, nil) {
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
// certificate for.
func recordedAccounts(ctx context.Context, s *store.Store, library dn.Library) ([]check.Recorded, error) {
	var list []check.Recorded
	for row, err := range s.Ledger().All(ctx, ledger.Filter{Kind: ledger.Client, State: ledger.Active}) {
		if err != nil {
			return nil, err
		}
		spec, err := store.ReadSpec(row)
		if err != nil {
			return nil, err
		}
		accounts, require, err := accountsOf(spec)
		if err != nil {
			return nil, fmt.Errorf("reading what client %q was issued for: %w", row.Name, err)
		}
		if len(accounts) == 0 {
			continue
		}
		subject, issuer, err := namesOf(row, library)
		if err != nil {
			return nil, err
		}
		for _, account := range accounts {
			list = append(list, check.Recorded{Account: account, Name: row.Name, Requirement: require, Subject: subject, Issuer: issuer})
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
