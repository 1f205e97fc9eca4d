package check

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"myca/ca"
	"myca/finding"
	"myca/verify"
)

// leaf is the server's own certificate, nil when none was presented.
func (s Server) leaf() *x509.Certificate {
	if s.Hello.Handshake == nil || len(s.Hello.Handshake.Certificates) == 0 {
		return nil
	}
	return s.Hello.Handshake.Certificates[0]
}

// presented judges the certificate of the handshake: by itself, against its
// file, and against the store.
func (s Server) presented() []finding.Finding {
	leaf := s.leaf()
	if leaf == nil {
		return append(s.keyMismatch(), s.reloadForgotten(nil)...)
	}
	rules, state, name := s.Rules, "", ""
	if v := s.version(); v.Product != "" {
		rules.Target = v
	}
	if s.StoreState != nil {
		state, name = s.StoreState(leaf)
	}
	found := rules.Certificate(verify.Presented{
		Where: s.Where, Role: verify.Server, Chain: s.Hello.Handshake.Certificates,
		Trust: s.Trust, TrustWhere: s.TrustWhere, Name: name, Wire: true,
	})
	found = append(found, s.keyMismatch()...)
	forgotten := s.reloadForgotten(leaf)
	found = append(found, forgotten...)
	if forgotten != nil && state == Superseded && s.fileIsActive() {
		return found // its reload brings the new one
	}
	serial := ca.SerialHex(leaf.SerialNumber)
	switch state {
	case Superseded:
		mend := fmt.Sprintf("put the files of %q in place (myca show %s tells where they are), then %s", name, word(name), s.reload())
		found = append(found, finding.New(finding.SupersededInUse, s.Where, mend, "presents the certificate %s of %q, which another took the place of in the store", serial, name))
	case Revoked:
		mend := fmt.Sprintf("myca issue server%s --name %s --force, put the files in place, then %s", hosts(leaf), word(name), s.reload())
		found = append(found, finding.New(finding.Revoked, s.Where, mend, "presents the certificate %s of %q, which is revoked in the store", serial, name))
	}
	return found
}

// fileIsActive reports whether the server's file holds an active certificate of
// the store.
func (s Server) fileIsActive() bool {
	if s.StoreState == nil || len(s.FileCert) == 0 {
		return false
	}
	state, _ := s.StoreState(s.FileCert[0])
	return state == Active
}

// keyMismatch compares the files that the next reload or start reads.
func (s Server) keyMismatch() []finding.Finding {
	if s.FileKey == nil || len(s.FileCert) == 0 {
		return nil
	}
	public, ok := s.FileCert[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || public.Equal(s.FileKey) {
		return nil
	}
	mend := fmt.Sprintf("put certificate and key of one pair in place together, then %s", s.reload())
	return []finding.Finding{finding.New(finding.KeyMismatch, s.Where, mend, "the key in %q is not that of the certificate in %q", s.KeyWhere, s.FileWhere)}
}

// Elsewhere reports whether the certificate that the server presents does not
// lead to a CA of the store, so that this may be the wrong store for it.
func (s Server) Elsewhere() bool {
	leaf := s.leaf()
	if leaf == nil || len(s.Authorities) == 0 {
		return false
	}
	return slices.ContainsFunc(s.Rules.Certificate(verify.Presented{
		Where: s.Where, Role: verify.Server, Chain: s.Hello.Handshake.Certificates, Trust: s.Authorities, Wire: true,
	}), func(f finding.Finding) bool { return f.ID == finding.ChainBroken })
}

// hosts are the names and addresses of a certificate as arguments of a command.
func hosts(c *x509.Certificate) string {
	var b strings.Builder
	for _, name := range c.DNSNames {
		b.WriteString(" " + word(name))
	}
	for _, ip := range c.IPAddresses {
		b.WriteString(" " + ip.String())
	}
	if b.Len() == 0 {
		return " HOST"
	}
	return b.String()
}

// reloadForgotten compares what the server uses with what it would use after a
// reload: the file of its certificate, and, where it tells both, the paths that
// are set with those that are loaded.
func (s Server) reloadForgotten(leaf *x509.Certificate) []finding.Finding {
	var reasons []string
	if leaf != nil && len(s.FileCert) > 0 && !bytes.Equal(leaf.Raw, s.FileCert[0].Raw) {
		reasons = append(reasons, fmt.Sprintf("presents the certificate %s (until %s), but %q holds %s (until %s)",
			ca.SerialHex(leaf.SerialNumber), day(leaf), s.FileWhere, ca.SerialHex(s.FileCert[0].SerialNumber), day(s.FileCert[0])))
	}
	if s.Facts != nil && s.Facts.LoadedKnown {
		set, loaded := s.Facts.Configured, s.Facts.Loaded
		for _, file := range []struct{ option, set, loaded string }{
			{"ca", set.CA, loaded.CA}, {"capath", set.CAPath, loaded.CAPath}, {"cert", set.Cert, loaded.Cert},
			{"key", set.Key, loaded.Key}, {"crl", set.CRL, loaded.CRL}, {"crlpath", set.CRLPath, loaded.CRLPath},
		} {
			if file.set != file.loaded {
				reasons = append(reasons, fmt.Sprintf("ssl_%s is %q, but Current_tls_%s is %q", file.option, file.set, file.option, file.loaded))
			}
		}
	}
	if reasons == nil {
		return nil
	}
	return []finding.Finding{finding.New(finding.ReloadForgotten, s.Where, s.reload(), "%s", strings.Join(reasons, "; "))}
}

func day(c *x509.Certificate) string { return c.NotAfter.UTC().Format("2006-01-02") }

// reload is the command that makes the server read its files again.
func (s Server) reload() string {
	v := s.version()
	if statement := v.ReloadStatement(); v.Product != "" && statement != "" {
		return s.Commands.execute(v, statement+";")
	}
	return "restart the server"
}
