package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"myca/ca"
	"myca/dn"
	"myca/issue"
	"myca/ledger"
	"myca/templates"
)

// Who has the subject of another name is told, when one opens the accounts of
// the other; what does not count any more is not.
func TestTwins(t *testing.T) {
	s := found(t, scratch(t))
	subject := func(text string) func(*Order) {
		name, err := dn.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return func(o *Order) { o.Plan.Request.Subject, o.Plan.Subject = name, name }
	}
	noAccounts := func(o *Order) { o.Spec.Accounts, o.Spec.Require = nil, "" }
	issuerOnly := func(o *Order) { random("S-1")(o); o.Spec.Require = "issuer" }
	yassl := func(o *Order) { o.Spec.TLSLibrary = "yassl" }
	peer := func(o *Order) { o.Plan.Request.Profile = issue.ProfilePeer }
	const shared, odd = "/O=acme/CN=app", "/O=acme/CN=a\\/p"
	commit(t, s, draft(t, s, "client/old", subject(shared)))
	commit(t, s, draft(t, s, "client/own", subject(odd), noAccounts), draft(t, s, "client/any", subject("/CN=any"), issuerOnly),
		draft(t, s, "server/db1", subject("/CN=db")), draft(t, s, "server/db2", subject("/CN=peer"), peer, noAccounts))
	active := func(name string) ledger.Row {
		kind, name, _ := strings.Cut(name, "/")
		r, err := s.Ledger().Active(t.Context(), kind, name)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	twins := func(name string, change ...func(*Order)) string {
		t.Helper()
		o, err := orderOf(s, issue.Kind(name[:6]), name[7:], change...)
		if err != nil {
			t.Fatal(err)
		}
		lists, err := s.Twins(t.Context(), []Bearer{{Kind: ledger.Client, Name: "x"}, o.Bearer()}, time.Now(), nil)
		if err != nil || len(lists) != 2 || len(lists[0]) > 0 {
			t.Fatal(lists, err)
		}
		return strings.Join(lists[1], "\n")
	}
	says := func(name, state, does string) string {
		r := active(name)
		return fmt.Sprintf("certificate %s of %s %s (%s) has the same subject, so %s; if it is not to count any more: myca --dir %s revoke %s",
			r.Serial, r.Kind, r.Name, state, does, templates.Shell(s.Dir()), r.Serial)
	}
	const each, its = "each opens the accounts of the other", "it opens these accounts too"
	for _, test := range []struct {
		name   string
		change []func(*Order)
		want   string
	}{
		{"client/new", []func(*Order){subject(shared)}, says("client/old", "active", each)},
		{"client/old", []func(*Order){subject(shared)}, ""},
		{"server/old", []func(*Order){subject(shared)}, ""}, // no server takes it for a client's
		{"server/old", []func(*Order){subject(shared), peer}, says("client/old", "active", "the new one opens its accounts too (old@%)")},
		{"client/new", []func(*Order){subject(shared), noAccounts}, says("client/old", "active", "the new one opens its accounts too (old@%)")},
		{"client/new", []func(*Order){subject(odd)}, says("client/own", "active", its)},
		{"client/new", []func(*Order){subject(odd), yassl}, says("client/own", "active", its)},
		{"client/new", []func(*Order){subject(odd), noAccounts}, ""},
		{"client/new", []func(*Order){subject("/CN=any")}, says("client/any", "active", its)},
		{"client/new", []func(*Order){subject("/CN=any"), issuerOnly}, ""},
		{"client/new", []func(*Order){subject("/CN=db")}, ""},
		{"client/new", []func(*Order){subject("/CN=peer")}, says("server/db2", "active", its)},
		{"client/new", nil, ""},
	} {
		if got := twins(test.name, test.change...); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}

	// A superseded one opens accounts as well, until it is revoked.
	want := says("client/old", "superseded", each)
	before := active("client/old")
	commit(t, s, draft(t, s, "client/old", subject("/CN=other"), forced))
	if got := twins("client/new", subject(shared)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	pass := func(r ledger.Row) bool { return r.Serial == before.Serial }
	o, err := orderOf(s, issue.Client, "new", subject(shared))
	if err != nil {
		t.Fatal(err)
	}
	if lists, err := s.Twins(t.Context(), []Bearer{o.Bearer()}, time.Now(), pass); err != nil || lists[0] != nil {
		t.Errorf("passed over: %q, %v", lists, err)
	}
	if before, err = s.Ledger().BySerial(t.Context(), before.Serial); err != nil {
		t.Fatal(err)
	}
	if err := s.Revoke(t.Context(), []ledger.Row{before}, ca.ReasonCode("superseded"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := twins("client/new", subject(shared)); got != "" {
		t.Errorf("revoked: %q", got)
	}

	// Of many the first are told.
	for n := range 6 {
		commit(t, s, draft(t, s, fmt.Sprintf("client/m%d", n), subject("/CN=many")))
	}
	if lines := strings.Split(twins("client/new", subject("/CN=many")), "\n"); len(lines) != 4 || lines[3] != "3 more certificates have the same subject: myca --dir "+templates.Shell(s.Dir())+" list shows them" {
		t.Errorf("%q", lines)
	}
}
