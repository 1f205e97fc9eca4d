package fleet

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"myca/ledger"
	"myca/store"
)

// outputFormat is the number of the form that outputs have. Raise it when they
// change in a way that Options.Version does not tell.
const outputFormat = 1

// changed is the error of a store that is not what the plan says.
func changed(format string, args ...any) error {
	return &store.Error{Message: fmt.Sprintf(format, args...), Err: store.ErrChanged, Fix: "run myca apply again"}
}

// spoilt is the error of a file that is not what the ledger says.
func spoilt(m member, format string, args ...any) error {
	return &store.Error{Message: fmt.Sprintf(format, args...), Err: store.ErrChanged,
		Fix: "run myca apply again; if it is still so: myca renew " + m.kind() + "/" + m.row.Name}
}

// listing tells sets of names apart by their number and a sum over their
// hashes, so that it stays small.
type listing struct {
	count int
	sum   uint64
}

func (l *listing) add(name string) {
	h := sha256.Sum256([]byte(name))
	l.count++
	l.sum += binary.BigEndian.Uint64(h[:])
}

// include adds all of another one.
func (l *listing) include(other listing) {
	l.count += other.count
	l.sum += other.sum
}

// text is the listing in sumLength characters.
func (l listing) text() string { return fmt.Sprintf("%0*x", sumLength, l.sum) }

const sumLength = 16

// addContent adds an output with what it holds: statements by their checksum, the
// inventory and archives, of which there may be many, by their size in bytes.
func (l *listing) addContent(name string, size int64, sum [sha256.Size]byte) {
	if isScript(name) {
		l.add(name + " " + checksum(sum))
		return
	}
	l.add(name + " " + strconv.FormatInt(size, 10))
}

// isScript tells statements from the other outputs.
func isScript(name string) bool { return strings.HasSuffix(name, ".sql") }

// catalog lists outputs, named by their paths in the folder, and hashes what
// they are made from.
type catalog struct {
	archive  bool
	hash     hash.Hash
	line     []byte          // of record
	seen     map[string]bool // of scripts
	scripts  []string        // fleet.sql of each target, in the order of the manifest
	replicas []string        // statements of replicas
	archives int
	expected listing
}

// newCatalog is a catalog without identities. What else the outputs depend on is
// hashed first: the program, where the files are, and the trust bundle, which
// is among the files of each pair.
func (o outputs) newCatalog() (*catalog, error) {
	c := &catalog{archive: o.archive, hash: sha256.New(), seen: map[string]bool{}}
	c.expected.add(inventoryName)
	bundle, err := o.store.CACertificates()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.hash, "%d %q %q %q %q %t %d\n", outputFormat, o.version, o.inputs, o.store.Dir(), o.folder, o.archive, o.count)
	for _, authority := range bundle {
		fmt.Fprintf(c.hash, "%x\n", sha256.Sum256(authority.Raw))
	}
	return c, nil
}

// add lists the outputs of one more identity.
func (c *catalog) add(m member) {
	c.record(m.kind(), m.Request.Name, m.row.Serial, m.Host, string(m.row.Spec))
	if r := m.Replicates; r != nil {
		c.record(r.Source, r.Target.String(), r.Account.String(), r.Host, strconv.Itoa(r.Port))
		c.script(r.Target.String())
		name := replicaName(m.Target.String(), m.Request.Name)
		c.replicas = append(c.replicas, name)
		c.expected.add(name)
	}
	if m.kind() == ledger.Client && len(m.Spec.Accounts) > 0 {
		c.script(m.Target.String())
	}
	if c.archive {
		c.archives++
		c.expected.add(archiveName(m.kind(), m.Request.Name))
	}
}

// record hashes texts, each with its length so that none runs into the next.
func (c *catalog) record(texts ...string) {
	c.line = strconv.AppendInt(c.line[:0], int64(len(texts)), 10)
	for _, text := range texts {
		c.line = append(strconv.AppendInt(append(c.line, ' '), int64(len(text)), 10), ' ')
		c.line = append(c.line, text...)
	}
	c.hash.Write(c.line)
}

// script lists fleet.sql of a target.
func (c *catalog) script(target string) {
	name := scriptName(target)
	if c.seen[name] {
		return
	}
	c.seen[name] = true
	c.scripts = append(c.scripts, name)
	c.expected.add(name)
}

// state is the hash of everything, in hex.
func (c *catalog) state() string { return hex.EncodeToString(c.hash.Sum(nil)) }
