package store

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"myca/ca"
	"myca/issue"
	"myca/ledger"
	"myca/out"
	"myca/templates"
)

// rebuilding collects the rows of a ledger that is lost.
type rebuilding struct {
	*Store
	rows        []ledger.Row
	authorities []authorityFound
	seen        map[string]bool   // serials
	taken       map[string]string // "kind/name" of what is staged and known to have been recorded: its serial
	targets     map[string]int    // how many option files name a target
	crl         *CRL              // the newest, nil for none
	revoked     map[string]x509.RevocationListEntry
	notices     []string
}

// authorityFound is an authority whose certificate was found.
type authorityFound struct {
	cert       *x509.Certificate
	generation int
	active     bool
}

func (b *rebuilding) say(format string, args ...any) {
	b.notices = append(b.notices, fmt.Sprintf(format, args...))
}

// read goes through the folders: authorities first, which say whose the other
// certificates are; what is staged before what is in place.
func (b *rebuilding) read() error {
	b.readCRLs()
	if err := b.readAuthorities(); err != nil {
		return err
	}
	staged, err := b.stagedFolders()
	if err != nil {
		return err
	}
	for _, folder := range staged {
		b.addOld(folder)
	}
	for _, kind := range []string{ledger.Server, ledger.Client} {
		parent := filepath.Dir(b.place(kind, "x"))
		if err := b.each(parent, func(folder string) { b.addInPlace(kind, folder) }); err != nil {
			return err
		}
	}
	return b.each(b.archive(), b.addOld)
}

// each calls act with the folders in parent.
func (b *rebuilding) each(parent string, act func(folder string)) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			act(filepath.Join(parent, entry.Name()))
		}
	}
	return nil
}

// stagedFolders is the folders of pairs in .new.
func (b *rebuilding) stagedFolders() ([]string, error) {
	var folders []string
	err := b.each(b.staging(), func(folder string) {
		name := filepath.Base(folder)
		if serial := serialStaged(name); serial != "" && (name == serial || name == serial+asideSuffix) {
			folders = append(folders, folder)
		}
	})
	return folders, err
}

// readCRLs reads which certificates are revoked, from crl.pem or from one that
// is staged: whether that was recorded is not known, and it is safer so.
func (b *rebuilding) readCRLs() {
	b.revoked = map[string]x509.RevocationListEntry{}
	for _, path := range []string{b.layout.crl(), b.path(stagingName, crlFile)} {
		list, err := readCRL(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			b.say("%v: which certificates it revokes is not known", err)
			continue
		}
		if b.crl == nil || list.Number > b.crl.Number {
			b.crl = &list
		}
		for _, one := range list.lists {
			for _, e := range one.RevokedCertificateEntries {
				b.revoked[ca.SerialHex(e.SerialNumber)] = e
			}
		}
	}
	if b.crl == nil {
		b.say("there is no readable crl.pem: what was revoked counts as replaced now, revoke it again")
	}
}

// crlNumber is a number not below any that was given out. Without a crl.pem it
// is one that cannot be wrong, a CRL a second since 1970; and a CRL counts as
// being in use, so that a rotation writes one.
func (b *rebuilding) crlNumber(now time.Time) int64 {
	if b.crl != nil {
		return b.crl.Number
	}
	return now.Unix()
}

// addInPlace adds the pair in servers/NAME or clients/NAME.
func (b *rebuilding) addInPlace(kind, folder string) {
	name := filepath.Base(folder)
	cert := certificateIn(folder, kind)
	if cert == nil || issue.CheckName(name) != nil {
		b.say("%q holds no readable pair of a %s", folder, kind)
		return
	}
	if kind == ledger.Client {
		if err := b.finishAmendment(b.staged(kind, name, ca.SerialHex(cert.SerialNumber))); err != nil {
			b.say("%s %q: %v", kind, name, err)
		}
	}
	state := ledger.Active
	if b.taken[kind+"/"+name] != "" {
		state = ledger.Superseded
	}
	b.addPair(cert, kind, name, folder, b.sql(name), state)
}

// addOld adds the pair in a folder of the archive, or in a staged one. Of a
// staged client whose statements are in place already it is known that it was
// recorded: it is the active one.
func (b *rebuilding) addOld(folder string) {
	for _, kind := range []string{ledger.Server, ledger.Client} {
		cert := certificateIn(folder, kind)
		if cert == nil {
			continue
		}
		texts := textsIn(folder, kind, "")
		name := texts.name
		if issue.CheckName(name) != nil {
			name = ca.SerialHex(cert.SerialNumber)
			b.say("the name of the %s in %q is not known: it is listed as %q", kind, folder, name)
		}
		statements, state := filepath.Join(folder, name+".sql"), ledger.Superseded
		if serial := ca.SerialHex(cert.SerialNumber); kind == ledger.Client && folder == b.staged(kind, name, serial).pair() &&
			bytes.Contains(readText(b.sql(name)), []byte("serial "+serial)) {
			b.taken[kind+"/"+name] = serial
			statements, state = b.sql(name), ledger.Active
		}
		b.addPair(cert, kind, name, folder, statements, state)
	}
}

// addPair adds a server's or client's certificate.
func (b *rebuilding) addPair(cert *x509.Certificate, kind, name, folder, statements string, state ledger.State) {
	at := slices.IndexFunc(b.authorities, func(a authorityFound) bool {
		return bytes.Equal(a.cert.SubjectKeyId, cert.AuthorityKeyId) && cert.CheckSignatureFrom(a.cert) == nil
	})
	if at < 0 {
		b.say("%q: no authority of this store signed the certificate: it is not recorded", folder)
		return
	}
	texts := textsIn(folder, kind, statements)
	sp, notices := b.specOf(cert, kind, folder, texts)
	if state == ledger.Active {
		b.notices = append(b.notices, notices...)
		if dir := withoutFile(texts.options["ssl-ca"]); sp.DeployDir == "" && dir != "" && dir != folder {
			b.say("%s %q: its option file names %q, which is taken for a place of the store; if that is a folder on its host, issue it again with --force --deploy-dir %s",
				kind, name, dir, templates.Shell(dir))
		}
		b.targets[texts.target]++
	}
	b.add(cert, sp, kind, name, b.authorities[at].generation, state)
}

// add adds a row unless its serial was there.
func (b *rebuilding) add(cert *x509.Certificate, sp Spec, kind, name string, generation int, state ledger.State) {
	r, err := row(cert, sp, kind, name, generation, cert.NotBefore)
	if err != nil {
		b.say("%s %q: %v", kind, name, err)
		return
	}
	if b.seen[r.Serial] {
		return
	}
	b.seen[r.Serial] = true
	r.State = state
	if e, is := b.revoked[r.Serial]; is {
		r.State, r.RevokedAt, r.Reason = ledger.Revoked, e.RevocationTime.UTC(), ca.ReasonName(e.ReasonCode)
	}
	b.rows = append(b.rows, r)
}

// mainTarget is the target that the store gets.
func (b *rebuilding) mainTarget() string {
	if b.target.Product != "" {
		return b.target.String()
	}
	best := ""
	for target, n := range b.targets {
		if target != "" && n > b.targets[best] || target != "" && n == b.targets[best] && target < best {
			best = target
		}
	}
	if best == "" {
		best = defaultTarget
	}
	b.say("the target of the store is taken to be %s", best)
	return best
}

// result counts the rows.
func (b *rebuilding) result() Rebuilt {
	rebuilt := Rebuilt{Authorities: len(b.authorities), Notices: b.notices}
	for _, r := range b.rows {
		switch {
		case r.Kind == ledger.CA:
		case r.State == ledger.Active:
			rebuilt.Active++
		case r.State == ledger.Superseded:
			rebuilt.Archived++
		default:
			rebuilt.Revoked++
		}
	}
	return rebuilt
}

// mark makes the folders in .new that let recovery archive revoked pairs which
// are in place still.
func (b *rebuilding) mark() error {
	for _, r := range b.rows {
		if r.State != ledger.Revoked || serialIn(b.place(r.Kind, r.Name), r.Kind) != r.Serial {
			continue
		}
		if err := out.Mkdir(b.staged(r.Kind, r.Name, r.Serial).withdrawal()); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return out.Sync(b.staging())
}

// wholeDays is the length of a validity in days, 0 when it is not a number of
// whole days.
func wholeDays(cert *x509.Certificate) int {
	const day = 24 * time.Hour
	if d := cert.NotAfter.Sub(cert.NotBefore); d%day == 0 {
		return int(d / day)
	}
	return 0
}

// readText is a file's content, nil when it cannot be read.
func readText(path string) []byte {
	text, err := out.ReadFile(path, maxFile)
	if err != nil {
		return nil
	}
	return text
}
