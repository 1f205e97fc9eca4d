package optionfile

import (
	"strings"
	"testing"

	"myca/dialect"
)

// fuzzPrograms are one of each kind of reader.
func fuzzPrograms() []Program {
	version := func(product dialect.Product, numbers ...int) dialect.Version {
		return dialect.Version{Product: product, Major: numbers[0], Minor: numbers[1], Patch: numbers[2]}
	}
	return []Program{
		{Version: version(dialect.MySQL, 9, 7, 4), Name: "mysqld", Home: "/home/laura"},
		{Version: version(dialect.MySQL, 5, 6, 51), Name: "mysqldump", Suffix: "2"},
		{Version: version(dialect.MariaDB, 11, 8, 6), Name: "mariadbd"},
		{Version: version(dialect.MariaDB, 10, 11, 19), Name: "mariadb-dump"},
		{Version: version(dialect.MariaDB, 11, 8, 6), Name: "shop", ConnectorC: true},
	}
}

func addFiles(f *testing.F) {
	f.Helper()
	for _, seed := range []string{
		"[mysqld]\nssl-ca = \"/etc/mysql/ca.pem\" # x\nskip-ssl\n", "a=1\n[mysqld]\nb", "[client]\r\nuser='a\\'b'\r\n\r\n;c\r\n[\n", "\xef\xbb\xbf[mysqld]\n",
		"[mysqld]\na\x00b\n\x00\nc=\n", "[mysqld]\n!include /b\n!includedir /d\n?include /c\n?includedir /d\nx=1\n!include", "[mysqld]\n" + strings.Repeat("x", 5000) + "\n=\n =\n",
		"!include /a\n!include /a\n[client]\n!includedir /d\nssl_ca=\\s\\", "\"\n'\n[client]\na=\"'\n! include /a\n!include  /b #\n", "[shop]\n\xa0=\xa0\n\v=\v\n[]\n[ ]\n",
	} {
		f.Add(seed)
	}
}

// FuzzParse: the lines are the file, byte for byte, and numbered.
func FuzzParse(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data string) {
		for _, p := range fuzzPrograms() {
			var all strings.Builder
			number := 1
			for i, line := range p.Parse("/m", []byte(data)).Lines {
				if line.Number != number || line.Raw == "" || line.Kind == "" {
					t.Fatalf("%s: line %d is %+v, want number %d", p.Name, i, line, number)
				}
				number += strings.Count(line.Raw, "\n")
				if line.Kind == BrokenLine && line.Problem == "" {
					t.Fatalf("%s: no problem in %+v", p.Name, line)
				}
				all.WriteString(line.Raw)
			}
			if all.String() != data {
				t.Fatalf("%s: the lines are %q, the file %q", p.Name, all.String(), data)
			}
		}
	})
}

// FuzzRead: files that include each other are read to an end, and options come
// only from groups of the program.
func FuzzRead(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data string) {
		a, rest, _ := strings.Cut(data, "\x01")
		b, c, _ := strings.Cut(rest, "\x01")
		sys := newMemory(map[string]string{"/a": a, "/b": b, "/c": c, "/d/x.cnf": data, "/d/y.cnf": b, "/d/mysqld-auto.cnf": data})
		for _, p := range fuzzPrograms() {
			r := Read(sys, p, "/a").Then(ReadPersisted(sys, "/d"))
			size, groups := 0, p.Groups()
			for _, option := range r.Options {
				if option.Line > 0 && !p.takes(groups, option.Group) {
					t.Fatalf("%s took %+v", p.Name, option)
				}
				size += len(option.Value)
			}
			if size > budget+len(data) {
				t.Fatalf("%s: values of %d bytes", p.Name, size)
			}
			for _, s := range Settings(r, p) {
				if s.Key == "" {
					t.Fatalf("%s: %+v", p.Name, s)
				}
			}
		}
	})
}
