package verify

import (
	"crypto/x509"
	"slices"

	"myca/finding"
)

// Authorities is everything that is wrong with the certificates of a bundle of
// CAs. One that ended, or is not valid yet, is fine beside a current one of the same
// name, as it stands in a bundle around a rotation; one that ended beside others is
// told, but no error: Certificate judges the CA of a certificate that is in use.
func (r Rules) Authorities(where string, certs []*x509.Certificate) []finding.Finding {
	var found list
	own := slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return r.boilerplate(where, c) == nil })
	for i, c := range certs {
		bad := r.boilerplate(where, c)
		if own {
			bad = among(where, certs, i, bad)
		}
		found = append(found, bad...)
	}
	next := r.lastingNames(certs)
	valid := slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return whenValid(c, r.Now) == 0 && whyNotCA(c) == "" })
	for _, c := range certs {
		switch {
		case !r.lasting(c) && next[nameKey(c.RawSubject)], isPinned(c):
		case valid && whenValid(c, r.Now) > 0:
			found.add(finding.CAEnded, where, "", "the CA %q ended on %s; others in the bundle are valid", subject(c), day(c.NotAfter))
		default:
			found = append(found, r.authority(where, c)...)
		}
	}
	return found
}

// lasting reports whether c is valid now and does not end soon.
func (r Rules) lasting(c *x509.Certificate) bool {
	return whenValid(c, r.Now) == 0 && c.NotAfter.Sub(r.Now) >= Soon
}

// lastingNames is the names, as nameKey has them, of the certificates that last:
// others of the same name that do not are before or behind them in a rotation.
func (r Rules) lastingNames(certs []*x509.Certificate) map[string]bool {
	names := map[string]bool{}
	for _, c := range certs {
		if r.lasting(c) {
			names[nameKey(c.RawSubject)] = true
		}
	}
	return names
}

// isPinned reports whether c is a self-signed certificate of a server or client,
// which a bundle may hold to trust this one certificate: it is its own CA.
func isPinned(c *x509.Certificate) bool {
	_, hasPurpose := extension(c, oid(2, 5, 29, 37))
	return selfSigned(c) && whyNotCA(c) != "" && (hasPurpose || len(c.DNSNames)+len(c.IPAddresses) > 0)
}

// authority judges a CA's certificate by itself.
func (r Rules) authority(where string, c *x509.Certificate) []finding.Finding {
	var found list
	if why := whyNotCA(c); why != "" {
		found.add(finding.NotACA, where, "", "%q is not a CA's certificate: %s", subject(c), why)
	}
	if !purposeAllows(c, Server) && !purposeAllows(c, Client) {
		found.add(finding.CARestricted, where, "", "the extended key usage of the CA %q has neither serverAuth nor clientAuth", subject(c))
	}
	return append(found, r.content(where, c, r.replace(c), "")...)
}

// rotate is the command that replaces a CA of the store.
const rotate = "myca ca rotate begin"

// replace is what to do about a CA that has to be replaced.
func (r Rules) replace(c *x509.Certificate) string {
	if r.Issued != nil && r.Issued(c) {
		return rotate
	}
	return "it is no CA of the store: whoever runs it has its successor's certificate; or make a CA of your own: myca bootstrap"
}

// judgeIssuer judges the i-th certificate of the chain as the CA of the one
// before it.
func (j *judge) judgeIssuer(i int, c *x509.Certificate) {
	where, why := j.place(i), whyNotCA(c)
	if why == "" && i+1 < len(j.chain.certs) && !c.IsCA { // a root may say nothing, see check_extensions in x509_vfy.c
		why = "an intermediate CA has to say CA:TRUE"
	}
	if why != "" {
		j.found.add(finding.NotACA, where, "", "%q signed %q, but is not a CA's certificate: %s", subject(c), subject(j.chain.certs[i-1]), why)
	}
	for _, role := range j.Role.purposes() {
		if !purposeAllows(c, role) {
			j.found.add(finding.CARestricted, where, "", "the extended key usage of the CA %q lacks %sAuth, which %q needs", subject(c), role, subject(j.leaf))
		}
	}
	j.found = append(j.found, j.content(where, c, j.replace(c), "")...)
}
