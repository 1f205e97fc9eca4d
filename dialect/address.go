package dialect

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ParseAddress reads the address of a server, HOST or HOST:PORT, as clients'
// options host and port take it: a host name of letters, digits, dots, dashes
// and underscores, up to 253 characters, or an IP address. An IPv6 address
// that has a port stands in brackets. Port 0 stands for none given, otherwise
// it is from 1 to 65535. The error has a hint.
func ParseAddress(text string) (host string, port int, err error) {
	refuse := func(format string, args ...any) (string, int, error) {
		return "", 0, &Error{
			What: "address", Text: text, Problems: []string{fmt.Sprintf(format, args...)},
			Fix: "write HOST or HOST:PORT, for example db1.example.com:3306 or [fd00::1]:3306",
		}
	}
	host, digits, found := cutPort(text)
	if !isHost(host) {
		return refuse("%q is no host name or IP address", host)
	}
	if !found {
		return host, 0, nil
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return refuse("port %q is not from 1 to 65535", digits)
	}
	return host, int(n), nil
}

// cutPort splits HOST, HOST:PORT, [IPv6]:PORT, [IPv6] or IPv6.
func cutPort(text string) (host, port string, found bool) {
	if inner, rest, ok := strings.Cut(text, "]"); ok && strings.HasPrefix(inner, "[") && (rest == "" || rest[0] == ':') {
		return inner[1:], strings.TrimPrefix(rest, ":"), rest != ""
	}
	if strings.Count(text, ":") > 1 {
		return text, "", false
	}
	return strings.Cut(text, ":")
}

// isHost says whether host is an address, or letters, digits and _ . - with
// none of the last two first or last.
func isHost(host string) bool {
	const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
	if addr, err := netip.ParseAddr(host); err == nil {
		return strings.Trim(addr.Zone(), characters) == ""
	}
	return host != "" && len(host) <= 253 && strings.Trim(host, characters) == "" && strings.Trim(host, ".-") == host
}
