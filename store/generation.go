package store

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// draftAuthority makes the next generation of the authority whose row is old in
// memory: see RotateBegin for what is taken from it.
func (s *Store) draftAuthority(ctx context.Context, old ledger.Row, next ca.Spec, sp Spec, now time.Time) (*Item, *ca.Authority, error) {
	before, err := ReadSpec(old)
	if err != nil {
		return nil, nil, err
	}
	same := len(next.Subject) == 0
	if next, err = inherit(next, old, now); err != nil {
		return nil, nil, err
	}
	if _, err := next.Check(now); err != nil {
		return nil, nil, err
	}
	if sp.Target == "" {
		sp = before
		sp.Key = string(next.Key)
		if !same {
			sp.Subject, sp.AllowNonportable = next.Subject.String(), next.AllowNonportable
		}
		if next.NotAfter.Sub(next.NotBefore) != validityOf(old, before) {
			sp.Days = 0
		}
	}
	last, err := s.lastGeneration(ctx)
	if err != nil {
		return nil, nil, err
	}
	made, keyPEM, err := ca.Create(next)
	if err != nil {
		return nil, nil, err
	}
	r, err := row(made.Certificate, sp, ledger.CA, generationName(last+1), last+1, now)
	if err != nil {
		return nil, nil, err
	}
	return authorityItem(s, r, sp, keyPEM), made, nil
}

// authorityItem is an authority's folder to be.
func authorityItem(s *Store, r ledger.Row, sp Spec, keyPEM []byte) *Item {
	return &Item{Row: r, Spec: sp, store: s, files: []out.File{
		{Name: ca.CertificateFile, Data: ca.EncodeCertificate(&x509.Certificate{Raw: r.DER}), Mode: publicMode},
		{Name: ca.KeyFile, Data: keyPEM, Mode: secretMode},
	}}
}

// inherit fills what is zero in next from the authority before.
func inherit(next ca.Spec, old ledger.Row, now time.Time) (ca.Spec, error) {
	cert, err := x509.ParseCertificate(old.DER)
	if err != nil {
		return next, fmt.Errorf("%w: certificate %s in the ledger: %w", ErrDamaged, old.Serial, err)
	}
	if len(next.Subject) == 0 {
		if next.Subject, err = dn.FromDER(cert.RawSubject); err != nil {
			return next, fmt.Errorf("subject of certificate %s: %w", old.Serial, err)
		}
		if der, err := next.Subject.DER(); err != nil || !bytes.Equal(der, cert.RawSubject) {
			return next, fmt.Errorf("the subject %q cannot be repeated byte for byte", old.Subject)
		}
		next.AllowNonportable = true // it was accepted once
	}
	if next.Key == "" {
		next.Key = ca.KeyTypeOf(cert.PublicKey)
	}
	if next.NotBefore.IsZero() {
		next.NotBefore = ca.Second(now.Add(-backdated))
	}
	if next.NotAfter.IsZero() {
		next.NotAfter = next.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore))
	}
	if next.PathLen == 0 && cert.MaxPathLen == 1 {
		next.PathLen = 1
	}
	return next, nil
}

// lastGeneration is the highest number that a generation ever had.
func (s *Store) lastGeneration(ctx context.Context) (int, error) {
	last := 0
	for r, err := range s.db.All(ctx, ledger.Filter{Kind: ledger.CA}) {
		if err != nil {
			return 0, err
		}
		last = max(last, r.Generation)
	}
	return last, nil
}

// checkAuthority compares under the lock what a new generation was based on,
// the numbers that were given and the one that signs, with what is.
func (s *Store) checkAuthority(ctx context.Context, i *Item, old ledger.Row) error {
	last, err := s.lastGeneration(ctx)
	if err != nil {
		return err
	}
	signer, err := s.signer(ctx)
	if err != nil {
		return err
	}
	if last+1 != i.Row.Generation || signer.Serial != old.Serial {
		return refuse(ErrChanged, "look at it (myca ca rotate status) and run the command again", "the authority was changed by another process meanwhile")
	}
	place := s.place(ledger.CA, i.Row.Name)
	taken, err := out.Exists(place)
	if err == nil && taken {
		err = refuse(ErrExists, "look at it, and move it away: ls -la "+templates.Shell(place),
			"%q exists already, though the ledger has no authority of generation %s", place, i.Row.Name)
	}
	return err
}
