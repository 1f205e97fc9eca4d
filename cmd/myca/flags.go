package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"myca/ca"
)

const (
	defaultCAKey    = "rsa-3072"
	defaultCADays   = 3650
	defaultLeafKey  = "rsa-2048"
	defaultLeafDays = 825

	// backdate is how long before the clock a certificate begins, so that a
	// host whose clock is late accepts it.
	backdate = time.Hour

	keyTypes = "rsa-2048|rsa-3072|rsa-4096|ec-p256|ec-p384|ed25519"
)

// pairFlags are the flags of a certificate and its key.
func pairFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "subject", Usage: "the exact subject `DN`, such as /C=US/O=acme/CN=db1 (default: the CA's C, ST, L, O, then CN)"},
		&cli.StringSliceFlag{Name: "san", Usage: "a further SAN `NAME`: db1, dns:db1, 10.0.0.1, ip:10.0.0.1 (repeatable)"},
		&cli.StringFlag{Name: "key", Usage: "key `TYPE`: " + keyTypes, Value: defaultLeafKey},
		&cli.StringFlag{Name: "days", Usage: "valid for `N` days (default: " + strconv.Itoa(defaultLeafDays) + ")"},
		&cli.StringFlag{Name: "not-after", Usage: "valid until `TIME`: RFC 3339, or from now: 30d, 12h"},
		&cli.StringFlag{Name: "key-format", Usage: "key file `FORMAT`: pkcs8, or pkcs1 for RSA (default: what the target reads)"},
		&cli.StringFlag{Name: "name", Usage: "folder `NAME` (default: the first HOST or the USER)"},
		&cli.StringFlag{Name: "deploy-dir", Usage: "the folder `DIR` on the host where the files will lie; its paths go into my.cnf (default: the folder in the store)"},
		&cli.StringFlag{Name: "profile", Usage: "`PROFILE` of the extended key usage: server, client, peer (both: replication, Galera, Group Replication)"},
		&cli.BoolFlag{Name: "force", Usage: "replace a pair of that name; the old one goes to the archive"},
		nonportableFlag(),
		libraryFlag(),
	}
}

func nonportableFlag() cli.Flag {
	return &cli.BoolFlag{Name: "allow-nonportable-subject", Usage: "accept a subject that TLS libraries print differently"}
}

func libraryFlag() cli.Flag {
	return &cli.StringFlag{Name: "tls-library", Usage: "the server's TLS `LIBRARY`: openssl3, openssl1, wolfssl, yassl (default: what builds of the target use)"}
}

// validity is how long a certificate lasts: from NotBefore to NotAfter.
// Days is what the user asked for in days, 0 where an end was given.
type validity struct {
	notBefore, notAfter time.Time
	days                int
}

// parseValidity reads --days and --not-after; both "" is fallback days. Days
// count from notBefore, which is an hour before now; a duration counts from
// now. Times are UTC in whole seconds.
func parseValidity(days, notAfter string, fallback int, now time.Time) (validity, error) {
	now = now.UTC().Truncate(time.Second)
	v := validity{notBefore: now.Add(-backdate)}
	if days != "" && notAfter != "" {
		return v, usagef("--days "+days, "--days and --not-after exclude each other")
	}
	if notAfter != "" {
		end, err := parseEnd(notAfter, now)
		v.notAfter = end
		return v, err
	}
	v.days = fallback
	if days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > maxDays {
			return v, usagef("--days "+strconv.Itoa(fallback), "--days %q is not a whole number from 1 to %d", days, maxDays)
		}
		v.days = n
	}
	v.notAfter = v.notBefore.AddDate(0, 0, v.days)
	return v, nil
}

// maxDays bounds a validity given in days or as a duration: a hundred years.
const maxDays = 36525

func parseEnd(text string, now time.Time) (time.Time, error) {
	hint := "--not-after 30d, --not-after 12h, --not-after " + now.AddDate(1, 0, 0).Format(time.RFC3339)
	if end, err := time.Parse(time.RFC3339, text); err == nil {
		if end.Year() > 9999 {
			return end, usagef(hint, "--not-after %q is past the year 9999", text)
		}
		return end.UTC().Truncate(time.Second), nil
	}
	d, err := parseDuration(text)
	if err != nil {
		return time.Time{}, usagef(hint, "--not-after %q is neither an RFC 3339 time nor a duration", text)
	}
	return now.Add(d).Truncate(time.Second), nil
}

// parseDuration reads what time.ParseDuration reads and whole days (30d),
// up to maxDays.
func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 && n <= maxDays {
			return time.Duration(n) * 24 * time.Hour, nil
		}
		return 0, usagef("30d", "%q is not a number of days from 1 to %d", text, maxDays)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > maxDays*24*time.Hour {
		return 0, usagef("30d or 12h", "%q is not a duration", text)
	}
	return d, nil
}

// parseKeyFormat reads --key-format; "" is what the target reads.
func parseKeyFormat(text string, oldServer bool) (ca.KeyFormat, error) {
	switch {
	case text == "" && oldServer:
		return ca.PKCS1, nil
	case text == "":
		return ca.PKCS8, nil
	}
	return ca.ParseKeyFormat(text)
}

// arguments checks how many arguments a command was given; most < 0 is no
// limit. usage is the command's form, shown as the hint.
func arguments(c *cli.Context, least, most int, usage string) ([]string, error) {
	args := c.Args().Slice()
	switch {
	case len(args) < least:
		return nil, usagef(usage, "%q needs an argument", c.Command.HelpName)
	case most >= 0 && len(args) > most:
		return nil, usagef(usage, "%q takes no argument %q", c.Command.HelpName, args[most])
	}
	return args, nil
}
