package verify

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"strings"

	"myca/ca"
	"myca/optionfile"
)

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
