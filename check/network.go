package check

import (
	"net/netip"
	"slices"
	"strings"

	"myca/live"
)

// local reports whether only clients of the server's own machine match the host
// part of an account: localhost, loopback addresses, patterns and netmasks of
// them, the names that distributions give them in /etc/hosts, all of localhost
// (RFC 6761 section 6.3), and the machine's own name. No client has a name that begins with digits
// and a dot (8.0 manual, "Specifying Account Names"), so 127.% is of loopback.
func local(host, own string) bool {
	host = lower(host)
	names := []string{"localhost", "localhost.localdomain", "localhost4", "localhost4.localdomain4", "localhost6", "localhost6.localdomain6",
		"ip6-localhost", "ip6-loopback", "::1", "::ffff:127.0.0.1"}
	return slices.Contains(names, host) || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || own != "" && host == lower(own)
}

// socketOnly are the plugins that look at the user of the other end of a socket,
// so that nobody logs in with them over the network, and the one that lets
// nobody in at all.
func socketOnly(plugin string) bool {
	return slices.Contains([]string{"unix_socket", "auth_socket", "named_pipe", "mysql_no_login"}, plugin)
}

// storesPassword reports whether an account of this plugin without a stored
// password is one without any. The others (PAM, LDAP, Kerberos, …) keep it
// elsewhere.
func storesPassword(plugin string) bool {
	return slices.Contains([]string{"", "mysql_native_password", "mysql_old_password", "old_password",
		"sha256_password", "caching_sha2_password", "ed25519", "parsec"}, plugin)
}

// reachable reports whether somebody can log in to the account from the network.
func (a Accounts) reachable(account live.Account) bool {
	return !a.LocalOnly && !account.Locked && !account.Role && !socketOnly(account.Plugin) && !local(account.Host, a.Hostname)
}

// overlap reports whether it is certain that some client matches both host
// parts. A name and an address can be of one client; that is not certain.
func overlap(a, b string) bool {
	a, b = lower(a), lower(b)
	everywhere := func(host string) bool { return strings.Trim(host, "%") == "" }
	if everywhere(a) || everywhere(b) {
		return true
	}
	if strings.Contains(a, "/") || strings.Contains(b, "/") {
		return networksOverlap(a, b)
	}
	return patternsOverlap(a, b)
}

func networksOverlap(a, b string) bool {
	x, known := network(a)
	y, alsoKnown := network(b)
	return known && alsoKnown && x.Overlaps(y)
}

// network is an address, with or without a netmask of bits (CIDR, MySQL from
// 8.0.23) or octets.
func network(host string) (netip.Prefix, bool) {
	text, mask, masked := strings.Cut(host, "/")
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	if !masked {
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	if prefix, err := netip.ParsePrefix(host); err == nil {
		return prefix.Masked(), true
	}
	octets, err := netip.ParseAddr(mask)
	if err != nil || octets.BitLen() != address.BitLen() {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(address, ones(octets)).Masked(), true
}

// ones is the number of one bits at the beginning.
func ones(mask netip.Addr) int {
	n := 0
	for _, octet := range mask.AsSlice() {
		for ; octet&0x80 != 0; octet <<= 1 {
			n++
		}
		if n%8 != 0 {
			break
		}
	}
	return n
}

// sign is one character of a host pattern.
type sign struct {
	literal   byte
	one, many bool // the wildcards _ and %
}

// signs reads a host pattern; a backslash takes its meaning from a wildcard.
func signs(pattern string) []sign {
	var list []sign
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			list = append(list, sign{literal: pattern[i]})
		case pattern[i] == '%':
			list = append(list, sign{many: true})
		case pattern[i] == '_':
			list = append(list, sign{one: true})
		default:
			list = append(list, sign{literal: pattern[i]})
		}
	}
	return list
}

// patternsOverlap reports whether there is a text that matches both patterns.
// They are at most 255 characters long.
func patternsOverlap(a, b string) bool {
	x, y := signs(a), signs(b)
	// can[j]: x[i:] and y[j:] have a text in common; i goes from the end.
	can := make([]bool, len(y)+1)
	for i := len(x); i >= 0; i-- {
		next := can
		can = make([]bool, len(y)+1)
		for j := len(y); j >= 0; j-- {
			switch {
			case i == len(x) && j == len(y):
				can[j] = true
			case i < len(x) && x[i].many:
				can[j] = next[j] || j < len(y) && can[j+1]
			case j < len(y) && y[j].many:
				can[j] = can[j+1] || i < len(x) && next[j]
			case i < len(x) && j < len(y):
				can[j] = (x[i].one || y[j].one || x[i].literal == y[j].literal) && next[j+1]
			}
		}
	}
	return can[0]
}
