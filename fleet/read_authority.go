package fleet

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/templates"
)

// Defaults of the authority, as on the command line.
const (
	defaultCAKey     = ca.RSA3072
	defaultCADays    = 3650
	defaultCASubject = "/CN=myca 00000000 CA" // of the length of a real one
	backdate         = time.Hour
)

// authority reads the section ca, and finds the authority that identities are
// checked with: the store's, or one as it would be founded.
func (r *reader) authority(n *node) {
	c := &r.m.CA
	if n != nil {
		r.authoritySection(n)
	} else {
		r.unnamed(place{1, 1})
	}
	subject := c.Subject
	if subject == nil {
		subject, _ = dn.Parse(defaultCASubject) // has no mistake
	}
	begin := r.ground.Now.Add(-backdate)
	if r.signer = r.ground.Authority; r.signer == nil {
		r.signer = standIn(subject, cmp.Or(c.Key, defaultCAKey), begin, begin.AddDate(0, 0, cmp.Or(c.Days, defaultCADays)))
		return
	}
	r.lifetime()
	if end := r.signer.Certificate.NotAfter; !end.After(r.ground.Now) {
		at := place{1, 1}
		if n != nil {
			at = n.at
		}
		r.found.add(at, "ca", r.command()+" ca rotate begin makes a new one, "+r.command()+" ca rotate switch --renew lets it sign",
			"the certificate of the store's authority expired at %s", end.UTC().Format(time.RFC3339))
		r.signer = standIn(r.signer.Subject, ca.KeyTypeOf(r.signer.Certificate.PublicKey), begin, begin.AddDate(0, 0, defaultCADays))
	}
}

// command is myca with the store that the manifest is held against.
func (r *reader) command() string {
	if r.ground.Dir == "" {
		return "myca"
	}
	return "myca --dir " + templates.Shell(r.ground.Dir)
}

// lifetime notes that ca.days is not how long the store's authority is valid.
func (r *reader) lifetime() {
	valid := r.signer.Certificate
	days := int(valid.NotAfter.Sub(valid.NotBefore).Round(24*time.Hour).Hours()) / 24
	if wanted := r.m.CA.Days; wanted != 0 && wanted != days {
		r.notes.note("ca", r.m.CA.daysAt, "ca.days", fmt.Sprintf("days: %d; or %s ca rotate begin --days %d, which makes a new authority", days, r.command(), wanted),
			"the store's authority was made for %d days, and keeps them; %d would count for a new one", days, wanted)
	}
}

func (r *reader) authoritySection(n *node) {
	c, e := &r.m.CA, &entry{where: n.at}
	o, ok := r.object(n, "ca", caFields())
	if !ok {
		return
	}
	r.e = e
	subject, key := r.text(o, fieldSubject), r.text(o, fieldKey)
	c.at, c.subjectAt, c.keyAt = n.at, subject.where, key.where
	days := r.days(o)
	c.Days, c.daysAt = days.value, days.where
	c.AllowNonportable = r.flag(o, fieldNonportable)
	switch {
	case e.bad[fieldSubject]:
	case subject.from == notGiven:
		r.unnamed(n.at)
	default:
		c.Subject = r.caSubject(subject)
	}
	if key.from != notGiven && !e.bad[fieldKey] {
		t, err := ca.ParseKeyType(key.text)
		if err != nil {
			r.found.add(key.where, "ca.key", manifestHint(hintOf(err)), "%s", err)
			return
		}
		c.Key = t
	}
}

// unnamed is an authority that is to be founded without a subject. It is told
// rather than made up: as a rule there is a store, elsewhere.
func (r *reader) unnamed(at place) {
	if r.ground.Founds {
		r.found.add(at, "ca.subject", `ca: {subject: "/C=US/O=acme/CN=acme CA"}; or, where there is a store already, --dir names it`,
			"there is no store yet, and the manifest does not say what its authority is to be called")
	}
}

// caSubject is the authority's subject, nil when it is wrong.
func (r *reader) caSubject(t text) dn.Name {
	n, err := dn.Parse(t.text)
	if err != nil {
		r.found.add(t.where, "ca.subject", manifestHint(hintOf(err)), "%s", err)
		return nil
	}
	problems, _ := ca.CheckSubject(n, r.m.CA.AllowNonportable)
	for _, p := range problems {
		r.found.add(t.where, "ca.subject", manifestHint(p.Hint), "%s", p.Message)
	}
	if problems != nil {
		return nil
	}
	return n
}

// standIn is an authority to check with; it cannot sign.
func standIn(subject dn.Name, key ca.KeyType, begin, end time.Time) *ca.Authority {
	cert := &x509.Certificate{NotBefore: begin, NotAfter: end}
	rsaKey := func(bits uint) any {
		return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1), E: 65537}
	}
	switch key {
	case ca.RSA2048:
		cert.PublicKey = rsaKey(2048)
	case ca.RSA4096:
		cert.PublicKey = rsaKey(4096)
	case ca.ECP256:
		cert.PublicKey = &ecdsa.PublicKey{Curve: elliptic.P256()}
	case ca.ECP384:
		cert.PublicKey = &ecdsa.PublicKey{Curve: elliptic.P384()}
	case ca.Ed25519:
		cert.PublicKey = ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))
	default:
		cert.PublicKey = rsaKey(3072)
	}
	return &ca.Authority{Certificate: cert, Subject: subject}
}
