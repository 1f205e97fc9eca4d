package store

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// Order is one pair to make.
type Order struct {
	Plan     issue.Plan // from issue.Request.Check with the store's Authority
	Spec     Spec       // recorded as it is, see Draft for the password
	Password *string    // of the accounts of a client; see Draft
	Force    bool       // replace what has the name
	Renews   string     // serial of the active pair that is renewed, "" for none; implies Force
	Now      time.Time  // recorded as the time of creation; zero: the clock's
	// Known is the active row of that kind and name as the caller read it, the
	// zero Row for none; nil: Draft asks. Commit compares it with what is then.
	Known *ledger.Row
	// Slim leaves Item.Pair nil: in a batch nobody looks at the parsed
	// certificates, which take a third of its memory.
	Slim bool
}

// Item is a drafted pair, or an amendment: in memory until it is committed.
type Item struct {
	Row     ledger.Row
	Pair    *issue.Pair // nil for an amendment, and when the order is Slim
	Spec    Spec
	Notices []string
	// Statements is the account statements of a client; nil when it has none, or
	// when those of the pair before were carried over.
	Statements *templates.Prepared

	store    *Store
	files    []out.File // of the folder, without the trust bundle; of an amendment those that change
	sql      []byte     // account statements, nil for none, and in CommitAll when they are staged
	accounts bool       // they are staged, and not in sql any more
	owner    *out.Owner // of the folder, nil for the caller
	signer   string     // serial of the authority that signed
	replaces string     // serial of the active pair that it replaces, "" for none
	force    bool
	before   []byte     // the spec that an amendment replaces, nil for a new pair
	renewed  ledger.Row // whose account statements are to be carried over, zero for none
}

// Draft makes a key and a certificate and the texts that go with them, all in
// memory. It may be called by several goroutines at a time.
//
// A password is written into the account statements, and into my.cnf when
// o.Spec.Password is "random". o.Password nil means: with Spec.Password
// "none", no password. With "" or "random" and Force, a random password that
// the replaced pair has in its my.cnf is kept there, since the account on the
// server has it; the spec then records "random", and the statements repeat it
// unless they are for an existing account, whose password they do not touch.
// Otherwise "random" and "file" need o.Password.
//
// With Renews, a password from a file that is in the replaced account
// statements only is carried over from there.
//
// The error wraps ErrExists when the name is taken and not to be replaced, and
// ErrChanged when the pair to be renewed is not the active one any more.
func (s *Store) Draft(o Order) (*Item, error) {
	r := o.Plan.Request
	kind := string(r.Kind)
	authority, signer, err := s.authority()
	if err != nil {
		return nil, err
	}
	o.Force = o.Force || o.Renews != ""
	i := &Item{Spec: o.Spec, store: s, signer: signer.Serial, force: o.Force}
	var known ledger.Row
	if s.Ledger() != nil {
		if known, err = s.occupant(kind, r.Name, o); err != nil {
			return nil, err
		}
		i.replaces = known.Serial
	}
	if i.owner, err = ownerOf(o.Spec, kind); err != nil {
		return nil, err
	}
	kept, err := s.keptPassword(o, known)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		i.Spec.Password = passwordRandom
	}
	if i.Pair, err = issue.Make(authority, o.Plan); err != nil {
		return nil, err
	}
	i.Notices = i.Pair.Notices
	if i.Row, err = pairRow(i.Pair, i.Spec, kind, r.Name, signer.Generation, o.Now); err != nil {
		return nil, err
	}
	if o.Renews != "" && o.Password == nil && kept == nil {
		i.renewed = known
	}
	if err := i.write(o.Password, kept); err != nil {
		return nil, fmt.Errorf("%s %q: %w", kind, r.Name, err)
	}
	if o.Slim {
		i.Pair = nil
	}
	return i, nil
}

// occupant is the active pair of that name when the order says that it may be
// replaced. It is zero when there is none.
func (s *Store) occupant(kind, name string, o Order) (ledger.Row, error) {
	if !o.Force {
		if o.Known == nil {
			return ledger.Row{}, s.free(context.Background(), kind, name)
		}
		if o.Known.Serial != "" {
			return ledger.Row{}, s.taken(*o.Known)
		}
		return ledger.Row{}, nil
	}
	known, err := s.known(kind, name, o)
	if err == nil && o.Renews != "" && known.Serial != o.Renews {
		return ledger.Row{}, changedMeanwhile(kind, name)
	}
	return known, err
}

// known is the active pair of that name, the zero Row for none.
func (s *Store) known(kind, name string, o Order) (ledger.Row, error) {
	if o.Known != nil {
		return *o.Known, nil
	}
	known, err := s.db.Active(context.Background(), kind, name)
	if errors.Is(err, ledger.ErrNotFound) {
		err = nil
	}
	return known, err
}

// keptPassword is the random password of the pair known that the new one
// keeps, nil when there is none to keep; see Draft.
func (s *Store) keptPassword(o Order, known ledger.Row) (*string, error) {
	wants := o.Spec.Password == passwordRandom || o.Spec.Password == passwordFile
	if o.Password != nil || o.Plan.Request.Kind != issue.Client {
		return nil, nil
	}
	if o.Force && known.Serial != "" && (o.Spec.Password == "" || o.Spec.Password == passwordRandom) {
		kept, err := s.passwordOf(known)
		if err != nil || kept != nil {
			return kept, err
		}
	}
	if o.Renews != "" && o.Spec.Password == passwordFile {
		return nil, nil // see carriedStatements
	}
	if wants {
		return nil, refuse(nil, "--random-password makes one, --password-file FILE reads one",
			"client %q: its password is %q, but there is none", o.Plan.Request.Name, o.Spec.Password)
	}
	return nil, nil
}

// write makes the files of the pair, which lie in memory until Commit.
func (i *Item) write(given, kept *string) error {
	kind := i.Row.Kind
	i.files = []out.File{
		{Name: certFile(kind), Data: i.Pair.CertPEM, Mode: publicMode},
		{Name: keyFile(kind), Data: i.Pair.KeyPEM, Mode: secretMode},
	}
	return i.texts(given, kept, i.Pair.Subject, i.Pair.Issuer)
}

// texts adds the option file and makes the account statements; subject and
// issuer are those of the certificate.
func (i *Item) texts(given, kept *string, subject, issuer dn.Name) error {
	if i.Row.Kind == ledger.Server {
		return i.writeServer()
	}
	password := given
	if given == nil {
		password = kept
	}
	if i.Spec.Password != passwordRandom {
		password = nil // not for my.cnf
	}
	o, err := i.store.ClientOptions(i.Spec, i.Row, password)
	if err != nil {
		return err
	}
	mode := publicMode
	if password != nil {
		mode = secretMode
	}
	if err := i.option(o, mode); err != nil {
		return err
	}
	if len(i.Spec.Accounts) == 0 {
		return nil
	}
	if given == nil && i.Spec.Mode != string(templates.Existing) {
		given = kept
	}
	if i.renewed.Serial != "" && i.Spec.Password == passwordFile && i.Spec.Mode != string(templates.Existing) {
		return i.carryStatements()
	}
	statements, err := statementsFor(i.Spec, i.Row, given, subject, issuer)
	if err != nil {
		return err
	}
	prepared, err := statements.Prepare()
	if err != nil {
		return err
	}
	text, err := prepared.SQL()
	i.Statements, i.sql = &prepared, []byte(text)
	return err
}

func (i *Item) writeServer() error {
	o, err := i.store.ServerOptions(i.Spec, i.Row)
	if err != nil {
		return err
	}
	return i.option(o, publicMode)
}

// option adds the option file.
func (i *Item) option(o interface{ OptionFile() (string, error) }, mode fs.FileMode) error {
	text, err := o.OptionFile()
	i.files = append(i.files, out.File{Name: mycnfFile, Data: []byte(text), Mode: mode})
	return err
}

// Modes of files. Folders are out.FolderMode.
const (
	publicMode fs.FileMode = 0o644
	secretMode fs.FileMode = 0o600
)

// ownerOf is whom the folder of a server is given to, nil for nobody else.
func ownerOf(sp Spec, kind string) (*out.Owner, error) {
	if kind != ledger.Server || sp.Owner == "" {
		return nil, nil
	}
	return out.ParseOwner(sp.Owner)
}

// row is what the ledger keeps of a certificate.
func row(cert *x509.Certificate, sp Spec, kind, name string, generation int, now time.Time) (ledger.Row, error) {
	subject, issuer, err := dn.FromCertificate(cert.Raw)
	if err != nil {
		return ledger.Row{}, err
	}
	return pairRow(&issue.Pair{Certificate: cert, Subject: subject, Issuer: issuer}, sp, kind, name, generation, now)
}

// pairRow is row for a certificate whose names are known.
func pairRow(pair *issue.Pair, sp Spec, kind, name string, generation int, now time.Time) (ledger.Row, error) {
	library, err := sp.Library()
	if err != nil {
		return ledger.Row{}, err
	}
	cert := pair.Certificate
	spec, err := sp.record()
	if err != nil {
		return ledger.Row{}, err
	}
	if now.IsZero() {
		now = time.Now()
	}
	key := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return ledger.Row{
		Serial: ca.SerialHex(cert.SerialNumber), Kind: kind, Name: name, Generation: generation,
		Subject: pair.Subject.OneLine(library), Issuer: pair.Issuer.OneLine(library),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(),
		SPKI: hex.EncodeToString(key[:]), DER: cert.Raw,
		State: ledger.Active, Spec: spec, Created: now.UTC().Truncate(time.Second),
	}, nil
}
