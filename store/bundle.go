package store

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

// rewriteBatch is how many folders' bundles are rewritten between two flushes.
const rewriteBatch = 1000

// publish makes every ca-cert.pem what the ledger says: those in the folders
// of the active pairs, each in one step, and last the store's own. As long as
// that is not the ledger's, some folder's may not be either, and the next
// writing command begins again; once it is, nobody looks at the folders.
func (s *Store) publish(ctx context.Context) error {
	certs, err := s.bundleOf(ctx)
	if err != nil {
		return err
	}
	want := encode(certs)
	have, err := out.ReadFile(s.bundle(), maxFile)
	if err == nil && bytes.Equal(have, want) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.rewriteAll(ctx, want); err != nil {
		return err
	}
	fresh := s.path(stagingName, bundleFile)
	if err := out.Create(fresh, want, publicMode, true); err != nil {
		return err
	}
	if err := out.Replace(fresh, s.bundle()); err != nil {
		return err
	}
	if err := out.Sync(s.Dir()); err != nil {
		return err
	}
	return s.passed("bundle")
}

// rewriteAll writes want into the folders that hold something else.
func (s *Store) rewriteAll(ctx context.Context, want []byte) error {
	var batch []string
	err := s.eachStale(ctx, want, func(folder string) error {
		if batch = append(batch, folder); len(batch) < rewriteBatch {
			return nil
		}
		full := batch
		batch = nil
		return s.rewrite(full, want)
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return s.rewrite(batch, want)
}

// eachStale calls act with every folder of an active pair whose trust bundle is
// not want. A folder that is missing, or holds something else than the pair, is
// none of them.
func (s *Store) eachStale(ctx context.Context, want []byte, act func(folder string) error) error {
	for _, kind := range []string{ledger.Client, ledger.Server} { // of one kind they come sorted from an index
		for r, err := range s.db.All(ctx, ledger.Filter{Kind: kind, State: ledger.Active}) {
			if err != nil {
				return err
			}
			folder := s.place(kind, r.Name)
			have, err := out.ReadFile(filepath.Join(folder, bundleFile), int64(len(want))) // a longer one differs
			if err == nil && bytes.Equal(have, want) || serialIn(folder, kind) != r.Serial {
				continue
			}
			if err := act(folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// rewrite replaces the bundles in folders, durably. A new bundle belongs to
// whom its folder belongs to. An error leaves some of them as they were, and
// nothing staged.
func (s *Store) rewrite(folders []string, want []byte) error {
	fresh := func(n int) string { return s.path(stagingName, bundleFile+"."+strconv.Itoa(n)) }
	err := s.rewriteStaged(folders, want, fresh)
	if err == nil {
		return nil
	}
	failed := []error{err}
	for n := range folders {
		if err := out.Remove(fresh(n)); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (s *Store) rewriteStaged(folders []string, want []byte, fresh func(int) string) error {
	each := len(folders) <= smallBatch
	for n, folder := range folders {
		owner, err := out.OwnerOf(folder)
		if err != nil {
			return err
		}
		if err := out.CreateFor(fresh(n), want, publicMode, owner, each); err != nil {
			return err
		}
	}
	if !each {
		if err := out.SyncAll(s.staging()); err != nil {
			return err
		}
	}
	if err := s.passed("bundles"); err != nil {
		return err
	}
	for n, folder := range folders {
		if err := out.Replace(fresh(n), filepath.Join(folder, bundleFile)); err != nil {
			return err
		}
		if err := s.passed("rewrite"); err != nil {
			return err
		}
	}
	if !each {
		return out.SyncAll(s.Dir())
	}
	return out.Sync(folders...)
}

// CACertificates is the trust bundle: the active authorities, the newest
// first.
func (s *Store) CACertificates() ([]*x509.Certificate, error) {
	if f := s.unfinishedFounding(); f != nil {
		return []*x509.Certificate{f.authority.Certificate}, nil
	}
	return s.bundleOf(context.Background())
}

func (s *Store) bundleOf(ctx context.Context) ([]*x509.Certificate, error) {
	rows, err := s.db.Authorities(ctx)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for _, r := range rows {
		cert, err := x509.ParseCertificate(r.DER)
		if err != nil {
			return nil, s.damaged(s.ledger(), fmt.Errorf("certificate %s in the ledger: %w", r.Serial, err))
		}
		certs = append(certs, cert)
	}
	return certs, nil
}

// encode is certificates as the text of a trust bundle.
func encode(certs []*x509.Certificate) []byte {
	var text []byte
	for _, cert := range certs {
		text = append(text, ca.EncodeCertificate(cert)...)
	}
	return text
}
