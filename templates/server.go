package templates

import (
	"fmt"
	"time"

	"myca/dialect"
)

// ServerOptions describes the TLS part of a server's option file.
type ServerOptions struct {
	Target dialect.Version
	// Absolute paths as the server sees them. CRL may be empty (from MySQL
	// 5.6.3 and MariaDB 10.0).
	CA, Cert, Key, CRL string
	// RequireSecureTransport refuses plain text for every account (from MySQL
	// 5.7.8 and MariaDB 10.5.2).
	RequireSecureTransport bool
	// TLSVersion is a comma-separated list of TLS versions, "" for the server's
	// default (from MySQL 5.7.10 and MariaDB 10.4.6).
	TLSVersion string
	// For the header: the pair's name, its certificate's serial in hex and its
	// end; an empty Serial leaves both out.
	Name, Serial string
	NotAfter     time.Time
	// Installed: the text becomes a part of the server's own option files, so the
	// header does not say where to put it.
	Installed bool
}

// OptionFile is an option file with the group [mysqld], which every server
// reads. The error is Problems; an option the target lacks is one.
func (o ServerOptions) OptionFile() (string, error) {
	var p Problems
	settings := lines(o.settings(&p), &p)
	if err := p.err(); err != nil {
		return "", err
	}
	return render("server.cnf.tmpl", struct {
		ServerOptions
		Settings []string
	}{o, settings})
}

// Flags are the same settings as command-line options of the server, each one
// argument, not quoted for any shell.
func (o ServerOptions) Flags() ([]string, error) {
	var p Problems
	settings := o.settings(&p)
	lines(settings, &p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return flags(settings), nil
}

func (o ServerOptions) settings(p *Problems) []setting {
	settings := pathSettings(o.Target, o.CA, o.Cert, o.Key, o.CRL, p)
	settings = append(settings, tlsVersion(o.Target, o.TLSVersion, p)...)
	if o.RequireSecureTransport {
		settings = append(settings, setting{key: "require-secure-transport", value: "ON"})
		if !o.Target.RequireSecureTransport() {
			p.add("require-secure-transport", fmt.Sprintf("%s has no require-secure-transport", o.Target),
				"leave it out and demand TLS of each account instead: --require ssl, x509, or issuer,subject")
		}
	}
	return settings
}
