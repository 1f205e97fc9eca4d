package check

import (
	"fmt"
	"strings"

	"myca/finding"
	"myca/live"
)

// shadowed finds accounts that some of their clients never get, because another
// row is matched first: the server goes through the rows by host, the most
// specific first, then by user, the anonymous one last, and takes the first that
// matches host and user (acl_users is sorted so; find_acl_user in
// sql/auth/sql_auth_cache.cc of MySQL, sql/sql_acl.cc of MariaDB). Judged are
// accounts of the store and those that demand a certificate. Anonymous rows,
// which are a finding of their own, count for the former. Another row of the
// same user counts when it is reached from the network, demands something else
// and is not of the store: 'root'@'localhost' beside 'root'@'%' is no accident.
func (j *judge) shadowed() []finding.Finding {
	byUser := map[string][]live.Account{}
	for _, account := range j.Server {
		if !account.Locked && !account.Role {
			byUser[account.User] = append(byUser[account.User], account)
		}
	}
	var found []finding.Finding
	for _, account := range j.Server {
		judged := demandsCertificate(account) || j.recorded[accountKey(account.Account)] != nil
		if account.User == "" || account.Locked || account.Role || !judged {
			continue
		}
		if f, shadowed := j.shadow(account, byUser); shadowed {
			found = append(found, f)
		}
	}
	return found
}

func (j *judge) shadow(account live.Account, byUser map[string][]live.Account) (finding.Finding, bool) {
	var anonymous, others, hosts []string
	for _, other := range byUser[""] {
		if j.recorded[accountKey(account.Account)] != nil && before(other, account) {
			anonymous = append(anonymous, name(other))
			hosts = append(hosts, safe(fmt.Sprintf("%q", other.Host)))
		}
	}
	for _, other := range byUser[account.User] {
		if before(other, account) && j.reachable(other) && !sameDemand(account, other) && j.recorded[accountKey(other.Account)] == nil {
			others = append(others, name(other))
			hosts = append(hosts, safe(fmt.Sprintf("%q", other.Host)))
		}
	}
	what := "clients from %s get %s instead, which is matched first"
	switch {
	case anonymous != nil:
		return finding.New(finding.AccountShadowed, name(account), "DROP USER "+strings.Join(anonymous, ", ")+";",
			what, strings.Join(hosts, ", "), strings.Join(append(anonymous, others...), ", ")), true
	case others != nil:
		return finding.New(finding.AccountShadowed, name(account),
			"give "+strings.Join(others, ", ")+" the same requirement, or drop it",
			what, strings.Join(hosts, ", "), strings.Join(others, ", ")), true
	}
	return finding.Finding{}, false
}

// before reports whether a client that matches both rows gets the first, and
// whether there certainly is one.
func before(first, second live.Account) bool {
	a, b := specificity(first.Host), specificity(second.Host)
	return a.above(b) && overlap(first.Host, second.Host)
}

// specific says how narrow a host part is. MySQL goes by the place of the first
// wildcard (get_sort in sql/auth/sql_auth_cache.cc), MariaDB on current versions
// by the number of other characters (get_magic_sort, called by sql/sql_acl.cc).
type specific struct{ prefix, literal int }

// specificity of a host without wildcards is above that of every pattern.
// Addresses with a netmask count as such a host, as in MySQL before 8.0.23 and
// MariaDB; later releases of MySQL have the address first, too.
func specificity(host string) specific {
	const whole = 1 << 16
	s := specific{prefix: -1}
	for i, c := range signs(host) {
		if c.many || c.one {
			if s.prefix < 0 {
				s.prefix = i
			}
			continue
		}
		s.literal++
	}
	switch {
	case host == "":
		return specific{prefix: -2, literal: -2} // matches as % does, but comes after it
	case strings.Trim(host, "%") == "":
		return specific{prefix: -1, literal: -1}
	case s.prefix < 0:
		return specific{prefix: whole, literal: whole}
	}
	return s
}

// above reports whether both rules put s before t.
func (s specific) above(t specific) bool { return s.prefix > t.prefix && s.literal > t.literal }

func sameDemand(a, b live.Account) bool {
	return a.Type == b.Type && a.Issuer == b.Issuer && a.Subject == b.Subject && a.Cipher == b.Cipher
}
