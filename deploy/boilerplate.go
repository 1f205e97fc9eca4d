package deploy

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"

	"myca/finding"
	"myca/verify"
)

// Boilerplate is why the server's certificates are to be replaced, a sentence
// each: what it presents, or is told to read, has a private key that others have
// or was made by the server itself, or it has no TLS at all. nil: none of that.
func (s Server) Boilerplate(ctx context.Context) ([]string, error) {
	var reasons, told []string
	add := func(found []finding.Finding) {
		for _, f := range found {
			if isBoilerplate(f.ID) && !slices.Contains(told, f.What) {
				reasons, told = append(reasons, f.Where+": "+f.What), append(told, f.What)
			}
		}
	}
	rules := s.Rules
	rules.Hosts = nil
	judge := func(where string, chain []*x509.Certificate, wire bool) {
		if len(chain) > 0 {
			add(rules.Certificate(verify.Presented{Where: where, Role: verify.Server, Chain: chain, Wire: wire}))
		}
	}
	site := s.look()
	if s.Running != nil {
		chain, err := s.Running.Presented(ctx)
		if err != nil {
			return nil, err
		}
		if len(chain) == 0 {
			reasons = append(reasons, "the server offers no TLS")
		}
		judge("the server", chain, true)
	} else if site.written.Cert == "" {
		reasons = append(reasons, "no option of the server names a certificate")
	}
	for _, files := range []struct{ cert, ca string }{{site.has.Cert, site.has.CA}, {site.written.Cert, site.written.CA}} {
		judge(files.cert, s.certificates(files.cert), false)
		add(rules.Authorities(files.ca, s.certificates(files.ca)))
	}
	return reasons, nil
}

func isBoilerplate(id string) bool {
	return id == finding.PublicKey || id == finding.ServerGenerated || id == finding.LooksLikeSampdb
}

// Resolver is what Hosts asks for names; a *net.Resolver is one.
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupAddr(ctx context.Context, address string) ([]string, error)
}

// Hosts are the names and addresses that clients reach the server by, as far as
// it can be seen here: hostname and what it is in full, localhost and the
// loopback addresses, and what bind-address and report-host name.
func (s Server) Hosts(ctx context.Context, resolver Resolver, hostname string) []string {
	var hosts []string
	add := func(host string) {
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	add(hostname)
	add(fullName(ctx, resolver, hostname))
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		add(host)
	}
	values := map[string]string{}
	for _, o := range s.Options.reading().result.Options {
		values[o.Key()] = o.Value
	}
	// MySQL from 8.0.13 on takes a list, each with a network namespace.
	for _, address := range strings.Split(values["bind-address"], ",") {
		address, _, _ = strings.Cut(strings.TrimSpace(address), "/")
		if ip := net.ParseIP(address); ip == nil && address != "*" || ip != nil && !ip.IsUnspecified() {
			add(address)
		}
	}
	add(values["report-host"])
	return hosts
}

// fullName is the name with its domain that a name without one resolves to, as
// hostname -f tells it; "" when there is none.
func fullName(ctx context.Context, resolver Resolver, name string) string {
	if name == "" || strings.Contains(name, ".") {
		return ""
	}
	addresses, err := resolver.LookupHost(ctx, name)
	if err != nil {
		return ""
	}
	for _, address := range addresses {
		names, err := resolver.LookupAddr(ctx, address)
		if err != nil {
			continue
		}
		for _, full := range names {
			full = strings.TrimSuffix(full, ".")
			if strings.HasPrefix(strings.ToLower(full), strings.ToLower(name)+".") {
				return full
			}
		}
	}
	return ""
}

// ServerUser is whom the server runs as: the option user, else the owner of the
// data folder by the option files unless that is root, else who listens at its
// socket unless that is root, else mysql. It is a name, or a number where the
// machine has no name for it. Nothing of it is what the server says of itself.
func (s Server) ServerUser() string {
	r := s.Options.said()
	if setting, found := r.setting("user"); found && setting.Value != "" {
		return setting.Value
	}
	if info, err := s.Machine.Stat(r.datadir()); err == nil {
		if uid, _, known := s.Machine.Owner(info); known && uid > 0 {
			return fmt.Sprint(uid)
		}
	}
	if s.Peer != nil && *s.Peer > 0 {
		return fmt.Sprint(*s.Peer)
	}
	return "mysql"
}
