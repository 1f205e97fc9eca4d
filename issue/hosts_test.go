package issue

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myca/ca"
)

func TestParseSAN(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	host253 := strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)
	if len(host253) != 253 {
		t.Fatal(len(host253))
	}
	for text, want := range map[string]string{
		"db1":                       "db1",
		"localhost":                 "localhost",
		"DB1.Example.COM":           "DB1.Example.COM",
		"dns:db1":                   "db1",
		"DNS:db1":                   "db1",
		"*.example.com":             "*.example.com",
		"dns:*.a.b.example.com":     "*.a.b.example.com",
		"my_db":                     "my_db",
		"_tcp.example.com":          "_tcp.example.com",
		"xn--bcher-kva.example":     "xn--bcher-kva.example",
		"3com.com":                  "3com.com",
		"1.2.3.4.in-addr.arpa":      "1.2.3.4.in-addr.arpa",
		"a":                         "a",
		label63:                     label63,
		host253:                     host253,
		"10.0.0.1":                  "10.0.0.1",
		"ip:10.0.0.1":               "10.0.0.1",
		"IP:10.0.0.1":               "10.0.0.1",
		"::1":                       "::1",
		"ip:2001:DB8:0:0::1":        "2001:db8::1",
		"::ffff:10.0.0.1":           "10.0.0.1",
		"255.255.255.255":           "255.255.255.255",
		"fe80::1":                   "fe80::1",
		"0::0:1":                    "::1",
		"dns:x--y":                  "x--y",
		"a.b.c.d.e.f.g.h.i.j.k.l.m": "a.b.c.d.e.f.g.h.i.j.k.l.m",
	} {
		s, problem := parseSAN(text)
		if problem != nil {
			t.Errorf("%q: %s", text, problem)
			continue
		}
		got := s.dns
		if s.ip.IsValid() {
			got = s.ip.String()
		}
		if got != want || s.ip.IsValid() && s.dns != "" {
			t.Errorf("%q became %+v, want %q", text, s, want)
		}
	}
}

func TestParseSANRefuses(t *testing.T) {
	const form = "a host name like db1.example.com or *.example.com, or an IP address"
	for text, want := range map[string][2]string{ // message, hint
		"":                              {"is empty", "a host name or an IP address"},
		" ":                             {"is empty", "a host name or an IP address"},
		"dns:":                          {"is empty", "a host name or an IP address"},
		"ip:":                           {"is not an IP address", "ip:10.0.0.1 or ip:2001:db8::1"},
		" db1":                          {"has blanks around it", "db1"},
		"db1\n":                         {"has blanks around it", "db1"},
		"a b":                           {"has a blank in it", "one host an argument"},
		"a\tb":                          {"has a blank in it", "one host an argument"},
		"a\u00a0b":                      {"has a blank in it", "one host an argument"},
		"db1:3306":                      {"has a port", "db1"},
		"dns:db1:3306":                  {"has a port", "db1"},
		"db1:":                          {"has a port", "db1"},
		"10.0.0.1:3306":                 {"has a port", "10.0.0.1"},
		"[::1]:3306":                    {"has a port", "::1"},
		"[::1]":                         {"has brackets", "::1"},
		"[fe80::1":                      {"has brackets", "fe80::1"},
		"mysql://db1":                   {"is a URL", "the host alone"},
		"laura@10.%":                    {"is an account or a mail address", "the host alone"},
		"10.0.0.0/24":                   {"is a network", "every address, one by one: 10.0.0.0"},
		"2001:db8::/32":                 {"is a network", "every address, one by one: 2001:db8::"},
		"fe80::1%eth0":                  {"has a zone", "fe80::1"},
		"dns:10.0.0.1":                  {"is an IP address, not a host name", "ip:10.0.0.1"},
		"dns:::1":                       {"is an IP address, not a host name", "ip:::1"},
		"ip:db1":                        {"is not an IP address", "ip:10.0.0.1 or ip:2001:db8::1"},
		"ip:10.0.0.256":                 {"is not an IP address", "ip:10.0.0.1 or ip:2001:db8::1"},
		"email:x":                       {`has the prefix "email:"`, "dns:HOST or ip:ADDRESS"},
		"uri:x":                         {`has the prefix "uri:"`, "dns:HOST or ip:ADDRESS"},
		"db1.example.com.":              {"ends with a dot", "db1.example.com"},
		".":                             {"has an empty label", form},
		"..":                            {"has an empty label", form},
		"../x":                          {"has an empty label", form},
		"a..b":                          {"has an empty label", form},
		".example.com":                  {"has an empty label", form},
		"-db1":                          {`has the label "-db1", with a hyphen`, form},
		"--help":                        {"with a hyphen first or last", form},
		"db1-.example.com":              {`has the label "db1-"`, form},
		"10.0.0.256":                    {"its last label is a number", form},
		"010.0.0.1":                     {"its last label is a number", form},
		"10.0":                          {"its last label is a number", form},
		"2130706433":                    {"its last label is a number", form},
		"10.0.0.%":                      {"has the character '%'", form},
		"db1;rm":                        {"has the character ';'", form},
		"db'1":                          {`has the character '\''`, form},
		"a\x00b":                        {`has the character '\x00'`, form},
		"a\x7fb":                        {`has the character '\x7f'`, form},
		"a,b":                           {"has the character ','", form},
		"a/b":                           {"has the character '/'", form},
		"*":                             {"is too wide", form},
		"*.com":                         {"is too wide", form},
		"**.example.com":                {"has a * that is not the whole first label", form},
		"db*.example.com":               {"has a * that is not the whole first label", form},
		"db.*.example.com":              {"has a * that is not the whole first label", form},
		"*.*.example.com":               {"has a * that is not the whole first label", form},
		"*.example.1":                   {"its last label is a number", form},
		strings.Repeat("a", 64):         {"has a label of 64 characters; 63 is the most", form},
		strings.Repeat("a.", 127) + "a": {"has 255 characters; a host name has at most 253", form},
		"bücher.example":                {"is not ASCII", "xn--bcher-kva.example"},
		"*.bücher.example":              {"is not ASCII", "*.xn--bcher-kva.example"},
		"dns:bücher.example":            {"is not ASCII", "xn--bcher-kva.example"},
		"b\xfccher":                     {"is not ASCII", "the punycode form (xn--…)"},
		"１０.0.0.1":                      {"is not ASCII", "the punycode form (xn--…)"},
		"*.b\xfccher":                   {"is not ASCII", "the punycode form (xn--…)"},
	} {
		s, problem := parseSAN(text)
		if problem == nil {
			t.Errorf("%q became %+v", text, s)
			continue
		}
		if !strings.Contains(problem.Message, want[0]) || problem.Hint != want[1] || problem.Field != "hosts" {
			t.Errorf("%q: %+v, want %q", text, *problem, want)
		}
	}
}

func TestHosts(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	r := serverRequest()
	r.SANs = []string{"db1", "dns:DB1", "10.0.0.1", "db2", "ip:::ffff:10.0.0.1", "::1", "db1", "0:0::1", "my_db"}
	p := mustCheck(t, a, r)
	if diff := cmp.Diff([]string{"db1", "db2", "my_db"}, p.DNS); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]net.IP{{10, 0, 0, 1}, net.ParseIP("::1")}, p.IPs); diff != "" {
		t.Error(diff)
	}
	if len(p.Notices) != 1 || !strings.Contains(p.Notices[0], `"my_db" has an underscore`) {
		t.Errorf("notices %q", p.Notices)
	}
	cert := mustMake(t, a, r).Certificate
	for _, name := range []string{"db1", "DB2", "10.0.0.1", "::1", "my_db"} {
		if err := cert.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
}

func TestHostsProblems(t *testing.T) {
	a := testAuthority(t, sampdb, ca.ECP256)
	r := serverRequest()
	r.SANs, r.CommonName = []string{"good", "a b", "", "10.0.0.0/8"}, "good"
	if got := problemsOf(t, a, r); len(got) != 3 {
		t.Errorf("found %v", got)
	}
	r.SANs = nil
	if got := problemsOf(t, a, r); len(got) != 1 || got[0].Field != "hosts" || got[0].Hint == "" {
		t.Errorf("no host: %v", got)
	}
	r.SANs = []string{""}
	r.CommonName = ""
	if got := problemsOf(t, a, r); len(got) == 0 || got[0].Field != "hosts" {
		t.Errorf("an empty host: %v", got)
	}
	r = clientRequest()
	for i := range 2000 {
		r.SANs = append(r.SANs, netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String(), fmt.Sprintf("db%04d.example.com", i))
	}
	mustMake(t, a, r) // 52 kB of SANs
	for i := range 1000 {
		r.SANs = append(r.SANs, fmt.Sprintf("app%04d.example.com", i))
	}
	if got := problemsOf(t, a, r); len(got) != 1 || !strings.Contains(got[0].Message, "65536") {
		t.Errorf("too many: %v", got)
	}
}

func FuzzParseSAN(f *testing.F) {
	for _, s := range []string{"db1", "10.0.0.1", "*.example.com", "dns:x", "ip:::1", "[::1]:1", "a b", "bücher", "", "x:1"} {
		f.Add(s)
	}
	key, err := ca.NewKey(ca.ECP256)
	if err != nil {
		f.Fatal(err)
	}
	a := testAuthority(f, sampdb, ca.ECP256)
	f.Fuzz(func(t *testing.T, text string) {
		s, problem := parseSAN(text)
		if problem != nil {
			if problem.Message == "" || problem.Hint == "" {
				t.Errorf("%q: %+v", text, *problem)
			}
			return
		}
		r := serverRequest()
		r.SANs, r.CommonName = []string{text}, "x"
		p := mustCheck(t, a, r)
		cert, err := sign(a, p, key.Public())
		if err != nil {
			t.Fatalf("%q was accepted: %v", text, err)
		}
		if err := lint(cert, a, p, key.Public()); err != nil {
			t.Fatal(err)
		}
		host := s.dns
		if s.ip.IsValid() {
			host = s.ip.String()
		}
		if err := cert.VerifyHostname(strings.Replace(host, "*", "a", 1)); err != nil {
			t.Errorf("%q was accepted: %v", text, err)
		}
	})
}
