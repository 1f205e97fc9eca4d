package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"myca/dialect"
	"myca/ledger"
	"myca/store"
)

// reasons collects differences in words: WHAT: NEW, was OLD.
type reasons []string

func (r *reasons) differ(what, now, was string) {
	if now != was {
		*r = append(*r, fmt.Sprintf("%s: %s, was %s", what, now, was))
	}
}

func (r *reasons) texts(what, now, was string) { r.differ(what, quoted(now), quoted(was)) }

func (r *reasons) sets(what string, now, was []string) {
	r.differ(what, quoted(now...), quoted(was...))
}

func (r *reasons) numbers(what string, now, was int) {
	r.differ(what, strconv.Itoa(now), strconv.Itoa(was))
}

func (r *reasons) flags(what string, now, was bool) {
	r.differ(what, strconv.FormatBool(now), strconv.FormatBool(was))
}

// quoted is a list of values; empty ones count for none.
func quoted(values ...string) string {
	var list []string
	for _, v := range values {
		if v != "" {
			list = append(list, strconv.Quote(v))
		}
	}
	if list == nil {
		return "none"
	}
	return strings.Join(list, ", ")
}

// texts is how two specs differ in what their texts, or the next certificate,
// are made from.
func texts(now, was store.Spec) []string {
	var r reasons
	r.texts("target", now.Target, was.Target)
	if now.Days != was.Days {
		r = append(r, fmt.Sprintf("days: %d, was %s (from the next renewal on)", now.Days, days(was.Days)))
	}
	r.texts("deploy_dir", now.DeployDir, was.DeployDir)
	r.sets("account", now.Accounts, was.Accounts)
	r.sets("grants", now.Grants, was.Grants)
	r.texts("require", now.Require, was.Require)
	r.texts("password", now.Password, was.Password)
	r.texts("connect", now.Connect, was.Connect)
	r.sets("groups", now.Groups, was.Groups)
	r.flags("partial_revokes", now.PartialRevokes, was.PartialRevokes)
	r.texts("TLS library", now.TLSLibrary, was.TLSLibrary)
	r.texts("account statements", now.Mode, was.Mode)
	return r
}

// days is a validity in a spec: 0 where an end was given.
func days(n int) string {
	if n == 0 {
		return "a time"
	}
	return strconv.Itoa(n)
}

// recorded is how two specs differ in what they say of one certificate.
func recorded(now, was store.Spec) []string {
	var r reasons
	r.texts("subject as written", now.Subject, was.Subject)
	r.texts("profile as recorded", now.Profile, was.Profile)
	r.sets("hosts as written", now.SANs, was.SANs)
	r.texts("key as recorded", now.Key, was.Key)
	r.texts("key_format as recorded", now.KeyFormat, was.KeyFormat)
	r.flags("allow_nonportable_subject", now.AllowNonportable, was.AllowNonportable)
	return r
}

// accounts names in d.step the accounts whose requirement is not what it was
// with the certificate of r, and those that are new, as all are on servers of
// another target.
func (j *judge) accounts(d *difference, r ledger.Row) error {
	want := d.want.Spec
	if len(want.Accounts) == 0 {
		return nil
	}
	library, err := want.Library()
	if err != nil {
		return err
	}
	subject, issuer := d.plan.Subject.OneLine(library), j.authority.Subject.OneLine(library)
	now, err := clause(want, issuer, subject)
	if err != nil {
		return err
	}
	was, err := clause(d.was, r.Issuer, r.Subject)
	if err != nil {
		return err
	}
	moved := want.Target != d.was.Target && d.kind() == ledger.Client
	for _, account := range want.Accounts {
		existed := slices.Contains(d.was.Accounts, account)
		if now != was || moved || !existed {
			d.step.Accounts = append(d.step.Accounts, account)
		}
		if now != was && existed {
			d.step.Changed = append(d.step.Changed, account)
		}
	}
	if d.step.Changed == nil || d.step.Action == Update {
		return nil
	}
	after, err := clause(want, r.Issuer, r.Subject)
	if err != nil {
		return err
	}
	before, err := clause(d.was, issuer, subject)
	d.step.LocksOut = after != now || before != was
	return err
}

// clause is what the accounts of a spec demand; "" when it has none.
func clause(sp store.Spec, issuer, subject string) (string, error) {
	var r dialect.Requirement
	if len(sp.Accounts) == 0 {
		return "", nil
	}
	if sp.Require != "" {
		var err error
		if r, err = dialect.ParseRequirement(sp.Require); err != nil {
			return "", err
		}
	}
	return r.Clause(issuer, subject), nil
}

// notices adds to d.step what the statements do not do on a server. lost says
// that files of the pair are missing or damaged.
func (j *judge) notices(d *difference, lost bool) error {
	now, was := d.want.Spec, d.was
	say := func(format string, args ...any) {
		d.step.Notices = append(d.step.Notices, fmt.Sprintf(format, args...))
	}
	left, err := j.left(d)
	if err != nil {
		return err
	}
	d.step.Notices = append(d.step.Notices, left...)
	if len(now.Accounts) == 0 || len(was.Accounts) == 0 {
		return nil
	}
	remedy, err := j.passwordRemedy(d)
	if err != nil || remedy == "" {
		return err
	}
	if now.Password != was.Password {
		say("an account that exists keeps the password that it has on the server (password: %s, was %s); %s",
			quoted(now.Password), quoted(was.Password), remedy)
	} else if now.Password == secretRandom && lost && j.forgotten(d) {
		say("gets a new random password; an account that exists still has the old one on the server; %s", remedy)
	}
	return nil
}
