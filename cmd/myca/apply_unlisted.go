package main

import (
	"errors"
	"fmt"
	"strings"

	"myca/fleet"
)

// unlistedLine tells of what the store has beside the manifest; "" for nothing.
func unlistedLine(u fleet.Unlisted) string {
	if u.Count == 0 {
		return ""
	}
	if u.Only {
		return otherStore(u)
	}
	what, them := plural(u.Count, "active pair")+" are", "them"
	if u.Count == 1 && !u.More {
		what, them = "1 active pair is", "it"
	}
	if u.More {
		what = "more than " + what
	}
	return fmt.Sprintf("%s not in the manifest%s: --prune would revoke %s", what, someOf(u.Names, u.Count), them)
}

// otherStore tells of a store that has nothing of the manifest: it is as a rule
// not the one that was meant, and nothing of it is to be revoked.
func otherStore(u fleet.Unlisted) string {
	what := fmt.Sprintf("none of the %s of this store%s is in the manifest", plural(u.Count, "active pair"), someOf(u.Names, u.Count))
	switch {
	case u.More:
		what = fmt.Sprintf("none of the more than %s of this store is in the manifest", plural(u.Count, "active pair"))
	case u.Count == 1:
		what = fmt.Sprintf("the one active pair of this store%s is not in the manifest", someOf(u.Names, 1))
	}
	return what + ": is it the right store? (--dir)"
}

// someOf is the first names of count in brackets, "" when there are none.
func someOf(names []string, count int) string {
	if len(names) == 0 {
		return ""
	}
	text := strings.Join(names, ", ")
	if more := count - len(names); more > 0 {
		text += fmt.Sprintf(", %d more", more)
	}
	return " (" + text + ")"
}

// confirmPrune asks on a terminal before anything is revoked.
func (r *provisioning) confirmPrune() error {
	count := r.plan.Count().Revoke
	if count == 0 || !r.t.interactive() {
		return nil
	}
	fmt.Fprintf(r.t.err, "Not in the manifest: %s%s.\n", plural(count, "active pair"), printable(someOf(r.plan.Pruned(), count)))
	yes, err := r.t.asker().confirm("Revoke " + plural(count, "pair") + "? This cannot be undone")
	if err == nil && !yes {
		err = errors.New("stopped: nothing was changed; without --prune they stay")
	}
	return err
}
