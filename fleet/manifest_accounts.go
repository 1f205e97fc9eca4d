package fleet

import (
	"slices"
	"strings"

	"myca/dialect"
)

// accountsOf is the accounts of an identity with their targets; "" for one that
// is wrong.
func (m *Manifest) accountsOf(e *entry, k int) []string {
	list, target := e.accounts.list, e.targetAt(k, func(fault) {})
	if e.source != nil {
		list = []text{e.source.account}
		r := m.replication(e, k, dialect.Account{})
		if r == nil || e.bad[fieldReplicaAccount] {
			return nil
		}
		target = r.Target
	}
	if e.bad[fieldTarget] {
		return nil
	}
	all := make([]string, len(list))
	for i := range list {
		if a, err := dialect.ParseAccount(list[i].at(k)); err == nil {
			all[i] = accountKey(target.String(), a)
		}
	}
	return all
}

// accountKey is an account of a target. Servers compare users exactly, hosts
// without regard to case.
func accountKey(target string, a dialect.Account) string {
	return target + " " + a.User + "@" + strings.ToLower(a.Host)
}

// has says whether an identity has that account of a target.
func (m *Manifest) has(target, account string) bool {
	a, err := dialect.ParseAccount(account)
	if err != nil {
		return false
	}
	key := accountKey(target, a)
	return slices.ContainsFunc(m.accounts.candidates(key), func(i int) bool {
		e, k := m.locate(i)
		return slices.Contains(m.accountsOf(e, k), key)
	})
}
