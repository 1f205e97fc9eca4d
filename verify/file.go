package verify

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile bounds what is read of a file, in bytes: a CRL of 400,000 certificates.
// maxPlain bounds what is read of one in a folder that is not named like a
// certificate, key or CRL, and what an option group is looked for in.
const (
	maxFile  = 16 << 20
	maxPlain = 1 << 20
)

// errTooLong is a file over maxFile.
var errTooLong = errors.New("too long to be looked at")

// material is what a file holds.
type material struct {
	path  string
	certs []*x509.Certificate
	crls  []*x509.RevocationList
	keys  []crypto.Signer
	// private: there is a private key, also one that is encrypted or of a kind
	// that is not known here.
	private   bool
	encrypted bool
	der       bool     // not PEM, which is all that servers and clients read
	group     bool     // there is the header of an option group
	other     []string // types of PEM blocks that are passed over
	damage    string   // why not all of it can be read; "" if it can
	headless  bool     // the first certificate is such a one, so that those behind it are not in certs
	foreign   string   // why there are certificates or CRLs among it that cannot be judged here; "" if there are none
}

// empty is whether there is no certificate, key or CRL in it, whole or not.
func (m *material) empty() bool {
	return len(m.certs) == 0 && len(m.crls) == 0 && !m.private && len(m.other) == 0 && m.damage == "" && m.foreign == ""
}

// authority is whether it holds certificates of CAs, and not of a server or client.
func (m *material) authority() bool {
	return len(m.certs) > 0 && m.role() == Authority
}

// role is what its first certificate is used for.
func (m *material) role() Role { return RoleOf(m.certs[0], filepath.Base(m.path)) }

// keyOf is whether one of its private keys is that of the certificate.
func (m *material) keyOf(c *x509.Certificate) bool {
	return slices.ContainsFunc(m.keys, func(k crypto.Signer) bool { return samePublic(k.Public(), c.PublicKey) })
}

func samePublic(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

// examined describes the file.
func (m *material) examined() Examined {
	e := Examined{Path: m.path, Kind: "other"}
	switch {
	case len(m.certs) > 0:
		e.Kind = "certificate"
		if m.authority() {
			e.Kind = "ca"
		} else if m.private {
			e.Kind = "certificate and key"
		}
		e.Subject = subject(m.certs[0])
		e.NotAfter = m.certs[0].NotAfter
	case m.headless:
		e.Kind = "certificate"
	case m.encrypted:
		e.Kind = "encrypted key"
	case m.private:
		e.Kind = "key"
	case len(m.crls) > 0:
		e.Kind = "crl"
	case slices.ContainsFunc(m.other, func(t string) bool { return strings.HasSuffix(t, "PUBLIC KEY") }):
		e.Kind = "public key"
	}
	return e
}

// load reads a file once. The error says why there is nothing to classify: it
// is missing, not to be read by who asks, too long, or not a regular file.
func (s *survey) load(path string) (*material, error) {
	known, found := s.loaded[path]
	if !found {
		known.material, known.err = s.read(path)
		s.loaded[path] = known
	}
	return known.material, known.err
}

func (s *survey) read(path string) (*material, error) {
	info, err := s.System.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is %s, not a file", kindOf(info.Mode()))
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%w: it has %d bytes, and at most %d are read", errTooLong, info.Size(), maxFile)
	}
	data, err := s.System.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := classify(data)
	m.path = path
	return &m, nil
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
