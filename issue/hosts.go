package issue

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The bounds of a host name (RFC 1035 section 2.3.4), in octets.
const (
	maxHost  = 253
	maxLabel = 63
)

// maxSANs bounds all SANs together, in octets: TLS libraries refuse a
// certificate message of 100 KiB (OpenSSL: SSL_MAX_CERT_LIST_DEFAULT).
const maxSANs = 64 << 10

// hosts reads the SANs into the plan.
func (c *checker) hosts() {
	r := c.plan.Request
	if r.Kind == Server && len(r.SANs) == 0 {
		c.problem("hosts", "every name and address that clients connect to: myca issue server db1.example.com 10.0.0.1",
			"a server certificate needs a host")
	}
	seen := map[string]bool{}
	size := 0
	for _, text := range r.SANs {
		s, problem := parseSAN(text)
		if problem != nil {
			c.problems = append(c.problems, *problem)
			continue
		}
		if seen[s.key()] {
			continue
		}
		seen[s.key()] = true
		if s.ip.IsValid() {
			c.plan.IPs = append(c.plan.IPs, net.IP(s.ip.AsSlice()))
			size += 2 + len(s.ip.AsSlice())
			continue
		}
		c.plan.DNS = append(c.plan.DNS, s.dns)
		size += 2 + len(s.dns)
		if strings.Contains(s.dns, "_") {
			c.notice("host %q has an underscore, which RFC 1123 does not allow in a host name: some clients refuse it", s.dns)
		}
	}
	if size > maxSANs {
		c.problem("hosts", "several certificates", "the hosts take %d octets; TLS libraries refuse certificates with more than %d", size, maxSANs)
	}
}

// san is one subject alternative name: an address, or a host name.
type san struct {
	ip  netip.Addr
	dns string
}

// key is equal for SANs that are the same: names have no case (RFC 4343).
func (s san) key() string {
	if s.ip.IsValid() {
		return s.ip.String()
	}
	return strings.ToLower(s.dns)
}

// cutPrefix splits "dns:" or "ip:" off, in any case.
func cutPrefix(text string) (prefix, rest string) {
	for _, p := range []string{"dns:", "ip:"} {
		if len(text) >= len(p) && strings.EqualFold(text[:len(p)], p) {
			return p, text[len(p):]
		}
	}
	return "", text
}

func withoutPrefix(text string) string {
	_, rest := cutPrefix(text)
	return rest
}

// CheckHost says what is wrong with one host or SAN, as Check would: a host
// name, an IP address, or one of them behind "dns:" or "ip:". The error is
// Problems.
func CheckHost(text string) error {
	if _, problem := parseSAN(text); problem != nil {
		return Problems{*problem}
	}
	return nil
}

// parseSAN reads one SAN. What is neither a host name nor an address that a
// client can connect to is a problem.
func parseSAN(text string) (san, *Problem) {
	prefix, host := cutPrefix(text)
	bad := func(hint, format string, args ...any) (san, *Problem) {
		return san{}, &Problem{Field: "hosts", Message: fmt.Sprintf("%q ", text) + fmt.Sprintf(format, args...), Hint: hint}
	}
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && prefix == "dns:":
		return bad("ip:"+host, "is an IP address, not a host name")
	case err == nil && addr.Zone() != "":
		return bad(addr.WithZone("").String(), "has a zone, which a certificate cannot hold")
	case err == nil:
		return san{ip: addr.Unmap()}, nil
	case prefix == "ip:":
		return bad("ip:10.0.0.1 or ip:2001:db8::1", "is not an IP address")
	}
	if hint, why := notHost(host); why != "" {
		return bad(hint, "%s", why)
	}
	if hint, why := badName(host); why != "" {
		return bad(hint, "%s", why)
	}
	return san{dns: host}, nil
}

// notHost recognises what people write in place of a host. why is "" when it
// is none of that.
func notHost(s string) (hint, why string) {
	trimmed := strings.TrimSpace(s)
	switch {
	case trimmed == "":
		return "a host name or an IP address", "is empty"
	case trimmed != s:
		return trimmed, "has blanks around it"
	case strings.ContainsFunc(s, unicode.IsSpace):
		return "one host an argument", "has a blank in it"
	case strings.Contains(s, "://"):
		return "the host alone", "is a URL, not a host"
	case strings.Contains(s, "@"):
		return "the host alone", "is an account or a mail address, not a host"
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return "every address, one by one: " + p.Addr().String(), "is a network; a certificate holds single addresses"
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().String(), "has a port; a certificate is for a host, on every port"
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]")); err == nil {
			return a.String(), "has brackets, which belong to URLs"
		}
	}
	if host, port, ok := strings.Cut(s, ":"); ok && host != "" && strings.Trim(port, "0123456789") == "" {
		return host, "has a port; a certificate is for a host, on every port"
	}
	if kind, _, ok := strings.Cut(s, ":"); ok {
		return "dns:HOST or ip:ADDRESS", fmt.Sprintf("has the prefix %q, which is no SAN of a server", kind+":")
	}
	return "", ""
}

// badName says why s is no host name: labels of letters, digits, hyphens (not
// first or last) and underscores, 63 octets each and 253 together, the last
// one not all digits, which would be an IPv4 address (RFC 1123 section 2.1). A
// first label * is a wildcard for one label; OpenSSL wants two more.
func badName(s string) (hint, why string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		const why = "is not ASCII; a certificate holds the punycode form"
		name, wildcard := strings.CutPrefix(s, "*.")
		ascii, err := idna.Lookup.ToASCII(name)
		if wildcard {
			ascii = "*." + ascii
		}
		if err != nil || !utf8.ValidString(s) || badASCII(ascii) != "" {
			ascii = "the punycode form (xn--…)"
		}
		return ascii, why
	}
	if trimmed, ok := strings.CutSuffix(s, "."); ok && badASCII(trimmed) == "" {
		return trimmed, "ends with a dot, which a certificate leaves out"
	}
	if why := badASCII(s); why != "" {
		return "a host name like db1.example.com or *.example.com, or an IP address", why
	}
	return "", ""
}

// badASCII is badName for ASCII: the reason, or "".
func badASCII(s string) string {
	if len(s) > maxHost {
		return fmt.Sprintf("has %d characters; a host name has at most %d", len(s), maxHost)
	}
	labels := strings.Split(s, ".")
	if labels[0] == "*" {
		if len(labels) < 3 {
			return "is too wide: after * a wildcard needs two labels"
		}
		labels = labels[1:]
	}
	for _, label := range labels {
		if why := badLabel(label); why != "" {
			return why
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return "is neither an IP address nor a host name: its last label is a number"
	}
	return ""
}

func badLabel(label string) string {
	switch {
	case label == "":
		return "has an empty label"
	case len(label) > maxLabel:
		return fmt.Sprintf("has a label of %d characters; %d is the most", len(label), maxLabel)
	case strings.HasPrefix(label, "-"), strings.HasSuffix(label, "-"):
		return fmt.Sprintf("has the label %q, with a hyphen first or last", label)
	case strings.Contains(label, "*"):
		return "has a * that is not the whole first label"
	}
	if at := strings.IndexFunc(label, func(r rune) bool { return !strings.ContainsRune(alphanumeric+"-_", r) }); at >= 0 {
		return fmt.Sprintf("has the character %q", label[at])
	}
	return ""
}
