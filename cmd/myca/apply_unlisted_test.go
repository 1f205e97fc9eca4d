package main

import (
	"testing"

	"myca/fleet"
)

func TestUnlistedLine(t *testing.T) {
	for _, test := range []struct {
		unlisted fleet.Unlisted
		want     string
	}{
		{fleet.Unlisted{}, ""},
		{fleet.Unlisted{Count: 1}, "1 active pair is not in the manifest: --prune would revoke it"},
		{fleet.Unlisted{Count: 2, Names: []string{"client a", "client b"}}, "2 active pairs are not in the manifest (client a, client b): --prune would revoke them"},
		{fleet.Unlisted{Count: 7, Names: []string{"server a"}}, "7 active pairs are not in the manifest (server a, 6 more): --prune would revoke them"},
		{fleet.Unlisted{Count: 7, Only: true, Names: []string{"server a"}}, "none of the 7 active pairs of this store (server a, 6 more) is in the manifest: is it the right store? (--dir)"},
		{fleet.Unlisted{Count: 1, Only: true, Names: []string{"server a"}}, "the one active pair of this store (server a) is not in the manifest: is it the right store? (--dir)"},
		{fleet.Unlisted{Count: 1000, More: true, Only: true}, "none of the more than 1000 active pairs of this store is in the manifest: is it the right store? (--dir)"},
		{fleet.Unlisted{Count: 1000, More: true}, "more than 1000 active pairs are not in the manifest: --prune would revoke them"},
	} {
		if got := unlistedLine(test.unlisted); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
