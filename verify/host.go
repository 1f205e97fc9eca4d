package verify

import (
	"crypto/x509"
	"net"
	"slices"
	"strings"

	"myca/dn"
)

// NamesHost reports whether a client that verifies the server's identity finds
// host in the certificate: an address among its iPAddress names, a name among its
// dNSNames or, when there is no dNSName at all, its CNs, as X509_check_ip and
// X509_check_host of OpenSSL (crypto/x509/v3_utl.c) do with flags 0, which is how
// MySQL's and MariaDB's clients call them.
func NamesHost(c *x509.Certificate, host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return slices.ContainsFunc(c.IPAddresses, ip.Equal)
	}
	names := c.DNSNames
	if len(names) == 0 {
		names = commonNames(c.RawSubject)
	}
	return slices.ContainsFunc(names, func(pattern string) bool { return matchHost(pattern, host) })
}

// commonNames is the CNs of an encoded name, in their order.
func commonNames(raw []byte) []string {
	name, err := dn.FromDER(raw)
	if err != nil {
		return nil
	}
	return name.Values("CN")
}

// matchHost is equal_wildcard: letter case of ASCII does not count, and a * may
// stand for one label or the beginning or end of one.
func matchHost(pattern, host string) bool {
	star := validStar(pattern)
	if star < 0 {
		return sameLetters(pattern, host)
	}
	before, after := pattern[:star], pattern[star+1:]
	if len(host) < len(before)+len(after) {
		return false
	}
	middle := host[len(before) : len(host)-len(after)]
	if !sameLetters(host[:len(before)], before) || !sameLetters(host[len(host)-len(after):], after) {
		return false
	}
	whole := before == "" && after[0] == '.'
	switch {
	case whole && middle == "":
		return false
	case !whole && strings.HasPrefix(strings.ToLower(host[len(before):]), "xn--"):
		return false
	case middle == "*":
		return true
	}
	return !strings.ContainsFunc(middle, func(r rune) bool { return !isAlphanumeric(r) && r != '-' })
}

// validStar is where the one * of a pattern stands, -1 when the pattern has none
// that OpenSSL takes for a wildcard: it stands at the beginning or the end of the
// first label, which is no IDNA label, and two dots or more follow. What else is
// no host name has no wildcard either.
func validStar(pattern string) int {
	labels := strings.Split(pattern, ".")
	if len(labels) < 3 {
		return -1
	}
	for i, label := range labels {
		idna := len(label) >= 4 && strings.EqualFold(label[:4], "xn--")
		rest := label
		if idna {
			rest = label[4:]
		}
		if i == 0 && !idna && strings.Count(label, "*") == 1 {
			if label[0] != '*' && label[len(label)-1] != '*' {
				return -1
			}
			rest = strings.ReplaceAll(label, "*", "")
			if rest == "" {
				continue
			}
		}
		if !isLabel(rest) {
			return -1
		}
	}
	return strings.IndexByte(labels[0], '*')
}

// isLabel reports whether a label begins and ends with a letter or digit and has
// none but these and hyphens.
func isLabel(label string) bool {
	if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(label, func(r rune) bool { return !isAlphanumeric(r) && r != '-' })
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// sameLetters compares octets, without the letter case of ASCII.
func sameLetters(a, b string) bool { return lowerASCII(a) == lowerASCII(b) }

func lowerASCII(s string) string {
	octets := []byte(s)
	for i, octet := range octets {
		if octet >= 'A' && octet <= 'Z' {
			octets[i] += 'a' - 'A'
		}
	}
	return string(octets)
}
