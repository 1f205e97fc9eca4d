package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"myca/dialect"
)

// ClientOptions describes a client's option file.
type ClientOptions struct {
	Target             dialect.Version
	CA, Cert, Key, CRL string // absolute paths as the client sees them; CRL may be empty
	// User and Password are left out when empty.
	User, Password string
	// Host and Port are the server's address, left out when empty and 0. The
	// clients take the host localhost for the server's Unix socket; with a Port
	// they are told to use TCP (from MySQL 4.1).
	Host string
	Port int
	// Groups are the option groups to write, nil for those of the target's own
	// programs. "client" is read by programs that may not know every option.
	Groups     []string
	TLSVersion string // as in ServerOptions
	// For the header, as in ServerOptions.
	Name, Serial string
	NotAfter     time.Time
}

// OptionFile is an option file that has the same settings in every group: user,
// address, certificate and, as strictly as the version can, the check of the
// server's identity. The error is Problems.
func (o ClientOptions) OptionFile() (string, error) {
	var p Problems
	settings := lines(o.settings(&p), &p)
	groups := o.groups(&p)
	if err := p.err(); err != nil {
		return "", err
	}
	sections := each("\n\n[", groups, "]"+each("\n", settings, ""))
	return renderSized(len(sections)+textSize, "client.cnf.tmpl", &struct{ Name, Target, Serial, NotAfter, Notes, Sections string }{ // see accountsText
		comment(o.Name), o.Target.String(), comment(o.Serial), stamp(o.NotAfter),
		each("\n# ", o.notes(groups), ""), sections,
	})
}

// Flags are the same settings as command-line options of the target's programs,
// each one argument, not quoted for any shell; the password is never among them.
func (o ClientOptions) Flags() ([]string, error) {
	var p Problems
	settings := o.settings(&p)
	lines(settings, &p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return flags(settings), nil
}

func (o ClientOptions) settings(p *Problems) []setting {
	var settings []setting
	if o.User != "" {
		settings = append(settings, setting{key: "user", value: o.User})
	}
	if o.Password != "" {
		settings = append(settings, setting{key: "password", value: o.Password, secret: true})
	}
	settings = append(settings, o.address(p)...)
	settings = append(settings, pathSettings(o.Target, o.CA, o.Cert, o.Key, o.CRL, p)...)
	settings = append(settings, tlsVersion(o.Target, o.TLSVersion, p)...)
	switch {
	case o.Target.SSLMode():
		settings = append(settings, setting{key: "ssl-mode", value: "VERIFY_IDENTITY"})
	case !o.Target.VerifyServerCert():
	case o.Target.Product == dialect.MariaDB:
		// Connector/C reads booleans with atoi: a bare key or ON would be 0.
		settings = append(settings, setting{key: "ssl-verify-server-cert", value: "1"})
	default:
		settings = append(settings, setting{key: "ssl-verify-server-cert", bare: true})
	}
	return settings
}

// address is host, port and, where the two would mean the socket, protocol.
func (o ClientOptions) address(p *Problems) []setting {
	var settings []setting
	if o.Host != "" {
		settings = append(settings, setting{key: "host", value: o.Host})
	}
	if o.Port == 0 {
		return settings
	}
	if o.Port < 1 || o.Port > 65535 {
		p.add("connect", fmt.Sprintf("port %d is not between 1 and 65535", o.Port), "--connect db1.example.com:3306")
	}
	settings = append(settings, setting{key: "port", value: strconv.Itoa(o.Port)})
	if o.Host != "" && !strings.EqualFold(o.Host, "localhost") {
		return settings
	}
	if !o.Target.AtLeast(4, 1, 0) {
		p.add("connect", fmt.Sprintf("the clients of %s take localhost for the socket, whatever the port", o.Target),
			"--connect 127.0.0.1:"+strconv.Itoa(o.Port))
	}
	return append(settings, setting{key: "protocol", value: "tcp"})
}

// groupName is a name that stands between [ and ] of an option file.
var groupName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (o ClientOptions) groups(p *Problems) []string {
	if len(o.Groups) == 0 {
		return o.Target.ClientGroups()
	}
	var groups []string
	for _, g := range o.Groups {
		if !groupName.MatchString(g) {
			p.add("groups", fmt.Sprintf("%q is no option group", g), "--groups "+strings.Join(o.Target.ClientGroups(), ","))
		} else if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	return groups
}

// notes are the comment lines that depend on the settings.
func (o ClientOptions) notes(groups []string) []string {
	var n notes
	if o.Password != "" {
		n.add("It holds a password: keep its mode 0600.")
	}
	if slices.Contains(groups, "client") {
		n.add("[client] is read by every program; one that does not know an option here refuses to start.")
	} else {
		n.add("Drivers that read option files mostly read the group [client] only. For them:")
		n.add("myca mycnf client %s --groups client", o.Name)
	}
	if !o.Target.SSLMode() && !o.Target.VerifyServerCert() {
		n.add("Clients this old cannot check the name in the server's certificate.")
	}
	if o.Target.Product == dialect.MySQL && !o.Target.AtLeast(5, 7, 3) {
		n.add("Clients before 5.7.3 go on in plain text when the server offers no TLS; only the account's REQUIRE keeps them from it.")
	}
	return n
}

// NoTLS are the options with which the target's client programs connect in plain
// text although their option file asks for TLS. MariaDB's go on with TLS as long
// as ssl-verify-server-cert is on.
func NoTLS(v dialect.Version) []string {
	switch {
	case v.SSLMode():
		return []string{"--ssl-mode=DISABLED"}
	case v.Product == dialect.MariaDB:
		return []string{"--skip-ssl", "--skip-ssl-verify-server-cert"}
	}
	return []string{"--skip-ssl"}
}
