package fleet

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/out"
	"myca/store"
)

// backdated is how long before they are made certificates become valid, for the
// clocks of other hosts that run behind.
const backdated = time.Hour

// judge compares what is wanted with what a store has.
type judge struct {
	store       *store.Store
	manifest    *Manifest
	authority   *ca.Authority          // that signs
	generation  int                    // of it; 0 while the store is being founded
	renamed     bool                   // an authority before it had another subject: default subjects may differ
	revocations bool                   // something was revoked once
	leaves      bool                   // there were servers or clients when the plan was made
	authorities int                    // that are active
	targets     func() map[string]bool // of the manifest's servers
	everywhere  func() map[string]bool // the targets of all of it
	holders     map[string]stray       // whose the accounts of what is not in the manifest are, by accountKey; "" is any target
	blind       bool                   // there is too much of it to know
	now         time.Time
	renewBefore time.Duration
}

func newJudge(ctx context.Context, s *store.Store, m *Manifest, o Options) (*judge, error) {
	j := &judge{store: s, manifest: m, now: o.Now, renewBefore: o.RenewBefore,
		targets: sync.OnceValue(m.serverTargets), everywhere: sync.OnceValue(m.allTargets)}
	var err error
	if j.authority, err = s.Authority(); err != nil || s.Ledger() == nil {
		return j, err
	}
	settings, err := s.Ledger().Settings(ctx)
	if err != nil {
		return nil, err
	}
	j.generation, j.revocations = settings.Generation, settings.CRLNumber > 0
	subjects, count := map[string]bool{}, 0
	for r, err := range s.Ledger().All(ctx, ledger.Filter{Kind: ledger.CA}) {
		if err != nil {
			return nil, err
		}
		subjects[r.Subject] = true
		if count++; r.State == ledger.Active {
			j.authorities++
		}
	}
	j.renamed = len(subjects) > 1
	rows, err := s.Ledger().CountUpTo(ctx, count+1, ledger.Filter{})
	j.leaves = rows > count
	return j, err
}

// action is what is to be done about a candidate. For one to be kept it is much
// cheaper than difference.
func (j *judge) action(c candidate) (Action, error) {
	if c.row.Serial == "" {
		return Create, nil
	}
	if same, err := j.unchanged(c); err != nil || same {
		return Keep, err
	}
	d, err := j.compare(c)
	return d.step.Action, err
}

// unchanged says whether there is nothing to be done, as far as that can be
// told without a look at the certificate: what was made from the same spec by
// the same authority has the same certificate.
func (j *judge) unchanged(c candidate) (bool, error) {
	if c.row.Generation != j.generation || j.expiring(c.row, c.want.Spec.Days) || j.renamed && c.want.Spec.Subject == "" {
		return false, nil
	}
	want, err := json.Marshal(c.want.Spec)
	if err != nil {
		return false, fmt.Errorf("%s %q: %w", c.kind(), c.name(), err)
	}
	if !bytes.Equal(want, c.row.Spec) {
		return false, nil
	}
	damage, err := j.damage(c.row)
	return len(damage) == 0, err
}

// expiring says whether a certificate is to be renewed because it ends: within
// renewBefore, but not before the last third of its validity, lest one that was
// just made is renewed again; and only when a new one lasts longer, which it
// does not at the end of the authority.
func (j *judge) expiring(r ledger.Row, days int) bool {
	if r.NotAfter.Sub(j.now) >= min(j.renewBefore, r.NotAfter.Sub(r.NotBefore)/3) {
		return false
	}
	_, end := j.validity(days)
	if last := j.authority.Certificate.NotAfter; end.After(last) {
		end = last
	}
	return end.After(r.NotAfter)
}

// validity is that of a certificate made now.
func (j *judge) validity(days int) (begin, end time.Time) {
	begin = ca.Second(j.now.Add(-backdated))
	return begin, begin.AddDate(0, 0, days)
}

// check is a certificate as it would be made now.
func (j *judge) check(c candidate) (issue.Plan, error) {
	r := c.want.Request
	r.NotBefore, r.NotAfter = j.validity(c.want.Spec.Days)
	plan, err := r.Check(j.authority, j.now)
	if err != nil {
		return issue.Plan{}, fmt.Errorf("%s %q: %w", c.kind(), c.name(), err)
	}
	return plan, nil
}

// damage is what of an active pair's folder is not there or, by its size, not as
// it was written; in words. What has the right size is not read: that is for
// myca verify. Account statements are not looked for: who has run them may have
// removed them, since they can hold a password.
func (j *judge) damage(r ledger.Row) ([]string, error) {
	files := j.store.Files(r)
	paths := []string{files.Cert, files.Key, files.CA, files.MyCnf}
	var found []string
	missing := 0
	for _, path := range paths {
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing++
			found = append(found, fmt.Sprintf("%q is missing", path))
		case err != nil:
			return nil, err
		case info.Size() == 0:
			found = append(found, fmt.Sprintf("%q is empty", path))
		case path == files.Cert && info.Size() != sizeOfPEM(r.DER):
			same, err := holds(path, r.DER)
			if err != nil {
				return nil, err
			}
			if !same {
				found = append(found, fmt.Sprintf("%q is not the certificate %s", path, r.Serial))
			}
		}
	}
	if missing < len(paths) {
		return found, nil
	}
	// A process may have died after it recorded the pair and before it put it in
	// place, which the next change does: then the store reads it where it is.
	_, err := j.store.PrivateKey(r)
	if err == nil {
		return nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return found, err
}

// sizeOfPEM is how many bytes ca.EncodeCertificate makes of a certificate.
func sizeOfPEM(der []byte) int64 {
	text := base64.StdEncoding.EncodedLen(len(der))
	lines := (text + 63) / 64
	return int64(len("-----BEGIN CERTIFICATE-----\n") + text + lines + len("-----END CERTIFICATE-----\n"))
}

// holds says whether the first certificate in a file is this one; there may be
// other text around it.
func holds(path string, der []byte) (bool, error) {
	text, err := out.ReadFile(path, maxFile)
	if err != nil {
		return false, err
	}
	certificates, err := ca.DecodeCertificates(text)
	return err == nil && bytes.Equal(certificates[0].Raw, der), nil
}

// profile is what a certificate's extended key usage makes it; "" for anything
// else than the profiles.
func profile(cert *x509.Certificate) issue.Profile {
	var server, client bool
	for _, usage := range cert.ExtKeyUsage {
		switch usage {
		case x509.ExtKeyUsageServerAuth:
			server = true
		case x509.ExtKeyUsageClientAuth:
			client = true
		default:
			return ""
		}
	}
	switch {
	case server && client:
		return issue.ProfilePeer
	case server:
		return issue.ProfileServer
	case client:
		return issue.ProfileClient
	}
	return ""
}

// subjectOf is the subject of a certificate.
func subjectOf(cert *x509.Certificate) (dn.Name, error) {
	name, err := dn.FromDER(cert.RawSubject)
	if err != nil {
		return nil, fmt.Errorf("subject of certificate %s: %w", ca.SerialHex(cert.SerialNumber), err)
	}
	return name, nil
}
