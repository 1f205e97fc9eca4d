package fleet

import (
	"fmt"
	"slices"
	"strings"

	"myca/dialect"
	"myca/issue"
	"myca/ledger"
	"myca/store"
)

// left says what stays on servers of what an entry had and has no longer, with
// the statements that take it away: its accounts, and the privileges of those
// that it keeps.
func (j *judge) left(d *difference) ([]string, error) {
	var all []string
	gone, elsewhere := j.stay(d.kind(), accountTarget(d.want, d.was), d.was.Accounts)
	if gone != nil {
		all = append(all, ofAccounts(gone, "is no longer in the manifest, and stays on the server", "are no longer in the manifest, and stay on the server")+
			" until you run"+j.unless()+": "+dropUsers(gone))
	}
	if elsewhere != nil {
		all = append(all, j.onOldServers(d.was.Target, elsewhere))
	}
	revokes, err := revokes(d)
	if revokes != nil {
		all = append(all, "privileges that are no longer in the manifest stay granted until you run, before fleet.sql: "+strings.Join(revokes, "; "))
	}
	return all, err
}

// stay is which accounts, of a pair that has them no longer, stay on the servers:
// those that nobody has, and those that somebody has on another target, and that
// are left on servers of theirs, if there are any. The record of a server does not
// tell the target of its account, which is on its source: only what nobody has on
// any target counts then.
func (j *judge) stay(kind, target string, accounts []string) (gone, elsewhere []string) {
	for _, account := range accounts {
		switch {
		case j.held(account):
		case !j.listed(account):
			gone = append(gone, account)
		case kind == ledger.Client && j.serve(target) && !j.manifest.has(target, account):
			elsewhere = append(elsewhere, account)
		}
	}
	return gone, elsewhere
}

// listed says whether an identity has that account of any target.
func (j *judge) listed(account string) bool {
	for target := range j.everywhere() {
		if j.manifest.has(target, account) {
			return true
		}
	}
	return false
}

// held says whether an account is that of a pair that is not in the manifest.
func (j *judge) held(account string) bool {
	a, err := dialect.ParseAccount(account)
	if err != nil {
		return false
	}
	_, held := j.holders[accountKey("", a)]
	return held
}

// unless is what a statement depends on that drops accounts, when it is not known
// what other pairs have.
func (j *judge) unless() string {
	if !j.blind {
		return ""
	}
	return ", unless a pair that is not in the manifest needs it"
}

// onOldServers says that accounts are left on servers of a target.
func (j *judge) onOldServers(target string, accounts []string) string {
	return "if some servers still run " + target + ": " + ofAccounts(accounts, "stays there", "stay there") +
		" until you run" + j.unless() + ": " + dropUsers(accounts)
}

// ofAccounts says something of accounts, in words for one and for several.
func ofAccounts(accounts []string, one, several string) string {
	if len(accounts) == 1 {
		return "the account " + accountSQL(accounts[0]) + " " + one
	}
	return fmt.Sprintf("%d accounts %s", len(accounts), several)
}

// dropUsers is the statement that drops accounts.
func dropUsers(accounts []string) string {
	var all []string
	for _, text := range accounts {
		all = append(all, accountSQL(text))
	}
	return "DROP USER " + strings.Join(all, ", ")
}

// accountSQL is an account in a statement; of an old record it may be none.
func accountSQL(text string) string {
	if a, err := dialect.ParseAccount(text); err == nil {
		return a.SQL()
	}
	return text
}

// revokes is the statements that take from the accounts that an entry keeps what
// it granted and does not any more. They come before fleet.sql, which grants
// again what goes with them: of ALL PRIVILEGES a part may stay, and of a table a
// column.
func revokes(d *difference) ([]string, error) {
	now, was := d.want.Spec, d.was
	if without(was.Grants, now.Grants) == nil {
		return nil, nil
	}
	var accounts []dialect.Account
	for _, text := range now.Accounts {
		if !slices.Contains(was.Accounts, text) {
			continue
		}
		a, err := dialect.ParseAccount(text)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	if target, err := dialect.Parse(was.Target); accounts == nil || err != nil || target.Product != d.want.Target.Product {
		return nil, err
	}
	grants, err := parseGrants(now.Grants)
	if err != nil {
		return nil, err
	}
	before, err := parseGrants(was.Grants)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, g := range before {
		if rest, ok := g.Without(grants); ok {
			all = append(all, rest.Revoke(accounts, d.want.Target, was.PartialRevokes)...)
		}
	}
	return all, nil
}

func parseGrants(texts []string) ([]dialect.Grant, error) {
	list := make([]dialect.Grant, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = dialect.ParseGrant(text); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// serve says whether there may be servers of a target: one in the manifest, or,
// when that has no servers at all, any.
func (j *judge) serve(target string) bool {
	targets := j.targets()
	return len(targets) == 0 || targets[target]
}

// serverTargets is the targets of the servers.
func (m *Manifest) serverTargets() map[string]bool {
	return m.targets(func(e *entry) bool { return e.kind == issue.Server })
}

func (m *Manifest) allTargets() map[string]bool {
	return m.targets(func(*entry) bool { return true })
}

// targets is the targets of some entries.
func (m *Manifest) targets(of func(*entry) bool) map[string]bool {
	targets := map[string]bool{}
	for i := range m.entries {
		e := &m.entries[i]
		if !of(e) {
			continue
		}
		count := e.count
		if e.target.constant() {
			count = 1
		}
		for k := range count {
			targets[e.targetAt(k, func(fault) {}).String()] = true
		}
	}
	return targets
}

// accountTarget is the target that the accounts of a spec are on, as far as it
// can be told: the account of a replica is on its source, of which the replica's
// record has nothing.
func accountTarget(want Identity, was store.Spec) string {
	if want.Replicates != nil {
		return want.Replicates.Target.String()
	}
	return was.Target
}

// without is what of list is not in other, nil for nothing.
func without(list, other []string) []string {
	var rest []string
	for _, one := range list {
		if !slices.Contains(other, one) {
			rest = append(rest, one)
		}
	}
	return rest
}
