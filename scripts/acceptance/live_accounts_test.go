package acceptance

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"myca/dialect"
	"myca/live"
)

// liveRights: an account without rights is told what it does not see and how it
// would; with exactly that it sees what root sees; the view of MariaDB leaves
// out the locks only.
func (h *host) liveRights(t *testing.T) {
	t.Helper()
	socket, check := live.Address{Socket: h.server.Socket}, live.Login{User: "check", Plain: true}
	h.server.SQL(t, "CREATE USER 'check'@localhost; CREATE USER locked@'%' ACCOUNT LOCK; CREATE ROLE dba; CREATE USER ''@'%' REQUIRE X509")
	f := facts(t, socket, check)
	_, err := session(t, socket, check).Accounts(inMinutes(t))
	if !errors.Is(err, live.ErrNotSeen) || f.RequirementColumns != nil {
		t.Fatalf("without rights: %v, %+v", err, f)
	}
	rights := live.Rights(f.Version)
	if len(f.Unseen) != len(rights) {
		t.Errorf("unseen %q, rights %q", f.Unseen, rights)
	}
	everything, err := session(t, socket, asRoot(true)).Accounts(inMinutes(t))
	if err != nil {
		t.Fatal(err)
	}
	if !h.product.MySQL() {
		h.liveView(t, check, everything)
	}
	for _, unseen := range f.Unseen {
		_, grant, ok := strings.Cut(unseen, ": GRANT ")
		if !ok {
			t.Fatalf("%q has no GRANT", unseen)
		}
		h.server.SQL(t, "GRANT "+grant)
	}
	if f := facts(t, socket, check); f.Unseen != nil || f.TLS != live.On || f.RequirementColumns == nil || !*f.RequirementColumns {
		t.Errorf("with the rights: %+v", f)
	}
	seen, err := session(t, socket, check).Accounts(inMinutes(t))
	if err != nil || !reflect.DeepEqual(seen, everything) {
		t.Errorf("with the rights: %+v, %v\nroot sees %+v", seen, err, everything)
	}
}

// liveView: what SELECT on mysql.user shows of MariaDB's accounts.
func (h *host) liveView(t *testing.T, check live.Login, everything []live.Account) {
	t.Helper()
	socket := live.Address{Socket: h.server.Socket}
	h.server.SQL(t, "GRANT SELECT ON mysql.user TO 'check'@localhost")
	f := facts(t, socket, check)
	if len(f.Unseen) != 1 || !strings.Contains(f.Unseen[0], "locked: GRANT SELECT ON mysql.global_priv TO ") {
		t.Errorf("with the view: %q", f.Unseen)
	}
	seen, err := session(t, socket, check).Accounts(inMinutes(t))
	if err != nil {
		t.Fatal(err)
	}
	without := slices.Clone(everything)
	for i := range without {
		without[i].Locked = false
	}
	// An account without an entry for a plugin has none, or the default, in the view.
	for i := range seen {
		if without[i].Plugin == "" {
			seen[i].Plugin = ""
		}
	}
	if !reflect.DeepEqual(seen, without) {
		t.Errorf("with the view:\n%+v\n%+v", seen, without)
	}
	h.server.SQL(t, "REVOKE SELECT ON mysql.user FROM 'check'@localhost")
}

// liveAccounts: requirements come back byte for byte as they were given, and
// the rest of each account as it was made.
func (h *host) liveAccounts(t *testing.T) {
	t.Helper()
	subjects := []string{"/CN=a", ` /O= a'b"c` + "`d/CN= x ", `/O=a\xC3\xBC\/b\\c/CN=x`, "/O=Müller/CN=山田", "/O=a\tb\nc/CN=x",
		`{"a":[1]}</b>&\u0041`, "/OU=" + strings.Repeat("u", 1020), "/OU=" + strings.Repeat(`\xC3`, 204)}
	lost := []string{"/OU=" + strings.Repeat("u", 1021), "/OU=" + strings.Repeat(`\xC3`, 205), "/CN=🔑",
		"/OU=" + strings.Repeat("u", 2990) + "/CN=x"}
	var statements strings.Builder
	for i, subject := range slices.Concat(subjects, lost) {
		statements.WriteString("CREATE USER " + oddAccount(i).SQL() + " REQUIRE ISSUER '/CN=ca' AND SUBJECT " + dialect.Literal(subject) +
			" AND CIPHER 'TLS_AES_256_GCM_SHA384';\n")
	}
	h.server.SQL(t, statements.String()+`CREATE USER 'o''br"ien\\'@'10.%' IDENTIFIED BY 'pw' REQUIRE SSL; CREATE USER 'müller'@'%' REQUIRE X509;`)
	accounts, err := session(t, live.Address{Socket: h.server.Socket}, asRoot(true)).Accounts(inMinutes(t))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[dialect.Account]live.Account{}
	for _, a := range accounts {
		byName[a.Account] = a
	}
	for i, subject := range slices.Concat(subjects, lost) {
		a := byName[oddAccount(i)]
		if i >= len(subjects) && !h.product.MySQL() {
			subject = "" // see live.Account
		}
		if a.Type != "SPECIFIED" || a.Subject != subject || a.Issuer != "/CN=ca" || a.Cipher != "TLS_AES_256_GCM_SHA384" ||
			a.HasPassword == nil || *a.HasPassword {
			t.Errorf("%+v, want subject %q", a, subject)
		}
	}
	want := map[dialect.Account]live.Account{
		{User: `o'br"ien\`, Host: "10.%"}: {Type: "ANY", HasPassword: yes()},
		{User: "müller", Host: "%"}:       {Type: "X509", HasPassword: no()},
		{User: "locked", Host: "%"}:       {Locked: true, HasPassword: no()},
		{User: "", Host: "%"}:             {Type: "X509", Anonymous: true, HasPassword: no()},
		{User: "dba", Host: "%"}:          {Role: true, Locked: true},
	}
	if !h.product.MySQL() {
		delete(want, dialect.Account{User: "dba", Host: "%"})
		want[dialect.Account{User: "dba"}] = live.Account{Role: true}
	}
	for name, w := range want {
		got, found := byName[name]
		w.Account, w.Plugin = name, got.Plugin
		if !found || !reflect.DeepEqual(got, w) {
			t.Errorf("got %+v, want %+v", got, w)
		}
	}
}

func oddAccount(i int) dialect.Account {
	return dialect.Account{User: "odd" + string(rune('a'+i)), Host: "%"}
}

func yes() *bool { b := true; return &b }
func no() *bool  { return new(bool) }
