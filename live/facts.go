package live

import (
	"context"
	"errors"

	"myca/dialect"
	"myca/dn"
)

// Switch is whether something is on.
type Switch int

// The states of a Switch.
const (
	Unknown Switch = iota
	On
	Off
)

// String is "on", "off" or "unknown".
func (s Switch) String() string { return [...]string{"unknown", "on", "off"}[s] }

// Files are the TLS files of a server, as its settings name them; "" is unset.
type Files struct{ CA, CAPath, Cert, Key, CRL, CRLPath string }

// Facts is what a server says of itself to a login.
type Facts struct {
	Version                        dialect.Version
	VersionText                    string
	TLSLibrary                     string // as the server names it, "OpenSSL 3.5.1 1 Jul 2025"; "" when it does not
	Library                        dn.Library
	LibraryKnown                   bool // false: Library is that of the version's usual builds
	CurrentUser, Hostname, DataDir string
	TLS                            Switch
	TLSSource                      string // the variable, or table, that said so
	Configured                     Files  // @@ssl_ca and so on
	Loaded                         Files  // Current_tls_*: what is in force since start or reload
	LoadedKnown                    bool   // false: the server does not say, Loaded is empty
	Protocols                      []string
	Protocol, Cipher               string // of this session; "" without TLS
	RequireSecureTransport         *bool  // nil: the version has no such setting
	RequirementColumns             *bool  // mysql.user has ssl_type and so on; nil: not seen
	Unseen                         []string
}

// Facts asks the server.
func (s *Session) Facts(ctx context.Context) (Facts, error) {
	return Facts{}, errors.New("not there yet")
}
