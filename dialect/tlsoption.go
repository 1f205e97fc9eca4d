package dialect

import (
	"slices"
	"strings"
)

// TLSOption is what a program makes of the name of an option that is about TLS.
type TLSOption struct {
	// Key is the option's full name with dashes: "ssl-ca". Of a name that no
	// version knows it is that name, without prefixes.
	Key   string
	Known bool // the program of this version has it
	Loose bool // the name begins with loose-: a program that does not have it only warns
	// Prefix is skip, disable, enable or maximum if the name has it before the
	// key. Only the last one counts.
	Prefix string
}

// TLSOption says what the server, or otherwise the client programs, of this
// version make of an option's name, as it stands in an option file or after
// the dashes on the command line. ok: the option is about TLS.
//
// It is done as mysys/my_getopt.c does it: _ is the same as -; the prefixes
// loose-, skip-, disable-, enable- and maximum- are cut off one by one, while
// there is no option of that name. MariaDB, and MySQL before 5.7.2
// (Bug#16996656), take a unique beginning of a name for it. Case does not
// matter to MariaDB, and does to MySQL (tried).
//
// A name that begins with ssl- or tls- and is none of an option, or the
// beginning of several, counts as one about TLS that is not known.
func (v Version) TLSOption(server bool, name string) (option TLSOption, ok bool) {
	return v.TLSOptions(server).Option(name)
}

// TLSOptions is the table that TLSOption looks in, for who looks up many names.
type TLSOptions struct {
	version    Version
	known, all []string
}

// TLSOptions is the table of the server, or otherwise of the client programs.
func (v Version) TLSOptions(server bool) TLSOptions {
	known, all := v.tlsNames(server)
	return TLSOptions{v, known, all}
}

// Names lists the options about TLS that the program of the table has.
func (t TLSOptions) Names() []string {
	return slices.DeleteFunc(slices.Clone(t.known), func(name string) bool { return slices.Contains(neighbours(), name) })
}

// Option is Version.TLSOption for the table's version and program.
func (t TLSOptions) Option(name string) (option TLSOption, ok bool) {
	v, known, all := t.version, t.known, t.all
	name = strings.ReplaceAll(name, "_", "-")
	if v.Product == MariaDB {
		name = strings.ToLower(name)
	}
	for {
		found := v.findOption(known, name)
		if len(found) > 1 {
			break // "ambiguous option"
		}
		if len(found) == 1 {
			option.Key, option.Known = found[0], true
			return option, slices.Contains(known, found[0]) && !slices.Contains(neighbours(), found[0])
		}
		prefix, rest, cut := cutOptionPrefix(name)
		if !cut {
			break
		}
		// what stands before the last prefix does nothing: skip-loose-ssl
		// switches TLS on (tried)
		option.Prefix, name = prefix, rest
		if prefix == "loose" {
			option.Prefix, option.Loose = "", true
		}
	}
	option.Key = name
	return option, slices.Contains(all, name) || strings.HasPrefix(name, "ssl-") || strings.HasPrefix(name, "tls-")
}

// ServerTLSOption reports whether the server of this version has the option,
// which is about TLS, by a name as TLSOption reads it.
func (v Version) ServerTLSOption(name string) bool {
	option, ok := v.TLSOption(true, name)
	return ok && option.Known
}

// ClientTLSOption is ServerTLSOption for the client programs.
func (v Version) ClientTLSOption(name string) bool {
	option, ok := v.TLSOption(false, name)
	return ok && option.Known
}

// ChainFile reports whether server and clients send all certificates of their
// certificate file, otherwise only the first: they read it with
// SSL_CTX_use_certificate_chain_file. MySQL 5.7.23 and 8.0.12 (Bug#27491518);
// MariaDB in the sources of 10.2 (vio/viosslfactories.c); not with yaSSL.
func (v Version) ChainFile() bool {
	if v.TLSLibrary() == "yassl" {
		return false
	}
	return v.has(release{5, 7, 23}, release{10, 2, 0}) && !(v.has(release{8, 0, 0}, never()) && !v.has(release{8, 0, 12}, never()))
}

// tlsNames lists the names of the options about TLS that the program of this
// version has, with neighbours, and those that any program of any version has.
func (v Version) tlsNames(server bool) (known, all []string) {
	for _, row := range tlsOptions() {
		all = append(all, row.name)
		spans := row.client
		if server {
			spans = row.server
		}
		span := spans.mysql
		if v.Product == MariaDB {
			span = spans.mariadb
		}
		if span.holds(v) && !slices.Contains(known, row.name) {
			known = append(known, row.name)
		}
	}
	return append(known, neighbours()...), all
}

// neighbours are options that are not about TLS and that names which are
// shortened too much could also stand for.
func neighbours() []string {
	return []string{"admin-address", "auto-increment-increment", "autocommit", "mysqlx-socket", "read-only", "reconnect",
		"replicate-do-db", "server-id", "socket", "silent", "table", "tmpdir", "user", "force"}
}

// findOption is findopt of mysys/my_getopt.c: the options that the name can
// stand for.
func (v Version) findOption(options []string, name string) []string {
	if slices.Contains(options, name) {
		return []string{name}
	}
	if v.has(release{5, 7, 2}, never()) || name == "" {
		return nil
	}
	var found []string
	for _, option := range options {
		if strings.HasPrefix(option, name) {
			found = append(found, option)
		}
	}
	return found
}

// cutOptionPrefix cuts one of the prefixes off that an option's name can have.
func cutOptionPrefix(name string) (prefix, rest string, found bool) {
	for _, prefix := range []string{"skip", "disable", "enable", "maximum", "loose"} {
		if rest, found := strings.CutPrefix(name, prefix+"-"); found {
			return prefix, rest, true
		}
	}
	return "", name, false
}
