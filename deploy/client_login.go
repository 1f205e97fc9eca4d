package deploy

import (
	"fmt"
	"path/filepath"
	"strings"

	"myca/optionfile"
)

// ownLogin refuses to take over a login that the user has: option files of the
// home folder name another user or another password for programs that get ours.
// A password without a user is that of the user's own name. Who was asked for by
// name (Asked) has it overridden, and so has who has our block already.
func (c Client) ownLogin(edit Edit) error {
	if c.Asked || !edit.Changed() {
		return nil
	}
	o := c.Options
	for _, program := range o.programs() {
		ours := alone(program, o.Text)
		if len(ours.settings) == 0 {
			continue
		}
		if _, found, err := program.Parse(edit.Path, edit.Old).Block("client"); err != nil || found {
			return err
		}
		now := newReading(program, optionfile.ReadStandard(o.System, program))
		if has, what := o.other(now, ours, c.Login); what != "" {
			return fail(ErrRefused, "--user OSUSER: install for the user of this machine who is to log in with it\n--user "+c.Login+": it takes the place of that login",
				"%q line %d names %s already for %s, which would log in otherwise from now on", has.File, has.Line, what, program.Name)
		}
	}
	return nil
}

// other is the option of a home folder that is another login than ours, and what
// it names; "" when there is none. login is the user's name on this machine.
func (o ClientOptions) other(now, ours reading, login string) (has optionfile.Option, what string) {
	mine := func(key string) (optionfile.Setting, bool) {
		s, set := now.setting(key)
		return s, set && o.inHome(s.InForce.File)
	}
	theirs, named := mine("user")
	password, known := mine("password")
	who := login
	if s, set := now.setting("user"); set {
		who = s.Value
	}
	wanted := login
	if s, set := ours.setting("user"); set {
		wanted = s.Value
	}
	switch s, set := ours.setting("password"); {
	case named && who != wanted:
		return theirs.InForce, fmt.Sprintf("the user %q", who)
	case known && who != wanted, known && set && now.secret(password) != ours.secret(s):
		return password.InForce, fmt.Sprintf("a password of %q", who)
	}
	return has, ""
}

// inHome reports whether a file is one of the home folder.
func (o ClientOptions) inHome(path string) bool {
	return strings.HasPrefix(filepath.Clean(path), strings.TrimSuffix(filepath.Clean(o.Home), "/")+"/")
}

// Stopper is the first option of Text that a program of another version does not
// know, so that it does not start; false when there is none.
func (o ClientOptions) Stopper() (optionfile.Option, bool) {
	for _, program := range o.programs() {
		for _, s := range alone(program, o.Text).settings {
			if !s.Known && !s.InForce.Loose() {
				return s.InForce, true
			}
		}
	}
	return optionfile.Option{}, false
}
