package issue

import (
	"net"
	"time"

	"myca/ca"
	"myca/dn"
)

// Kind is whose certificate it is: it decides the folder and the defaults.
type Kind string

// The kinds.
const (
	Server Kind = "server"
	Client Kind = "client"
)

// Profile is the extended key usage: the side of a connection that the
// certificate may stand for.
type Profile string

// The profiles: serverAuth, clientAuth, or both. Peer is for servers that are
// clients of each other (replication, Galera, group replication).
const (
	ProfileServer Profile = "server"
	ProfileClient Profile = "client"
	ProfilePeer   Profile = "peer"
)

// Problem and Problems are package ca's: one type for every bad input.
type (
	Problem  = ca.Problem
	Problems = ca.Problems
)

// Request is what is asked for. The zero value of a field is no default unless
// it says so.
type Request struct {
	Kind Kind
	// Name is the folder: see CheckName.
	Name string
	// Profile "" is the kind's own. A server may be "server" or "peer", a
	// client "client" or "peer".
	Profile Profile
	// Subject nil is the authority's C, ST, L, O in its order, then CommonName.
	Subject dn.Name
	// CommonName is for that default subject: the first host or the user. "" is
	// the first SAN. Of a server's name longer than 64 characters the first label
	// is taken (RFC 5280 appendix A.1: ub-common-name).
	CommonName string
	// SANs are host names and IP addresses, with "dns:" or "ip:" before them or
	// not. What is there twice is taken once. A server needs one.
	SANs []string
	Key  ca.KeyType
	// KeyFormat "" is pkcs8, or pkcs1 with RSAOnly.
	KeyFormat ca.KeyFormat
	// ReuseKey is a private key to certify again, as PEM; nil: a new one is
	// made. It must be of type Key, and is written in KeyFormat.
	ReuseKey []byte
	// The validity, to the second. The caller backdates NotBefore (an hour is
	// usual) for the clocks of other hosts that run behind.
	NotBefore, NotAfter time.Time
	// AllowNonportable accepts a subject that TLS libraries render differently.
	AllowNonportable bool
	// RSAOnly, when not "", is the server version whose TLS library (yaSSL)
	// takes RSA with PKCS#1 keys only; it goes into the messages.
	RSAOnly string
}

// Plan is a request that was checked, with everything resolved.
type Plan struct {
	Request  Request // Profile, KeyFormat, NotBefore filled in
	Subject  dn.Name
	DNS      []string
	IPs      []net.IP
	NotAfter time.Time // not after the authority's
	Notices  []string  // what the user should know about it
}

// Check finds every problem of r: the error is Problems, with the fields
// "kind", "name", "profile", "subject", "hosts", "key", "key_format", "reuse_key",
// "not_before", "not_after" and "ca". now decides what is past.
//
// An end after the authority's own is moved to it, with a notice; a beginning
// before the authority's is moved to that.
func (r Request) Check(a *ca.Authority, now time.Time) (Plan, error) {
	c := &checker{authority: a, now: now, plan: Plan{Request: r}}
	c.kindAndName()
	c.hosts()
	c.subject()
	c.key()
	c.validity()
	if c.problems != nil {
		return Plan{}, c.problems
	}
	return c.plan, nil
}
