package check_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/check"
	"myca/dialect"
	"myca/dn"
	"myca/finding"
	"myca/live"
)

// The store of the tests.
const (
	authority = "/C=US/O=acme/CN=acme CA"
	laura     = "/C=US/ST=WI/O=acme/CN=laura"
	bob       = "/C=US/ST=WI/O=acme/CN=bob"
)

func version(t testing.TB, text string) dialect.Version {
	t.Helper()
	v, err := dialect.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func der(t testing.TB, text string) []byte {
	t.Helper()
	name, err := dn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, name)
}

func encode(t testing.TB, name dn.Name) []byte {
	t.Helper()
	data, err := name.DER()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func certificate(t testing.TB, name, subject string) check.Certificate {
	return check.Certificate{Name: name, RawSubject: der(t, subject), RawIssuer: der(t, authority)}
}

func listing(list ...check.Certificate) func() iter.Seq2[check.Certificate, error] {
	return func() iter.Seq2[check.Certificate, error] {
		return func(yield func(check.Certificate, error) bool) {
			for _, c := range list {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// account reads 'USER@HOST TYPE', with a password unless options change it.
func account(text string, options ...func(*live.Account)) live.Account {
	who, kind, _ := strings.Cut(text, " ")
	user, host, _ := strings.Cut(who, "@")
	yes := true
	a := live.Account{Account: dialect.Account{User: user, Host: host}, Type: kind, HasPassword: &yes, Anonymous: user == "", Plugin: "caching_sha2_password"}
	for _, o := range options {
		o(&a)
	}
	return a
}

func issuer(text string) func(*live.Account) {
	return func(a *live.Account) { a.Type, a.Issuer = "SPECIFIED", text }
}
func subject(text string) func(*live.Account) {
	return func(a *live.Account) { a.Type, a.Subject = "SPECIFIED", text }
}
func cipher(text string) func(*live.Account) {
	return func(a *live.Account) { a.Type, a.Cipher = "SPECIFIED", text }
}
func plugin(name string) func(*live.Account) { return func(a *live.Account) { a.Plugin = name } }
func bare(a *live.Account)                   { no := false; a.HasPassword = &no }
func untold(a *live.Account)                 { a.HasPassword = nil }
func locked(a *live.Account)                 { a.Locked = true }
func role(a *live.Account)                   { a.Role = true }

// recorded says that the store issued a pair with that subject for an account.
func recorded(user, host, subject string, require dialect.Requirement) check.Recorded {
	return check.Recorded{Account: dialect.Account{User: user, Host: host}, Name: user, Requirement: require, Subject: subject, Issuer: authority}
}

func store(t testing.TB, accounts ...live.Account) check.Accounts {
	return check.Accounts{
		Where: "server db1.example.com:3306", Server: accounts, Version: version(t, "mysql-9.7"), Library: dn.OpenSSL3, Hostname: "db1",
		Certificates: listing(certificate(t, "laura", laura), certificate(t, "bob", bob)),
		Authorities:  []string{authority},
	}
}

// ids are the findings as "identifier where".
func ids(found []finding.Finding) []string {
	list := []string{}
	for _, f := range found {
		list = append(list, f.ID+" "+f.Where)
	}
	return list
}

func judged(t testing.TB, a check.Accounts) ([]check.View, []finding.Finding) {
	t.Helper()
	views, found, err := a.Judge()
	if err != nil {
		t.Fatal(err)
	}
	return views, found
}

func TestAccounts(t *testing.T) {
	full := func(a *live.Account) { a.Type, a.Issuer, a.Subject = "SPECIFIED", authority, laura }
	of := func(host string) check.Recorded { return recorded("laura", host, laura, dialect.Requirement{}) }
	replica := recorded("repl", "10.0.0.2", laura, dialect.Requirement{Issuer: true, Subject: true})
	replica.OnSource = true
	maria := func(a *check.Accounts) { a.Version.Product, a.Version.Major = dialect.MariaDB, 11 }
	for name, test := range map[string]struct {
		accounts []live.Account
		recorded []check.Recorded
		change   func(*check.Accounts)
		want     []string
	}{
		"sound":                          {accounts: []live.Account{account("laura@%", full)}, recorded: []check.Recorded{of("%")}},
		"subject alone":                  {accounts: []live.Account{account("laura@%", subject(laura))}},
		"issuer alone":                   {accounts: []live.Account{account("laura@%", issuer(authority))}},
		"any certificate":                {accounts: []live.Account{account("laura@% X509")}},
		"TLS":                            {accounts: []live.Account{account("laura@% ANY")}},
		"local without TLS":              {accounts: []live.Account{account("laura@localhost"), account("l@127.0.0.1"), account("l@127.%"), account("l@::1"), account("l@127.0.0.0/255.0.0.0"), account("l@DB1")}},
		"local and open":                 {accounts: []live.Account{account("@localhost", bare), account("root@127.0.0.1", bare)}, want: []string{"account-anonymous ''@'localhost'"}},
		"wrong subject":                  {accounts: []live.Account{account("laura@%", subject(laura+"x"))}, want: []string{"account-locked-out 'laura'@'%'"}},
		"wrong subject of the store":     {accounts: []live.Account{account("laura@%", subject("/CN=laura"))}, recorded: []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{Subject: true})}, want: []string{"account-locked-out 'laura'@'%'"}},
		"wrong subject, locked":          {accounts: []live.Account{account("laura@%", subject(laura+"x"), locked), account("r@%", subject("/CN=r"), role)}},
		"another's subject":              {accounts: []live.Account{account("laura@%", issuer(authority), subject(bob))}, recorded: []check.Recorded{of("%")}, want: []string{"account-locked-out 'laura'@'%'"}},
		"certificate that has ended":     {accounts: []live.Account{account("laura@%", full)}, recorded: []check.Recorded{of("%")}, change: func(a *check.Accounts) { a.Certificates = listing(certificate(t, "bob", bob)) }, want: []string{"account-locked-out 'laura'@'%'"}},
		"ended, and its CA is gone":      {accounts: []live.Account{account("laura@%", full)}, recorded: []check.Recorded{of("%")}, change: func(a *check.Accounts) { a.Certificates, a.Authorities = listing(), nil }, want: []string{"account-locked-out 'laura'@'%'"}},
		"foreign issuer":                 {accounts: []live.Account{account("laura@%", issuer("/CN=other CA"))}, want: []string{"requirement-foreign 'laura'@'%'"}},
		"foreign issuer, right subject":  {accounts: []live.Account{account("laura@%", issuer("/CN=other CA"), subject(laura))}, want: []string{"requirement-foreign 'laura'@'%'"}},
		"nearly the issuer":              {accounts: []live.Account{account("laura@%", issuer("/C=US/O=acme/CN=acme ca"))}, want: []string{"account-locked-out 'laura'@'%'"}},
		"issuer without certificates":    {accounts: []live.Account{account("laura@%", issuer("/CN=new CA"))}, change: func(a *check.Accounts) { a.Authorities = append(a.Authorities, "/CN=new CA") }, want: []string{"account-locked-out 'laura'@'%'"}},
		"any certificate of none":        {accounts: []live.Account{account("laura@% X509")}, change: func(a *check.Accounts) { a.Certificates = listing() }},
		"no store":                       {accounts: []live.Account{account("laura@%", subject("/CN=x")), account("bob@%", issuer("/CN=y"))}, change: func(a *check.Accounts) { a.Certificates = nil }},
		"less: no subject":               {accounts: []live.Account{account("laura@%", issuer(authority))}, recorded: []check.Recorded{of("%")}, want: []string{"requirement-differs 'laura'@'%'"}},
		"less, and locked out":           {accounts: []live.Account{account("laura@%", subject("/CN=laura"))}, recorded: []check.Recorded{of("%")}, want: []string{"account-locked-out 'laura'@'%'"}},
		"less: any certificate":          {accounts: []live.Account{account("laura@% X509")}, recorded: []check.Recorded{of("%")}, want: []string{"requirement-differs 'laura'@'%'"}},
		"less: nothing":                  {accounts: []live.Account{account("laura@%")}, recorded: []check.Recorded{of("%")}, want: []string{"requirement-differs 'laura'@'%'"}},
		"as asked for: any certificate":  {accounts: []live.Account{account("laura@% X509")}, recorded: []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{X509: true})}},
		"more than asked for":            {accounts: []live.Account{account("laura@%", full)}, recorded: []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{SSL: true})}},
		"less: no cipher":                {accounts: []live.Account{account("laura@%", full)}, recorded: []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{Issuer: true, Cipher: "AES"})}, want: []string{"requirement-differs 'laura'@'%'"}},
		"cipher, MySQL":                  {accounts: []live.Account{account("laura@%", cipher("AES"), bare)}, want: []string{"cipher-only 'laura'@'%'"}},
		"cipher, MariaDB":                {accounts: []live.Account{account("laura@%", cipher("AES"), bare)}, change: maria, want: []string{"cipher-only 'laura'@'%'", "account-open 'laura'@'%'"}},
		"cipher and subject":             {accounts: []live.Account{account("laura@%", cipher("AES"), subject(laura))}},
		"open":                           {accounts: []live.Account{account("laura@%", bare), account("@10.0.0._", bare), account("x@", bare)}, want: []string{"account-open 'laura'@'%'", "account-anonymous ''@'10.0.0._'", "account-open ''@'10.0.0._'", "account-open 'x'@''"}},
		"open with TLS":                  {accounts: []live.Account{account("laura@% ANY", bare)}, want: []string{"account-open 'laura'@'%'"}},
		"open but for a certificate":     {accounts: []live.Account{account("laura@% X509", bare), account("bob@10.%", subject(bob), bare)}},
		"open but locked":                {accounts: []live.Account{account("laura@%", bare, locked), account("r@", bare, role)}},
		"user of the socket":             {accounts: []live.Account{account("root@%", bare, plugin("unix_socket")), account("r@%", bare, plugin("auth_socket"))}},
		"password kept elsewhere":        {accounts: []live.Account{account("laura@%", bare, plugin("pam"))}, want: []string{"account-unprotected 'laura'@'%'"}},
		"password not told":              {accounts: []live.Account{account("laura@% ANY", untold)}},
		"unprotected":                    {accounts: []live.Account{account("laura@%")}, want: []string{"account-unprotected 'laura'@'%'"}},
		"secure transport":               {accounts: []live.Account{account("laura@%"), account("bob@%", bare)}, change: func(a *check.Accounts) { a.SecureTransport = true }, want: []string{"account-open 'bob'@'%'"}},
		"missing":                        {accounts: []live.Account{account("laura@%", full)}, recorded: []check.Recorded{of("%"), of("LOCALHOST"), of("localhost")}, want: []string{"account-missing 'laura'@'LOCALHOST'"}},
		"missing, of another's replica":  {recorded: []check.Recorded{replica}},
		"of a replica":                   {accounts: []live.Account{account("repl@10.0.0.2", full)}, recorded: []check.Recorded{replica}},
		"of a replica, demanding less":   {accounts: []live.Account{account("repl@10.0.0.2", issuer(authority))}, recorded: []check.Recorded{replica}, want: []string{"requirement-differs 'repl'@'10.0.0.2'"}},
		"host in other case":             {accounts: []live.Account{account("laura@db2", full)}, recorded: []check.Recorded{of("DB2")}},
		"user in other case":             {accounts: []live.Account{account("Laura@%", full)}, recorded: []check.Recorded{of("%")}, want: []string{"account-missing 'laura'@'%'"}},
		"accounts not seen":              {change: func(a *check.Accounts) { a.Server = nil }, recorded: []check.Recorded{of("%")}},
		"shadowed":                       {accounts: []live.Account{account("@localhost", bare), account("laura@%", full)}, recorded: []check.Recorded{of("%")}, want: []string{"account-anonymous ''@'localhost'", "account-shadowed 'laura'@'%'"}},
		"shadowed, of nobody":            {accounts: []live.Account{account("@localhost", bare), account("laura@%", full)}, want: []string{"account-anonymous ''@'localhost'"}},
		"shadowed, of the store":         {accounts: []live.Account{account("@db1"), account("laura@%")}, recorded: []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{None: true})}, want: []string{"account-anonymous ''@'db1'", "account-unprotected 'laura'@'%'", "account-shadowed 'laura'@'%'"}},
		"shadowed, without requirement":  {accounts: []live.Account{account("@localhost"), account("laura@% ANY")}, want: []string{"account-anonymous ''@'localhost'"}},
		"shadowed by one that is locked": {accounts: []live.Account{account("@localhost", locked), account("laura@%", full)}},
		"anonymous, as specific":         {accounts: []live.Account{account("@% ANY"), account("laura@%", full), account("@localhost"), account("laura@localhost", full)}, recorded: []check.Recorded{of("%"), of("localhost")}, want: []string{"account-anonymous ''@'%'", "account-anonymous ''@'localhost'", "account-shadowed 'laura'@'%'"}},
		"anonymous, elsewhere":           {accounts: []live.Account{account("@localhost"), account("laura@10.%", full), account("laura@127.0.0.1", full)}, want: []string{"account-anonymous ''@'localhost'"}},
		"anonymous, less specific":       {accounts: []live.Account{account("@l% ANY"), account("laura@localhost", full)}, want: []string{"account-anonymous ''@'l%'"}},
		"shadowed by the same user":      {accounts: []live.Account{account("laura@%", full), account("laura@10.1.% X509")}, want: []string{"account-shadowed 'laura'@'%'"}},
		"both of the store":              {accounts: []live.Account{account("laura@%", full), account("laura@10.1.%", subject(laura))}, recorded: []check.Recorded{of("%"), recorded("laura", "10.1.%", laura, dialect.Requirement{Subject: true})}},
		"same user, same requirement":    {accounts: []live.Account{account("laura@%", full), account("laura@10.1.%", full)}},
		"same user, local":               {accounts: []live.Account{account("laura@%", full), account("laura@localhost")}},
	} {
		t.Run(name, func(t *testing.T) {
			a := store(t, test.accounts...)
			a.Recorded = test.recorded
			if test.change != nil {
				test.change(&a)
			}
			views, found := judged(t, a)
			if diff := cmp.Diff(append([]string{}, test.want...), ids(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, found)
			}
			if roles := len(slices.DeleteFunc(slices.Clone(test.accounts), func(a live.Account) bool { return !a.Role })); len(views) != len(test.accounts)-roles {
				t.Errorf("%d views of %d accounts, %d of them roles", len(views), len(test.accounts), roles)
			}
		})
	}
}

func TestViews(t *testing.T) {
	a := store(t, account("laura@%", issuer(authority), subject(laura), cipher("AES")), account("b@% X509"), account("c@% ANY"),
		account("d@%"), account("e@%", cipher("AES")), account("f@%", subject("/CN=\x1b[2J\xff")), account("g@%", issuer(authority)))
	a.Certificates = func() iter.Seq2[check.Certificate, error] {
		return func(yield func(check.Certificate, error) bool) {
			for range 12 {
				if !yield(certificate(t, "laura", laura), nil) || !yield(certificate(t, "bob", bob), nil) {
					return
				}
			}
		}
	}
	views, _ := judged(t, a)
	ten := slices.Repeat([]string{"laura", "bob"}, 5)
	want := []check.View{
		{Account: "'laura'@'%'", Require: "REQUIRE ISSUER '" + authority + "' AND SUBJECT '" + laura + "' AND CIPHER 'AES'"},
		{Account: "'b'@'%'", Require: "REQUIRE X509", SatisfiedBy: ten, Satisfying: 24},
		{Account: "'c'@'%'", Require: "REQUIRE SSL"},
		{Account: "'d'@'%'", Require: "REQUIRE NONE"},
		{Account: "'e'@'%'", Require: "REQUIRE CIPHER 'AES'"},
		{Account: "'f'@'%'", Require: `REQUIRE SUBJECT '/CN=\x1B[2J\xFF'`},
		{Account: "'g'@'%'", Require: "REQUIRE ISSUER '" + authority + "'", SatisfiedBy: ten, Satisfying: 24},
	}
	views[5].Nearest = nil // in TestNearest
	if diff := cmp.Diff(want, views); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	a := store(t, account("laura@%", subject(laura)))
	a.Certificates = func() iter.Seq2[check.Certificate, error] {
		return func(yield func(check.Certificate, error) bool) { yield(check.Certificate{}, broken) }
	}
	if _, _, err := a.Judge(); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	a.Certificates = listing(check.Certificate{Name: "odd", RawSubject: []byte("x"), RawIssuer: der(t, authority)})
	if _, _, err := a.Judge(); err == nil || !strings.Contains(err.Error(), `"odd"`) {
		t.Errorf("got %v", err)
	}
}

func TestMends(t *testing.T) {
	a := store(t, account("laura@%", subject("/CN=laura")), account("o'x@%", subject("/C=US/ST=WI/O=acme/CN=LAURA")),
		account("bob@%"), account("@%", bare), account("carol@10.%", bare), account("dave@%", issuer("/C=US/O=acme/CN=acme ca"), subject(bob)),
		account("eve@% ANY", cipher("x")), account("fay@%", subject("/C=US/ST=WI/O=acme/CN=bo")))
	a.Commands.Connection = "-u root -p"
	a.Recorded = []check.Recorded{recorded("laura", "%", laura, dialect.Requirement{Subject: true})}
	_, found := judged(t, a)
	var mends []string
	for _, f := range found {
		mends = append(mends, f.Mend)
	}
	want := []string{
		`myca grant 'laura@%' --existing | mysql -u root -p`,
		`ALTER USER 'o''x'@'%' REQUIRE SUBJECT '/C=US/ST=WI/O=acme/CN=laura';`,
		`ALTER USER 'bob'@'%' REQUIRE SSL;`,
		`DROP USER ''@'%';`,
		`DROP USER ''@'%';`,
		`DROP USER 'carol'@'10.%'; or, for whoever has a certificate of a CA in the server's ssl-ca: ALTER USER 'carol'@'10.%' REQUIRE X509;`,
		`ALTER USER 'dave'@'%' REQUIRE ISSUER '/C=US/O=acme/CN=acme CA' AND SUBJECT '/C=US/ST=WI/O=acme/CN=bob';`,
		`myca issue client 'eve@%' --existing, and do what it prints`,
		`myca issue client 'fay@%' --existing, and do what it prints`, // not bob's subject
	}
	if diff := cmp.Diff(want, mends); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	a.TLSOff = true
	_, found = judged(t, a)
	for i, f := range found {
		atOnce := f.ID == "account-open" || f.ID == "account-anonymous"
		if after := "once TLS is on: " + want[i]; !atOnce && f.Mend != after || atOnce && f.Mend != want[i] {
			t.Errorf("without TLS %s: %s", f.ID, f.Mend)
		}
	}
	a.TLSOff = false
	a.Certificates = listing()
	a.Recorded = append(a.Recorded, recorded("dave", "%", bob, dialect.Requirement{}))
	a.Recorded[1].Issuer = "/C=US/O=acme/CN=acme ca"
	views, found := judged(t, a)
	if want := "myca renew 'dave'"; found[6].Mend != want || views[5].Nearest != nil || !strings.Contains(found[6].What, "has ended") {
		t.Errorf("of a certificate that has ended: %+v, nearest %+v", found[6], views[5].Nearest)
	}
	a.Version = version(t, "mysql-5.6")
	if _, found = judged(t, a); found[2].Mend != "GRANT USAGE ON *.* TO 'bob'@'%' REQUIRE SSL;" {
		t.Errorf("on 5.6: %s", found[2].Mend)
	}
}

func TestUnseenOfAccounts(t *testing.T) {
	a := store(t, account("laura@%", subject(laura)), account("bob@%", untold), account("carol@localhost", untold), account("p@%", untold, plugin("pam")))
	want := []string{"whether these accounts have a password could not be seen: 'bob'@'%'"}
	if diff := cmp.Diff(want, a.Unseen()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	a.Certificates = nil
	want = append([]string{"there is no store: what accounts require was compared with no certificate (accounts that require one: 1)"}, want...)
	if diff := cmp.Diff(want, a.Unseen()); diff != "" {
		t.Errorf("without a store (-want +got):\n%s", diff)
	}
	a.Server = nil
	if diff := cmp.Diff([]string{"the accounts of server db1.example.com:3306 could not be seen"}, a.Unseen()); diff != "" {
		t.Errorf("without accounts (-want +got):\n%s", diff)
	}
}
