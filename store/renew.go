package store

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"myca/ca"
	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// backdated is how long before they are made certificates and CRLs become
// valid, for the clocks of other hosts that run behind.
const backdated = time.Hour

// Renewal is a certificate described again. The way on: change what the user
// wants changed, Request.Check with the store's Authority, then Draft an Order
// with Plan, Spec, and Renews, and Commit.
type Renewal struct {
	Request issue.Request // with the subject of the certificate, byte for byte
	Spec    Spec
	Serial  string // of the certificate that is renewed: Order.Renews
}

// Renewal describes the active certificate r again: its subject, SANs, and key
// type as the certificate has them, its spec, and with it profile, key format,
// and the days of its validity, which begins an hour before now. A new key is
// made unless the caller sets ReuseKey (see [Store.PrivateKey]).
func (s *Store) Renewal(r ledger.Row, now time.Time) (Renewal, error) {
	if r.Kind == ledger.CA || r.State != ledger.Active {
		return Renewal{}, fmt.Errorf("certificate %s is not that of an active server or client", r.Serial)
	}
	sp, err := ReadSpec(r)
	if err != nil {
		return Renewal{}, err
	}
	cert, err := x509.ParseCertificate(r.DER)
	if err != nil {
		return Renewal{}, s.damaged(s.ledger(), fmt.Errorf("certificate %s in the ledger: %w", r.Serial, err))
	}
	subject, err := dn.FromDER(cert.RawSubject)
	if err != nil {
		return Renewal{}, fmt.Errorf("subject of certificate %s: %w", r.Serial, err)
	}
	target, err := dialect.Parse(sp.Target)
	if err != nil {
		return Renewal{}, err
	}
	begin := ca.Second(now.Add(-backdated))
	q := issue.Request{
		Kind: issue.Kind(r.Kind), Name: r.Name, Profile: issue.Profile(sp.Profile),
		Subject: subject, SANs: sansOf(cert),
		Key: ca.KeyTypeOf(cert.PublicKey), KeyFormat: ca.KeyFormat(sp.KeyFormat),
		NotBefore: begin, NotAfter: begin.Add(validityOf(r, sp)),
		AllowNonportable: sp.AllowNonportable,
	}
	if target.RSAOnly() {
		q.RSAOnly = target.String()
	}
	return Renewal{Request: q, Spec: sp, Serial: r.Serial}, nil
}

// validityOf is how long a certificate was asked to be valid. One that was cut
// at the end of its authority was asked for longer than it is.
func validityOf(r ledger.Row, sp Spec) time.Duration {
	if sp.Days > 0 {
		return time.Duration(sp.Days) * 24 * time.Hour
	}
	return r.NotAfter.Sub(r.NotBefore)
}

// sansOf is the SANs of a certificate as a request has them.
func sansOf(cert *x509.Certificate) []string {
	var sans []string
	for _, name := range cert.DNSNames {
		sans = append(sans, "dns:"+name)
	}
	for _, ip := range cert.IPAddresses {
		sans = append(sans, "ip:"+ip.String())
	}
	return sans
}

// PrivateKey is the private key of an active server or client, as PEM. The
// error wraps ErrDamaged when it is not the one that was certified.
func (s *Store) PrivateKey(r ledger.Row) ([]byte, error) {
	folder, err := s.locate(r)
	if err != nil {
		return nil, err
	}
	if folder == "" {
		folder = s.Folder(r) // let the system say what is wrong there
	}
	path := filepath.Join(folder, keyFile(r.Kind))
	text, err := out.ReadFile(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("private key of %s %q: %w", r.Kind, r.Name, err)
	}
	key, err := ca.DecodeKey(text)
	if err == nil && spkiOf(key.Public()) != r.SPKI {
		err = errors.New("it is not the key of the certificate")
	}
	if err != nil {
		return nil, &Error{
			Message: fmt.Sprintf("private key of %s %q, %q: %v", r.Kind, r.Name, path, err),
			Fix:     "put back the last good copy of " + templates.Shell(path) + ", or renew it with a new key",
			Err:     errors.Join(ErrDamaged, err),
		}
	}
	return text, nil
}

// spkiOf is a public key as the ledger keeps it, "" for one that cannot be in a
// certificate.
func spkiOf(pub crypto.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// carryStatements makes the account statements of a renewed pair whose
// password is nowhere but in the statements of the pair before.
func (i *Item) carryStatements() error {
	old, err := i.store.statementsOf(i.renewed)
	if err != nil {
		return err
	}
	if old == nil {
		i.Notices = append(i.Notices, fmt.Sprintf("client %q: its account statements %q are missing and their password is not known: none were written",
			i.Row.Name, i.store.sql(i.Row.Name)))
		return nil
	}
	if i.sql, err = i.carriedPassword(string(old)); err != nil || i.sql != nil {
		return err
	}
	if i.amends() {
		return refuse(nil, "give the password again, or renew the pair, which carries its statements over as they are",
			"the account statements %q were changed by hand: they cannot be made again with the password that is in them", i.store.sql(i.Row.Name))
	}
	if i.renewed.Subject != i.Row.Subject || i.renewed.Issuer != i.Row.Issuer {
		return refuse(nil, "give the password again with --password-file FILE",
			"the account statements %q were changed by hand: they cannot be carried over to another subject or issuer", i.store.sql(i.Row.Name))
	}
	i.sql = old
	i.Notices = append(i.Notices, fmt.Sprintf("client %q: its account statements were changed by hand and carried over as they are", i.Row.Name))
	return nil
}

// statementsOf is the account statements of an active client; nil when there
// are none.
func (s *Store) statementsOf(r ledger.Row) ([]byte, error) {
	amended, err := s.amendmentOf(r)
	if err != nil {
		return nil, err
	}
	paths := []string{s.stagedOf(r).accounts(), s.sql(r.Name)}
	if amended != "" {
		paths = append([]string{filepath.Join(amended, amendedAccounts)}, paths...)
	}
	for _, path := range paths {
		there, err := out.Exists(path)
		if err != nil {
			return nil, err
		}
		if there {
			return out.ReadFile(path, maxFile)
		}
	}
	return nil, nil
}

// carriedPassword renders the statements anew with the password of the old
// ones. To find that, the old ones are rendered with another password and
// compared: what stands in its place is the password, quoted as it has to be.
// The result is nil when the old statements are not what was rendered once.
func (i *Item) carriedPassword(old string) ([]byte, error) {
	before, err := ReadSpec(i.renewed)
	if err != nil {
		return nil, err
	}
	// A password beyond ASCII makes the statements set the character set, too.
	for _, marker := range []string{"myca-" + i.Row.Serial, "mycä-" + i.Row.Serial} {
		rendered, err := i.render(before, i.renewed, marker)
		if err != nil {
			return nil, err
		}
		literal := between(old, rendered, dialect.Literal(marker))
		if literal == "" {
			continue
		}
		fresh, err := i.render(i.Spec, i.Row, marker)
		if err != nil {
			return nil, err
		}
		return []byte(strings.ReplaceAll(fresh, dialect.Literal(marker), literal)), nil
	}
	return nil, nil
}

// render is the account statements of r with that password.
func (i *Item) render(sp Spec, r ledger.Row, password string) (string, error) {
	statements, err := i.store.AccountStatements(sp, r, &password)
	if err != nil {
		return "", err
	}
	return statements.SQL()
}

// between is what stands in old wherever rendered has literal; "" when the two
// differ in anything else.
func between(old, rendered, literal string) string {
	parts := strings.Split(rendered, literal)
	gaps := len(parts) - 1
	if gaps == 0 {
		return ""
	}
	all := len(old) - len(rendered) + gaps*len(literal)
	if all <= 0 || all%gaps != 0 || len(old) < len(parts[0])+all/gaps {
		return ""
	}
	found := old[len(parts[0]):][:all/gaps]
	if strings.Join(parts, found) != old {
		return ""
	}
	return found
}
