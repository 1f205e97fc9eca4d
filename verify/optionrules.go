package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"myca/dialect"
	"myca/finding"
	"myca/optionfile"
)

// enabled judges whether an option switches TLS off.
func (s *survey) enabled(set setting) {
	if o, off := set.switchedOff(s.Target); off {
		mend := "remove the option"
		s.add(finding.New(finding.TLSDisabled, at(o), mend, "%s in [%s] is in force for %s", text(o), o.Group, programName(set.program)))
	}
}

// switchedOff is the option in force that switches TLS off.
//
//   - Servers, clients of MariaDB, clients of MySQL before ssl-mode: ssl=0, unless
//     a later ssl-* option switches it on again (include/sslopt-case.h: "Enable
//     use of SSL if we are using any ssl option").
//   - Clients of MySQL from 5.7.11 on: see clientMode.
//   - MySQL's server from 8.0.16 on: an empty tls-version (8.0 manual, tls_version).
func (set setting) switchedOff(v dialect.Version) (optionfile.Option, bool) {
	if !set.program.Server() && !set.program.ConnectorC && v.SSLMode() {
		mode, o := set.clientMode()
		return o, mode == "DISABLED"
	}
	if in, found := set.inForce["tls-version"]; found && set.program.Server() && in.Value == "" &&
		v.Product == dialect.MySQL && v.AtLeast(8, 0, 16) {
		return in.InForce, true
	}
	var by optionfile.Option
	off := false
	for _, in := range set.given {
		switch {
		case in.Key == "ssl" && in.Known:
			by, off = in.InForce, in.Value == "0"
		case slices.Contains([]string{"ssl-ca", "ssl-capath", "ssl-cert", "ssl-key", "ssl-cipher", "ssl-crl", "ssl-crlpath"}, in.Key):
			off = false
		}
	}
	return by, off
}

// clientMode is the ssl-mode in force of a client of MySQL from 5.7.11 on, and
// the option that set it: the last of ssl-mode and, in 5.7, ssl and
// ssl-verify-server-cert; ssl-ca and ssl-capath raise it to VERIFY_CA as long as
// no ssl-mode stands before them (sslopt-case.h of 5.7, client/include of later).
func (set setting) clientMode() (mode string, by optionfile.Option) {
	mode = "PREFERRED"
	explicit := false
	for _, in := range set.given {
		o, on := in.InForce, in.Value == "1"
		switch {
		case !in.Known:
		case in.Key == "ssl-mode":
			mode, by, explicit = strings.ToUpper(in.Value), o, true
		case in.Key == "ssl" && !on:
			mode, by = "DISABLED", o
		case in.Key == "ssl" && (mode == "PREFERRED" || mode == "DISABLED"):
			mode, by = "REQUIRED", o
		case in.Key == "ssl-verify-server-cert" && on:
			mode, by = "VERIFY_IDENTITY", o
		case in.Key == "ssl-verify-server-cert" && mode == "VERIFY_IDENTITY":
			mode, by = "VERIFY_CA", o
		case (in.Key == "ssl-ca" || in.Key == "ssl-capath") && !explicit:
			mode, by = "VERIFY_CA", o
		}
	}
	return mode, by
}

// versions judges tls-version: RFC 8996 deprecates TLS 1.0 and 1.1. What the
// program does not know, it either does not start with (see refused), or passes
// over.
func (s *survey) versions(set setting) {
	for _, key := range []string{"tls-version", "admin-tls-version"} {
		o, found := set.has(key)
		if !found {
			continue
		}
		var old, unknown []string
		for _, version := range strings.Split(o.Value, ",") {
			named := func(v string) bool { return strings.EqualFold(v, version) }
			switch {
			case !slices.ContainsFunc(s.Target.TLSVersions(), named):
				unknown = append(unknown, version)
			case slices.ContainsFunc(oldVersions(), named):
				old = append(old, version)
			}
		}
		if old != nil {
			s.add(finding.New(finding.OldTLS, at(o), s.newVersions(o), "%s in [%s] allows %s", text(o), o.Group, strings.Join(old, " and ")))
		}
		if set.program.Server() {
			s.refused(o, unknown)
		}
	}
}

// oldVersions is the versions that RFC 8996 deprecates, as MySQL and MariaDB
// call them.
func oldVersions() []string { return []string{"TLSv1", "TLSv1.0", "TLSv1.1"} }

// newVersions is the option with what is left of the target's versions without
// the old ones; "" when that is none.
func (s *survey) newVersions(o optionfile.Option) string {
	left := slices.DeleteFunc(slices.Clone(s.Target.TLSVersions()), func(v string) bool { return slices.Contains(oldVersions(), v) })
	if len(left) == 0 {
		return ""
	}
	return fmt.Sprintf("write %s=%s into [%s] of %s", o.Name, strings.Join(left, ","), o.Group, o.File)
}

// refused judges the versions in a server's tls-version that it does not know.
// MariaDB does not start with one (tried on 10.11.19: also with a blank behind
// the comma, or nothing), and MySQL not from 8.0.28 on (validate_tls_version in
// sql/ssl_init_callback.cc; tried on 9.7), for which nothing behind the last
// comma is nothing. Earlier ones pass over it. A set of MariaDB may be a number.
func (s *survey) refused(o optionfile.Option, unknown []string) {
	maria := s.Target.Product == dialect.MariaDB
	if _, err := strconv.ParseUint(o.Value, 10, 64); maria && err == nil || !maria && !s.Target.AtLeast(8, 0, 28) {
		return
	}
	if n := len(unknown); !maria && n > 0 && unknown[n-1] == "" {
		unknown = unknown[:n-1]
	}
	if len(unknown) > 0 {
		s.add(finding.New(finding.OptionInvalid, at(o), s.newVersions(o), "the server of %s does not take %q in %s, which stands in [%s]",
			s.Target, unknown[0], text(o), o.Group))
	}
}

// identity judges whether a client that uses TLS verifies whom it talks to.
func (s *survey) identity(set setting) {
	tls, uses := set.firstOf("ssl-ca", "ssl-capath", "ssl-cert", "ssl-key")
	if _, off := set.switchedOff(s.Target); off {
		return
	}
	verified, by, what := s.verifies(set)
	if verified || !uses && by.Name == "" {
		return
	}
	if by.Name == "" {
		by = tls
	}
	write := "ssl-verify-server-cert=1"
	if s.Target.SSLMode() {
		write = "ssl-mode=VERIFY_IDENTITY"
	}
	s.add(finding.New(finding.ServerNotVerified, at(by), fmt.Sprintf("write %s into [%s] of %s", write, by.Group, by.File), "%s", what))
}

// verifies is whether a client verifies the server's identity; if not, by which
// option (none: by default) and in words.
func (s *survey) verifies(set setting) (verified bool, by optionfile.Option, what string) {
	const key = "ssl-verify-server-cert"
	in, found := set.inForce[key]
	found = found && in.Known
	program := programName(set.program)
	switch {
	case s.Target.SSLMode():
		if _, uses := set.firstOf("ssl-ca", "ssl-capath", "ssl-cert", "ssl-key"); !uses {
			return true, by, "" // nothing to verify with
		}
		mode, by := set.clientMode()
		return mode == "VERIFY_IDENTITY", by, fmt.Sprintf("%s does not compare the server's name: its ssl-mode is %s", program, mode)
	case !s.Target.VerifyServerCert():
		return true, by, "" // it cannot
	case found && set.program.ConnectorC:
		what = fmt.Sprintf("programs with Connector/C do not verify the server: %s is the number 0 to them", text(in.InForce))
		return atoi(in.Value) != 0, in.InForce, what
	case found:
		what = fmt.Sprintf("%s does not verify the server: %s in [%s] is in force", program, text(in.InForce), in.InForce.Group)
		return in.Value == "1", in.InForce, what
	}
	what = fmt.Sprintf("%s does not verify the server: %s is off by default in %s", program, key, s.Target)
	return s.Target.Product == dialect.MariaDB && s.Target.AtLeast(11, 3, 0), by, what
}

// atoi is what Connector/C makes of a switch's value: the number that it begins
// with, else 0 (_mariadb_set_conf_option of libmariadb/mariadb_lib.c).
func atoi(text string) int {
	text = strings.TrimLeft(text, " \t")
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && strings.ContainsRune("+-", rune(text[end]))) {
		end++
	}
	n, err := strconv.Atoi(text[:end])
	if err != nil {
		return 0
	}
	return n
}
