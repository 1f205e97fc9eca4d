package templates

import (
	"time"

	"myca/dialect"
)

// ServerOptions is a server's option file.
type ServerOptions struct {
	Target                 dialect.Version
	CA, Cert, Key, CRL     string
	RequireSecureTransport bool
	TLSVersion             string
	Name, Serial           string
	NotAfter               time.Time
}

// OptionFile is the file.
func (o ServerOptions) OptionFile() (string, error) { return "", nil }

// Flags is the same as command-line options.
func (o ServerOptions) Flags() ([]string, error) { return nil, nil }

// ClientOptions is a client's option file.
type ClientOptions struct {
	Target             dialect.Version
	CA, Cert, Key, CRL string
	User, Password     string
	Host               string
	Port               int
	Groups             []string
	TLSVersion         string
	Name, Serial       string
	NotAfter           time.Time
}

// OptionFile is the file.
func (o ClientOptions) OptionFile() (string, error) { return "", nil }

// Flags is the same as command-line options, without the password.
func (o ClientOptions) Flags() ([]string, error) { return nil, nil }

// NoTLS is the option with which the target's client connects unencrypted.
func NoTLS(v dialect.Version) string { return "" }
