package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"myca/ca"
	"myca/ledger"
	"myca/out"
)

// firstCRLDays is how long the first crl.pem is valid when a revocation made
// it.
const firstCRLDays = 30

// CRL is what is known of crl.pem.
type CRL struct {
	Path       string    // "" when there is none
	Number     int64     // of the file; 0 when there is none
	Recorded   int64     // of the last one the ledger knows; above Number, the file is old or lost: write a new one
	ThisUpdate time.Time // zero when there is none
	NextUpdate time.Time // servers cut every certificate client off afterwards
	Revoked    int       // how many certificates it lists, of all generations

	lists []*x509.RevocationList
}

// CRL reads crl.pem. It takes no lock and writes nothing.
func (s *Store) CRL() (CRL, error) {
	list, err := readCRL(s.crl())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return CRL{}, &Error{
			Message: err.Error(),
			Fix:     "myca ca crl writes a new one",
			Err:     errors.Join(ErrDamaged, err),
		}
	}
	settings, err := s.db.Settings(context.Background())
	list.Recorded = settings.CRLNumber
	return list, err
}

// readCRL reads the lists of a file: they have one number and one validity.
func readCRL(path string) (CRL, error) {
	data, err := out.ReadFile(path, maxFile)
	if err != nil {
		return CRL{}, err
	}
	lists, err := ca.DecodeCRLs(data)
	if err != nil {
		return CRL{}, fmt.Errorf("%q: %w", path, err)
	}
	first := lists[0]
	if first.Number == nil || !first.Number.IsInt64() {
		return CRL{}, fmt.Errorf("%q: a CRL without a number", path)
	}
	read := CRL{Path: path, Number: first.Number.Int64(), ThisUpdate: first.ThisUpdate, NextUpdate: first.NextUpdate, lists: lists}
	for _, list := range lists {
		read.Revoked += len(list.RevokedCertificateEntries)
	}
	return read, nil
}

// WriteCRL writes a new crl.pem, valid for days: one list of each generation
// in the trust bundle, the newest first, all with the same number, the next.
// A server needs one of every authority in its bundle, and refuses every
// certificate client when one is missing or out of date.
//
// Errors: ErrUnfinished, and that the key of a generation cannot be read.
func (s *Store) WriteCRL(ctx context.Context, now time.Time, days int) error {
	if days < 1 {
		return refuse(nil, "--days 30", "a CRL that is valid for %d days", days)
	}
	return s.change(ctx, func(ctx context.Context) (*change, error) {
		authorities, err := s.authorities(ctx)
		if err != nil {
			return nil, err
		}
		c := &change{}
		return c, s.drawUp(ctx, c, authorities, now, now.AddDate(0, 0, days).Sub(now))
	})
}

// authorities is those in the trust bundle, the newest first, as far as they
// can be opened.
func (s *Store) authorities(ctx context.Context) ([]*signing, error) {
	rows, err := s.db.Authorities(ctx)
	if err != nil {
		return nil, err
	}
	var all []*signing
	for _, r := range rows {
		all = append(all, s.openOrNot(r))
	}
	return all, nil
}

// openOrNot opens an active authority, or says in its place why it cannot be
// opened.
func (s *Store) openOrNot(r ledger.Row) *signing {
	one, _, err := s.openRow(r)
	if err != nil {
		return &signing{row: r, err: fmt.Errorf("authority of generation %s: %w", r.Name, err)}
	}
	return one
}

// drawUp adds the next crl.pem to a change, with what the change itself
// revokes. It is called under the lock: only there is known what is revoked
// and which number is the next. A validity of 0 is that of the CRL before.
//
// A list names what was revoked until the certificate's end, and once more
// after it (RFC 5280 section 3.3). A list is backdated as certificates are:
// a server whose clock runs behind would cut everybody off.
func (s *Store) drawUp(ctx context.Context, c *change, authorities []*signing, now time.Time, validity time.Duration) error {
	settings, err := s.db.Settings(ctx)
	if err != nil {
		return err
	}
	last, err := readCRL(s.crl())
	if err != nil {
		last = CRL{} // lost or damaged: the new one replaces it
	}
	if validity == 0 {
		validity = firstCRLDays * 24 * time.Hour
		if last.Number != 0 {
			validity = last.NextUpdate.Sub(last.ThisUpdate) - backdated
		}
	}
	revoked, err := s.revoked(ctx, c, last.ThisUpdate)
	if err != nil {
		return err
	}
	// A number in crl.pem above the recorded one is of a ledger that was put
	// back from a copy: servers have seen it.
	c.record.CRLNumber = max(settings.CRLNumber, last.Number) + 1
	for n, a := range authorities {
		before, err := s.listBefore(a, last)
		if err != nil {
			return err
		}
		if keep := n > 0 && before != nil && !c.revokes[a.row.Generation]; a.err != nil && keep {
			s.notice(fmt.Sprintf("%v: its CRL stays as it was and is valid until %s", a.err, before.NextUpdate.Format(time.RFC3339)))
			c.crl = append(c.crl, ca.EncodeCRL(before.Raw)...)
			continue
		}
		list, err := s.sign(ctx, a, c.record.CRLNumber, revoked[a.row.Generation], before, now, validity)
		if err != nil {
			return err
		}
		c.crl = append(c.crl, ca.EncodeCRL(list)...)
	}
	return nil
}

// listBefore is the list of an authority in the last crl.pem, nil for none.
func (s *Store) listBefore(a *signing, last CRL) (*x509.RevocationList, error) {
	cert, err := x509.ParseCertificate(a.row.DER)
	if err != nil {
		return nil, s.damaged(s.ledger(), fmt.Errorf("certificate %s in the ledger: %w", a.row.Serial, err))
	}
	for _, list := range last.lists {
		if list.CheckSignatureFrom(cert) == nil {
			return list, nil
		}
	}
	return nil, nil
}

// sign signs the list of one authority.
func (s *Store) sign(ctx context.Context, a *signing, number int64, revoked []ca.Revoked, before *x509.RevocationList, now time.Time, validity time.Duration) ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	entries, err := s.withUnknown(ctx, revoked, before)
	if err != nil {
		return nil, err
	}
	der, err := a.authority.CRL(number, entries, now.Add(-backdated), now.Add(validity))
	if err != nil {
		return nil, fmt.Errorf("CRL of generation %s: %w", a.row.Name, err)
	}
	return der, nil
}

// withUnknown adds to entries what the list before, if there is one, names and
// the ledger does not know to be revoked: the ledger was put back from a copy,
// or rebuilt. What was revoked once must not count again.
func (s *Store) withUnknown(ctx context.Context, entries []ca.Revoked, before *x509.RevocationList) ([]ca.Revoked, error) {
	if before == nil {
		return entries, nil
	}
	named := map[string]bool{}
	for _, e := range entries {
		named[ca.SerialHex(e.Serial)] = true
	}
	for _, e := range before.RevokedCertificateEntries {
		serial := ca.SerialHex(e.SerialNumber)
		if named[serial] {
			continue
		}
		r, err := s.db.BySerial(ctx, serial)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return nil, err
		}
		if err != nil || r.State != ledger.Revoked { // one that is revoked has ended
			entries = append(entries, ca.Revoked{Serial: e.SerialNumber, At: e.RevocationTime, Reason: e.ReasonCode})
		}
	}
	return entries, nil
}

// revoked is what a CRL has to name, by generation: the revoked certificates
// of the ledger that last longer than after, and those that the change revokes.
func (s *Store) revoked(ctx context.Context, c *change, after time.Time) (map[int][]ca.Revoked, error) {
	list := map[int][]ca.Revoked{}
	c.revokes = map[int]bool{}
	add := func(r ledger.Row, at time.Time, reason string) error {
		cert, err := x509.ParseCertificate(r.DER)
		if err != nil {
			return s.damaged(s.ledger(), fmt.Errorf("certificate %s in the ledger: %w", r.Serial, err))
		}
		list[r.Generation] = append(list[r.Generation], ca.Revoked{Serial: cert.SerialNumber, At: at, Reason: ca.ReasonCode(reason)})
		return nil
	}
	for r, err := range s.db.All(ctx, ledger.Filter{State: ledger.Revoked, Lasting: after}) {
		if err == nil && r.Kind != ledger.CA {
			err = add(r, r.RevokedAt, r.Reason)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, revocation := range c.record.Revoke {
		r, err := s.db.BySerial(ctx, revocation.Serial)
		if err == nil && r.Kind != ledger.CA {
			err = add(r, revocation.At, revocation.Reason)
			c.revokes[r.Generation] = true
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
