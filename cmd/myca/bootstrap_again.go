package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

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
	row, err := currentCA(c.Context, s)
	if err != nil {
		return err
	}
	recorded, err := store.ReadSpec(row)
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
	if err := p.err(); err != nil {
		return err
	}
	// The first run may have been killed with everything recorded, but not all
	// of it in place.
	if err := s.Recover(c.Context); err != nil {
		return err
	}
	return t.printBootstrap(c, s, w, false)
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
