package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/issue"
	"myca/ledger"
	"myca/store"
)

// bootstrapAgain compares the flags with the store that is there.
func (t *tool) bootstrapAgain(c *cli.Context, s *store.Store, w wanted, p *problems) error {
	hint := fmt.Sprintf("myca --dir %s list shows what there is, myca issue server|client … --force changes it; another --dir makes another store", shellWord(t.dir))
	if len(w.hosts) == 0 && len(w.account.accounts) == 0 {
		return usagef(hint, "there is a store in %q already", t.dir)
	}
	if err := p.err(); err != nil {
		return err
	}
	recorded, err := foundedWith(c.Context, s)
	if err != nil {
		return err
	}
	if recorded.Bootstrap == nil {
		return usagef(hint, "the store in %q was not made by bootstrap", t.dir)
	}
	founded := t.founding(w.ca, w.target).Spec
	if t.target == "" {
		founded.Target, w.target = recorded.Target, s.Target()
	}
	ask := w.spec()
	for _, d := range append(differences(recorded, founded, "ca-"), differences(*recorded.Bootstrap, *ask, "")...) {
		p.addf(d.field, hint, "the store in %q was made with %s, not with %s", t.dir, d.was, d.now)
	}
	if w.account.secret != nil {
		w.checkSecret(c.Context, s, p)
	}
	if err := p.err(); err != nil {
		return err
	}
	// The first run may have been killed with everything recorded, but not all
	// of it in place.
	if err := s.Recover(c.Context); err != nil {
		return err
	}
	if err := t.checkFiles(c, s, p); err != nil {
		return err
	}
	return t.printBootstrap(c, s, w, false)
}

// foundedWith is what the store was founded with: the spec of the first
// generation of its CA, whatever became of that.
func foundedWith(ctx context.Context, s *store.Store) (store.Spec, error) {
	rows, err := s.Ledger().Named(ctx, ledger.CA, "1")
	if err != nil || len(rows) == 0 {
		return store.Spec{}, err
	}
	return store.ReadSpec(rows[len(rows)-1])
}

// checkSecret compares the password with that of the statements.
func (w wanted) checkSecret(ctx context.Context, s *store.Store, p *problems) {
	for _, accounts := range byUser(w.account.accounts) {
		row, err := s.Ledger().Active(ctx, ledger.Client, issue.FolderName(accounts[0].User))
		if err != nil {
			continue // told by whoever looks for its files
		}
		path := s.Files(row).SQL
		text, err := os.ReadFile(path)
		if err == nil && !strings.Contains(string(text), dialect.Literal(*w.account.secret)) {
			p.addf("password-file", "put the password back, or change it: myca issue client … --force --password-file FILE", "%q was made with another password than that of --password-file", path)
		}
	}
}

// checkFiles reports pairs whose files are gone.
func (t *tool) checkFiles(c *cli.Context, s *store.Store, p *problems) error {
	for row, err := range s.Ledger().All(c.Context, ledger.Filter{State: ledger.Active}) {
		if err != nil {
			return err
		}
		files := s.Files(row)
		for _, path := range []string{files.CA, files.Cert, files.Key, files.MyCnf, files.SQL} {
			if _, err := os.Stat(path); path != "" && errors.Is(err, fs.ErrNotExist) {
				p.addf("dir", fmt.Sprintf("put it back from a backup, or issue the pair again: myca issue %s … --name %s --force", row.Kind, row.Name), "%q is missing", path)
			}
		}
	}
	return p.err()
}

// difference is one flag that a second bootstrap was given otherwise: what
// was given and is now, as flags.
type difference struct{ field, was, now string }

// differences compares the flags of two bootstraps. prefix stands before key
// and days, which the CA and the pairs have each.
func differences(was, now store.Spec, prefix string) []difference {
	var list []difference
	several := func(field string, a, b []string) {
		if !slices.Equal(a, b) {
			list = append(list, difference{field, flagsOf(field, a), flagsOf(field, b)})
		}
	}
	note := func(field, a, b string) { several(field, []string{a}, []string{b}) }
	if prefix != "" {
		note("target", was.Target, now.Target)
		note("subject", was.Subject, now.Subject)
	}
	note(prefix+"key", was.Key, now.Key)
	note(prefix+"days", strconv.Itoa(was.Days), strconv.Itoa(now.Days))
	several("host", was.SANs, now.SANs)
	several("user", was.Accounts, now.Accounts)
	several("grant", was.Grants, now.Grants)
	note("require", was.Require, now.Require)
	note("deploy-dir", was.DeployDir, now.DeployDir)
	note("allow-nonportable-subject", onlyTrue(was.AllowNonportable), onlyTrue(now.AllowNonportable))
	note("tls-library", was.TLSLibrary, now.TLSLibrary)
	if was.Password != now.Password {
		list = append(list, difference{"password", passwordFlag(was.Password), passwordFlag(now.Password)})
	}
	note("partial-revokes", onlyTrue(was.PartialRevokes), onlyTrue(now.PartialRevokes))
	return list
}

// flagsOf are the values of a flag as they would be written.
func flagsOf(field string, values []string) string {
	var words []string
	for _, value := range values {
		if value != "" {
			words = append(words, "--"+field+" "+shellWord(value))
		}
	}
	if len(words) == 0 {
		return "no --" + field
	}
	return strings.Join(words, " ")
}

// onlyTrue is a switch as a value: nothing when it is off.
func onlyTrue(on bool) string {
	if on {
		return "true"
	}
	return ""
}

func passwordFlag(mode string) string {
	switch mode {
	case passwordRandom:
		return "--random-password"
	case passwordFile:
		return "--password-file"
	case passwordNone:
		return "--no-password"
	}
	return "no password flag"
}
