package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/dn"
	"myca/issue"
	"myca/store"
)

// defaultCASubject is a subject no other CA has: two CAs of one name in a
// trust bundle cannot be told apart by an administrator.
func defaultCASubject() string {
	var unique [4]byte
	rand.Read(unique[:]) // never fails (crypto/rand)
	return "/CN=myca " + hex.EncodeToString(unique[:]) + " CA"
}

// askWanted asks for what the flags of a bootstrap leave open. Each answer is
// checked as the flag would be.
func (t *tool) askWanted(c *cli.Context, ask asker, w *wanted) error {
	fmt.Fprintln(t.err, "A CA, a server pair and client pairs. Nothing is made before the end; Ctrl-C stops.")
	steps := []func() error{
		func() error { return t.askTarget(ask, w) },
		func() error { return t.askSubject(ask, w) },
		func() error { return t.askHosts(ask, w) },
		func() error { return t.askAccounts(ask, w) },
		func() error { return t.askGrants(c, ask, w) },
		func() error { return t.askRequire(c, ask, w) },
		func() error { return t.askPassword(ask, w) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (t *tool) askTarget(ask asker, w *wanted) error {
	if t.target != "" {
		return nil
	}
	fallback := w.target.String()
	if installed, ok := installedServer(); ok {
		fallback = installed.String()
	}
	answer, err := ask.text("Server", fallback, func(text string) error {
		_, err := dialect.Parse(text)
		return err
	})
	if err != nil {
		return err
	}
	t.target = answer
	if w.target, err = dialect.Parse(answer); err != nil {
		return err
	}
	w.pair.format, err = parseKeyFormat("", w.target.RSAOnly()) // bootstrap has no --key-format
	return err
}

// installedServer is what the server installed on this machine says of itself.
func installedServer() (dialect.Version, bool) {
	for _, program := range []string{"mysqld", "mariadbd", "/usr/sbin/mysqld", "/usr/sbin/mariadbd"} {
		if v, ok := versionOf(program, "--version"); ok {
			return v, true
		}
	}
	return dialect.Version{}, false
}

// installedClients are what the client programs in PATH say of themselves.
func installedClients() []dialect.Version {
	var list []dialect.Version
	for _, program := range []string{"mysql", "mariadb"} {
		if v, ok := versionOf(program, "--no-defaults", "--version"); ok {
			list = append(list, v)
		}
	}
	return list
}

// versionOf is the series that a program says it is of.
func versionOf(program string, args ...string) (dialect.Version, bool) {
	banner, err := exec.Command(program, args...).Output()
	if err != nil {
		return dialect.Version{}, false
	}
	v, err := dialect.Detect(string(banner))
	v.Patch = -1
	return v, err == nil
}

func (t *tool) askSubject(ask asker, w *wanted) error {
	if w.ca.given != "" {
		return nil
	}
	answer, err := ask.text("CA subject", w.ca.subject.String(), func(text string) error {
		name, err := dn.Parse(text)
		if err != nil {
			return err
		}
		if reasons := dn.Portable(name); len(reasons) > 0 {
			return errors.New(reasons[0])
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.ca.given = answer
	w.ca.subject, err = dn.Parse(answer)
	return err
}

func (t *tool) askHosts(ask asker, w *wanted) error {
	if len(w.hosts) > 0 {
		return nil
	}
	fallback := "localhost 127.0.0.1"
	if name, err := os.Hostname(); err == nil && name != "" && name != "localhost" {
		fallback = name + " " + fallback
	}
	answer, err := ask.text("Server names and addresses", fallback, func(text string) error {
		for _, host := range splitList(text) {
			if err := issue.CheckHost(host); err != nil {
				return err
			}
		}
		return nil
	})
	w.hosts = splitList(answer)
	return err
}

// splitList splits an answer at blanks and commas.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
}

func (t *tool) askAccounts(ask asker, w *wanted) error {
	for more := len(w.account.accounts) == 0; more; {
		label := "Account, USER@HOST (USER alone: from any host)"
		if len(w.account.accounts) > 0 {
			label = "Another account (Enter: no more)"
		}
		answer, err := ask.text(label, "", func(text string) error {
			switch {
			case text == "" && len(w.account.accounts) > 0:
				return nil
			case text == "":
				return errors.New("at least one account is needed, such as laura@%")
			}
			a, err := dialect.ParseAccount(text)
			if err != nil {
				return err
			}
			return w.target.CheckAccount(a)
		})
		if err != nil {
			return err
		}
		if more = answer != ""; more {
			a, err := dialect.ParseAccount(answer)
			if err != nil {
				return err
			}
			w.account.accounts = append(w.account.accounts, a)
		}
	}
	return nil
}

func (t *tool) askGrants(c *cli.Context, ask asker, w *wanted) error {
	label := "Privileges of all accounts, like ALL ON finance.* (Enter: none)"
	for more := !c.IsSet("grant"); more; label = "More privileges (Enter: no more)" {
		answer, err := ask.text(label, "", func(text string) error {
			if text == "" {
				return nil
			}
			_, err := dialect.ParseGrant(text)
			return err
		})
		if err != nil {
			return err
		}
		if more = answer != ""; more {
			g, err := dialect.ParseGrant(answer)
			if err != nil {
				return err
			}
			w.account.grants = append(w.account.grants, g)
		}
	}
	return nil
}

func (t *tool) askRequire(c *cli.Context, ask asker, w *wanted) error {
	if c.IsSet("require") {
		return nil
	}
	choices := []struct{ value, label string }{
		{"issuer,subject", "the client's own certificate, of this CA (issuer,subject)"},
		{"subject", "a certificate with the client's subject (subject)"},
		{"x509", "any certificate of the CA (x509)"},
		{"ssl", "encryption only (ssl)"},
	}
	var labels []string
	for _, choice := range choices {
		labels = append(labels, choice.label)
	}
	i, err := ask.choose("An account demands", labels)
	if err != nil {
		return err
	}
	w.account.require, err = dialect.ParseRequirement(choices[i].value)
	return err
}

func (t *tool) askPassword(ask asker, w *wanted) error {
	if w.account.password != "" {
		return nil
	}
	modes := []string{passwordRandom, passwordFile, passwordNone}
	labels := []string{"a random one, kept in the client's my.cnf", "one that you type now", "none: the certificate alone opens the account"}
	if !w.account.require.Subject {
		modes, labels = modes[:2], labels[:2]
	}
	i, err := ask.choose("Password of the accounts", labels)
	if err != nil {
		return err
	}
	w.account.password = modes[i]
	if modes[i] != passwordFile {
		return nil
	}
	secret, err := ask.secret("Password", func(text string) error { return checkPassword(text, "the password") })
	w.account.secret, w.account.typed = &secret, true
	return err
}

var errDeclined = errors.New("stopped: nothing was made")

// confirm shows what is going to be made and asks once.
func (t *tool) confirm(w wanted, orders []store.Order) error {
	fmt.Fprintf(t.err, "\nThis will be made in %s, for %s:\n\n  CA          %s  (%s)\n", t.dir, w.target, w.ca.subject, w.ca.key)
	for _, order := range orders {
		fmt.Fprintf(t.err, "  %-10s  %s  (%s)\n", order.Plan.Request.Kind, order.Plan.Subject, w.pair.key)
	}
	fmt.Fprintf(t.err, "  hosts       %s\n", strings.Join(w.hosts, ", "))
	for _, a := range w.account.accounts {
		fmt.Fprintf(t.err, "  account     %s\n", a)
	}
	for _, g := range w.account.grants {
		fmt.Fprintf(t.err, "  privileges  %s\n", g)
	}
	fmt.Fprintf(t.err, "  require     %s\n  password    %s\n\n", w.account.require, w.account.passwordWords())
	yes, err := t.asker().confirm("Is this right?")
	if err != nil {
		return err
	}
	if !yes {
		return errDeclined
	}
	return nil
}
