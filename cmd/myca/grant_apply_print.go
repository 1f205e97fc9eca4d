package main

import (
	"fmt"

	"myca/check"
)

// applyHelp is about --apply in the help of grant.
const applyHelp = `--apply runs what would be printed on the server, in one connection, and tells what
each account required before and requires now. It connects as check does: by the
flags, else by the option files that the mysql client reads; --login-user and
--login-password-file are who logs in there. Refused before anything is done are
statements for another version than the server's, --new for an account that exists
and --existing for one that does not, roles, a requirement for an account that
exists while the server has no TLS or does not accept the certificate, statements
that leave an account without password and without certificate, and a requirement
that this very connection does not meet for the account that is logged in.
Afterwards the login is tried once more, and when it is refused, or gets in as
another account, the requirements are put back.

  myca grant laura --apply --defaults-file ~/.my.cnf
  myca grant laura --existing --apply --host db1.example.com \
    --login-user admin --login-password-file pw`

// appliedJSON is what grant --apply --json prints.
type appliedJSON struct {
	Name       string          `json:"name"`
	Server     applierJSON     `json:"server"`
	Target     string          `json:"target"`
	Mode       string          `json:"mode"`
	Statements int             `json:"statements"` // how many were run
	Accounts   []appliedToJSON `json:"accounts"`
	Notices    []string        `json:"notices,omitempty"`
}

// applierJSON is the server, and who was logged in.
type applierJSON struct {
	Address string `json:"address"`
	Version string `json:"version"`
	User    string `json:"user"`
}

// appliedToJSON is an account with its REQUIRE clause before, null when there was
// no such account, and after.
type appliedToJSON struct {
	Account string  `json:"account"`
	Before  *string `json:"before"`
	After   string  `json:"after"`
	Locked  bool    `json:"locked"`
}

func (r *applying) print() error {
	shown := r.describe()
	if r.t.json {
		return r.t.printJSON(shown)
	}
	r.t.notice(r.notices...)
	fmt.Fprintf(r.t.out, "server %s, %s, as %s\n", printable(shown.Server.Address), printable(shown.Server.Version), printable(shown.Server.User))
	for _, one := range shown.Accounts {
		fmt.Fprintf(r.t.out, "account %s\n", printable(one.Account))
		before := "absent"
		if one.Before != nil {
			before = *one.Before
		}
		r.t.fields("before", before, "after", one.After)
	}
	for _, line := range r.consequences() {
		fmt.Fprintln(r.t.out, line)
	}
	return nil
}

// consequences is what holds from now on for whoever uses the accounts, and the
// way back; nothing where nothing is demanded.
func (r *applying) consequences() []string {
	var lines []string
	for _, s := range r.states {
		with := "with a certificate, such as the pair " + shellWord(r.store.Folder(r.row))
		switch {
		case s.after.Type == "" || s.after.Locked:
			continue
		case s.after.Type == "ANY":
			with = "with TLS"
		case s.after.Subject != "":
			with = "with the pair " + shellWord(r.store.Folder(r.row))
		}
		lines = append(lines, fmt.Sprintf("from now on %s opens only %s; open connections stay", printable(s.account.SQL()), printable(with)))
	}
	if back := r.back(); back != "" && len(lines) > 0 {
		lines = append(lines, "Back: "+printable(back))
	}
	return lines
}

// back is how to undo the change: the command where that makes all the accounts
// what they were, else statements; "" when nothing changed.
func (r *applying) back() string {
	for _, s := range r.states {
		if s.before == nil || s.before.Type != "" || s.before.HasPassword != nil && !*s.before.HasPassword {
			return r.wayBack()
		}
	}
	return programName() + " --dir " + shellWord(r.store.Dir()) + " grant " + shellWord(r.word) + " --rescind --account-has-password --apply" + r.given
}

func (r *applying) describe() appliedJSON {
	shown := appliedJSON{
		Name:   r.row.Name,
		Server: applierJSON{r.server.address.String(), r.facts.VersionText, r.login()},
		Target: r.statements.Target.String(), Mode: string(r.statements.Mode), Statements: len(r.list),
		Notices: r.notices,
	}
	for _, s := range r.states {
		one := appliedToJSON{Account: s.account.SQL(), After: check.Require(*s.after), Locked: s.after.Locked}
		if s.before != nil {
			before := check.Require(*s.before)
			one.Before = &before
		}
		shown.Accounts = append(shown.Accounts, one)
	}
	return shown
}
