package proof

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"

	"myca/dialect"
	"myca/dn"
	"myca/templates"
)

// TestFleetGoldenSQL parses fleet.sql as package templates makes it for MySQL
// from 8.0 on.
func TestFleetGoldenSQL(t *testing.T) {
	names, err := filepath.Glob("../../templates/testdata/fleet/*.fleet.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, name := range names {
		if !regexp.MustCompile(`^mysql-([89]|[1-9][0-9])\.`).MatchString(filepath.Base(name)) {
			continue
		}
		files++
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fleetStatements(t, string(text)); len(got) == 0 {
			t.Errorf("%s has no statements about accounts", name)
		}
	}
	if files == 0 {
		t.Fatal("no files in ../../templates/testdata/fleet")
	}
}

// said is what a statement about an account says.
type said struct {
	Verb, User, Host, Password, Issuer, Subject string
}

// fleetStatements parses a file; settings of the session are left out.
func fleetStatements(t *testing.T, text string) []said {
	t.Helper()
	statements, _, err := parser.New().Parse(text, "", "")
	if err != nil {
		t.Fatal(err)
	}
	var all []said
	for _, s := range statements {
		switch s := s.(type) {
		case *ast.CreateUserStmt:
			if !s.IfNotExists {
				t.Errorf("%s fails on an account that exists", s.Text())
			}
			all = append(all, saidOf("CREATE", s.Specs, s.AuthTokenOrTLSOptions))
		case *ast.AlterUserStmt:
			all = append(all, saidOf("ALTER", s.Specs, s.AuthTokenOrTLSOptions))
		case *ast.GrantStmt:
			all = append(all, saidOf("GRANT", s.Users, nil))
		case *ast.SetStmt:
		default:
			t.Errorf("a %T: %s", s, s.Text())
		}
	}
	return all
}

func saidOf(verb string, users []*ast.UserSpec, demands []*ast.AuthTokenOrTLSOption) said {
	s := said{Verb: verb, User: users[0].User.Username, Host: users[0].User.Hostname}
	if users[0].AuthOpt != nil {
		s.Password = users[0].AuthOpt.AuthString
	}
	for _, d := range demands {
		switch d.Type {
		case ast.Issuer:
			s.Issuer = d.Value
		case ast.Subject:
			s.Subject = d.Value
		}
	}
	return s
}

// TestFleetSQL parses a fleet of 500 accounts with awkward names, passwords and
// subjects: each statement says what was meant, in the order given.
func TestFleetSQL(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	awkward := func(i int) string {
		pieces := []string{"'", `"`, `\`, ";", "-- ", "#", "/*", "*/", "ü", "漢", " ", "%", "_", "x", "\\'", "''"}
		text := fmt.Sprintf("u%d", i)
		for range random.IntN(4) {
			text += pieces[random.IntN(len(pieces))]
		}
		return text + "."
	}
	unquoted := strings.NewReplacer("'", "", `\`, "", `"`, "", "`", "") // dialect.ParseAccount refuses them
	target := dialect.Version{Product: dialect.MySQL, Major: 8, Minor: 4, Patch: -1}
	fleet := templates.Fleet{Target: target}
	begin, err := fleet.Begin()
	if err != nil {
		t.Fatal(err)
	}
	text := begin
	var want []said
	for i := range 500 {
		subject, err := name(t, "/O=sampdb").With("CN", awkward(i))
		if err != nil {
			t.Fatal(err)
		}
		a := templates.Accounts{
			Target: target, Library: dn.OpenSSL3, Name: awkward(i), Serial: "aa", NotAfter: time.Unix(1_900_000_000, 0),
			Issuer:   name(t, "/O=sampdb/CN=sampdb CA"),
			Subject:  subject,
			Accounts: []dialect.Account{{User: unquoted.Replace(awkward(i)), Host: "10.%"}},
		}
		one := said{User: a.Accounts[0].User, Host: "10.%", Issuer: a.Issuer.OneLine(a.Library), Subject: a.Subject.OneLine(a.Library)}
		if random.IntN(2) == 0 {
			a.Password = new(awkward(i))
		}
		grant, err := dialect.ParseGrant("SELECT ON `it's " + fmt.Sprint(i) + "`.*")
		if err != nil {
			t.Fatal(err)
		}
		a.Grants = []dialect.Grant{grant}
		piece, err := fleet.Accounts(a)
		if err != nil {
			t.Fatal(err)
		}
		text += piece
		for _, verb := range []string{"CREATE", "ALTER", "GRANT"} {
			s := one
			s.Verb = verb
			if verb == "CREATE" && a.Password != nil {
				s.Password = *a.Password
			}
			if verb == "GRANT" {
				s.Issuer, s.Subject = "", ""
			}
			want = append(want, s)
		}
	}
	if diff := cmp.Diff(want, fleetStatements(t, text+fleet.End())); diff != "" {
		t.Errorf("statements (-meant +read):\n%s", diff)
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "--") && strings.ContainsAny(line, "'\"`") {
			t.Errorf("a quote in the comment %q", line)
		}
	}
}
