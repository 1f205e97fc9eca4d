package verify

import (
	"bytes"
	"crypto/x509"

	"myca/ca"
	"myca/finding"
)

// CRLs is everything that is wrong with CRLs by themselves. One that ended is
// fine beside a current one of the same CA.
func (r Rules) CRLs(where string, lists []*x509.RevocationList) []finding.Finding {
	var found list
	if !r.Target.CRLOption() {
		found.add(finding.CRLNotEnforced, where, "", "%s does not check a certificate against a CRL", r.Target)
		return found
	}
	for _, l := range lists {
		if !r.current(l) && r.newest(l, lists) {
			r.staleCRL(&found, where, l)
		}
	}
	return found
}

func (r Rules) staleCRL(found *list, where string, l *x509.RevocationList) {
	if r.Now.Before(l.ThisUpdate) {
		found.add(finding.CRLExpired, where, "", "the CRL of %q is valid from %s on, and it is %s", nameText(l.RawIssuer), day(l.ThisUpdate), day(r.Now))
		return
	}
	found.add(finding.CRLExpired, where, "", "the CRL of %q ended on %s", nameText(l.RawIssuer), day(l.NextUpdate))
}

// current reports whether the CRL is valid now; one without an end always is.
func (r Rules) current(l *x509.RevocationList) bool {
	return !r.Now.Before(l.ThisUpdate) && (l.NextUpdate.IsZero() || r.Now.Before(l.NextUpdate))
}

// newest reports whether none of the lists of the same key takes the place of l.
func (r Rules) newest(l *x509.RevocationList, lists []*x509.RevocationList) bool {
	for _, other := range lists {
		same := sameName(other.RawIssuer, l.RawIssuer) && bytes.Equal(other.AuthorityKeyId, l.AuthorityKeyId)
		if same && other != l && (r.current(other) || other.NextUpdate.After(l.NextUpdate)) {
			return false
		}
	}
	return true
}

// Listed is what is wrong with the CRLs of the authorities that clients'
// certificates may be signed by: with ssl-crl set, those of a CA without a
// current list are refused, whoever signed the server's. A CA that ended, that
// clients' certificates cannot be of, or a server's own certificate that is trusted
// by itself, signs none that are accepted.
func (r Rules) Listed(where string, authorities []*x509.Certificate, lists []*x509.RevocationList) []finding.Finding {
	if !r.Target.CRLOption() {
		return nil
	}
	j := judge{Rules: r, Presented: Presented{CRLs: lists, CRLWhere: where}}
	for _, c := range authorities {
		pinned := isPinned(c) && whyUnfit(c, Client) != ""
		if whenValid(c, r.Now) > 0 || !purposeAllows(c, Client) || pinned {
			continue
		}
		j.judgeCRL(c, j.crlOf(c))
	}
	return j.found
}

// judgeCRLs looks each certificate of the chain up in the CRL of its CA, the
// root's own included: ssl-crl sets X509_V_FLAG_CRL_CHECK_ALL
// (vio/viosslfactories.c of MySQL and MariaDB).
func (j *judge) judgeCRLs() {
	enforced := j.Target.CRLOption()
	if !enforced {
		j.found.add(finding.CRLNotEnforced, j.CRLWhere, "", "%s does not check a certificate against a CRL", j.Target)
	}
	for i, c := range j.chain.certs {
		issuer := c
		if i+1 < len(j.chain.certs) {
			issuer = j.chain.certs[i+1]
		} else if !selfSigned(c) {
			return // the chain is broken here
		}
		l := j.crlOf(issuer)
		if enforced {
			j.judgeCRL(issuer, l)
		}
		if l != nil {
			j.judgeRevoked(i, c, l)
		}
	}
}

// judgeCRL judges the CRL that is looked at for what the issuer signed; nil for none.
func (j *judge) judgeCRL(issuer *x509.Certificate, l *x509.RevocationList) {
	switch {
	case l == nil:
		j.found.add(finding.CRLMissing, j.CRLWhere, "", "no CRL is of the CA %q, key %s", subject(issuer), keyID(issuer))
	case !signatureFits(l.SignatureAlgorithm, l.RawTBSRevocationList, l.Signature, issuer):
		j.found.add(finding.CRLMissing, j.CRLWhere, "", "the CRL of %q from %s is not signed with the key of that CA, %s", subject(issuer), day(l.ThisUpdate), keyID(issuer))
	case !usageAllows(issuer, x509.KeyUsageCRLSign):
		j.found.add(finding.CRLMissing, j.CRLWhere, "", "the CRL of %q does not count, because the CA's key usage lacks cRLSign", subject(issuer))
	case !j.current(l):
		j.staleCRL(&j.found, j.CRLWhere, l)
	}
}

// crlOf is the CRL that OpenSSL looks at for what an authority signed: of those
// that have its name and do not name another key a current one before others, the
// latest of these, and the first of equals (get_crl_sk in crypto/x509/x509_vfy.c).
// nil for none.
func (j *judge) crlOf(issuer *x509.Certificate) *x509.RevocationList {
	var best *x509.RevocationList
	for _, l := range j.Presented.CRLs {
		if !sameName(l.RawIssuer, issuer.RawSubject) || !keyIDsAgree(l.Extensions, issuer) {
			continue
		}
		switch {
		case best == nil, j.current(l) && !j.current(best):
			best = l
		case j.current(l) == j.current(best) && l.ThisUpdate.After(best.ThisUpdate):
			best = l
		}
	}
	return best
}

func (j *judge) judgeRevoked(i int, c *x509.Certificate, l *x509.RevocationList) {
	for _, e := range l.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(c.SerialNumber) == 0 {
			j.found.add(finding.Revoked, j.place(i), j.reissueRevoked(i, c), "%q, serial %s, was revoked on %s", subject(c), ca.SerialHex(c.SerialNumber), day(e.RevocationTime))
			return
		}
	}
}

// reissueRevoked is the command that replaces the i-th certificate of the chain.
func (j *judge) reissueRevoked(i int, c *x509.Certificate) string {
	if i > 0 {
		return j.replace(c)
	}
	return j.reissue()
}

// keyID is how a CA's key is told from another of the same name.
func keyID(c *x509.Certificate) string {
	if len(c.SubjectKeyId) == 0 {
		return "without identifier"
	}
	return hexID(c.SubjectKeyId)
}
