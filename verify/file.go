package verify

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"myca/ca"
	"myca/optionfile"
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

// classify says what the bytes of a file are.
func classify(data []byte) material {
	begun := bytes.Count(append([]byte("\n"), data...), []byte("\n-----BEGIN "))
	if begun == 0 && len(data) > 0 && data[0] == 0x30 {
		return classifyDER(data)
	}
	m := material{group: hasGroup(data)}
	blocks := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		blocks++
		m.block(block)
	}
	if blocks < begun && m.damage == "" {
		m.damage = brokenPEM(data, begun, blocks)
	}
	return m
}

// brokenPEM says what is wrong with data in which begun blocks begin and fewer are
// whole.
func brokenPEM(data []byte, begun, whole int) string {
	ended := bytes.Count(append([]byte("\n"), data...), []byte("\n-----END "))
	switch {
	case begun == 1 && ended == 0:
		return "cut off: the PEM block has no END line"
	case begun == 1:
		return "damaged: what stands between the BEGIN and END line of the PEM block is not Base64, or the lines do not belong together"
	}
	return fmt.Sprintf("cut off or damaged: %d PEM blocks begin, and only %d of them are whole", begun, whole)
}

// block takes in one PEM block. A certificate, key or CRL that cannot be read is
// damage.
func (m *material) block(b *pem.Block) {
	var err error
	encoded := pem.EncodeToMemory(b)
	switch {
	case b.Type == "CERTIFICATE" || b.Type == "X509 CERTIFICATE":
		err = m.certificate(b.Bytes)
	case b.Type == "TRUSTED CERTIFICATE": // with what OpenSSL trusts it for behind it
		err = m.certificate(firstElement(b.Bytes))
	case b.Type == "X509 CRL":
		var crls []*x509.RevocationList
		crls, err = ca.DecodeCRLs(encoded)
		m.crls = append(m.crls, crls...)
		if err != nil && signedStructure(b.Bytes) {
			m.foreign, err = cmp.Or(m.foreign, "a CRL in it: "+err.Error()), nil
		}
	case b.Type == "ENCRYPTED PRIVATE KEY" || strings.HasSuffix(b.Type, "PRIVATE KEY") && b.Headers["DEK-Info"] != "":
		m.private, m.encrypted = true, true
	case b.Type == "OPENSSH PRIVATE KEY":
		m.private, m.damage = true, "a private key in OpenSSH's own format, which TLS libraries do not read"
	case b.Type == "DSA PRIVATE KEY":
		m.private = true
	case strings.HasSuffix(b.Type, "PRIVATE KEY"):
		m.private = true
		if err = m.key(encoded); err != nil && foreignKey(b.Bytes) {
			err = nil
		}
	default:
		m.other = append(m.other, b.Type)
	}
	if err != nil && m.damage == "" {
		m.damage = err.Error()
	}
}

// certificate takes in a certificate in DER. One that has the form of a
// certificate and that crypto/x509 refuses all the same (a negative serial
// number, a curve or type of string that it does not know) may be good for
// OpenSSL: nothing is said of it, nor, where it is the first one, of those behind
// it.
func (m *material) certificate(der []byte) error {
	c, err := x509.ParseCertificate(der)
	switch {
	case err != nil && signedStructure(der):
		m.foreign = cmp.Or(m.foreign, "a certificate in it: "+err.Error())
		m.headless = m.headless || len(m.certs) == 0
		return nil
	case err == nil && !m.headless:
		m.certs = append(m.certs, c)
	}
	return err
}

// firstElement is the first element of DER; all of it when that is none.
func firstElement(der []byte) []byte {
	var first asn1.RawValue
	if _, err := asn1.Unmarshal(der, &first); err != nil {
		return der
	}
	return first.FullBytes
}

// signedStructure is whether der is whole, and has the form that a certificate and
// a CRL have: what is signed, an algorithm and a signature (RFC 5280 section
// 4.1).
func signedStructure(der []byte) bool {
	var outer struct {
		Signed    asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	rest, err := asn1.Unmarshal(der, &outer)
	return err == nil && len(rest) == 0 && outer.Signed.IsCompound && outer.Algorithm.IsCompound && wholeDER(der, 0)
}

// version3 is whether der begins as a certificate of X.509 version 3 does, and a
// CRL or a request does not.
func version3(der []byte) bool {
	var outer, signed asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return false
	}
	_, err := asn1.Unmarshal(outer.Bytes, &signed)
	return err == nil && bytes.HasPrefix(signed.Bytes, []byte{0xa0, 3, 2, 1, 2})
}

// wholeDER is whether every element of der, and of those within, ends where it
// says.
func wholeDER(der []byte, depth int) bool {
	const deepest = 32
	for len(der) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(der, &element)
		if err != nil || depth > deepest || element.IsCompound && !wholeDER(element.Bytes, depth+1) {
			return false
		}
		der = rest
	}
	return true
}

func (m *material) key(encoded []byte) error {
	key, err := ca.DecodeKey(encoded)
	if err == nil {
		m.keys = append(m.keys, key)
	}
	return err
}

// classifyDER is classify for a file that begins like DER: one certificate, CRL,
// private key or public key.
func classifyDER(data []byte) material {
	m := material{der: true}
	if certs, err := ca.DecodeCertificates(data); err == nil {
		m.certs = certs
		return m
	}
	if crl, err := x509.ParseRevocationList(data); err == nil {
		m.crls = []*x509.RevocationList{crl}
		return m
	}
	for _, form := range []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"} {
		if m.key(pem.EncodeToMemory(&pem.Block{Type: form, Bytes: data})) == nil {
			m.private = true
			return m
		}
	}
	if encryptedPKCS8(data) {
		m.private, m.encrypted = true, true
		return m
	}
	if _, err := x509.ParsePKIXPublicKey(data); err == nil {
		m.other = []string{"PUBLIC KEY"}
		return m
	}
	if version3(data) && m.certificate(data) == nil {
		return m
	}
	return material{group: hasGroup(data)}
}

// foreignKey is whether the bytes have the form of a private key (PKCS#8 or
// SEC1) of an algorithm or curve that is not known here: DSA, Ed448, brainpool.
func foreignKey(data []byte) bool {
	var pkcs8 struct {
		Version   int
		Algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key        []byte
		Attributes asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(data, &pkcs8); err == nil {
		rsa := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
		return !pkcs8.Algorithm.OID.Equal(rsa)
	}
	var sec1 struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
		Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
	}
	_, err := asn1.Unmarshal(data, &sec1)
	return err == nil
}

// hasGroup is whether there is the header of a group that a program of MySQL or
// MariaDB reads.
func hasGroup(data []byte) bool {
	if len(data) > maxPlain {
		return false
	}
	for _, line := range optionfile.Parse("", data).Lines {
		if line.Kind == optionfile.Group && programGroup(line.Group) {
			return true
		}
	}
	return false
}

// programGroup is whether the group is one of a program of MySQL or MariaDB, by
// the beginning of its name: mysqld-8.4, client-mariadb, mariadb-dump, …
func programGroup(name string) bool {
	for _, start := range []string{"mysql", "mariadb", "client", "server", "galera"} {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// optionFileName is whether a file of that name is an option file.
func optionFileName(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".cnf" || ext == ".ini"
}

// encryptedPKCS8 is whether the bytes are an EncryptedPrivateKeyInfo (RFC 5958
// section 3) whose algorithm is one of PKCS #5 or PKCS #12.
func encryptedPKCS8(data []byte) bool {
	var info struct {
		Algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Data []byte
	}
	rest, err := asn1.Unmarshal(data, &info)
	return err == nil && len(rest) == 0 && strings.HasPrefix(info.Algorithm.OID.String(), "1.2.840.113549.1.")
}
