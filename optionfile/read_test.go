package optionfile

import (
	"fmt"
	"strings"
	"testing"

	"myca/dialect"

	"github.com/google/go-cmp/cmp"
)

func program(t *testing.T, target, name string) Program {
	t.Helper()
	v, err := dialect.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return Program{Version: v, Name: name, Home: "/home/laura"}
}

// resultText writes down the options, files and problems.
func resultText(r Result) string {
	var words []string
	for _, o := range r.Options {
		words = append(words, fmt.Sprintf("%s@%s:%d", o.Arg()[2:], o.File, o.Line))
	}
	for _, p := range r.Problems {
		text := fmt.Sprintf("%s@%s:%d", p.Kind, p.File, p.Line)
		if p.Fatal {
			text = "fatal " + text
		}
		words = append(words, "<"+text+">")
	}
	return strings.Join(words, " ")
}

func TestRead(t *testing.T) {
	mysqld, mariadbd, newer := program(t, "mysql-9.7", "mysqld"), program(t, "mariadb-10.11", "mariadbd"), program(t, "mariadb-11.8", "mariadbd")
	old := program(t, "mysql-5.5", "mysqld")
	connector := Program{Version: mariadbd.Version, Name: "shop", ConnectorC: true}
	for name, c := range map[string]struct {
		program Program
		files   map[string]string // /m is read
		want    string
	}{
		"the group goes on after an include": {mysqld, map[string]string{
			"/m": "[mysqld]\na=1\n!include /i\nb=2\n[client]\n!include /i\nc=3\n", "/i": "[mysqld]\ni\n[client]\nj\n"},
			"a=1@/m:2 i@/i:2 b=2@/m:4 i@/i:2"},
		"an include begins without a group": {mysqld, map[string]string{"/m": "[mysqld]\n!include /i\nb=2\n", "/i": "i\n"},
			"b=2@/m:3 <broken@/i:1>"},
		"no group":       {mysqld, map[string]string{"/m": "# x\n\na=1\n[mysqld]\nb=2\n"}, "<fatal broken@/m:3>"},
		"no bracket":     {mysqld, map[string]string{"/m": "[mysqld]\na\n[x\nb=2\n"}, "a@/m:2 <fatal broken@/m:3>"},
		"no name":        {mysqld, map[string]string{"/m": "[mysqld]\n=x\n"}, "=x@/m:2 <fatal broken@/m:2>"},
		"BOM":            {mysqld, map[string]string{"/m": "\xef\xbb\xbf[mysqld]\na\n"}, "<fatal broken@/m:1>"},
		"groups' case":   {mysqld, map[string]string{"/m": "[MYSQLD]\na\n[mysqld-8.0]\nb\n[mysqld-9.7]\nc\n[Mysqld ]\nd\n"}, "a@/m:2 c@/m:6 d@/m:8"},
		"not there":      {mysqld, map[string]string{}, "<fatal missing@/m:0>"},
		"unreadable":     {mysqld, map[string]string{"-/m": ""}, "<fatal unreadable@/m:0>"},
		"a folder":       {mysqld, map[string]string{"/m/": ""}, "<unreadable@/m:0>"},
		"world-writable": {mysqld, map[string]string{"!/m": "[mysqld]\na\n"}, "<ignored@/m:0>"},
		"includes that fail": {mysqld, map[string]string{"!/w": "[mysqld]\na\n", "-/u": "", "/d/": "",
			"/m": "[mysqld]\n!include /w\n!include /u\n!include /d\n!include /n\n!includes x\n!include " + strings.Repeat("/x", 300) + "\na\n"},
			"a@/m:8 <ignored@/w:0> <unreadable@/m:3> <unreadable@/d:0> <missing@/m:5> <passed@/m:6> <passed@/m:7>"},
		"order of a folder": {mysqld, map[string]string{"/m": "!includedir /d\n[mysqld]\nend", "/d/b.cnf": "[mysqld]\nb", "/d/a.cnf": "[mysqld]\na", "/d/B.cnf": "[mysqld]\nB",
			"/d/x.y.cnf": "[mysqld]\nx", "/d/.h.cnf": "[mysqld]\nh", "/d/10.cnf": "[mysqld]\nten", "/d/9.cnf": "[mysqld]\nnine", "/d/c.cnf~": "[mysqld]\nc", "/d/c.CNF": "[mysqld]\nc", "/d/.cnf": "[mysqld]\ndot", "/d/s.cnf/": ""},
			"dot@/d/.cnf:2 h@/d/.h.cnf:2 ten@/d/10.cnf:2 nine@/d/9.cnf:2 B@/d/B.cnf:2 a@/d/a.cnf:2 b@/d/b.cnf:2 x@/d/x.y.cnf:2 end@/m:3 <unreadable@/d/s.cnf:0>"},
		"endings of old":      {old, map[string]string{"/m": "!includedir /d\n", "/d/b.cnf": "[mysqld]\nb", "/d/x.y.cnf": "[mysqld]\nx"}, "b@/d/b.cnf:2"},
		"no folder":           {mysqld, map[string]string{"/m": "[mysqld]\na\n!includedir /d\nb\n"}, "a@/m:2 <fatal missing@/m:3>"},
		"no folder below":     {mysqld, map[string]string{"/m": "[mysqld]\n!include /i\nb\n", "/i": "[mysqld]\ni\n!includedir /d\nj\n"}, "i@/i:2 b@/m:3 <missing@/i:3>"},
		"unreadable folder":   {mysqld, map[string]string{"/m": "!includedir /d\n", "-/d/": ""}, "<fatal unreadable@/m:1>"},
		"no path":             {mysqld, map[string]string{"/m": "!include  \n"}, "<fatal broken@/m:1>"},
		"optional, too old":   {mariadbd, map[string]string{"/m": "[mysqld]\n?include /n\na\n"}, "?include /n@/m:2 a@/m:3"},
		"optional":            {newer, map[string]string{"/m": "[mysqld]\n?include /n\n?include /u\n?includedir /d\na\n", "-/u": "", "-/d/": ""}, "a@/m:5"},
		"optional, no folder": {newer, map[string]string{"/m": "[mysqld]\n?includedir /n\na\n"}, "<fatal missing@/m:2>"},
		"home":                {mysqld, map[string]string{"/m": "!include ~/x\n", "/home/laura/x": "[mysqld]\na\n"}, "a@/home/laura/x:2"},
		"comment, MySQL":      {mysqld, map[string]string{"/m": "!include /i # x\n", "/i": "[mysqld]\na\n"}, "a@/i:2"},
		"comment, MariaDB":    {mariadbd, map[string]string{"/m": "!include /i # x\n", "/i": "[mysqld]\na\n"}, "<missing@/m:1>"},
		"no newline, MySQL":   {mysqld, map[string]string{"/m": "!include /i", "/i": "[mysqld]\na\n"}, "a@/i:2"},
		"no newline, MariaDB": {mariadbd, map[string]string{"/m": "!include /i", "/i": "[mysqld]\na\n"}, "<missing@/m:1>"},
		"long line, MariaDB": {mariadbd, map[string]string{"/m": "[mysqld]\na=" + strings.Repeat("x", 4092) + "b=2\nc\n"},
			"a=" + strings.Repeat("x", 4092) + "@/m:2 b=2@/m:2 c@/m:3"},
		"long line, MySQL": {mysqld, map[string]string{"/m": "[mysqld]\na=" + strings.Repeat("x", 9000) + "b=2\nc\n"},
			"a=" + strings.Repeat("x", 9000) + "b=2@/m:2 c@/m:3"},
		"NUL, MariaDB":        {mariadbd, map[string]string{"/m": "[mysqld]\na=1\x00b\nc\n\x00d\ne\n"}, "a=1@/m:2 c@/m:3 e@/m:5"},
		"NUL, MySQL":          {mysqld, map[string]string{"/m": "[mysqld]\na=1\x00b\nc\n"}, "a=1c@/m:2"},
		"NUL first, MySQL":    {mysqld, map[string]string{"/m": "[mysqld]\na=1\n\x00b\nc\n"}, "a=1@/m:2 <passed@/m:3>"},
		"Connector/C":         {connector, map[string]string{"/m": "[client]\na='x\" # y\nb\n\"c\n[SHOP]\nd=1\n[shop ]\ne=\n!include /i\n[x\nf=1", "/i": "[mysqld]\na\n[client-mariadb]\ng=\\s"}, `a=x" # y@/m:2 e=@/m:8 g= @/i:4 <passed@/m:3> <broken@/m:10>`},
		"Connector/C, no one": {connector, map[string]string{}, "<missing@/m:0>"},
	} {
		got := Read(newMemory(c.files), c.program, "/m")
		if diff := cmp.Diff(c.want, resultText(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestReadCycle reads a file that includes itself: eleven times.
func TestReadCycle(t *testing.T) {
	sys := newMemory(map[string]string{"/m": "[mysqld]\na\n!include /m\n", "/two": "[mysqld]\na\n!include /two\n!include /two\n", "/d/x.cnf": "!includedir /d\n!includedir /d\n!includedir /d\n"})
	p := program(t, "mysql-9.7", "mysqld")
	r := Read(sys, p, "/m")
	if len(r.Options) != 11 || len(r.Problems) != 1 || r.Problems[0].Kind != Depth || r.Fatal() {
		t.Errorf("%d options, %+v", len(r.Options), r.Problems)
	}
	if r := Read(sys, p, "/two"); len(r.Options) != 2047 {
		t.Errorf("%d options of two includes, want 2047", len(r.Options))
	}
	r = Read(sys, p, "/d/x.cnf", "/m")
	last := r.Problems[len(r.Problems)-1]
	if !last.Fatal || last.Kind != Depth || len(r.Options) != 0 {
		t.Errorf("three includes of itself: %d options, the last problem %+v", len(r.Options), last)
	}
}

func TestReadStandard(t *testing.T) {
	sys := newMemory(map[string]string{"/etc/mysql/my.cnf": "[client]\nport=1\n", "/home/laura/.my.cnf": "[mysql]\nport=2\n"})
	r := ReadStandard(sys, program(t, "mysql-9.7", "mysql"))
	const want = "port=1@/etc/mysql/my.cnf:2 port=2@/home/laura/.my.cnf:2"
	if got := resultText(r); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"/etc/mysql/my.cnf", "/home/laura/.my.cnf"}, r.Files); diff != "" {
		t.Error(diff)
	}
}

func TestGroups(t *testing.T) {
	for _, c := range []struct{ target, name, suffix, want string }{
		{"mysql-9.7", "mysqld", "", "mysql_cluster mysqld server mysqld-9.7"},
		{"mysql-8", "mysqld", "", "mysql_cluster mysqld server"},
		{"mysql-9.7", "mysql", "", "mysql client"},
		{"mysql-9.7", "mysqlbinlog", "_x", "mysqlbinlog client mysqlbinlog_x client_x"},
		{"mysql-9.7", "mysql_secure_installation", "", "mysql_secure_installation mysql client"},
		{"mariadb-11.8", "mariadbd", "", "mysqld server mysqld-11.8 mariadb mariadb-11.8 mariadbd mariadbd-11.8 client-server galera"},
		{"mariadb-10.2", "mysqld", "", "mysqld server mysqld-10.2 mariadb mariadb-10.2 client-server galera"},
		{"mariadb-11.8", "mysql", "", "mysql mariadb-client client client-server client-mariadb"},
		{"mariadb-11.8", "mariadb", "", "mysql mariadb-client client client-server client-mariadb"},
		{"mariadb-11.8", "mariadb-check", "", "mysqlcheck mariadb-check client client-server client-mariadb"},
		{"mariadb-11.8", "mysqldump", "", "mysqldump mariadb-dump client client-server client-mariadb"},
		{"mariadb-11.8", "mariadb-upgrade", "", "mysql_upgrade mariadb-upgrade client client-server client-mariadb"},
		{"mariadb-10.1", "mysqldump", "", "mysqldump client client-server"},
	} {
		p := program(t, c.target, c.name)
		p.Suffix = c.suffix
		if got := strings.Join(p.Groups(), " "); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.name, c.target, got, c.want)
		}
	}
}
