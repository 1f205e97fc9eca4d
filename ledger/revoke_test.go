package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRevocation(t *testing.T) {
	l, path := create(t, authority(1), sample(1, "laura"), sample(2, "bob"), sample(40, "carol"))
	renewed := sample(3, "laura")
	if err := l.Apply(t.Context(), Change{Supersede: []string{sample(1, "").Serial}, Insert: []Row{renewed}}); err != nil {
		t.Fatal(err)
	}
	at := base.Add(time.Minute)
	change := Change{
		Revoke:     []Revocation{{renewed.Serial, at, "key-compromise"}, {sample(1, "").Serial, at, "superseded"}},
		Insert:     []Row{sample(4, "laura"), authority(2)}, // the name is free
		Generation: 2,
		CRLNumber:  9,
	}
	if err := l.Apply(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	l = reopen(t, path)
	want := []Row{sample(1, "laura"), renewed}
	for n := range want {
		want[n].State, want[n].RevokedAt, want[n].Reason = Revoked, at, change.Revoke[1-n].Reason
	}
	var got []Row
	for r, err := range l.All(t.Context(), Filter{State: Revoked}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	settings, err := l.Settings(t.Context())
	if diff := cmp.Diff(Settings{Target: "mysql-8.4", Generation: 2, CRLNumber: 9}, settings); diff != "" || err != nil {
		t.Errorf("settings: %v\n%s", err, diff)
	}
	for _, test := range []struct {
		filter Filter
		want   []Tally
	}{
		{Filter{}, []Tally{{1, CA, Active, 1}, {1, Client, Active, 3}, {1, Client, Revoked, 2}, {2, CA, Active, 1}}},
		{Filter{State: Revoked, Lasting: base.AddDate(0, 0, 2)}, []Tally{{1, Client, Revoked, 1}}},
		{Filter{Kind: Client, Lasting: base.AddDate(0, 0, 3)}, []Tally{{1, Client, Active, 2}}},
		{Filter{Generation: 2}, []Tally{{2, CA, Active, 1}}},
		{Filter{Generation: 3}, nil},
	} {
		got, err := l.Count(t.Context(), test.filter)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %v (-want +got):\n%s", test.filter, err, diff)
		}
	}
}

func TestRevocationsInConflict(t *testing.T) {
	l, _ := create(t, authority(1), sample(1, "laura"), sample(2, "bob"))
	first := Change{Revoke: []Revocation{{sample(1, "").Serial, base, ""}}, CRLNumber: 3}
	if err := l.Apply(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]Change{
		"revoked already":        {Revoke: []Revocation{{sample(1, "").Serial, base, ""}}, CRLNumber: 4},
		"unknown":                {Revoke: []Revocation{{"0f", base, ""}}, CRLNumber: 4},
		"the number of the last": {Revoke: []Revocation{{sample(2, "").Serial, base, ""}}, CRLNumber: 3},
		"a smaller number":       {Generation: 2, CRLNumber: 2},
		"superseding a revoked":  {Supersede: []string{sample(1, "").Serial}, CRLNumber: 4},
	} {
		if err := l.Apply(t.Context(), change); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
	}
	settings, err := l.Settings(t.Context())
	if settings.CRLNumber != 3 || settings.Generation != 1 || err != nil {
		t.Errorf("settings %+v, %v", settings, err)
	}
	if r, err := l.BySerial(t.Context(), sample(2, "").Serial); r.State != Active || err != nil {
		t.Errorf("bob is %s, %v", r.State, err)
	}
}
