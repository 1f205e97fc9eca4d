package fleet

import (
	"fmt"
	"strings"
	"testing"
)

// What a short text makes of itself by aliases and merge keys is bounded: there
// is one finding, at the alias that goes too far.
func TestAliasesBounded(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	laughs := "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 29 {
		laughs += fmt.Sprintf("b%d: &a%d [%s]\n", i, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10))
	}
	for name, c := range map[string]struct{ text, path string }{
		"lists of lists": {laughs + "clients: *a29\n", "b3[7]"},
		"merged":         {"clients:\n  - &a {" + many(1200, "k%d: x, ") + "}\n" + many(1000, "  - {<<: *a, n: x%d}\n"), "clients[84].<<"},
		"merged lists":   {"clients:\n  - &a {" + many(1200, "k%d: x, ") + "}\n" + "  - {<<: [" + strings.Repeat("*a, ", 1000) + "]}\n", "clients[1].<<[83]"},
		"hosts":          {"servers:\n  - {hosts: &h [" + many(1000, "h%d, ") + "]}\n" + many(1000, "  - {name: s%d, hosts: *h}\n"), "servers[100].hosts"},
	} {
		got := findingsOf(t, c.text)
		if len(got) != 1 || got[0].Path != c.path || !strings.Contains(got[0].Message, "the aliases up to here stand for") {
			t.Errorf("%s: %.2000v", name, got)
		}
	}
	base := "clients:\n  - &a {require: [issuer, subject], days: 365, password: none, target: mysql-8.4, grants: [A ON a.*, B ON b.*]}\n"
	d := &document{found: &findings{}, anchors: map[string]*node{}}
	if root := d.read([]byte(base + many(12_000, "  - {<<: *a, account: u%d}\n"))); root == nil || d.found.list != nil || d.repeated <= aliasFloor {
		t.Errorf("%d values of aliases: %v", d.repeated, d.found.list)
	}
}
