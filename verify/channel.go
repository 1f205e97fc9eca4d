package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// channel is the TLS files of one program: those of ssl-*, or of MySQL's
// administrative interface, admin-ssl-*.
type channel struct {
	setting
	prefix string // "ssl-" or "admin-ssl-"
	user   *User  // who has to be able to read the files; nil: not judged

	// What the files in force hold, nil where they cannot be judged.
	ca, cert, key, crl *material
}

// channels judges the files that the options in force name.
func (s *survey) channels(set setting) {
	for _, prefix := range []string{"ssl-", "admin-ssl-"} {
		c := channel{setting: set, prefix: prefix}
		_, uses := c.firstOf(prefix+"ca", prefix+"capath", prefix+"cert", prefix+"key", prefix+"crl", prefix+"crlpath")
		switch {
		case !uses && prefix == "ssl-":
			s.detect(set)
			continue
		case !uses:
			continue
		}
		if set.program.Server() {
			c.user = s.reader(set)
			s.configured = s.configured || prefix == "ssl-"
		}
		s.open(&c)
		s.incomplete(c)
		s.notEnforced(c)
		s.presented(c)
		if c.program.Server() && c.ca != nil && c.crl != nil {
			s.add(s.Listed(c.crl.path, c.ca.certs, c.crl.crls)...)
		}
	}
}

// reader is whom the server runs as; nil when nobody's access is to be judged.
func (s *survey) reader(set setting) *User {
	if set.pair != nil && set.pair.Owner == "" && s.server == nil {
		return nil
	}
	named := set.inForce["user"].InForce.Value
	if set.pair != nil && named == "" {
		named = set.pair.owner()
	}
	if user, known := s.userOf(set.scope, named); known {
		return &user
	}
	return nil
}

// open reads the files, and judges each by itself.
func (s *survey) open(c *channel) {
	c.cert = s.option(*c, "cert", func(m *material) bool { return len(m.certs) > 0 }, "certificate")
	c.key = s.option(*c, "key", func(m *material) bool { return m.private }, "private key")
	c.ca = s.option(*c, "ca", func(m *material) bool { return len(m.certs) > 0 }, "certificate")
	c.crl = s.option(*c, "crl", func(m *material) bool { return len(m.crls) > 0 }, "CRL")
	for _, folder := range []string{"capath", "crlpath"} {
		if path, o := s.place(*c, folder); path != "" {
			s.pathOf(*c, path, o, true)
		}
	}
}

// option is what the file of an option holds; nil when that is nothing of the
// kind wanted, or cannot be judged.
func (s *survey) option(c channel, name string, wanted func(*material) bool, kind string) *material {
	path, o := s.place(c, name)
	if path == "" || !s.pathOf(c, path, o, false) {
		return nil
	}
	m, err := s.load(path)
	switch {
	case s.blind(path, err):
		return nil
	case err != nil:
		s.add(finding.New(finding.FileUnreadable, path, "", "%s names it at %s, and %v", o.Name, at(o), cause(err)))
		return nil
	}
	s.single(m)
	switch {
	case m.foreign != "" && (!wanted(m) || len(m.crls) > 0):
		return nil
	case !wanted(m) && m.damage == "":
		s.add(finding.New(finding.FileUnreadable, path, "", "%s names it at %s, but it holds no %s", o.Name, at(o), kind))
		return nil
	case m.der:
		s.add(finding.New(finding.FileUnreadable, path, pemCommand(path, kind),
			"%s names it at %s, and it is not PEM but DER, which these programs do not read", o.Name, at(o)))
	case !wanted(m):
		return nil
	}
	return m
}

// pemCommand converts a file from DER to PEM.
func pemCommand(path, kind string) string {
	tool := map[string]string{"certificate": "x509", "private key": "pkey", "CRL": "crl"}[kind]
	from, to := quoted(path), quoted(path+".new")
	return "(umask 077; openssl " + tool + " -inform DER -in " + from + " -out " + to + ") && mv " + to + " " + from
}

// place is the path that an option names, "" when it is not set or cannot be
// told. A server takes a relative one from its data folder, which it makes its
// working folder first (sql/mysqld.cc of both products, my_setwd; tried).
func (s *survey) place(c channel, name string) (string, optionfile.Option) {
	o, found := c.has(c.prefix + name)
	switch {
	case !found:
		return "", o
	case filepath.IsAbs(o.Value):
		return o.Value, o
	}
	s.add(finding.New(finding.PathRelative, at(o), "", "%s in [%s] is not a whole path", text(o), o.Group))
	if c.program.Server() && c.datadir != "" {
		return filepath.Join(c.datadir, o.Value), o
	}
	s.unseen("%s: %s is taken from a folder that is not known here, so the file was not looked at", at(o), text(o))
	return "", o
}

// pathOf judges whether there is something at the path, and whether the server
// can read it; false when there is nothing to look at.
func (s *survey) pathOf(c channel, path string, o optionfile.Option, folder bool) bool {
	if c.elsewhere(path) {
		s.unseen("the files in %s, where option files of the store name them: they belong to the host of the pair", filepath.Dir(path))
		return false
	}
	info, err := s.System.Stat(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		s.unseen("%s: %v", path, cause(err))
		return false
	case err != nil:
		s.add(finding.New(finding.FileMissing, path, "put the file there, or correct the option: "+s.complete(c),
			"%s names it at %s: %v%s", o.Name, at(o), cause(err), s.beside(path)))
		return false
	case folder && !info.IsDir():
		s.add(finding.New(finding.FileUnreadable, path, "", "%s names it at %s, but it is not a folder", o.Name, at(o)))
		return false
	}
	if c.user != nil {
		s.add(s.readable(*c.user, path, o == c.inForce[c.prefix+"key"].InForce)...)
	}
	return true
}

// elsewhere is whether the path is none of this machine's: the option file of a
// pair of the store may name the folder in which the pair's host has the files.
func (c channel) elsewhere(path string) bool {
	return c.pair != nil && filepath.Dir(path) != filepath.Dir(c.pair.OptionFile)
}

// incomplete judges whether the options that belong together are all there. Of
// certificate and key, either stands for both, if its file holds both
// (vio_set_cert_stuff in vio/viosslfactories.c; ma_tls_set_certs of Connector/C).
func (s *survey) incomplete(c channel) {
	cert, hasCert := c.has(c.prefix + "cert")
	key, hasKey := c.has(c.prefix + "key")
	ca, hasCA := c.firstOf(c.prefix+"ca", c.prefix+"capath")
	missing := func(o optionfile.Option, what string) {
		s.add(finding.New(finding.OptionsIncomplete, at(o), s.complete(c), "%s in [%s], but %s", text(o), o.Group, what))
	}
	switch {
	case hasCert && !hasKey && (c.cert == nil || !c.cert.private):
		missing(cert, "no "+c.prefix+"key, and the certificate's file holds no private key")
	case hasKey && !hasCert && (c.key == nil || len(c.key.certs) == 0):
		missing(key, "no "+c.prefix+"cert, and the key's file holds no certificate")
	case !c.program.Server():
	case !hasCert && !hasKey && hasCA && !s.ownCertificate():
		missing(ca, "neither "+c.prefix+"cert nor "+c.prefix+"key: the server has no TLS without a certificate")
	case hasCert && !hasCA:
		s.add(finding.New(finding.ClientCAMissing, at(cert), "", "%s in [%s], but no %sca: the server cannot check the certificate of a client",
			text(cert), cert.Group, c.prefix))
	}
}

// ownCertificate is whether a server without ssl-cert makes a certificate at each
// start although ssl-ca is set: MariaDB from 11.3 on.
func (s *survey) ownCertificate() bool {
	return s.Target.Product == dialect.MariaDB && s.Target.AtLeast(11, 3, 0)
}

// complete is the command that prints the options of a pair.
func (s *survey) complete(c channel) string {
	kind, name := "client", "NAME"
	if c.program.Server() {
		kind = "server"
	}
	if c.pair != nil {
		name = c.pair.name
	}
	return "myca mycnf " + kind + " " + name
}

// notEnforced judges whether a CRL that was not read has any effect: see
// dialect.Version.CRLOption. What was read is judged by Rules.CRLs.
func (s *survey) notEnforced(c channel) {
	o, found := c.firstOf(c.prefix+"crl", c.prefix+"crlpath")
	if found && c.crl == nil && c.program.Server() && !s.Target.CRLOption() && s.Target.ServerTLSOption(o.Name) {
		s.add(finding.New(finding.CRLNotEnforced, at(o), "", "%s in [%s] has no effect in builds of %s, which have the TLS library %s", text(o), o.Group, s.Target, s.Target.TLSLibrary()))
	}
}

// presented judges the certificate that the channel presents, with its key, its
// bundle and its CRL.
func (s *survey) presented(c channel) {
	cert, key := c.cert, c.key
	if _, set := c.has(c.prefix + "key"); !set {
		key = cert
	}
	if _, set := c.has(c.prefix + "cert"); !set && key != nil && len(key.certs) > 0 {
		cert = key
	}
	if cert == nil || len(cert.certs) == 0 {
		return
	}
	role := Client
	if c.program.Server() {
		role = Server
	}
	if !misplacedAs(cert.certs[0], role) {
		s.keyOf(c, key, cert)
	}
	p := Presented{Where: cert.path, Role: role, Chain: cert.certs}
	if c.pair != nil {
		p.Name = c.pair.name
	}
	if c.ca != nil {
		p.Trust, p.TrustWhere = s.trusted([]*material{c.ca})
	} else {
		p.Trust, p.TrustWhere = s.Trust, s.TrustWhere
	}
	if c.crl != nil {
		p.CRLs, p.CRLWhere = c.crl.crls, c.crl.path
	}
	id := fmt.Sprint(p.Where, p.Role, p.TrustWhere, p.CRLWhere)
	if !s.done[id] {
		s.done[id] = true
		s.add(s.Certificate(p)...)
	}
}

// keyOf judges whether the key is the certificate's, and can be read by the
// program.
func (s *survey) keyOf(c channel, key, cert *material) {
	if key == nil {
		return
	}
	leaf, phrase := cert.certs[0], c.inForce["ssl-passphrase"]
	switch {
	case key.encrypted && !(phrase.Known && phrase.InForce.HasValue):
		s.add(finding.New(finding.KeyEncrypted, key.path, decrypt(key.path), "the private key of %q is encrypted", subject(leaf)))
	case !key.encrypted && len(key.keys) > 0 && !samePublic(key.keys[0].Public(), leaf.PublicKey):
		s.add(finding.New(finding.KeyMismatch, key.path, "", "it is not the key of %s, whose subject is %q", cert.path, subject(leaf)))
	}
}

// detect judges the files that MySQL from 5.7.5 on takes from its data folder
// when no option names any (auto_detect_ssl in sql/auth/sql_authentication.cc and
// sql/ssl_init_callback.cc): all three, or none.
func (s *survey) detect(in setting) {
	if !in.program.Server() || in.datadir == "" || in.folder == in.datadir ||
		s.Target.Product != dialect.MySQL || !s.Target.AtLeast(5, 7, 5) {
		return
	}
	var found set
	for _, name := range []string{"ca.pem", "server-cert.pem", "server-key.pem"} {
		m, err := s.load(filepath.Join(in.datadir, name))
		if err != nil {
			return
		}
		found.files = append(found.files, m)
	}
	found.trust = conventional(found.files)
	s.judge(found)
	if user := s.reader(in); user != nil {
		for _, m := range found.files {
			s.add(s.readable(*user, m.path, m.private)...)
		}
	}
}
