package optionfile

import (
	"slices"
	"strings"

	"myca/dialect"
)

// Setting is what a program has for one thing that options can set.
type Setting struct {
	// Key is the option's full name with dashes, whatever form it was written
	// in: "ssl" for skip-ssl, disable_ssl and loose-ssl=0.
	Key string
	// Known: the program of this version has the option, as far as it is about
	// TLS; the others are taken to be known.
	Known bool
	// Value is what is in force: of a switch "1" or "0"; "" with no value given,
	// and for what may be secret (see hide).
	Value string
	// InForce is the last one. Of a password it has the value, for who logs in
	// with it; of anything else that may be secret not.
	InForce    Option
	Overridden []Option // earlier ones with another value, in their order; of what may be secret without it
}

// Settings resolves what is in force for each option about TLS, and for user,
// host, port, socket, password, and the server's datadir and
// persisted-globals-load, in the order in which they first appear. An option
// that the version does not have is among them, with Known false.
func Settings(r Result, p Program) []Setting {
	settings, _ := Resolve(r, p)
	return settings
}

// Resolve is Settings, and what each of their options sets by itself, in the order
// of the options.
func Resolve(r Result, p Program) (settings, each []Setting) {
	meanings := meaningsOf(r, p)
	return settingsOf(r, meanings), eachOf(r, meanings)
}

func settingsOf(r Result, meanings map[string]meaning) []Setting {
	var settings []Setting
	var values [][]string // of each setting, of all its options
	var options [][]Option
	for _, option := range r.Options {
		m := meanings[option.Name]
		if m.key == "" {
			continue
		}
		key, value := m.key, m.value(option)
		i := slices.IndexFunc(settings, func(s Setting) bool { return s.Key == key })
		if i < 0 {
			i = len(settings)
			settings = append(settings, Setting{Key: key})
			values, options = append(values, nil), append(options, nil)
		}
		settings[i].Value, settings[i].InForce, settings[i].Known = value, option, m.known
		values[i], options[i] = append(values[i], value), append(options[i], option)
	}
	for i := range settings {
		s := &settings[i]
		for n, option := range options[i] {
			if values[i][n] != s.Value {
				s.Overridden = append(s.Overridden, option)
			}
		}
		s.hide()
	}
	return settings
}

func eachOf(r Result, meanings map[string]meaning) []Setting {
	var each []Setting
	for _, option := range r.Options {
		m := meanings[option.Name]
		if m.key == "" {
			continue
		}
		s := Setting{Key: m.key, Known: m.known, Value: m.value(option), InForce: option}
		s.hide()
		each = append(each, s)
	}
	return each
}

// meaningsOf is what each name in r means to the program.
func meaningsOf(r Result, p Program) map[string]meaning {
	names := map[string]meaning{}
	about := p.Version.TLSOptions(p.Server())
	for _, option := range r.Options {
		if _, seen := names[option.Name]; !seen {
			names[option.Name] = resolve(p, about, option.Name)
		}
	}
	return names
}

// hide takes away what may be secret: the values of passwords and passphrases,
// and of every option that the program does not know, because a passphrase may
// stand under any name; what stands behind pass: (the form that MariaDB's
// ssl-passphrase and OpenSSL have); and in a name all from a blank or colon on,
// which is where somebody took them for the =.
func (s *Setting) hide() {
	secret := !s.Known || Secret(s.Key, "")
	s.Key = cutName(s.Key)
	password := s.InForce.Value
	s.InForce.hide(secret)
	for i := range s.Overridden {
		s.Overridden[i].hide(secret)
	}
	s.Value = cutPass(s.Value)
	if secret {
		s.Value = ""
	}
	if s.Known && s.Key == "password" {
		s.InForce.Value = password
	}
}

// hide is Setting.hide for one option; secret hides its value.
func (o *Option) hide(secret bool) {
	o.Name, o.Value, o.Hidden = cutName(o.Name), cutPass(o.Value), secret
	if secret {
		o.Value = ""
	}
}

// cutName is a name up to what may be a value in it, which gives way to "…".
func cutName(name string) string {
	if i := strings.IndexAny(name, ": \t\n\v\f\r"); i >= 0 {
		return name[:i] + "…"
	}
	return name
}

// cutPass is a value without what stands behind pass: in it.
func cutPass(value string) string {
	const pass = "pass:"
	if len(value) > len(pass) && strings.EqualFold(value[:len(pass)], pass) {
		return value[:len(pass)] + "…"
	}
	return value
}

// meaning is what an option of some name sets; the zero meaning stands for
// what is of no interest.
type meaning struct {
	key    string
	prefix string // skip, disable or enable
	known  bool
	raw    bool // the value counts as it is
}

// resolve says what the name means to the program.
func resolve(p Program, about dialect.TLSOptions, name string) meaning {
	if p.ConnectorC {
		key, ok := connectorKey(name)
		if !ok {
			return meaning{}
		}
		return meaning{key: key, known: true, raw: true}
	}
	if tls, ok := about.Option(name); ok {
		return meaning{key: tls.Key, prefix: tls.Prefix, known: tls.Known}
	}
	if p.Version.Product == dialect.MariaDB {
		name = strings.ToLower(name)
	}
	m := meaning{key: Option{Name: name}.Key(), known: true}
	if rest, cut := strings.CutPrefix(m.key, "skip-"); cut && slices.Contains(switches(), rest) {
		m.key, m.prefix = rest, "skip"
	}
	if !slices.Contains(plain(p), m.key) {
		return meaning{}
	}
	return m
}

// plain lists the options that are of interest and not about TLS.
func plain(p Program) []string {
	if p.Server() {
		return []string{"user", "datadir", "port", "socket", "persisted-globals-load"}
	}
	return []string{"user", "host", "port", "socket", "password"}
}

// switches lists the options that are on or off.
func switches() []string {
	return []string{"ssl", "ssl-verify-server-cert", "require-secure-transport", "auto-generate-certs", "admin-ssl",
		"ssl-session-cache-mode", "ssl-session-data-continue-on-failed-reuse", "tls-certificates-enforced-validation",
		"force-pqc", "use-pqc-sign", "persisted-globals-load"}
}

// value is the value that an option gives (my_handle_options and
// get_bool_argument of mysys/my_getopt.c): skip- and disable- switch off, and
// with the value 0 on; enable- the other way round. A switch is on with no
// value, 1, on and true.
func (m meaning) value(option Option) string {
	zero := option.HasValue && option.Value == "0"
	switch {
	case m.raw:
		return option.Value
	case m.prefix == "skip" || m.prefix == "disable":
		return digit(zero)
	case m.prefix == "enable":
		return digit(!zero)
	case !slices.Contains(switches(), m.key):
		return option.Value
	}
	value := strings.ToLower(option.Value)
	return digit(!option.HasValue || value == "1" || value == "on" || value == "true")
}

func digit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// connectorKey is the option that Connector/C takes a name of an option file
// for (libmariadb/mariadb_lib.c, mariadb_defaults): exactly that name, with _
// for -, and tls- for ssl-.
func connectorKey(name string) (string, bool) {
	key := strings.ReplaceAll(name, "_", "-")
	switch key {
	case "user", "host", "port", "socket", "password", "tls-version", "ssl-verify-server-cert":
		return key, true
	case "tls-verify-peer":
		return "ssl-verify-server-cert", true
	}
	rest, found := strings.CutPrefix(key, "ssl-")
	if !found {
		rest, found = strings.CutPrefix(key, "tls-")
	}
	known := []string{"ca", "capath", "cert", "key", "cipher", "crl", "crlpath", "fp", "fplist", "passphrase", "enforce"}
	return "ssl-" + rest, found && slices.Contains(known, rest)
}
