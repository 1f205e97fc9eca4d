package issue

import (
	"crypto/x509"
	"net"
	"time"

	"myca/ca"
	"myca/dn"
)

// Kind is what a certificate is for: it decides the folder and the defaults.
type Kind string

// Profile is the extended key usage: which side of a connection it may stand for.
type Profile string

// The kinds and profiles.
const (
	Server Kind = "server"
	Client Kind = "client"

	ProfileServer Profile = "server"
	ProfileClient Profile = "client"
	ProfilePeer   Profile = "peer"
)

// Problem and Problems are the authority's.
type (
	Problem  = ca.Problem
	Problems = ca.Problems
)

// Request is what is asked for.
type Request struct {
	Kind                Kind
	Name                string
	Profile             Profile
	Subject             dn.Name
	CommonName          string
	SANs                []string
	Key                 ca.KeyType
	KeyFormat           ca.KeyFormat
	NotBefore, NotAfter time.Time
	AllowNonportable    bool
	RSAOnly             string
}

// Plan is a checked request.
type Plan struct {
	Request  Request
	Subject  dn.Name
	DNS      []string
	IPs      []net.IP
	NotAfter time.Time
	Notices  []string
}

// Pair is a certificate with its key.
type Pair struct {
	Certificate     *x509.Certificate
	Subject, Issuer dn.Name
	KeyPEM, CertPEM []byte
	Notices         []string
}

// Check finds every problem of a request.
func (r Request) Check(a *ca.Authority, now time.Time) (Plan, error) { return Plan{}, nil }

// Make makes the key and the certificate.
func Make(a *ca.Authority, p Plan) (*Pair, error) { return nil, nil }

// Lint compares signed bytes with the plan.
func Lint(cert *x509.Certificate, a *ca.Authority, p Plan) error { return nil }

// CheckName is the rule for folder names.
func CheckName(name string) error { return nil }
