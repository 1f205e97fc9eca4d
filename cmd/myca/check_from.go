package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"

	"myca/dialect"
	"myca/live"
)

// from is the address at which the server takes a login from here for one of
// the account: its host part decides. why is the reason why there is none.
func (k *checking) from(account dialect.Account) (address live.Address, why string) {
	s := k.server
	host := strings.ToLower(account.Host)
	switch {
	case host == "%" || host == "":
		return s.address, ""
	case host == "localhost" && s.address.Socket != "":
		return s.address, ""
	case host == "localhost" && s.local() && k.socketIsTheServers():
		return live.Address{Socket: s.socket}, ""
	case host == "localhost" && s.local() && k.facts != nil && k.facts.Listens.SkipNameResolve:
		return address, "over TCP the server sees addresses only (skip_name_resolve); --socket FILE"
	case host == "localhost" && s.local():
		return s.address, ""
	case s.address.Socket != "":
		return address, "by a socket the server takes everybody for localhost; --host and --port connect over the network"
	}
	if host == "localhost" {
		return address, "they are possible on the server's machine only"
	}
	own, err := ownAddress(s.address)
	switch {
	case err != nil:
		return address, err.Error()
	case !hostMatches(host, own, k.ownName()):
		return address, "they are not possible from " + own
	}
	return s.address, ""
}

// socketIsTheServers reports whether the option files' socket is of the server
// that was reached over TCP, as it says itself.
func (k *checking) socketIsTheServers() bool {
	s := k.server
	if s.socket == "" || k.facts == nil || k.facts.Hostname == "" || !strings.EqualFold(k.facts.Hostname, ownName()) {
		return false
	}
	said := k.facts.Listens
	if said.Port == 0 || said.Port != cmp.Or(s.address.Port, 3306) {
		return false
	}
	named, err := os.Stat(s.socket)
	if err != nil {
		return false
	}
	its, err := os.Stat(said.Socket)
	return err == nil && os.SameFile(named, its)
}

// elsewhere is why a refused login says nothing about the account, "" when it
// does: the server saw the client at a host that is not the account's. It says
// which in the error: the name where it resolved one, else the address.
func (k *checking) elsewhere(account dialect.Account, address live.Address, attempt live.Attempt) string {
	host := strings.ToLower(account.Host)
	saw := seenHost(attempt.Err)
	if !attempt.Refused || saw == "" || host == "" || host == "%" || hostMatches(host, strings.ToLower(saw)) {
		return ""
	}
	if _, err := netip.ParseAddr(saw); err != nil && address.Socket == "" { // a name, beside which the address counts
		if own, err := ownAddress(address); err != nil || hostMatches(host, own) {
			return ""
		}
	}
	return fmt.Sprintf("from here the server sees clients at %q, which the account is not for", saw)
}

// seenHost is where the server saw a client that it refused: of 'USER'@'HOST' in
// 1045 and 1698, and of Host 'HOST' in 1130. Messages in other languages have the
// same quotes. "" when the error does not tell.
func seenHost(err error) string {
	var refusal *live.ServerError
	if !errors.As(err, &refusal) {
		return ""
	}
	form := map[int]string{1045: `'@'([^']*)'`, 1698: `'@'([^']*)'`, 1130: `'([^']*)'`}[refusal.Number]
	if form == "" {
		return ""
	}
	if all := regexp.MustCompile(form).FindAllStringSubmatch(refusal.Message, -1); all != nil {
		return all[len(all)-1][1]
	}
	return ""
}

// shadow says which account a login from here would be of instead, "" for none.
// The server takes the most specific host, that is the one whose first wildcard
// comes last, and an anonymous user of it too (8.0 manual, "Access Control, Stage
// 1"). Where the server's accounts were not seen, those of the client count.
func (k *checking) shadow(account dialect.Account, others []dialect.Account) string {
	if k.accounts != nil {
		others = nil
		for _, a := range k.accounts {
			if !a.Role {
				others = append(others, a.Account)
			}
		}
	}
	for _, other := range others {
		if (other.User == account.User || other.User == "") && specific(other.Host) > specific(account.Host) && k.matchedHere(other.Host) {
			return "from here the server takes " + other.SQL() + " first"
		}
	}
	return ""
}

// specific orders host parts as the servers do: the greater comes first.
func specific(host string) int {
	if i := strings.IndexAny(host, "%_"); i >= 0 {
		return i
	}
	return math.MaxInt
}

// matchedHere reports whether a login from here is matched by a host part.
func (k *checking) matchedHere(host string) bool {
	host = strings.ToLower(host)
	if k.server.address.Socket != "" {
		return hostMatches(host, "localhost")
	}
	resolves := k.facts == nil || !k.facts.Listens.SkipNameResolve
	if k.server.local() && resolves && hostMatches(host, "localhost") {
		return true
	}
	own, err := ownAddress(k.server.address)
	return err == nil && hostMatches(host, own, k.ownName())
}

// ownName is this machine's name as the server may see it, "" when it sees
// addresses only.
func (k *checking) ownName() string {
	if k.facts != nil && k.facts.Listens.SkipNameResolve {
		return ""
	}
	return ownName()
}

// ownAddress is this machine's address as the server sees it, unless something
// between them changes it. Nothing is sent.
func ownAddress(server live.Address) (string, error) {
	host := server.Host
	if host == "" {
		host = "127.0.0.1"
	}
	connection, err := net.Dial("udp", net.JoinHostPort(host, "3306"))
	if err != nil {
		return "", fmt.Errorf("finding this machine's address: %w", err)
	}
	defer connection.Close()
	own, err := netip.ParseAddrPort(connection.LocalAddr().String())
	if err != nil {
		return "", fmt.Errorf("finding this machine's address: %w", err)
	}
	return own.Addr().Unmap().WithZone("").String(), nil
}

// ownName is this machine's name in lower case, "" when it has none.
func ownName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return strings.ToLower(name)
}

// hostMatches reports whether the host part of an account, in lower case, is one
// that a client with one of these addresses and names is matched by.
func hostMatches(host string, own ...string) bool {
	if network, mask, found := strings.Cut(host, "/"); found {
		return slices.ContainsFunc(own, func(address string) bool { return inNetwork(network, mask, address) })
	}
	pattern := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(host))
	matcher, err := regexp.Compile("^" + pattern + "$")
	return err == nil && slices.ContainsFunc(own, matcher.MatchString)
}

// inNetwork reads a netmask in either form: 10.0.0.0/255.0.0.0 or, from MySQL
// 8.0.23 on, 10.0.0.0/8.
func inNetwork(network, mask, own string) bool {
	address, err := netip.ParseAddr(own)
	if err != nil {
		return false
	}
	if prefix, err := netip.ParsePrefix(network + "/" + mask); err == nil {
		return prefix.Contains(address)
	}
	octets, base := net.ParseIP(mask).To4(), net.ParseIP(network).To4()
	client := net.IP(address.AsSlice()).To4()
	if octets == nil || base == nil || client == nil {
		return false
	}
	return client.Mask(net.IPMask(octets)).Equal(base)
}
