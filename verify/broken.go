package verify

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"myca/finding"
)

func hexID(id []byte) string { return hex.EncodeToString(id) }

// judgeChain judges the way from the certificate to a trusted CA, all but what
// its certificates are by themselves.
func (j *judge) judgeChain() {
	leaf := j.leaf
	if !j.chain.anchored && !j.sharesSubject() {
		j.unanchored()
	}
	for i, c := range j.chain.certs {
		j.judgeLink(i, c)
	}
	if why := constraint(j.chain.certs, j.Now); why != "" {
		j.found.add(finding.ChainBroken, j.Where, "", "a CA of the chain of %q may not sign it: %s", subject(leaf), why)
	}
	if j.chain.anchored && j.ownCheckFails() {
		j.found.add(finding.IntermediateUntrusted, j.Where, "",
			"the server's own check of %q does not find its CA %q in %s", subject(leaf), issuer(leaf), j.bundle())
	}
}

// sharesSubject reports whether the certificate has the name of the CA that
// signed it and no key identifiers that tell them apart, so that OpenSSL takes it
// for self-signed.
func (j *judge) sharesSubject() bool {
	return j.Role != Authority && selfSigned(j.leaf) && !signedBy(j.leaf, j.leaf)
}

// judgeSubject compares the names of the certificate and its CA.
func (j *judge) judgeSubject() {
	cn := sharedName(j.leaf)
	switch {
	case j.Role == Authority:
	case j.sharesSubject() && !j.chain.anchored:
		j.found.add(finding.SubjectOfCA, j.Where, j.reissue(), "the subject %q is that of the CA that signed it", subject(j.leaf))
	case selfNamed(j.leaf) && !signedBy(j.leaf, j.leaf):
		j.found.add(finding.CommonNameOfCA, j.Where, j.reissue(), "the whole subject %q is that of its CA", subject(j.leaf))
	case cn != "" && !selfNamed(j.leaf):
		j.found.add(finding.CommonNameOfCA, j.Where, j.reissue(), "the CN %q is also that of its CA %q", cn, issuer(j.leaf))
	}
}

// ownCheckFails reports whether the server's check of its own certificate at the
// start, which knows ssl-ca only, fails (verify_store_cert of MySQL 8.0 and
// verify_individual_certificate of 8.1, sql/ssl_acceptor_context_data.cc).
func (j *judge) ownCheckFails() bool {
	if j.Wire || !j.Role.serves() || j.Target.Product != "mysql" || !j.Target.AtLeast(8, 0, 0) {
		return false
	}
	return !maker{trust: j.Trust, now: j.Now}.chain(j.leaf).anchored
}

// bundle names the trusted certificates in a text.
func (j *judge) bundle() string {
	if j.TrustWhere == "" {
		return "the trusted CAs"
	}
	return j.TrustWhere
}

// sharedName is a CN that subject and issuer have both, "" for none.
func sharedName(c *x509.Certificate) string {
	theirs := commonNames(c.RawIssuer)
	for _, cn := range commonNames(c.RawSubject) {
		if slices.Contains(theirs, cn) {
			return cn
		}
	}
	return ""
}

// unanchored says where a chain ends that leads to no trusted CA.
func (j *judge) unanchored() {
	last, n := j.chain.last(), len(j.chain.certs)
	name, where := subject(last), j.place(n-1)
	if selfSigned(last) {
		switch {
		case n == 1:
			j.found.add(finding.ChainBroken, where, "", "%q is self-signed, and is not itself in %s", name, j.bundle())
		default:
			j.found.add(finding.ChainBroken, where, "", "the chain of %q ends in the CA %q, key %s, which is not in %s%s",
				subject(j.leaf), name, keyID(last), j.bundle(), j.sameNamed(last.RawSubject))
		}
		return
	}
	if n > j.chain.sent {
		j.found.add(finding.ChainBroken, where, "", "%s has the CA %q, but not the CA %q that signed it: a chain must end in a self-signed CA",
			j.bundle(), name, issuer(last))
		return
	}
	if missing := j.intermediate(last); missing != nil {
		j.found.add(finding.IntermediateNotSent, j.Where, j.appendIntermediate(), "%q was signed by the intermediate CA %q, which %s", name, subject(missing), j.whyUnsent(missing))
		return
	}
	j.found.add(finding.ChainBroken, where, "", "%q was signed by %q%s, which is not in %s%s",
		name, issuer(last), wantedKey(last), j.bundle(), j.sameNamed(last.RawIssuer))
}

// intermediate is the certificate that signed c and is in the file, or was seen
// elsewhere, but does not reach the other side; nil for none that is an
// intermediate CA's.
func (j *judge) intermediate(c *x509.Certificate) *x509.Certificate {
	for _, other := range slices.Concat(j.Chain[1:], j.Others) {
		if mayIssue(other, c) && signedBy(c, other) && !selfSigned(other) {
			return other
		}
	}
	return nil
}

func (j *judge) whyUnsent(missing *x509.Certificate) string {
	if slices.ContainsFunc(j.Chain[1:], missing.Equal) {
		return j.Target.String() + " does not send from the certificate's file"
	}
	return "is not in the certificate's file"
}

// appendIntermediate is what to do about an intermediate that is not sent.
func (j *judge) appendIntermediate() string {
	if j.Target.ChainFile() {
		return "append the intermediate to the certificate's file, behind the certificate"
	}
	return "put the intermediate into the other side's ssl-ca: " + j.Target.String() + " sends one certificate only"
}

// sameNamed says that trusted CAs have the name, but are others; "" when none has.
func (j *judge) sameNamed(name []byte) string {
	var ids []string
	for _, c := range j.Trust {
		if sameName(c.RawSubject, name) {
			ids = append(ids, keyID(c))
		}
	}
	if ids == nil {
		return ""
	}
	return ": the CA of that name there has another key, " + strings.Join(ids, " and ")
}

// wantedKey is the identifier of the key that signed c, for a text.
func wantedKey(c *x509.Certificate) string {
	if len(c.AuthorityKeyId) == 0 {
		return ""
	}
	return ", key " + hexID(c.AuthorityKeyId)
}

// judgeLink judges what binds the i-th certificate to the next one: signature,
// length of the path, critical extensions.
func (j *judge) judgeLink(i int, c *x509.Certificate) {
	certs := j.chain.certs
	if unknown := unknownCritical(c); unknown != nil {
		j.found.add(finding.ChainBroken, j.place(i), "", "%q has critical extensions that OpenSSL does not know: %s", subject(c), strings.Join(unknown, ", "))
	}
	if i > 0 && pathLength(c) >= 0 && pathLength(c) < between(certs[:i]) {
		j.found.add(finding.ChainBroken, j.place(i), "", "the CA %q allows %d CAs below it, and %d are", subject(c), pathLength(c), between(certs[:i]))
	}
	if i+1 == len(certs) || signedBy(c, certs[i+1]) {
		return
	}
	better := slices.IndexFunc(slices.Concat(j.Trust, j.reaching()), func(other *x509.Certificate) bool {
		return sameName(other.RawSubject, c.RawIssuer) && signedBy(c, other)
	})
	if better < 0 {
		j.found.add(finding.ChainBroken, j.place(i), "", "the signature of %q is not made with the key of the CA %q, key %s, in %s",
			subject(c), subject(certs[i+1]), keyID(certs[i+1]), j.place(i+1))
		return
	}
	j.found.add(finding.ChainBroken, j.place(i), j.renew(), "%q does not say which key of %q signed it, and OpenSSL takes the first one of that name in %s, which is not it",
		subject(c), issuer(c), j.place(i+1))
}

// pathLength is how many CAs may stand below c, -1 for any number.
func pathLength(c *x509.Certificate) int {
	if !c.BasicConstraintsValid || c.MaxPathLen == 0 && !c.MaxPathLenZero {
		return -1
	}
	return c.MaxPathLen
}

// between is how many CAs of the chain below an issuer count for its path length:
// all but the certificate itself and self-issued ones.
func between(certs []*x509.Certificate) int {
	n := 0
	for _, c := range certs[1:] {
		if !selfNamed(c) {
			n++
		}
	}
	return n
}

// constraint says why the name constraints of a CA of the chain exclude the
// certificate, "" when they do not, or when crypto/x509 cannot tell.
func constraint(certs []*x509.Certificate, now time.Time) string {
	_, has := extension(certs[len(certs)-1], oid(2, 5, 29, 30))
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(certs[len(certs)-1])
	for _, c := range certs[1:] {
		between.AddCert(c)
		if _, limits := extension(c, oid(2, 5, 29, 30)); limits {
			has = true
		}
	}
	if !has {
		return ""
	}
	_, err := certs[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.CANotAuthorizedForThisName {
		return invalid.Detail
	}
	return ""
}
