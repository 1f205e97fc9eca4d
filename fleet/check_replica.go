package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"myca/dialect"
	"myca/issue"
	"myca/templates"
)

// replica checks a server that replicates.
func (c *identity) replica() {
	if c.x.Request.Profile != issue.ProfilePeer && !c.wrong(fieldProfile) {
		c.problem("profile: peer", "a replica is a client of its source: it needs the profile peer", fieldProfile, fieldReplicates)
	}
	if c.wrong(fieldFrom) {
		return
	}
	name := c.e.source.from.at(c.k)
	i := c.r.m.server(name)
	switch {
	case i == c.e.first+c.k:
		c.problem("the name of another server", fmt.Sprintf("%q replicates from itself", name), fieldFrom)
		return
	case i < 0 && c.r.unsure(name):
		return
	case i < 0:
		c.problem("the name of one of the servers", fmt.Sprintf("no server of the manifest has the name %q", name), fieldFrom)
		return
	}
	source, n := c.r.m.locate(i)
	if !source.bad[fieldTarget] {
		c.onSource(source.targetAt(n, func(fault) {}), name)
	}
	c.statements()
	if !source.bad[fieldHosts] {
		c.reaches(source, n, name)
	}
}

// onSource checks the replica's account against the source's server.
func (c *identity) onSource(v dialect.Version, name string) {
	if !v.CreateUserIfNotExists() {
		c.problem("a source of mysql-5.7.8, mariadb-10.1.3, or newer",
			fmt.Sprintf("%q is %s, which has no CREATE USER IF NOT EXISTS, of which the statements of a fleet consist", name, v), fieldFrom)
		return
	}
	if !c.wrong(fieldTarget) && !reads(c.x.Target, v) {
		c.problem("a source of the same product; how the two replicate from each other, if they do, is set up by hand",
			fmt.Sprintf("%s cannot replicate from %q, which is %s", c.x.Target, name, v), fieldFrom)
		return
	}
	if !c.wrong(fieldReplicaAccount) {
		if err := v.CheckAccount(c.x.replica); err != nil {
			c.fault(fieldReplicaAccount, -1, err)
		}
	}
	c.required(v, c.e.fixed.require, fieldFrom)
}

// reads says whether a replica reads the source's binary log, and gets in there.
// Of different products none does where one is MySQL 8.0 or newer: MariaDB 10.11
// and 11.8 fail at the account's caching_sha2_password (error 2059), which is the
// default from MySQL 8.0.4 on, and MySQL 9.7 at MariaDB's events (13121), as tried
// with these. What else it takes is in MariaDB's documentation, "Replication
// Compatibility Between MariaDB and MySQL".
func reads(replica, source dialect.Version) bool {
	mysql := replica
	if source.Product == dialect.MySQL {
		mysql = source
	}
	return replica.Product == source.Product || !mysql.AtLeast(8, 0, 0)
}

// statements checks what the replica's statements are made of.
func (c *identity) statements() {
	if c.wrong(fieldTarget, fieldFrom, fieldReplicaAccount, fieldReplicaConnect, fieldDeployDir) {
		return
	}
	r := c.r.m.replication(c.e, c.k, c.x.replica)
	if r == nil || r.Host == "" {
		return
	}
	path := cmp.Or(c.x.Spec.DeployDir, "/srv") + "/server-cert.pem" // the longest name
	err := templates.Replica{
		Target: c.x.Target, Source: r.Source, Host: r.Host, Port: r.Port, User: r.Account.User, CA: path, Cert: path, Key: path,
	}.Check()
	var problems templates.Problems
	if !errors.As(err, &problems) {
		return
	}
	told := map[string]bool{}
	for _, p := range problems {
		fields := map[string][]string{
			"account": {fieldReplicaAccount}, "connect": {fieldReplicaConnect, fieldFrom}, "deploy-dir": {fieldDeployDir},
		}[p.Field]
		if !told[p.Field] { // the three paths are one
			told[p.Field] = true
			c.problem(p.Hint, p.Message, append(fields, fieldTarget)...)
		}
	}
}

// reaches checks that the source's certificate names the host at which the
// replica connects to it, as the replica verifies that.
func (c *identity) reaches(source *entry, n int, name string) {
	if c.wrong(fieldReplicaConnect) {
		return
	}
	hosts := source.hosts.at(n)
	connect := c.e.source.connect.at(c.k)
	if connect == "" {
		if host := source.reachedAt(n); strings.HasPrefix(host, "*") {
			c.problem("connect: HOST, one that it stands for", fmt.Sprintf("the first host of %q is the wildcard %q: nobody can connect to that", name, host), fieldFrom)
		}
		return
	}
	host, _, err := dialect.ParseAddress(connect)
	if err != nil {
		return // reported already
	}
	for _, one := range hosts {
		if covers(hostOf(one), host) {
			return
		}
	}
	c.problem("one of "+strings.Join(hosts[:min(len(hosts), 5)], ", "),
		fmt.Sprintf("%q is not among the hosts of %q: the replica would refuse its certificate", host, name), fieldReplicaConnect)
}

// covers says whether a host of a certificate is the one that is connected to.
func covers(pattern, host string) bool {
	if a, err := netip.ParseAddr(pattern); err == nil {
		b, err := netip.ParseAddr(host)
		return err == nil && a.Unmap() == b.Unmap()
	}
	if strings.EqualFold(pattern, host) {
		return true
	}
	_, rest, _ := strings.Cut(host, ".")
	wild, ok := strings.CutPrefix(pattern, "*.")
	return ok && rest != "" && strings.EqualFold(wild, rest)
}

// unsure says whether the name of a server may be missing because of another
// mistake.
func (r *reader) unsure(name string) bool {
	return slices.ContainsFunc(r.unread, func(text string) bool {
		before, _, ranged := strings.Cut(text, "{")
		return strings.Contains(text, name) || ranged && strings.HasPrefix(name, before)
	})
}
