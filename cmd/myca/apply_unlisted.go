package main

import (
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
	var names string
	if len(u.Names) > 0 {
		names = " (" + strings.Join(u.Names, ", ")
		if more := u.Count - len(u.Names); more > 0 {
			names += fmt.Sprintf(", %d more", more)
		}
		names += ")"
	}
	return fmt.Sprintf("%s not in the manifest%s: --prune would revoke %s", what, names, them)
}
