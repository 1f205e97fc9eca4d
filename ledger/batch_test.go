package ledger

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ActiveAmong is Active of each name, however many there are.
func TestActiveAmong(t *testing.T) {
	var rows []Row
	for n := range 2*maxNames + 2 {
		rows = append(rows, sample(n+1, fmt.Sprintf("c-%d", n)))
	}
	server := sample(9999, "c-1")
	server.Kind = Server
	old := sample(10000, "gone")
	old.State = Superseded
	l, _ := create(t, append(slices.Clone(rows), server, old)...)
	var names []string
	want := map[string]Row{}
	for _, r := range rows {
		names = append(names, r.Name, r.Name+"-other")
		want[r.Name] = r
	}
	for _, test := range []struct {
		kind  string
		names []string
		want  map[string]Row
	}{
		{Client, append(names, "gone", "c-1"), want},
		{Client, nil, map[string]Row{}},
		{Client, []string{"c-0", "c-0"}, map[string]Row{"c-0": rows[0]}},
		{Server, names, map[string]Row{"c-1": server}},
		{Server, []string{"C-1", "", "gone"}, map[string]Row{}},
	} {
		got, err := l.ActiveAmong(t.Context(), test.kind, test.names)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, %d names (-want +got):\n%s", test.kind, len(test.names), diff)
		}
	}
}

// A spec is changed only where it is as it was, with everything else of the
// change or not at all.
func TestRespec(t *testing.T) {
	laura, bob, gone := sample(1, "laura"), sample(2, "bob"), sample(3, "gone")
	gone.State = Superseded
	l, _ := create(t, laura, bob, gone)
	to := []byte(`{"target":"mysql-9.7"}`)
	respec := func(r Row, from, to []byte) Respec { return Respec{Serial: r.Serial, From: from, To: to} }
	for name, c := range map[string]Change{
		"another spec by now": {Respec: []Respec{respec(laura, laura.Spec, to), respec(bob, to, laura.Spec)}},
		"not active":          {Respec: []Respec{respec(laura, laura.Spec, to), respec(gone, gone.Spec, to)}},
		"unknown":             {Respec: []Respec{respec(laura, laura.Spec, to), respec(sample(4, ""), laura.Spec, to)}},
		"superseded with it":  {Respec: []Respec{respec(laura, laura.Spec, to)}, Supersede: []string{laura.Serial}},
		"a serial twice":      {Respec: []Respec{respec(laura, laura.Spec, to)}, Insert: []Row{bob}},
	} {
		if err := l.Apply(t.Context(), c); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
		if r, err := l.BySerial(t.Context(), laura.Serial); err != nil || cmp.Diff(laura, r) != "" {
			t.Errorf("%s changed something: %v\n%s", name, err, cmp.Diff(laura, r))
		}
	}
	if err := l.Apply(t.Context(), Change{Respec: []Respec{respec(laura, laura.Spec, to)}, Insert: []Row{sample(5, "new")}}); err != nil {
		t.Fatal(err)
	}
	laura.Spec = to
	got, err := l.ActiveAmong(t.Context(), Client, []string{"laura", "bob", "gone", "new"})
	if diff := cmp.Diff(map[string]Row{"laura": laura, "bob": bob, "new": sample(5, "new")}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
