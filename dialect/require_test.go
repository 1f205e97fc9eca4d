package dialect

import (
	"strings"
	"testing"
)

func TestParseRequirement(t *testing.T) {
	const issuer, subject = "/CN=ca", `/CN=it's \xC3`
	const issuerSQL, subjectSQL = "ISSUER '/CN=ca'", `SUBJECT '/CN=it''s \\xC3'`
	for _, c := range []struct {
		text   string
		want   Requirement
		str    string
		clause string
	}{
		{"issuer,subject", Requirement{Issuer: true, Subject: true}, "issuer,subject", issuerSQL + " AND " + subjectSQL},
		{" Subject , ISSUER ", Requirement{Issuer: true, Subject: true}, "issuer,subject", issuerSQL + " AND " + subjectSQL},
		{"issuer", Requirement{Issuer: true}, "issuer", issuerSQL},
		{"subject", Requirement{Subject: true}, "subject", subjectSQL},
		{"none", Requirement{None: true}, "none", "NONE"},
		{"SSL", Requirement{SSL: true}, "ssl", "SSL"},
		{"x509", Requirement{X509: true}, "x509", "X509"},
		{"cipher=ECDHE-RSA-AES256-GCM-SHA384", Requirement{Cipher: "ECDHE-RSA-AES256-GCM-SHA384"},
			"cipher=ECDHE-RSA-AES256-GCM-SHA384", "CIPHER 'ECDHE-RSA-AES256-GCM-SHA384'"},
		{"Cipher = TLS_AES_256_GCM_SHA384,subject", Requirement{Subject: true, Cipher: "TLS_AES_256_GCM_SHA384"},
			"subject,cipher=TLS_AES_256_GCM_SHA384", subjectSQL + " AND CIPHER 'TLS_AES_256_GCM_SHA384'"},
		{"issuer,subject,cipher=x", Requirement{Issuer: true, Subject: true, Cipher: "x"},
			"issuer,subject,cipher=x", issuerSQL + " AND " + subjectSQL + " AND CIPHER 'x'"},
	} {
		got, err := ParseRequirement(c.text)
		if err != nil || got != c.want || got.String() != c.str {
			t.Errorf("ParseRequirement(%q) = %+v (%s), %v, want %+v (%s)", c.text, got, got, err, c.want, c.str)
		}
		if clause := got.Clause(issuer, subject); clause != "REQUIRE "+c.clause {
			t.Errorf("%s: %s, want REQUIRE %s", c.text, clause, c.clause)
		}
	}
}

func TestParseRequirementRefuses(t *testing.T) {
	for text, problems := range map[string][]string{
		"":                              {"an element is empty"},
		"issuer,":                       {"an element is empty"},
		"certificate":                   {`"certificate" is not known`},
		"none,issuer":                   {"none combines with nothing else"},
		"ssl,x509":                      {"ssl combines with nothing else", "x509 combines with nothing else"},
		"x509,cipher=AES":               {"x509 combines with nothing else"},
		"issuer,issuer":                 {"issuer stands there twice"},
		"cipher=a,cipher=b":             {"cipher stands there twice"},
		"cipher":                        {`one cipher suite, not ""`},
		"cipher=":                       {`one cipher suite, not ""`},
		"cipher=A:B":                    {`not "A:B"`},
		"cipher=x' OR '1":               {`not "x' OR '1"`},
		"issuer=/CN=ca":                 {"issuer takes no value"},
		"subject AND issuer":            {"is not known"},
		"none,foo,cipher=a b,foo":       {`"foo" is not known`, "foo stands there twice", `not "a b"`, "none combines"},
		"issuer,subject'; DROP TABLE x": {"is not known"},
	} {
		got, err := ParseRequirement(text)
		if err == nil || got != (Requirement{}) {
			t.Errorf("ParseRequirement(%q) = %+v, %v", text, got, err)
			continue
		}
		for _, problem := range problems {
			if !strings.Contains(err.Error(), problem) {
				t.Errorf("ParseRequirement(%q): %v, want %q in it", text, err, problem)
			}
		}
		if hint := hintOf(t, err); !strings.HasPrefix(hint, "--require issuer,subject") {
			t.Errorf("ParseRequirement(%q): hint %q", text, hint)
		}
	}
}

// TestRequirementByHand: of contradictory demands the stricter one counts, and
// no demand is the default, never an open account.
func TestRequirementByHand(t *testing.T) {
	for _, c := range []struct {
		r    Requirement
		want string
	}{
		{Requirement{}, "REQUIRE ISSUER 'i' AND SUBJECT 's'"},
		{Requirement{None: true, Subject: true}, "REQUIRE SUBJECT 's'"},
		{Requirement{SSL: true, Cipher: "c"}, "REQUIRE CIPHER 'c'"},
		{Requirement{None: true, SSL: true}, "REQUIRE SSL"},
		{Requirement{SSL: true, X509: true}, "REQUIRE X509"},
	} {
		if got := c.r.Clause("i", "s"); got != c.want {
			t.Errorf("%+v: %s, want %s", c.r, got, c.want)
		}
	}
	if got := (Requirement{}).String(); got != "issuer,subject" {
		t.Errorf("the zero requirement is %q", got)
	}
}

// FuzzParseRequirement: what is accepted reads back, and issuer and subject
// stay in their literals.
func FuzzParseRequirement(f *testing.F) {
	for _, seed := range []string{"issuer,subject", "none", "ssl", "x509", "cipher=AES128-SHA", "ISSUER , cipher = x", "none,ssl", "=,="} {
		f.Add(seed, "/CN=it's", `\`)
	}
	f.Fuzz(func(t *testing.T, text, issuer, subject string) {
		r, err := ParseRequirement(text)
		if err != nil {
			hintOf(t, err)
			return
		}
		if again, err := ParseRequirement(r.String()); err != nil || again != r {
			t.Errorf("ParseRequirement(%q) = %+v, %v, want %+v", r, again, err, r)
		}
		rest := strings.TrimPrefix(r.Clause(issuer, subject), "REQUIRE ")
		for _, part := range []struct{ word, value string }{{"ISSUER ", issuer}, {"SUBJECT ", subject}, {"CIPHER ", r.Cipher}} {
			if after, ok := strings.CutPrefix(rest, part.word); ok {
				after, ok = strings.CutPrefix(after, Literal(part.value))
				rest = strings.TrimPrefix(after, " AND ")
				if !ok {
					t.Errorf("%s: %s", text, r.Clause(issuer, subject))
				}
			}
		}
		if rest != "" && rest != "NONE" && rest != "SSL" && rest != "X509" {
			t.Errorf("%s: %s", text, r.Clause(issuer, subject))
		}
	})
}

func TestCheckRequired(t *testing.T) {
	for _, c := range []struct {
		target, value string
		kept          bool
	}{
		{"mysql-9.7", strings.Repeat("a", 65535), true},
		{"mysql-9.7", strings.Repeat("a", 65536), false},
		{"mysql-9.7", "\xff", true},
		{"mariadb-10.3", strings.Repeat("a", 65535), true},
		{"mariadb-10.4", strings.Repeat("a", 1024), true},
		{"mariadb-10.4", strings.Repeat("a", 1025), false},
		{"mariadb-11.8", strings.Repeat(`"`, 512), true},
		{"mariadb-11.8", strings.Repeat(`\`, 513), false},
		{"mariadb-11.8", strings.Repeat("\n", 512), true},
		{"mariadb-11.8", strings.Repeat("\x01", 171), false},
		{"mariadb-11.8", strings.Repeat("é", 512), true},
		{"mariadb-11.8", "🔑", false},
		{"mariadb-11.8", "\xff", false},
	} {
		v, err := Parse(c.target)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.CheckRequired(c.value); (err == nil) != c.kept {
			t.Errorf("%s, %d bytes of %.3q: %v", c.target, len(c.value), c.value, err)
		}
	}
}
