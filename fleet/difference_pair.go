package fleet

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"myca/ca"
	"myca/issue"
	"myca/ledger"
	"myca/store"
)

// difference is what is to be done about a candidate, and why.
type difference struct {
	candidate
	step Step
	plan issue.Plan // the certificate as it would be made now
	was  store.Spec // what the pair was made from; zero when there never was one
}

// difference says in full what is to be done about a candidate.
func (j *judge) difference(ctx context.Context, c candidate) (difference, error) {
	if c.row.Serial != "" {
		return j.compare(c)
	}
	d := difference{candidate: c, step: Step{Action: Create, Kind: c.kind(), Name: c.name()}}
	var err error
	if d.plan, err = j.check(c); err != nil || !j.revocations {
		return d, err
	}
	before, err := j.store.Ledger().Named(ctx, c.kind(), c.name())
	if err != nil || len(before) == 0 || before[0].State != ledger.Revoked {
		return d, err
	}
	last := before[0]
	d.step.Reasons = []string{fmt.Sprintf("the one before, %s, was revoked on %s (%s)",
		last.Serial, last.RevokedAt.Format(time.DateOnly), last.Reason)}
	if d.was, err = store.ReadSpec(last); err != nil {
		return d, err
	}
	if err := j.notices(&d, true); err != nil {
		return d, err
	}
	return d, j.accounts(&d, last)
}

// compare holds a candidate against the active pair.
func (j *judge) compare(c candidate) (difference, error) {
	d := difference{candidate: c, step: Step{Action: Keep, Kind: c.kind(), Name: c.name(), Serial: c.row.Serial}}
	var err error
	if d.was, err = store.ReadSpec(c.row); err != nil {
		return d, err
	}
	if d.plan, err = j.check(c); err != nil {
		return d, err
	}
	damage, err := j.damage(c.row)
	if err != nil {
		return d, err
	}
	reasons, err := j.outdated(d)
	if err != nil {
		return d, err
	}
	if err := j.decide(&d, append(reasons, damage...)); err != nil || d.step.Action == Keep {
		return d, err
	}
	if err := j.accounts(&d, c.row); err != nil {
		return d, err
	}
	return d, j.notices(&d, len(damage) > 0)
}

// decide sets the action of d, with every reason; those given are why its
// certificate has to be a new one.
func (j *judge) decide(d *difference, outdated []string) error {
	now, was := d.want.Spec, d.was
	changed := texts(now, was)
	if (len(now.Accounts) == 0) != (len(was.Accounts) == 0) || len(outdated) > 0 { // see store.Amend
		d.step.Action, d.step.Reasons = Renew, append(outdated, changed...)
		return nil
	}
	d.step.Action, d.step.Reasons = Update, append(changed, recorded(now, was)...)
	if len(d.step.Reasons) > 0 {
		return nil
	}
	want, err := json.Marshal(now)
	if err == nil && bytes.Equal(want, d.row.Spec) {
		d.step.Action = Keep
		return nil
	}
	d.step.Reasons = []string{"its record has another form"} // that of another version of the program
	return err
}

// outdated is every reason why certificate and key of a pair are not what would
// be made now.
func (j *judge) outdated(d difference) ([]string, error) {
	cert, err := x509.ParseCertificate(d.row.DER)
	if err != nil {
		return nil, fmt.Errorf("%w: certificate %s in the ledger: %w", store.ErrDamaged, d.row.Serial, err)
	}
	var r reasons
	if err := j.names(d, cert, &r); err != nil {
		return nil, err
	}
	r.sets("hosts", hosts(d.plan.DNS, d.plan.IPs), hosts(cert.DNSNames, cert.IPAddresses))
	r.texts("key", string(d.plan.Request.Key), string(ca.KeyTypeOf(cert.PublicKey)))
	if d.was.KeyFormat != "" { // a rebuilt ledger may not know it
		r.texts("key_format", string(d.plan.Request.KeyFormat), d.was.KeyFormat)
	}
	r.texts("owner", d.want.Spec.Owner, d.was.Owner)
	r.texts("profile", string(d.plan.Request.Profile), string(profile(cert)))
	r.numbers("generation of the authority", j.generation, d.row.Generation)
	if j.expiring(d.row, d.want.Spec.Days) {
		r = append(r, "it ends on "+d.row.NotAfter.Format(time.RFC3339))
	}
	return r, nil
}

// names compares subject and issuer: as they are, and as the servers of the
// target compare them.
func (j *judge) names(d difference, cert *x509.Certificate, r *reasons) error {
	library, err := d.want.Spec.Library()
	if err != nil {
		return err
	}
	was, err := subjectOf(cert)
	if err != nil {
		return err
	}
	now := d.plan.Subject
	if now.String() != was.String() {
		r.texts("subject", now.String(), was.String())
	} else {
		r.texts("subject as "+d.want.Spec.Target+" compares it", now.OneLine(library), d.row.Subject)
	}
	r.texts("issuer", j.authority.Subject.OneLine(library), d.row.Issuer)
	return nil
}

// hosts is the set of SANs of a certificate.
func hosts(names []string, addresses []net.IP) []string {
	set := map[string]bool{}
	for _, name := range names {
		set[strings.ToLower(name)] = true
	}
	for _, ip := range addresses {
		set[ip.String()] = true
	}
	return slices.Sorted(maps.Keys(set))
}
