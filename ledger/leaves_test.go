package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// InForce is by exact subject what counts: no CA, nothing revoked or ended.
func TestInForce(t *testing.T) {
	with := func(n int, name, subject string, change func(*Row)) Row {
		r := sample(n, name)
		if r.Subject = subject; change != nil {
			change(&r)
		}
		return r
	}
	const shared = "/O=acme/CN=app"
	active, old := with(5, "app", shared, nil), with(6, "web", shared, func(r *Row) { r.State = Superseded })
	server := with(7, "app", shared, func(r *Row) { r.Kind = Server })
	l, path := create(t, active, old, server, with(1000, "1", shared, func(r *Row) { r.Kind = CA }),
		with(8, "gone", shared, func(r *Row) { r.State, r.RevokedAt = Revoked, base }),
		with(1, "ended", shared, nil),
		with(9, "case", "/O=acme/CN=App", nil), with(10, "longer", shared+"s", nil))
	var rows []Row
	subjects := []string{shared, "/O=acme/CN=nobody", ""}
	want := map[string][]Row{shared: {active, old, server}}
	for n := range maxNames + 1 {
		r := sample(n+2000, fmt.Sprintf("c-%d", n))
		rows, subjects, want[r.Subject] = append(rows, r), append(subjects, r.Subject), []Row{r}
	}
	check := func(what string) {
		t.Helper()
		found, err := l.InForce(t.Context(), subjects, base.AddDate(0, 0, 1), 3)
		for _, rows := range found {
			slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Serial, b.Serial) })
		}
		if diff := cmp.Diff(want, found); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
		}
	}
	if err := l.Apply(t.Context(), Change{Insert: rows}); err != nil {
		t.Fatal(err)
	}
	check("with the index")

	// A ledger that was made without the index can be asked, and gets it.
	raw(t, path, "DROP INDEX certificates_subject")
	check("without the index")
	if err := l.Apply(t.Context(), Change{CRLNumber: 1}); err != nil {
		t.Fatal(err)
	}
	where, _ := inForce([]string{shared}, base)
	if plan := planOf(t, l, "SELECT * FROM certificates WHERE "+where); !strings.Contains(plan, "certificates_subject (subject=?)") {
		t.Errorf("after the next change: %s", plan)
	}
	check("with the index again")
}

func TestNamesAndCount(t *testing.T) {
	server, gone := sample(4, "db1"), sample(5, "gone")
	server.Kind, gone.State = Server, Superseded
	l, _ := create(t, authority(1), sample(1, "web"), sample(2, "app"), server, gone)
	for kind, want := range map[string][]string{Client: {"app", "web"}, Server: {"db1"}, "": nil} {
		var got []string
		for name, err := range l.Names(t.Context(), kind) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", kind, got, want)
		}
	}
	for _, test := range []struct {
		filter     Filter
		most, want int
	}{{Filter{}, 100, 5}, {Filter{}, 3, 3}, {Filter{}, 0, 0}, {Filter{State: Active}, 100, 4}, {Filter{State: Active}, 2, 2}, {Filter{State: Superseded}, 2, 1}} {
		if n, err := l.CountUpTo(t.Context(), test.most, test.filter); n != test.want || err != nil {
			t.Errorf("%+v: %d, %v", test, n, err)
		}
	}
}
