package verify

import (
	"crypto/x509"
	"path"
	"slices"
	"strconv"
	"strings"

	"myca/ca"
	"myca/finding"
)

// Role is what a certificate is used for.
type Role string

// The roles. A peer is server and client at once: a replica, a node of Galera
// or of Group Replication.
const (
	Unknown   Role = ""
	Server    Role = "server"
	Client    Role = "client"
	Peer      Role = "peer"
	Authority Role = "authority"
)

// serves reports whether clients connect to whoever has the role.
func (r Role) serves() bool { return r == Server || r == Peer }

// purposes is what the extended key usage has to allow.
func (r Role) purposes() []Role {
	switch r {
	case Server, Client:
		return []Role{r}
	case Peer:
		return []Role{Server, Client}
	}
	return nil
}

// RoleOf is what a certificate is used for, by its content and, where that
// leaves it open, the name of its file (without folders). A CA's certificate in a
// file that is named for a server or client is that one's.
func RoleOf(c *x509.Certificate, fileName string) Role {
	named := namedRole(fileName)
	if c.BasicConstraintsValid && c.IsCA {
		if named == Server || named == Client {
			return named
		}
		return Authority
	}
	server, client := purposeAllows(c, Server), purposeAllows(c, Client)
	if _, has := extension(c, oid(2, 5, 29, 37)); has {
		switch {
		case server && client && named != Server && named != Client:
			return Peer
		case server && (!client || named == Server):
			return Server
		case client:
			return Client
		}
	}
	switch {
	case named != Unknown:
		return named
	case generatedBy(c) != "":
		return generatedRole(c)
	case len(c.DNSNames)+len(c.IPAddresses) > 0:
		return Server
	case whyNotCA(c) == "":
		return Authority
	}
	return Unknown
}

// generatedRole is the role of a certificate that a server made by itself.
func generatedRole(c *x509.Certificate) Role {
	for _, cn := range commonNames(c.RawSubject) {
		switch mysqlGenerated(cn) {
		case "CA":
			return Authority
		case "Client":
			return Client
		}
	}
	return Server
}

// namedRole is what the name of a file says: server-cert.pem, client.crt, ca.pem.
func namedRole(fileName string) Role {
	words := strings.FieldsFunc(strings.ToLower(path.Base(fileName)), func(r rune) bool { return !isAlphanumeric(r) })
	isCA := slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"ca", "cacert", "rootca", "root", "cabundle", "truststore"}, w)
	})
	has := func(part string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, part) })
	}
	switch {
	case isCA:
		return Authority
	case has("server"):
		return Server
	case has("client"):
		return Client
	}
	return Unknown
}

// Certificate is everything that is wrong with a certificate as it is used:
// boilerplate first, then its chain, its own content, and its CRLs. p.Chain must
// not be empty.
func (r Rules) Certificate(p Presented) []finding.Finding {
	j := judge{Rules: r, Presented: p, leaf: p.Chain[0]}
	if p.Name == "" && r.Named != nil && !misplacedAs(j.leaf, p.Role) {
		j.Name = r.Named(j.leaf)
	}
	if p.Trust != nil {
		j.chain = maker{trust: p.Trust, sent: j.reaching(), now: r.Now}.chain(j.leaf)
	} else {
		j.chain = maker{sent: p.Chain[1:], now: r.Now}.chain(j.leaf)
	}
	j.boilerplates()
	j.judgeSubject()
	if p.Trust != nil {
		j.judgeChain()
	}
	j.judgeLeaf()
	for i, c := range j.chain.certs[1:] {
		j.judgeIssuer(i+1, c)
	}
	if p.CRLs != nil {
		j.judgeCRLs()
	}
	return j.found
}

// judge is one certificate while it is judged.
type judge struct {
	Rules
	Presented
	leaf  *x509.Certificate
	chain chain
	found list
}

// reaching is the certificates behind the first that reach the other side.
func (j *judge) reaching() []*x509.Certificate {
	if j.Wire || j.Target.ChainFile() {
		return j.Chain[1:]
	}
	return nil
}

// place is where the i-th certificate of the chain stands.
func (j *judge) place(i int) string {
	if i < j.chain.sent || j.TrustWhere == "" {
		return j.Where
	}
	return j.TrustWhere
}

// boilerplates looks at every certificate of the file and of the chain.
func (j *judge) boilerplates() {
	for _, c := range j.Chain {
		j.found = append(j.found, j.boilerplate(j.Where, c)...)
	}
	for i, c := range j.chain.certs {
		if !slices.ContainsFunc(j.Chain, c.Equal) {
			j.found = append(j.found, j.boilerplate(j.place(i), c)...)
		}
	}
}

// judgeLeaf judges the certificate itself, whoever signed it.
func (j *judge) judgeLeaf() {
	c, isCA := j.leaf, whyNotCA(j.leaf) == ""
	if mend := j.misplaced(); mend != "" {
		j.found.add(finding.UsageWrong, j.Where, mend, "%q is a %s's certificate, where a %s's belongs", subject(c), otherRole(j.Role), j.Role)
		j.found = append(j.found, j.content(j.Where, c, j.renew(), j.reissue())...)
		return
	}
	j.judgeNames()
	for _, role := range j.Role.purposes() {
		if why := whyUnfit(c, role); why != "" {
			j.found.add(finding.UsageWrong, j.Where, j.reissue(), "%q cannot be used as a %s's certificate: %s", subject(c), role, why)
		}
	}
	switch {
	case j.Role == Authority:
		j.found = append(j.found, j.authority(j.Where, c)...)
		return
	case j.Role != Unknown && isCA && c.Version >= 3:
		j.found.add(finding.LeafIsCA, j.Where, "", "%q is used as a %s's certificate, but it can also sign others", subject(c), j.Role)
	}
	j.found = append(j.found, j.content(j.Where, c, j.renew(), j.reissue())...)
}

// judgeNames judges the names that a certificate is for.
func (j *judge) judgeNames() {
	c := j.leaf
	if !j.Role.serves() {
		return
	}
	if len(c.DNSNames)+len(c.IPAddresses) == 0 {
		j.found.add(finding.SANMissing, j.Where, j.reissue(), "%q has no DNS name and no address as subject alternative name", subject(c))
	}
	var missing []string
	for _, host := range j.Hosts {
		if !NamesHost(c, host) {
			missing = append(missing, strconv.Quote(host))
		}
	}
	if missing != nil {
		j.found.add(finding.HostNotNamed, j.Where, j.reissue(), "%q does not name %s, it is for %s", subject(c), strings.Join(missing, " and "), namesOf(c))
	}
}

// namesOf is the hosts that a certificate names.
func namesOf(c *x509.Certificate) string {
	names := hostsOf(c)
	if len(c.DNSNames) == 0 {
		names = append(names, commonNames(c.RawSubject)...)
	}
	if len(names) == 0 {
		return "no host"
	}
	return strings.Join(names, ", ")
}

func hostsOf(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// content judges dates, key, digest and version. renew and reissue are the
// commands that mend them; "" for the kind's own.
func (r Rules) content(where string, c *x509.Certificate, renew, reissue string) []finding.Finding {
	var found list
	name := subject(c)
	switch when := whenValid(c, r.Now); {
	case when < 0:
		found.add(finding.NotYetValid, where, "", "%q is valid from %s on, and it is %s", name, day(c.NotBefore), day(r.Now))
	case when > 0:
		found.add(finding.Expired, where, renew, "%q ended on %s", name, day(c.NotAfter))
	case c.NotAfter.Sub(r.Now) < Soon:
		found.add(finding.ExpiresSoon, where, renew, "%q ends on %s", name, day(c.NotAfter))
	}
	if weak := weakKey(c.PublicKey); weak != "" {
		found.add(finding.WeakKey, where, reissue, "the key of %q is %s", name, weak)
	}
	if weak := weakDigest(c.SignatureAlgorithm); weak != "" && !selfSigned(c) {
		found.add(finding.WeakDigest, where, renew, "%q, serial %s, is signed with %s", name, ca.SerialHex(c.SerialNumber), weak)
	}
	if c.Version < 3 {
		found.add(finding.CertificateV1, where, reissue, "%q is X.509 version %d", name, c.Version)
	}
	return found
}
