package verify

import (
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/finding"
)

// set is certificates, keys and CRLs that are judged together.
type set struct {
	files []*material
	trust []*material // the bundles of CAs among files
	blind bool        // there may be files that were not read
	name  string      // of the pair in the store
	key   *material   // the file that should hold the key of that pair
	role  Role        // of the leaves, Unknown when each decides
}

// together judges files that were named one by one. Their bundle is only clear
// where there is no other, and that a key was not named does not mean that it is
// missing.
func (s *survey) together(files []*material) {
	found := set{files: files, blind: true}
	if bundles := conventional(files); len(bundles) == 1 {
		found.trust = bundles
	}
	s.judge(found)
	if s.server != nil {
		for _, m := range found.server() {
			s.add(s.readable(*s.server, m.path, m.private)...)
		}
	}
}

// judge is every rule over a set.
func (s *survey) judge(found set) {
	trust, where := s.trusted(found.trust)
	var crls []*x509.RevocationList
	var crlWhere string
	var all []*x509.Certificate
	for _, m := range found.files {
		all = append(all, m.certs...)
		if len(m.crls) > 0 && m.foreign == "" {
			crls = append(crls, m.crls...)
			crlWhere = m.path
		}
	}
	for _, m := range found.files {
		s.single(m)
		if len(m.certs) == 0 || m.authority() && found.role == Unknown {
			continue
		}
		if m.authority() && slices.Contains(found.trust, m) {
			continue
		}
		role := found.role
		if role == Unknown {
			role = m.role()
		}
		s.add(s.Certificate(Presented{Where: m.path, Role: role, Chain: m.certs, Trust: trust, TrustWhere: where,
			Others: all, CRLs: crls, CRLWhere: crlWhere, Name: found.name})...)
	}
	s.pairs(found)
}

// trusted is the trust of the leaves: Disk.Trust, else the bundles, as long as
// one of their certificates is self-signed and so can end a chain.
func (s *survey) trusted(bundles []*material) (trust []*x509.Certificate, where string) {
	if s.Trust != nil {
		return s.Trust, s.TrustWhere
	}
	anchored := false
	for _, m := range bundles {
		trust = append(trust, m.certs...)
		where = m.path
		anchored = anchored || slices.ContainsFunc(m.certs, selfIssued)
		if m.foreign != "" {
			s.unseen("%s: chains to it were not judged, because of what cannot be judged in it", m.path)
			return nil, ""
		}
	}
	if !anchored && trust != nil {
		s.unseen("%s: it holds no root, so chains to it were not judged; --ca FILE names the bundle", where)
		return nil, ""
	}
	return trust, where
}

func selfIssued(c *x509.Certificate) bool { return string(c.RawSubject) == string(c.RawIssuer) }

// single judges what can be said of one file by itself, once.
func (s *survey) single(m *material) {
	if s.alone[m.path] {
		return
	}
	s.alone[m.path] = true
	s.examine(m.examined())
	if m.damage != "" {
		s.add(finding.New(finding.FileUnreadable, m.path, "", "%s", m.damage))
	}
	if m.foreign != "" {
		s.unseen("%s: it cannot be judged here: %s", m.path, m.foreign)
	}
	if m.private {
		s.add(s.exposed(m.path)...)
	}
	for _, key := range m.keys {
		s.add(s.PrivateKey(m.path, key)...)
	}
	if m.authority() {
		s.add(s.Authorities(m.path, m.certs)...)
	}
	if len(m.crls) > 0 {
		s.add(s.CRLs(m.path, m.crls)...)
	}
}

// pairs judges which key belongs to which certificate: by the keys themselves,
// and then whether files that belong together by name hold one pair.
func (s *survey) pairs(found set) {
	for _, cert := range found.files {
		if len(cert.certs) == 0 || cert.private {
			s.combined(cert)
			continue
		}
		match := slices.IndexFunc(found.files, func(m *material) bool { return slices.ContainsFunc(cert.certs[:depth(cert)], m.keyOf) })
		partner := found.partnerOf(cert)
		switch {
		case partner != nil && partner.encrypted:
			s.encrypted(partner, cert)
		case partner != nil && len(partner.keys) > 0 && !slices.ContainsFunc(cert.certs[:depth(cert)], partner.keyOf):
			s.mismatch(cert, partner, found.files, match)
		case match >= 0 || partner != nil || found.blind || cert.authority():
		case conventionalLeaf(cert.path):
			s.add(finding.New(finding.KeyMissing, cert.path, "", "no private key in %s belongs to it", filepath.Dir(cert.path)))
		}
	}
}

// depth is how many certificates of a file may be the one that a key belongs to:
// the first of a server's or client's, any of a bundle of CAs.
func depth(m *material) int {
	if m.authority() {
		return len(m.certs)
	}
	return 1
}

// combined judges a file that holds certificate and key.
func (s *survey) combined(m *material) {
	switch {
	case len(m.certs) == 0 || m.authority():
	case m.encrypted:
		s.encrypted(m, m)
	case len(m.keys) > 0 && !m.keyOf(m.certs[0]):
		s.add(finding.New(finding.KeyMismatch, m.path, "", "the private key in it does not belong to its first certificate, %q", subject(m.certs[0])))
	}
}

// encrypted is the finding about a key that servers cannot decrypt. A CA's key
// may well be encrypted.
func (s *survey) encrypted(key, cert *material) {
	if !cert.authority() && !s.Target.ServerTLSOption("ssl-passphrase") {
		s.add(finding.New(finding.KeyEncrypted, key.path, decrypt(key.path), "the private key of %q is encrypted", subject(cert.certs[0])))
	}
}

func decrypt(path string) string {
	from, to := quoted(path), quoted(path+".new")
	return "(umask 077; openssl pkey -in " + from + " -out " + to + ") && mv " + to + " " + from
}

// mismatch is the finding that two files with the names of a pair are none. match
// is the index of the file with the right key, or -1.
func (s *survey) mismatch(cert, key *material, files []*material, match int) {
	what := fmt.Sprintf("it is not the key of %s, whose subject is %q", cert.path, subject(cert.certs[0]))
	if match >= 0 {
		what += "; the key to that is in " + files[match].path
	}
	s.add(finding.New(finding.KeyMismatch, key.path, "", "%s", what))
}

// partnerOf is the file that should hold the certificate's key: the pair's, or
// by its name; of two files, the other, unless it is a CA's certificate: the key
// beside that is rarely its own. nil when there is none.
func (found set) partnerOf(cert *material) *material {
	files := found.files
	if found.key != nil && !cert.authority() {
		return found.key
	}
	dir, base := filepath.Split(cert.path)
	for _, name := range keyNames(base) {
		for _, m := range files {
			if (m.private || m.damage != "") && len(m.certs) == 0 && m.path == dir+name {
				return m
			}
		}
	}
	if len(files) == 2 && !cert.authority() {
		for _, m := range files {
			if m.private && len(m.certs) == 0 {
				return m
			}
		}
	}
	return nil
}

// keyNames is what the key of a certificate may be called: server-key.pem for
// server-cert.pem, db1.key for db1.crt, privkey.pem for fullchain.pem.
func keyNames(cert string) []string {
	ext := filepath.Ext(cert)
	stem := strings.TrimSuffix(cert, ext)
	var names []string
	if at := strings.LastIndex(stem, "cert"); at >= 0 {
		key := stem[:at] + "key" + stem[at+len("cert"):]
		names = append(names, key+ext, key+".key", stem[:at]+"privkey"+stem[at+len("cert"):]+ext)
	}
	if at := strings.Index(stem, "fullchain"); at >= 0 {
		names = append(names, stem[:at]+"privkey"+stem[at+len("fullchain"):]+ext)
	}
	return append(names, stem+".key", stem+"-key.pem", stem+".key.pem", stem+"-key"+ext)
}

// conventionalLeaf is whether a file of that name is expected to have its key
// beside it.
func conventionalLeaf(path string) bool {
	base := filepath.Base(path)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	return slices.Contains([]string{"server-cert", "client-cert", "server", "client", "cert", "fullchain", "tls", "mysql", "mysqld", "mariadb"}, stem)
}

// server is the files of the set that a server reads: its certificates, their
// keys, the bundle and the CRL. nil when there is no server's certificate.
func (found set) server() []*material {
	var files []*material
	for _, m := range found.files {
		if len(m.certs) == 0 || m.authority() {
			continue
		}
		if role := m.role(); role != Server && role != Peer {
			continue
		}
		files = append(files, m)
		for _, key := range found.files {
			if key != m && key.keyOf(m.certs[0]) {
				files = append(files, key)
			}
		}
	}
	if files == nil {
		return nil
	}
	for _, m := range found.files {
		if len(m.crls) > 0 || slices.Contains(found.trust, m) {
			files = append(files, m)
		}
	}
	return files
}
