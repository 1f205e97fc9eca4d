package issue

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
	"myca/dn"
)

func TestCheckName(t *testing.T) {
	for _, good := range []string{"a", "db1", "0", "_", "db1.example.com", "App-001_x", strings.Repeat("x", 64), "a..b", "a-"} {
		if err := CheckName(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		"", ".", "..", ".hidden", "-f", "--", "a/b", "../x", "a b", "a\n", "\x00", "ü", "a\\b", "laura@%", "*.example.com",
		"a:b", strings.Repeat("x", 65), "a\xff",
	} {
		err := CheckName(bad)
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != "name" || problems.Hint() == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// fields are those of the problems, in order.
func fields(problems Problems) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Field)
	}
	return list
}

func TestCheckProblems(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	rsa := testAuthority(t, sampdb, ca.RSA2048)
	old := "mysql-5.5"
	now := testNow()
	for name, tt := range map[string]struct {
		a      *ca.Authority
		r      Request
		change func(*Request)
		want   []string // fields
		text   string   // in the first message
	}{
		"server":              {a, serverRequest(), func(*Request) {}, nil, ""},
		"client":              {a, clientRequest(), func(*Request) {}, nil, ""},
		"kind":                {a, clientRequest(), func(r *Request) { r.Kind = "peer" }, []string{"kind"}, `"peer"`},
		"name":                {a, clientRequest(), func(r *Request) { r.Name = "../x" }, []string{"name"}, `"../x"`},
		"no name":             {a, clientRequest(), func(r *Request) { r.Name = "" }, []string{"name"}, `""`},
		"client as server":    {a, clientRequest(), func(r *Request) { r.Profile = ProfileServer }, []string{"profile"}, `client cannot have the profile "server"`},
		"server as client":    {a, serverRequest(), func(r *Request) { r.Profile = ProfileClient }, []string{"profile"}, `server cannot have the profile "client"`},
		"unknown profile":     {a, serverRequest(), func(r *Request) { r.Profile = "both" }, []string{"profile"}, `"both"`},
		"client peer":         {a, clientRequest(), func(r *Request) { r.Profile = ProfilePeer }, nil, ""},
		"server peer":         {a, serverRequest(), func(r *Request) { r.Profile = ProfilePeer }, nil, ""},
		"server's own":        {a, serverRequest(), func(r *Request) { r.Profile = ProfileServer }, nil, ""},
		"client's own":        {a, clientRequest(), func(r *Request) { r.Profile = ProfileClient }, nil, ""},
		"no user":             {a, clientRequest(), func(r *Request) { r.CommonName = "" }, []string{"subject"}, "neither a subject nor a name"},
		"empty subject":       {a, clientRequest(), func(r *Request) { r.Subject = dn.Name{} }, []string{"subject"}, "subject is empty"},
		"long user":           {a, clientRequest(), func(r *Request) { r.CommonName = strings.Repeat("x", 65) }, []string{"subject"}, "64"},
		"user with control":   {a, clientRequest(), func(r *Request) { r.CommonName = "a\x00b" }, []string{"subject"}, ""},
		"slash":               {a, clientRequest(), func(r *Request) { r.Subject = mustName(t, `/CN=x\/CN=root`) }, []string{"subject"}, "slash"},
		"every reason":        {a, clientRequest(), func(r *Request) { r.Subject = mustName(t, `/O=a\/b/CN=ü`) }, []string{"subject", "subject"}, "slash"},
		"authority's subject": {a, clientRequest(), func(r *Request) { r.Subject = a.Subject }, []string{"subject"}, "authority's own subject"},
		"in another case": {a, clientRequest(), func(r *Request) {
			r.Subject = mustName(t, strings.ToUpper(sampdb[:3])+"US/ST=wi/L=MADISON/O=Sampdb/OU=ca/CN=SAMPDB")
		}, []string{"subject"}, "authority's own subject"},
		"with more blanks":       {a, clientRequest(), func(r *Request) { r.Subject = mustName(t, "/C=US/ST= WI/L=Madison/O=sampdb /OU=CA/CN=sampdb") }, []string{"subject"}, "authority's own subject"},
		"authority's CN":         {a, clientRequest(), func(r *Request) { r.Subject = mustName(t, "/O=x/CN=sampdb") }, []string{"subject"}, "CN of the authority"},
		"authority's CN, folded": {a, clientRequest(), func(r *Request) { r.CommonName = "SampDB" }, []string{"subject"}, "CN of the authority"},
		"authority's CN, second": {a, clientRequest(), func(r *Request) { r.Subject = mustName(t, "/CN=x/CN=sampdb") }, []string{"subject"}, "CN of the authority"},
		"authority's CN as host": {a, serverRequest(), func(r *Request) { r.SANs = []string{"sampdb"} }, []string{"subject"}, "CN of the authority"},
		"bad first host":         {a, serverRequest(), func(r *Request) { r.SANs, r.CommonName = []string{"bücher.example"}, "bücher.example" }, []string{"hosts"}, "not ASCII"},
		"empty host":             {a, serverRequest(), func(r *Request) { r.SANs = []string{""} }, []string{"hosts"}, "is empty"},
		"another order":          {a, clientRequest(), func(r *Request) { r.Subject = mustName(t, "/CN=sampdb2/OU=CA/O=sampdb/L=Madison/ST=WI/C=US") }, nil, ""},
		"no key":                 {a, clientRequest(), func(r *Request) { r.Key = "" }, []string{"key"}, `unknown key type ""`},
		"unknown key":            {a, clientRequest(), func(r *Request) { r.Key = "rsa-1024" }, []string{"key"}, `"rsa-1024"`},
		"unknown format":         {a, clientRequest(), func(r *Request) { r.KeyFormat = "der" }, []string{"key_format"}, `"der"`},
		"pkcs1 of EC":            {a, clientRequest(), func(r *Request) { r.KeyFormat = ca.PKCS1 }, []string{"key_format"}, "RSA"},
		"pkcs1 of RSA":           {a, clientRequest(), func(r *Request) { r.KeyFormat, r.Key = ca.PKCS1, ca.RSA2048 }, nil, ""},
		"EC for yaSSL":           {rsa, clientRequest(), func(r *Request) { r.RSAOnly = old }, []string{"key"}, "mysql-5.5 has no ec-p256"},
		"EC authority for yaSSL": {a, clientRequest(), func(r *Request) { r.RSAOnly, r.Key = old, ca.RSA2048 }, []string{"ca"}, "cannot verify"},
		"pkcs8 for yaSSL":        {rsa, clientRequest(), func(r *Request) { r.RSAOnly, r.Key, r.KeyFormat = old, ca.RSA2048, ca.PKCS8 }, []string{"key_format"}, "pkcs1 only"},
		"all of it for yaSSL":    {a, clientRequest(), func(r *Request) { r.RSAOnly, r.Key, r.KeyFormat = old, ca.Ed25519, ca.PKCS8 }, []string{"key", "ca", "key_format"}, ""},
		"RSA for yaSSL":          {rsa, clientRequest(), func(r *Request) { r.RSAOnly, r.Key = old, ca.RSA2048 }, nil, ""},
		"nothing yaSSL reads":    {rsa, clientRequest(), func(r *Request) { r.RSAOnly, r.Key, r.Subject = old, ca.RSA2048, mustName(t, "/DC=x") }, []string{"subject"}, "reads nothing"},
		"no times":               {a, clientRequest(), func(r *Request) { r.NotBefore, r.NotAfter = time.Time{}, time.Time{} }, []string{"not_before", "not_after"}, "not set"},
		"end before begin":       {a, clientRequest(), func(r *Request) { r.NotBefore, r.NotAfter = now.Add(2*time.Hour), now.Add(time.Hour) }, []string{"not_after"}, "not after the beginning"},
		"past":                   {a, clientRequest(), func(r *Request) { r.NotAfter = now.Add(-time.Minute) }, []string{"not_after"}, "is past"},
		"ends now":               {a, clientRequest(), func(r *Request) { r.NotAfter = now }, []string{"not_after"}, "is past"},
		"after the authority":    {a, clientRequest(), func(r *Request) { r.NotBefore, r.NotAfter = now.AddDate(11, 0, 0), now.AddDate(12, 0, 0) }, []string{"not_before"}, "is not before the end"},
		"nothing":                {a, Request{}, func(*Request) {}, []string{"name", "kind", "subject", "key", "not_before", "not_after"}, ""},
		"everything": {a, serverRequest(), func(r *Request) {
			*r = Request{Kind: Server, Name: "..", Profile: "x", Subject: mustName(t, sampdb), SANs: []string{"a b", "c d"}, Key: "k", KeyFormat: "f"}
		}, []string{"name", "profile", "hosts", "hosts", "subject", "key", "key_format", "not_before", "not_after"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tt.change(&tt.r)
			problems := problemsOf(t, tt.a, tt.r)
			if diff := cmp.Diff(tt.want, fields(problems)); diff != "" {
				t.Fatal(diff, problems)
			}
			if problems != nil && !strings.Contains(problems[0].Message, tt.text) {
				t.Errorf("message %q, want %q in it", problems[0].Message, tt.text)
			}
			for _, p := range problems {
				if p.Hint == "" && p.Message == "" {
					t.Errorf("no hint: %+v", p)
				}
			}
			if problems == nil {
				mustMake(t, tt.a, tt.r)
			}
		})
	}
}

// TestDefaultSubject shows subjects and notices that come from the request.
func TestDefaultSubject(t *testing.T) {
	long := strings.Repeat("a", 40) + "." + strings.Repeat("b", 40) + ".example"
	for name, tt := range map[string]struct {
		authority string
		r         Request
		change    func(*Request)
		want      string
		notices   int
	}{
		"client":         {sampdb, clientRequest(), func(*Request) {}, "/C=US/ST=WI/L=Madison/O=sampdb/CN=laura", 0},
		"authority odd":  {"/CN=x CA/O=b/O=a/C=DE/L=z", clientRequest(), func(*Request) {}, "/O=b/O=a/C=DE/L=z/CN=laura", 0},
		"authority bare": {"/CN=x CA", clientRequest(), func(*Request) {}, "/CN=laura", 0},
		"first host":     {sampdb, serverRequest(), func(*Request) {}, "/C=US/ST=WI/L=Madison/O=sampdb/CN=db1.example.com", 0},
		"prefix":         {"/CN=x CA", serverRequest(), func(r *Request) { r.SANs = []string{"dns:db2"} }, "/CN=db2", 0},
		"address":        {"/CN=x CA", serverRequest(), func(r *Request) { r.SANs = []string{"ip:::1"} }, "/CN=::1", 0},
		"prefixed name":  {"/CN=x CA", serverRequest(), func(r *Request) { r.SANs, r.CommonName = []string{"a", "DNS:db2"}, "DNS:db2" }, "/CN=db2", 0},
		"common name":    {"/CN=x CA", serverRequest(), func(r *Request) { r.CommonName = "db9" }, "/CN=db9", 0},
		"wildcard":       {"/CN=x CA", serverRequest(), func(r *Request) { r.SANs = []string{"*.example.com"} }, "/CN=*.example.com", 0},
		"long host":      {"/CN=x CA", serverRequest(), func(r *Request) { r.SANs = []string{long} }, "/CN=" + strings.Repeat("a", 40), 1},
		"64 characters": {"/CN=x CA", serverRequest(), func(r *Request) {
			r.SANs = []string{strings.Repeat("a", 60) + ".com"}
		}, "/CN=" + strings.Repeat("a", 60) + ".com", 0},
		"own subject": {"/O=y/CN=x CA", clientRequest(), func(r *Request) { r.Subject = mustName(t, "/CN=z/C=FR") }, "/CN=z/C=FR", 0},
		"allowed": {"/CN=x CA", clientRequest(), func(r *Request) {
			r.Subject, r.AllowNonportable = mustName(t, `/O=a\/b/CN=ü`), true
		}, `/O=a\/b/CN=ü`, 2},
		"serialNumber": {"/CN=x CA", clientRequest(), func(r *Request) { r.Subject = mustName(t, "/serialNumber=1/CN=y") }, "/serialNumber=1/CN=y", 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := testAuthority(t, tt.authority, ca.ECP256)
			tt.change(&tt.r)
			p := mustCheck(t, a, tt.r)
			if p.Subject.String() != tt.want || len(p.Notices) != tt.notices {
				t.Errorf("subject %q, notices %q; want %q and %d", p.Subject, p.Notices, tt.want, tt.notices)
			}
			if pair := mustMake(t, a, tt.r); pair.Subject.String() != tt.want {
				t.Errorf("the certificate has %q, want %q", pair.Subject, tt.want)
			}
		})
	}
	a := testAuthority(t, "/CN=x CA", ca.ECP256)
	r := serverRequest()
	r.SANs = []string{"*." + strings.Repeat("b", 40) + "." + strings.Repeat("c", 40)}
	if got := problemsOf(t, a, r); got[0].Field != "subject" {
		t.Errorf("a long wildcard: %v", got)
	}
}

func TestValidity(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	now := testNow()
	r := clientRequest()
	r.NotBefore, r.NotAfter = now.Add(-time.Hour+time.Millisecond), now.AddDate(20, 0, 0)
	p := mustCheck(t, a, r)
	if !p.NotAfter.Equal(a.Certificate.NotAfter) || len(p.Notices) != 1 || !strings.Contains(p.Notices[0], "the end of the authority's own") {
		t.Errorf("ends %s, notices %q", p.NotAfter, p.Notices)
	}
	if want := now.Add(-time.Hour); !p.Request.NotBefore.Equal(want) {
		t.Errorf("begins %s, want %s", p.Request.NotBefore, want)
	}
	r.NotBefore, r.NotAfter = now.AddDate(-1, 0, 0), a.Certificate.NotAfter
	p = mustCheck(t, a, r)
	if !p.Request.NotBefore.Equal(a.Certificate.NotBefore) || p.Notices != nil {
		t.Errorf("begins %s, notices %q", p.Request.NotBefore, p.Notices)
	}
	r.NotBefore = now.Add(time.Hour)
	if p = mustCheck(t, a, r); len(p.Notices) != 1 || !strings.Contains(p.Notices[0], "not valid before") {
		t.Errorf("notices %q", p.Notices)
	}
	r = clientRequest()
	if _, err := r.Check(a, a.Certificate.NotAfter); err == nil || !strings.Contains(err.Error(), "ca: the certificate of the authority expired") {
		t.Errorf("at the authority's end: %v", err)
	}
}

// TestRSAOnly shows the format and the notice for servers of the time of yaSSL.
func TestRSAOnly(t *testing.T) {
	a := testAuthority(t, sampdb, ca.RSA2048)
	r := serverRequest()
	r.RSAOnly, r.Key = "mysql-5.5", ca.RSA2048
	pair := mustMake(t, a, r)
	if !strings.HasPrefix(string(pair.KeyPEM), "-----BEGIN RSA PRIVATE KEY-----") {
		t.Errorf("key begins %q", pair.KeyPEM[:40])
	}
	if len(pair.Notices) != 1 || !strings.Contains(pair.Notices[0], "clients of mysql-5.5 and older compare the host with the CN (db1.example.com)") {
		t.Errorf("notices %q", pair.Notices)
	}
	r.SANs = []string{"db1.example.com"}
	if p := mustCheck(t, a, r); p.Notices != nil {
		t.Errorf("notices %q", p.Notices)
	}
	long := "/O=" + strings.Repeat("o", 64) + strings.Repeat("/OU="+strings.Repeat("u", 64), 7) + "/CN=CA"
	r.Subject = mustName(t, "/CN=x")
	if got := problemsOf(t, testAuthority(t, long, ca.RSA2048), r); len(got) != 1 || got[0].Field != "ca" || !strings.Contains(got[0].Message, "reads nothing") {
		t.Errorf("an authority with a long name: %v", got)
	}
}
