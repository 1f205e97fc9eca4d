package deploy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"myca/live"
	"myca/templates"
)

// WayBack are the commands, for root's shell, that put back by hand what an
// installation has replaced: the record in its folder backup says what that was.
// A new option file is removed; other new files stay, nobody names them then.
func WayBack(backup string) ([]string, error) {
	if backup == "" {
		return nil, nil
	}
	r, err := readRecord(backup)
	if err != nil {
		return nil, err
	}
	var commands []string
	for _, f := range slices.Backward(r.Files) {
		switch {
		case f.Before != nil:
			commands = append(commands, f.Before.install(backup, f.Path))
		case f.Options:
			commands = append(commands, "rm "+templates.Shell(f.Path))
		}
	}
	return commands, nil
}

// install is the command that puts the saved copy back.
func (b *past) install(backup, path string) string {
	words := []string{"install", "-m", b.Mode}
	if b.UID >= 0 {
		words = append(words, "-o", fmt.Sprint(b.UID))
	}
	if b.GID >= 0 {
		words = append(words, "-g", fmt.Sprint(b.GID))
	}
	return strings.Join(append(words, templates.Shell(filepath.Join(backup, b.Copy)), templates.Shell(path)), " ")
}

// StatementsBack are what the running server is to be told once its files are
// back; nil where only a start helps, or nothing was told.
func (p *ServerPlan) StatementsBack() []string {
	if p.State != Reloaded || p.activation.noTLS {
		return nil
	}
	a := p.activation
	var list []string
	if absolute(a.facts, a.facts.Configured) != a.want {
		list = settings(a.want, a.facts.Configured)
	}
	return append(list, a.facts.Version.ReloadStatement())
}

// settings are the statements that get from one to the other.
func settings(from, to live.Files) []string {
	var list []string
	for _, v := range []struct{ name, from, to string }{
		{"ssl_ca", from.CA, to.CA}, {"ssl_cert", from.Cert, to.Cert}, {"ssl_key", from.Key, to.Key}, {"ssl_crl", from.CRL, to.CRL},
	} {
		if v.from != v.to {
			list = append(list, fmt.Sprintf("SET GLOBAL %s = '%s'", v.name, strings.ReplaceAll(v.to, "'", "''")))
		}
	}
	return list
}
