package issue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"myca/ca"
	"myca/dn"
)

// maxCommonName is ub-common-name of RFC 5280 appendix A.1, in characters.
const maxCommonName = 64

// maxFolder is the length of a folder's name, in octets.
const maxFolder = 64

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// checker collects the problems of one request beside its plan.
type checker struct {
	authority *ca.Authority
	now       time.Time
	plan      Plan
	problems  Problems
}

func (c *checker) problem(field, hint, format string, args ...any) {
	c.problems = append(c.problems, Problem{Field: field, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (c *checker) notice(format string, args ...any) {
	c.plan.Notices = append(c.plan.Notices, fmt.Sprintf(format, args...))
}

// CheckName is the rule for the name of a certificate's folder: 1 to 64 of the
// characters A-Z a-z 0-9 . _ - and no dot or hyphen first, so that it is one
// folder, never a hidden one and never an option. The error is Problems.
func CheckName(name string) error {
	first := name != "" && name[0] != '.' && name[0] != '-'
	if first && len(name) <= maxFolder && strings.Trim(name, alphanumeric+"._-") == "" {
		return nil
	}
	return Problems{{
		Field:   "name",
		Message: fmt.Sprintf("%q cannot be the name of a folder", name),
		Hint:    "1 to 64 of the characters A-Z a-z 0-9 . _ - and no . or - first; --name gives another one",
	}}
}

// FolderName is a host or user as the name of a folder: other characters become
// hyphens, and none of those stands at an end.
func FolderName(text string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(alphanumeric+"._-", r) {
			return r
		}
		return '-'
	}, text)
	name = strings.Trim(name, "-.")
	return cmp.Or(name[:min(len(name), maxFolder)], "x")
}

func (c *checker) kindAndName() {
	r := &c.plan.Request
	if problems := (Problems)(nil); errors.As(CheckName(r.Name), &problems) {
		c.problems = append(c.problems, problems...)
	}
	own := map[Kind]Profile{Server: ProfileServer, Client: ProfileClient}[r.Kind]
	if own == "" {
		c.problem("kind", "server or client", "unknown kind %q", r.Kind)
		return
	}
	if r.Profile == "" {
		r.Profile = own
	}
	if r.Profile != own && r.Profile != ProfilePeer {
		c.problem("profile", fmt.Sprintf("%s, or peer for both sides", own), "a %s cannot have the profile %q", r.Kind, r.Profile)
	}
}

// subject resolves and checks the subject; hosts was called before.
func (c *checker) subject() {
	r := c.plan.Request
	n := r.Subject
	if n == nil {
		var err error
		if n, err = c.defaultSubject(); err != nil {
			c.problems = append(c.problems, ca.FieldProblem("subject", err))
		}
		if n == nil || err != nil {
			return
		}
	}
	problems, notices := ca.CheckSubject(n, r.AllowNonportable)
	c.problems = append(c.problems, problems...)
	c.plan.Notices = append(c.plan.Notices, notices...)
	c.plan.Subject = n
	c.distinct(n)
	if r.RSAOnly == "" {
		return
	}
	if problems == nil && n.OneLine(dn.YaSSL) == "" {
		c.problem("subject", "a shorter one of C, ST, L, O, OU, CN", "the TLS library of %s reads nothing of %q", r.RSAOnly, n)
	}
	if cn := n.Values("CN"); r.Kind == Server && c.unnamed(cn) {
		c.notice("clients of %s and older compare the host with the CN (%s) and with nothing else: they verify no other name",
			r.RSAOnly, strings.Join(cn, ", "))
	}
}

// unnamed says whether there is a host that is not a CN.
func (c *checker) unnamed(names []string) bool {
	known := map[string]bool{}
	for _, name := range names {
		known[name] = true
	}
	for _, name := range c.plan.DNS {
		if !known[name] {
			return true
		}
	}
	for _, ip := range c.plan.IPs {
		if !known[ip.String()] {
			return true
		}
	}
	return false
}

// distinct refuses a subject that is the authority's, or has its CN. OpenSSL
// takes a certificate whose subject is its issuer for self-signed (error 18),
// and the manuals of both products demand another CN than the authority's.
func (c *checker) distinct(n dn.Name) {
	const hint = "another CN than the authority's"
	if sameName(n, c.authority.Subject) {
		c.problem("subject", hint, "%q is the authority's own subject: a server would take the certificate for a self-signed one", n)
		return
	}
	if shareCommonName(n, c.authority.Subject) {
		c.problem("subject", hint, "%q has the CN of the authority %q", n, c.authority.Subject)
	}
}

// defaultSubject is the authority's C, ST, L, O and a CN. It is nil without an
// error when a problem with the hosts that was reported already is the reason.
func (c *checker) defaultSubject() (dn.Name, error) {
	r := c.plan.Request
	cn := r.CommonName
	if cn == "" && len(r.SANs) > 0 {
		cn = r.SANs[0]
	}
	if slices.Contains(r.SANs, cn) {
		if _, bad := parseSAN(cn); bad != nil {
			return nil, nil
		}
		cn = withoutPrefix(cn)
	}
	if cn == "" && r.Kind == Server { // no host
		return nil, nil
	}
	if cn == "" {
		c.problem("subject", "--subject /CN=NAME", "neither a subject nor a name for its CN")
		return nil, nil
	}
	if label, _, _ := strings.Cut(cn, "."); r.Kind == Server && utf8.RuneCountInString(cn) > maxCommonName && label != "*" {
		c.notice("the CN is %q: %q has more than %d characters", label, cn, maxCommonName)
		cn = label
	}
	return c.authority.Subject.Select("C", "ST", "L", "O").With("CN", cn)
}

// key checks the key's type and format against each other, the server and the
// authority.
func (c *checker) key() {
	r := &c.plan.Request
	if _, err := ca.ParseKeyType(string(r.Key)); err != nil {
		c.problems = append(c.problems, ca.FieldProblem("key", err))
	} else if r.RSAOnly != "" && !r.Key.RSA() {
		c.problem("key", "--key rsa-2048", "the TLS library of %s has no %s", r.RSAOnly, r.Key)
	}
	c.reused()
	c.authorityFor(r.RSAOnly)
	if r.KeyFormat == "" {
		r.KeyFormat = ca.PKCS8
		if r.RSAOnly != "" {
			r.KeyFormat = ca.PKCS1
		}
	}
	switch _, err := ca.ParseKeyFormat(string(r.KeyFormat)); {
	case err != nil:
		c.problems = append(c.problems, ca.FieldProblem("key_format", err))
	case r.KeyFormat == ca.PKCS1 && !r.Key.RSA() && r.RSAOnly == "":
		c.problem("key_format", "pkcs8, or an RSA key", "pkcs1 is a format of RSA keys, not of %q", r.Key)
	case r.KeyFormat != ca.PKCS1 && r.RSAOnly != "":
		c.problem("key_format", "pkcs1", "the TLS library of %s reads keys as pkcs1 only, not as %s", r.RSAOnly, r.KeyFormat)
	}
}

// reused checks the key that is to be certified again.
func (c *checker) reused() {
	r := c.plan.Request
	if r.ReuseKey == nil {
		return
	}
	key, err := ca.DecodeKey(r.ReuseKey)
	if err != nil {
		c.problems = append(c.problems, ca.FieldProblem("reuse_key", err))
	} else if t := ca.KeyTypeOf(key.Public()); t != r.Key {
		c.problem("reuse_key", "a new key, without --reuse-key", "the key to be used again is of type %s, not %s", t, r.Key)
	}
}

// authorityFor checks that an RSA-only server can use the authority: verify
// its signatures, and read its name for REQUIRE ISSUER.
func (c *checker) authorityFor(server string) {
	if server == "" {
		return
	}
	if t := ca.KeyTypeOf(c.authority.Certificate.PublicKey); !t.RSA() {
		c.problem("ca", "an authority made with --ca-key rsa-3072",
			"the TLS library of %s cannot verify the signatures of an authority with a key of type %s", server, t)
	}
	if c.authority.Subject.OneLine(dn.YaSSL) == "" {
		c.problem("ca", "an authority with a shorter subject of C, ST, L, O, OU, CN",
			"the TLS library of %s reads nothing of the authority's subject %q", server, c.authority.Subject)
	}
}

// validity checks the times and keeps them within the authority's.
func (c *checker) validity() {
	r := &c.plan.Request
	end := c.authority.Certificate.NotAfter
	if !end.After(c.now) {
		c.problem("ca", "myca ca rotate begin makes a new one, myca ca rotate switch --renew lets it sign",
			"the certificate of the authority expired at %s", stamp(end))
	}
	problems := ca.CheckValidity(r.NotBefore, r.NotAfter, c.now)
	if problems != nil {
		c.problems = append(c.problems, problems...)
		return
	}
	r.NotBefore, r.NotAfter = ca.Second(r.NotBefore), ca.Second(r.NotAfter)
	c.plan.NotAfter = r.NotAfter
	if r.NotAfter.After(end) {
		c.plan.NotAfter = end.UTC()
		c.notice("valid until %s, the end of the authority's own certificate, instead of %s", stamp(end), stamp(r.NotAfter))
	}
	if begin := c.authority.Certificate.NotBefore; r.NotBefore.Before(begin) {
		r.NotBefore = begin.UTC()
	}
	if !c.plan.NotAfter.After(r.NotBefore) && end.After(c.now) {
		c.problem("not_before", "a time before "+stamp(c.plan.NotAfter),
			"the beginning %s is not before the end %s", stamp(r.NotBefore), stamp(c.plan.NotAfter))
	}
	if r.NotBefore.After(c.now) {
		c.notice("not valid before %s", stamp(r.NotBefore))
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
