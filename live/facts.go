package live

import (
	"context"
	"errors"
	"strings"

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

// Files are the TLS files of a server, as its settings name them: relative
// paths are relative to the data folder. "" is unset.
type Files struct{ CA, CAPath, Cert, Key, CRL, CRLPath string }

// Facts is what a server says of itself to a login.
type Facts struct {
	Version                dialect.Version
	VersionText            string
	TLSLibrary             string // as the server names it, "OpenSSL 3.5.1 1 Jul 2025"; "" when it does not
	Library                dn.Library
	LibraryKnown           bool   // false: Library is that of the version's usual builds
	CurrentUser            string // the account that let the login in, user@host
	Hostname, DataDir      string // "" where the version does not say
	TLS                    Switch
	TLSSource              string // the variable, or table, that said so; "" when Unknown
	Configured             Files  // @@ssl_ca and so on
	Loaded                 Files  // Current_tls_*: what is in force since start or reload
	LoadedKnown            bool   // false: the server does not say (all but MySQL from 8.0.16), Loaded is empty
	Listens                Listens
	Protocols              []string
	Ciphers                []string // that this session could have had (Ssl_cipher_list); nil without TLS, and of a long list, which servers cut off
	Protocol, Cipher       string   // of this session; "" without TLS
	RequireSecureTransport *bool    // nil: the version has no such setting
	RequirementColumns     *bool    // mysql.user has ssl_type and so on; nil: not seen
	Unseen                 []string // what could not be seen, with the GRANT that would show it
}

// Facts asks the server. It needs no rights, except for what else is Unseen.
// The error is one of the connection.
func (s *Session) Facts(ctx context.Context) (Facts, error) {
	variables, err := s.pairs(ctx, "SHOW VARIABLES")
	if err != nil {
		return Facts{}, err
	}
	status, err := s.pairs(ctx, "SHOW STATUS")
	if err != nil {
		return Facts{}, err
	}
	var f Facts
	if _, f.CurrentUser, err = s.who(ctx); err != nil {
		return Facts{}, err
	}
	f.read(variables, status)
	if err := s.seeChannel(ctx, &f); err != nil {
		return Facts{}, err
	}
	return f, s.seeTables(ctx, &f)
}

// read takes what SHOW VARIABLES and SHOW STATUS say, by names in lower case.
func (f *Facts) read(variables, status map[string]string) {
	f.VersionText = variables["version"]
	if v, err := dialect.Detect(f.VersionText); err == nil {
		f.Version = v
	}
	f.Hostname, f.DataDir = variables["hostname"], variables["datadir"]
	f.Listens = listens(variables)
	f.Configured = files(variables, "ssl_")
	f.Loaded = files(status, "current_tls_")
	_, f.LoadedKnown = status["current_tls_cert"]
	f.Protocol, f.Cipher = status["ssl_version"], status["ssl_cipher"]
	f.Ciphers = ciphers(status["ssl_cipher_list"])
	f.Protocols = list(variables["tls_version"])
	if loaded, ok := status["current_tls_version"]; ok {
		f.Protocols = list(loaded)
	}
	if value, ok := variables["require_secure_transport"]; ok {
		on := strings.EqualFold(value, "ON")
		f.RequireSecureTransport = &on
	}
	f.TLSLibrary = variables["version_ssl_library"]
	if f.TLSLibrary == "" {
		f.TLSLibrary = status["tls_library_version"]
	}
	if f.Library, f.LibraryKnown = library(f.TLSLibrary); !f.LibraryKnown {
		f.Library, _ = dn.ParseLibrary(f.Version.TLSLibrary())
	}
	f.readSwitch(variables)
}

// readSwitch takes have_ssl, which MySQL has from 5.0.38 to 8.3 and every
// MariaDB, and have_openssl where that is missing: YES, DISABLED (built with
// TLS but running without it) or NO (built without). MariaDB with wolfSSL says
// have_openssl=NO beside have_ssl=YES. A session with TLS proves it too.
func (f *Facts) readSwitch(variables map[string]string) {
	for _, name := range []string{"have_ssl", "have_openssl"} {
		switch variables[name] {
		case "YES":
			f.TLS, f.TLSSource = On, name
			return
		case "DISABLED", "NO":
			f.TLS, f.TLSSource = Off, name
			return
		}
	}
	if f.Cipher != "" {
		f.TLS, f.TLSSource = On, "Ssl_cipher"
	}
}

// files are the six settings whose names begin with prefix.
func files(settings map[string]string, prefix string) Files {
	return Files{CA: settings[prefix+"ca"], CAPath: settings[prefix+"capath"], Cert: settings[prefix+"cert"],
		Key: settings[prefix+"key"], CRL: settings[prefix+"crl"], CRLPath: settings[prefix+"crlpath"]}
}

// list splits at commas; nil of nothing.
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// ciphers splits Ssl_cipher_list. Servers write it into 1,024 bytes and leave out
// what does not fit (SHOW_VAR_FUNC_BUFF_SIZE, show_ssl_get_cipher_list in
// sql/mysqld.cc): of a list that is nearly as long it is not known.
func ciphers(text string) []string {
	const nearly = 1024 - 64
	if text == "" || len(text) >= nearly {
		return nil
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ':' })
}

// library tells which rendering of names a TLS library has, from the version
// that it gives of itself. LibreSSL, BoringSSL and AWS-LC branched off OpenSSL
// 1.
func library(text string) (l dn.Library, known bool) {
	name, version, _ := strings.Cut(strings.ToLower(text), " ")
	switch {
	case name == "openssl" && strings.HasPrefix(version, "0."), name == "openssl" && strings.HasPrefix(version, "1."),
		name == "libressl", name == "boringssl", name == "aws-lc":
		return dn.OpenSSL1, true
	case name == "openssl" && version != "":
		return dn.OpenSSL3, true
	case name == "wolfssl":
		return dn.WolfSSL, true
	case name == "yassl":
		return dn.YaSSL, true
	}
	return 0, false
}

// seeChannel asks MySQL's table of 8.0.21 and later, which alone says since
// 8.4 whether TLS is on, in a session without it.
func (s *Session) seeChannel(ctx context.Context, f *Facts) error {
	if !hasChannelTable(f.Version) {
		return nil
	}
	rows, err := s.rows(ctx, "SELECT VALUE FROM "+channelTable+" WHERE CHANNEL = 'mysql_main' AND PROPERTY = 'Enabled'", 1)
	switch {
	case denied(err) || missing(err): // the performance schema may be left out of a build
		if f.TLS == Unknown {
			f.Unseen = append(f.Unseen, "whether TLS is on: "+grantTo("SELECT ON "+channelTable, f.CurrentUser))
		}
		return nil
	case err != nil:
		return err
	case len(rows) == 1 && len(rows[0]) == 1:
		f.TLS, f.TLSSource = Off, channelTable
		if strings.EqualFold(rows[0][0], "Yes") {
			f.TLS = On
		}
	}
	return nil
}

// seeTables finds out whether the table of accounts has the columns of
// requirements, and what of the accounts this login may not see.
func (s *Session) seeTables(ctx context.Context, f *Facts) error {
	source, err := s.source(ctx, f.Version, f.CurrentUser)
	var hidden *hiddenError
	switch {
	case errors.As(err, &hidden):
		f.Unseen = append(f.Unseen, hidden.Error())
		return nil
	case err != nil:
		return err
	}
	f.RequirementColumns = &source.requirements
	f.Unseen = append(f.Unseen, source.unseen...)
	return nil
}
