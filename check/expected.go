package check

import "fmt"

// expected reports whether the account is one for this server: a client that was
// issued for the other product has its account elsewhere.
func (a Accounts) expected(r Recorded) bool {
	return r.Product == "" || a.Version.Product == "" || r.Product == a.Version.Product
}

// unexpected is how many accounts of the store are for another product, in
// words; "" for none.
func (a Accounts) unexpected() string {
	there, n := map[string]bool{}, 0
	for _, account := range a.Server {
		there[accountKey(account.Account)] = !account.Role
	}
	for _, r := range a.Recorded {
		if key := accountKey(r.Account); !there[key] && !r.OnSource && !a.expected(r) {
			there[key] = true
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("accounts of the store that are of clients of another product, and not looked for here: %d", n)
}
