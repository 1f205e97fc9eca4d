package dialect

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// hintOf is the hint of an error of this package, which has to have one.
func hintOf(t *testing.T, err error) string {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is not an *Error", err, err)
	}
	if e.Hint() == "" {
		t.Errorf("%v: no hint", err)
	}
	return e.Hint()
}

func version(t *testing.T, target string) Version {
	t.Helper()
	v, err := Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Version{
		"mysql-4.0":        {MySQL, 4, 0, -1},
		"mysql-8.4":        {MySQL, 8, 4, -1},
		"mysql-5.7.44":     {MySQL, 5, 7, 44},
		"mysql-9":          {MySQL, 9, -1, -1},
		"mysql-4":          {MySQL, 4, -1, -1},
		"mysql-8.0.0":      {MySQL, 8, 0, 0},
		"mysql-12.10.100":  {MySQL, 12, 10, 100},
		"mariadb-5.5":      {MariaDB, 5, 5, -1},
		"mariadb-5":        {MariaDB, 5, -1, -1},
		"mariadb-10.11.19": {MariaDB, 10, 11, 19},
		"mariadb-12.3":     {MariaDB, 12, 3, -1},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("Parse(%q).String() = %q", text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const examples = "--target mysql-8.4, --target mysql-5.7.44 or --target mariadb-10.11"
	for _, c := range []struct{ text, problem, hint string }{
		{"", "begin with mysql- or mariadb-", examples},
		{"mysql", "one to three numbers", examples},
		{"mysql-", "one to three numbers", examples},
		{"mysql-.", `"" is not a version number`, examples},
		{"mysql-8.", `"" is not a version number`, "--target mysql-8"},
		{"mysql-8.4.3.1", "one to three numbers", examples},
		{"mysql-8.04", `"04" is not`, "--target mysql-8.4"},
		{"mysql-8.4 ", `"4 " is not`, "--target mysql-8.4"},
		{"mysql-8.4\n", `"4\n" is not`, "--target mysql-8.4"},
		{"mysql--8.4", `"-8" is not`, "--target mysql-8.4"},
		{"mysql-+8.4", `"+8" is not`, "--target mysql-8.4"},
		{"mysql-8.٤", `"٤" is not`, "--target mysql-8"},
		{"mysql-8.4.3-log", `"3-log" is not`, "--target mysql-8.4.3"},
		{"mysql-1000.1", `"1000" is not`, examples},
		{"mysql-3.23", "MySQL is supported from 4.0 on", examples},
		{"mysql-0", "MySQL is supported from 4.0 on", examples},
		{"mariadb-5.3", "MariaDB is supported from 5.5 on", examples},
		{"mariadb-8.4", "there is no MariaDB 8", "--target mysql-8.4"},
		{"mariadb-9", "there is no MariaDB 9", "--target mysql-9"},
		{"MySQL-8.4", "begin with", "--target mysql-8.4"},
		{"mysql8.4", "begin with", "--target mysql-8.4"},
		{"mysql 5.7.44", "begin with", "--target mysql-5.7.44"},
		{"MariaDB 10.11.19", "begin with", "--target mariadb-10.11.19"},
		{"8.4", "begin with", "--target mysql-8.4"},
		{"10.11", "begin with", "--target mariadb-10.11"},
		{"percona-8.0", "begin with", "--target mysql-8.0"},
		{"oracle-19", "begin with", examples},
		{"mysql-8.4'; DROP TABLE x", "is not a version number", "--target mysql-8.4"},
	} {
		_, err := Parse(c.text)
		if err == nil {
			t.Errorf("Parse(%q) is accepted", c.text)
			continue
		}
		if !strings.Contains(err.Error(), c.problem) {
			t.Errorf("Parse(%q): %v, want %q in it", c.text, err, c.problem)
		}
		if hint := hintOf(t, err); hint != c.hint {
			t.Errorf("Parse(%q): hint %q, want %q", c.text, hint, c.hint)
		}
	}
}

func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		target              string
		major, minor, patch int
		want                bool
	}{
		{"mysql-5.7.8", 5, 7, 8, true},
		{"mysql-5.7.8", 5, 7, 9, false},
		{"mysql-5.7.8", 5, 6, 99, true},
		{"mysql-5.7.8", 5, 8, 0, false},
		{"mysql-5.7.8", 4, 99, 99, true},
		{"mysql-5.7.8", 8, 0, 0, false},
		{"mysql-5.7", 5, 7, 999, true},
		{"mysql-5.7", 5, 8, 0, false},
		{"mysql-8", 8, 4, 999, true},
		{"mysql-8", 9, 0, 0, false},
		{"mysql-10.0", 9, 7, 5, true},
	} {
		if got := version(t, c.target).AtLeast(c.major, c.minor, c.patch); got != c.want {
			t.Errorf("%s at least %d.%d.%d: %t", c.target, c.major, c.minor, c.patch, got)
		}
	}
}

func TestDetect(t *testing.T) {
	for banner, want := range map[string]string{
		// what the programs print
		"mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)\n":                                                       "mysql-8.4.3",
		"/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))\n":                                                               "mysql-9.7.4",
		"mysqld  Ver 5.7.44-log for linux-glibc2.12 on x86_64 (MySQL Community Server (GPL))":                                          "mysql-5.7.44",
		"mysqld  Ver 4.1.22-standard for pc-linux-gnu on i686 (MySQL Community Edition - Standard (GPL))":                              "mysql-4.1.22",
		"/usr/sbin/mysqld  Ver 8.0.36-28 for Linux on x86_64 (Percona Server (GPL), Release '28', Revision '47601f19')":                "mysql-8.0.36",
		"mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)":                                          "mariadb-10.11.19",
		"/usr/sbin/mariadbd  Ver 11.8.6-MariaDB-0+deb13u1 from Debian for debian-linux-gnu on x86_64 (-- Please help get to 10k stars": "mariadb-11.8.6",
		"mysqld  Ver 5.5.68-MariaDB for Linux on x86_64 (MariaDB Server)":                                                              "mariadb-5.5.68",
		"/opt/mariadb/bin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)":                                        "mysql-8.4.3",
		"mysql  Ver 14.14 Distrib 5.7.42, for Linux (x86_64) using  EditLine wrapper":                                                  "mysql-5.7.42",
		"mysql  Ver 15.1 Distrib 10.3.39-MariaDB, for debian-linux-gnu (x86_64) using readline 5.2":                                    "mariadb-10.3.39",
		"mariadb from 11.8.6-MariaDB, client 15.2 for debian-linux-gnu (x86_64) using  EditLine wrapper":                               "mariadb-11.8.6",
		"2024-11-22T10:00:00.123456Z 0 [Warning] something\nmysqld  Ver 8.0.40 for Linux on x86_64 (MySQL Community Server - GPL)":     "mysql-8.0.40",
		// what SELECT VERSION() and the handshake say
		"8.4.3":                                         "mysql-8.4.3",
		"5.5.62-0ubuntu0.14.04.1-log":                   "mysql-5.5.62",
		"5.5.5-m3":                                      "mysql-5.5.5",
		"8.0.36-28":                                     "mysql-8.0.36",
		"8.0.mysql_aurora.3.04.0":                       "mysql-8.0",
		"10.11.19-MariaDB-0+deb12u1":                    "mariadb-10.11.19",
		"11.8.6-MariaDB-log":                            "mariadb-11.8.6",
		"10.6.14-9-MariaDB-enterprise":                  "mariadb-10.6.14",
		"5.5.68-MariaDB":                                "mariadb-5.5.68",
		"VERSION()\n9.7.4-2\n":                          "mysql-9.7.4",
		"| VERSION() |\n| 8.0.40    |":                  "mysql-8.0.40",
		" 10.11.19-MariaDB \r\n":                        "mariadb-10.11.19",
		"5.5.5-10.11.2-MariaDB-1:10.11":                 "mariadb-10.11.2",
		"5.5.5-10.11.2-MariaDB-1:10.11.2+maria~ubu2204": "mariadb-10.11.2",
	} {
		got, err := Detect(banner)
		if err != nil || got.String() != want {
			t.Errorf("Detect(%q) = %v, %v, want %s", banner, got, err, want)
		}
	}
}

func TestDetectRefuses(t *testing.T) {
	for _, c := range []struct{ banner, problem, hint string }{
		{"", "no version number", "--target mysql-8.4"},
		{"bash: mysqld: command not found", "no version number", "--target mysql-8.4"},
		{"10.11.19", "does not say whether", "--target mariadb-10.11.19 if"},
		{"3.23.58", "supported from 4.0 on", "--target"},
		{"5.3.12-MariaDB", "supported from 5.5 on", "--target"},
		{strings.Repeat("x", 10000), "no version number", "--target"},
	} {
		_, err := Detect(c.banner)
		if err == nil {
			t.Errorf("Detect(%q) is accepted", c.banner)
			continue
		}
		if !strings.Contains(err.Error(), c.problem) || !strings.Contains(hintOf(t, err), c.hint) {
			t.Errorf("Detect(%q): %v, hint %s", c.banner, err, hintOf(t, err))
		}
		if len(err.Error()) > 300 {
			t.Errorf("Detect: a message of %d bytes", len(err.Error()))
		}
	}
}

// FuzzParse: what is accepted is read back, and a proposed target is accepted.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"mysql-8.4", "mariadb-10.11.19", "mysql-9", "8.4", "mysql-3.23", "mariadb-8.4", "10.11.19-MariaDB"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err == nil && v.String() != text {
			t.Errorf("Parse(%q).String() = %q", text, v)
		}
		if err != nil {
			if target, ok := strings.CutPrefix(hintOf(t, err), "--target "); ok && !strings.Contains(target, " ") {
				version(t, target)
			}
		}
		if d, err := Detect(text); err == nil {
			version(t, d.String())
		}
	})
}

func ExampleParse() {
	v, _ := Parse("mariadb-10.11")
	fmt.Println(v.ClientProgram(), v.ReloadStatement(), v.SSLMode())
	// Output: mariadb FLUSH LOCAL SSL false
}
