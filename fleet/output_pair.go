package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"io/fs"
	"sync"

	"myca/ca"
	"myca/ledger"
	"myca/out"
	"myca/store"
)

// Modes of files: those of the store.
const (
	publicMode fs.FileMode = 0o644
	secretMode fs.FileMode = 0o600
)

// maxFile is how many bytes a file of a pair has at most.
const maxFile = 1 << 20

// made is what one identity adds to the outputs that are written in order.
type made struct {
	line       string // in the inventory
	statements []statement
	notice     string
}

// writer makes the outputs in the staging folder.
type writer struct {
	outputs
	staging   outputFolder
	inventory *inventory
	scripts   []*script // in the order of the manifest
	hands     []hand
	notices   []string
}

// hand is what each of the goroutines that make outputs has for itself.
type hand struct {
	reader   out.Reader
	archiver out.Archiver
	content  listing // of the files that it made
}

func (o outputs) newWriter() (*writer, error) {
	authorities, err := o.store.CACertificates()
	if err != nil {
		return nil, err
	}
	for _, authority := range authorities {
		o.bundle = append(o.bundle, ca.EncodeCertificate(authority)...)
	}
	w := &writer{outputs: o, staging: outputFolder(o.folder.staging()), hands: make([]hand, workers())}
	if o.archive {
		for _, kind := range []string{ledger.Server, ledger.Client} {
			if err := w.staging.makeFolder(archivesName + "/" + kind + "s"); err != nil {
				return nil, err
			}
		}
	}
	w.inventory, err = newInventory(w.staging.path(inventoryName))
	return w, err
}

// add makes the outputs of some identities on all cores, and writes those that
// are in order.
func (w *writer) add(batch []member) error {
	results := make([]made, len(batch))
	errs := make([]error, len(w.hands))
	var group sync.WaitGroup
	for worker := range w.hands {
		group.Go(func() {
			for i := worker; i < len(batch) && errs[worker] == nil; i += len(w.hands) {
				results[i], errs[worker] = w.make(batch[i], &w.hands[worker])
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for i, m := range batch {
		w.inventory.add(m.kind(), results[i].line)
		if results[i].notice != "" {
			w.notices = append(w.notices, results[i].notice)
		}
		for _, s := range results[i].statements {
			if err := w.write(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// write adds statements to fleet.sql of their target.
func (w *writer) write(s statement) error {
	for _, one := range w.scripts {
		if one.texts.Target == s.target {
			one.stream.WriteString(s.text)
			return nil
		}
	}
	one, err := newScript(w.staging, s.target)
	if err != nil {
		return err
	}
	w.scripts = append(w.scripts, one)
	one.stream.WriteString(s.text)
	return nil
}

// make makes the outputs of one identity.
func (w *writer) make(m member, h *hand) (made, error) {
	sp, err := m.spec()
	if err != nil {
		return made{}, err
	}
	if sp.Target != m.Target.String() {
		return made{}, changed("the %s %q is for %s, and not for %s", m.kind(), m.row.Name, sp.Target, m.Target)
	}
	folder, files, err := w.files(m, sp, &h.reader)
	if err != nil {
		return made{}, err
	}
	if err := w.verify(m, files); err != nil {
		return made{}, err
	}
	pair := pairIn(m, sp, folder, files)
	if w.archive {
		data, err := h.archiver.Archive(files, m.row.NotBefore)
		if err != nil {
			return made{}, fmt.Errorf("archive of the %s %q: %w", m.kind(), m.row.Name, err)
		}
		if pair.Archive, err = w.create(h, archiveName(m.kind(), m.row.Name), data); err != nil {
			return made{}, err
		}
	}
	result, err := w.sql(m, sp, &pair, h)
	if err != nil {
		return made{}, fmt.Errorf("statements of the %s %q: %w", m.kind(), m.row.Name, err)
	}
	result.line, err = pair.host(m.Host)
	return result, err
}

// verify compares what was read of a pair with the record.
func (w *writer) verify(m member, files []out.File) error {
	if m.fresh != nil {
		return nil
	}
	if !bytes.Equal(files[0].Data, w.bundle) { // as while another process rotates the authority
		return spoilt(m, "%q is not the trust bundle of the store", w.store.Files(m.row).CA)
	}
	if block, _ := pem.Decode(files[1].Data); block == nil || !bytes.Equal(block.Bytes, m.row.DER) {
		return spoilt(m, "%q is not the certificate %s", w.store.Files(m.row).Cert, m.row.Serial)
	}
	return nil
}

// sql makes the statements of one identity.
func (w *writer) sql(m member, sp store.Spec, pair *inventoryPair, h *hand) (result made, err error) {
	if m.kind() == ledger.Client && len(sp.Accounts) > 0 {
		s, err := w.accountsOf(m, sp)
		if err == nil {
			result.notice, err = w.passwordNotice(m, sp, &h.reader)
		}
		result.statements = []statement{s}
		return result, err
	}
	if m.Replicates == nil {
		return made{}, nil
	}
	text, err := w.replica(m, sp)
	if err != nil {
		return made{}, err
	}
	if err := w.staging.makeFolder(m.Target.String()); err != nil {
		return made{}, err
	}
	if pair.SQL, err = w.create(h, replicaName(m.Target.String(), m.row.Name), []byte(text)); err != nil {
		return made{}, err
	}
	s, err := w.replicationOf(m)
	return made{statements: []statement{s}}, err
}

// create makes a file in the staging folder, and says where it will be.
func (w *writer) create(h *hand, name string, data []byte) (*inventoryOutput, error) {
	if err := out.Create(w.staging.path(name), data, secretMode, false); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	h.content.addContent(name, int64(len(data)), sum)
	return &inventoryOutput{Src: w.folder.path(name), Mode: octal(secretMode), SHA256: checksum(sum)}, nil
}

// close finishes the files that were written in order.
func (w *writer) close(state string) error {
	var content listing
	for i := range w.hands {
		content.include(w.hands[i].content)
	}
	var scripts []inventoryOutput
	for len(w.scripts) > 0 {
		one := w.scripts[0]
		w.scripts = w.scripts[1:]
		entry, err := one.close(w.folder, &content)
		if err != nil {
			return err
		}
		scripts = append(scripts, entry)
	}
	crl, err := w.crl()
	if err != nil {
		return err
	}
	i := w.inventory
	w.inventory = nil
	return i.close(scripts, crl, content, state)
}

// discard gives up what is not finished.
func (w *writer) discard() {
	for _, one := range w.scripts {
		one.stream.Discard()
	}
	if w.inventory != nil {
		w.inventory.stream.Discard()
	}
}
