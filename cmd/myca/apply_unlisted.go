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
	what, them := plural(u.Count, "active pair")+" are", "them"
	if u.Count == 1 && !u.More {
		what, them = "1 active pair is", "it"
	}
	if u.More {
		what = "more than " + what
	}
	if u.Only {
		return fmt.Sprintf("%s in this store, and none in the manifest%s: is it the right store? (--dir)", what, someOf(u.Names, u.Count))
	}
	return fmt.Sprintf("%s not in the manifest%s: --prune would revoke %s", what, someOf(u.Names, u.Count), them)
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
