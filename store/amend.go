package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// Amendment is another spec for a pair whose certificate stays.
type Amendment struct {
	Row  ledger.Row // as the ledger has it: an active server's or client's
	Spec Spec       // another one than Row has
	// Password of the accounts of a client. Nil keeps what there is: a random
	// one is read from my.cnf, one from a file from the account statements.
	Password *string
}

// Amend makes the texts of an active pair again, from another spec: my.cnf and
// the account statements. Certificate and key stay, so Item.Pair is nil; what
// the spec says of them (days, key, key format, owner of the folder) holds from
// the next renewal on. Everything is in memory until Commit, which takes
// amendments and new pairs together. It may be called by several goroutines at
// a time.
//
// The error wraps ErrDamaged when the row cannot be read, and is one with a
// hint when the password is not known, or when the TLS library of the new
// target renders the names of the certificate in another way than recorded.
func (s *Store) Amend(a Amendment) (*Item, error) {
	r := a.Row
	if s.Ledger() == nil || r.Kind == ledger.CA || r.State != ledger.Active {
		return nil, fmt.Errorf("certificate %s is not that of an active server or client", r.Serial)
	}
	old, err := ReadSpec(r)
	if err != nil {
		return nil, err
	}
	if (len(a.Spec.Accounts) == 0) != (len(old.Accounts) == 0) {
		return nil, fmt.Errorf("%s %q: an amendment neither gives a pair accounts nor takes them away", r.Kind, r.Name)
	}
	i := &Item{Row: r, Spec: a.Spec, store: s, before: r.Spec}
	request := issue.Request{Kind: issue.Kind(r.Kind), Name: r.Name}
	order := Order{Plan: issue.Plan{Request: request}, Spec: a.Spec, Password: a.Password, Force: true, Renews: r.Serial}
	kept, err := s.keptPassword(order, r)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		i.Spec.Password = passwordRandom
	}
	if i.Row.Spec, err = i.Spec.record(); err != nil {
		return nil, err
	}
	if bytes.Equal(i.Row.Spec, i.before) {
		return nil, fmt.Errorf("%s %q: the spec is the recorded one, there is nothing to amend", r.Kind, r.Name)
	}
	if a.Password == nil && kept == nil {
		i.renewed = r
	}
	subject, issuer, err := i.namesAsRecorded()
	if err == nil {
		err = i.texts(a.Password, kept, subject, issuer)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", r.Kind, r.Name, err)
	}
	return i, nil
}

// namesAsRecorded is subject and issuer of the certificate. It is an error when
// the TLS library of the spec renders them in another way than the row has them.
func (i *Item) namesAsRecorded() (subject, issuer dn.Name, err error) {
	library, libraryErr := i.Spec.Library()
	subject, issuer, err = dn.FromCertificate(i.Row.DER)
	if err := errors.Join(err, libraryErr); err != nil {
		return nil, nil, err
	}
	if subject.OneLine(library) != i.Row.Subject || issuer.OneLine(library) != i.Row.Issuer {
		return nil, nil, refuse(nil, "renew it: myca renew "+templates.Shell(i.Row.Name),
			"the TLS library of %s reads its subject or issuer in another way than recorded", i.Spec.Target)
	}
	return subject, issuer, nil
}

// Names in the folder of an amendment.
const (
	amendedSpec     = "spec.json" // as the ledger has it once the amendment is recorded
	amendedAccounts = "accounts.sql"
)

// amends says whether the item is an amendment.
func (i *Item) amends() bool { return i.before != nil }

// stageAmendment stages the texts beside a copy of the new spec. my.cnf belongs
// to whom the folder belongs to.
func (s *Store) stageAmendment(i *Item, sync bool) error {
	folder := s.stagedOf(i.Row).amendment()
	owner, err := out.OwnerOf(s.place(i.Row.Kind, i.Row.Name))
	if err != nil {
		return err
	}
	if err := out.Mkdir(folder); err != nil {
		return err
	}
	if err := out.Create(filepath.Join(folder, amendedSpec), i.Row.Spec, secretMode, sync); err != nil {
		return err
	}
	for _, f := range i.files {
		if err := out.CreateFor(filepath.Join(folder, f.Name), f.Data, f.Mode, owner, sync); err != nil {
			return err
		}
	}
	if i.sql != nil {
		if err := out.Create(filepath.Join(folder, amendedAccounts), i.sql, secretMode, sync); err != nil {
			return err
		}
	}
	if sync {
		return out.Sync(folder)
	}
	return nil
}

// checkAmendment compares an amendment with the active row of its name, and
// with its folder.
func (s *Store) checkAmendment(i *Item, known ledger.Row) error {
	if known.Serial != i.Row.Serial || !bytes.Equal(known.Spec, i.before) {
		return changedMeanwhile(i.Row.Kind, i.Row.Name)
	}
	place := s.place(i.Row.Kind, i.Row.Name)
	if serialIn(place, i.Row.Kind) != i.Row.Serial {
		return refuse(ErrDamaged, "put its last good copy back, or issue it again with --force",
			"%q does not hold the certificate %s of %s %q", place, i.Row.Serial, i.Row.Kind, i.Row.Name)
	}
	return nil
}

// amendmentOf is the folder with the texts of an amendment of r that is recorded
// and not all in place yet, "" for none. What is missing there is in place. Look
// there first and in place afterwards: that is the way that files move.
func (s *Store) amendmentOf(r ledger.Row) (string, error) {
	folder := s.stagedOf(r).amendment()
	spec, err := out.ReadFile(filepath.Join(folder, amendedSpec), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil || !bytes.Equal(spec, r.Spec) {
		return "", err
	}
	return folder, nil
}

// judgeAmendment puts the texts of an amendment in place if it is recorded.
// Otherwise it stays where it is, to be removed.
func (p *settling) judgeAmendment(r ledger.Row, at staged) error {
	folder, err := p.amendmentOf(r)
	if err != nil || folder == "" {
		return err
	}
	if serialIn(p.place(at.kind, at.name), at.kind) == at.serial {
		return p.amend(at)
	}
	to, err := vacantName(p.path(archiveName, at.serial+"-amended"))
	if err != nil {
		return err
	}
	p.notice(fmt.Sprintf("%s %q: its folder does not hold its certificate, the new texts were moved to %s; issue it again with --force",
		at.kind, at.name, templates.Shell(to)))
	p.touch(p.archive())
	return out.Move(folder, to)
}

// amend renames the texts of an amendment into place that are not there yet: the
// account statements before my.cnf, so that a client whose my.cnf is still
// staged is known to be amended (see Rebuild).
func (p *settling) amend(at staged) error {
	place := p.place(at.kind, at.name)
	for _, text := range []struct{ from, to, step string }{
		{amendedAccounts, p.sql(at.name), "sql"},
		{mycnfFile, filepath.Join(place, mycnfFile), "mycnf"},
	} {
		from := filepath.Join(at.amendment(), text.from)
		there, err := out.Exists(from)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := out.Replace(from, text.to); err != nil {
			return err
		}
		p.touch(filepath.Dir(text.to))
		if err := p.passed(text.step); err != nil {
			return err
		}
	}
	p.leave(at)
	return nil
}

// finishAmendment puts the staged my.cnf of a client in place whose amended
// account statements are there already, which tells that the amendment was
// recorded in the ledger that is lost.
func (b *rebuilding) finishAmendment(at staged) error {
	folder := at.amendment()
	spec := ledger.Row{Serial: at.serial, Spec: readText(filepath.Join(folder, amendedSpec))}
	sp, err := ReadSpec(spec)
	if err != nil || len(sp.Accounts) == 0 {
		return nil // there is none, or one that does not tell
	}
	left, err := out.Exists(filepath.Join(folder, amendedAccounts))
	if err != nil || left {
		return err
	}
	err = out.Replace(filepath.Join(folder, mycnfFile), filepath.Join(b.place(at.kind, at.name), mycnfFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // in place already
	}
	return errors.Join(err, out.Sync(b.place(at.kind, at.name)))
}
