package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"myca/dialect"
)

// setting is one option: key as written in an option file, value unquoted. A
// bare one has no value.
type setting struct {
	key, value string
	bare       bool
	secret     bool // in an option file only
}

// Line is the setting as a line of an option file.
func (s setting) Line() (string, error) {
	if s.bare {
		return s.key, nil
	}
	value, err := dialect.OptionValue(s.value)
	if err != nil {
		return "", err
	}
	return s.key + "=" + value, nil
}

// lines are the settings as lines of an option file.
func lines(settings []setting, p *Problems) []string {
	var all []string
	for _, s := range settings {
		line, err := s.Line()
		if err != nil {
			p.addError(s.key, fmt.Errorf("%s: %w", s.key, err))
			continue
		}
		all = append(all, line)
	}
	return all
}

// flags are the settings as command-line options, not quoted for any shell.
func flags(settings []setting) []string {
	var all []string
	for _, s := range settings {
		switch {
		case s.secret:
		case s.bare:
			all = append(all, "--"+s.key)
		default:
			all = append(all, "--"+s.key+"="+s.value)
		}
	}
	return all
}

// pathSettings are the settings that name files. Every program has a folder of
// its own and none expands a tilde, so only absolute paths mean the same to all.
func pathSettings(v dialect.Version, ca, cert, key, crl string, p *Problems) []setting {
	settings := []setting{
		{key: "ssl-ca", value: ca}, {key: "ssl-cert", value: cert}, {key: "ssl-key", value: key},
	}
	if crl != "" {
		settings = append(settings, setting{key: "ssl-crl", value: crl})
		if !v.CRLOption() {
			p.add("crl", fmt.Sprintf("%s does not act on a certificate revocation list", v),
				"leave out --crl, and drop the account of a certificate that is revoked")
		}
	}
	for _, s := range settings {
		if !absolute.MatchString(s.value) {
			p.add("deploy-dir", fmt.Sprintf("%s: path %q is not absolute, and programs would look for it in folders of their own", s.key, s.value),
				"--deploy-dir /etc/mysql/myca")
		}
	}
	return settings
}

// absolute is an absolute path on Unix or Windows.
var absolute = regexp.MustCompile(`^([A-Za-z]:)?[/\\]`)

// tlsVersion is the tls-version setting for a comma-separated list, none for "".
func tlsVersion(v dialect.Version, list string, p *Problems) []setting {
	if list == "" {
		return nil
	}
	known := v.TLSVersions()
	if !v.TLSVersionOption() {
		p.add("tls-version", fmt.Sprintf("%s has no tls-version", v),
			"leave out --tls-version, or give a --target of mysql-5.7.10, mariadb-10.4.6, or newer")
		return nil
	}
	var given []string
	for _, one := range strings.Split(list, ",") {
		i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, strings.TrimSpace(one)) })
		if i < 0 {
			p.add("tls-version", fmt.Sprintf("%s has no TLS version %q", v, one), "--tls-version "+strings.Join(known, ","))
			return nil
		}
		given = append(given, known[i])
	}
	// In ascending order, each once, as the manuals write it.
	return []setting{{key: "tls-version", value: strings.Join(slices.DeleteFunc(slices.Clone(known), func(k string) bool {
		return !slices.Contains(given, k)
	}), ",")}}
}
