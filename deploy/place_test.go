package deploy

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"myca/dialect"
	"myca/optionfile"
	"myca/templates"
)

func version(tb testing.TB, target string) dialect.Version {
	tb.Helper()
	v, err := dialect.Parse(target)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// serverText is what myca mycnf server db1 prints.
func serverText(tb testing.TB, target, dir string) string {
	tb.Helper()
	text, err := templates.ServerOptions{Target: version(tb, target), Name: "db1",
		CA: dir + "/ca-cert.pem", Cert: dir + "/server-cert.pem", Key: dir + "/server-key.pem"}.OptionFile()
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

const deployed = "/etc/mysql/myca"

func server(tb testing.TB, target string, files tree, main string) ServerOptions {
	return ServerOptions{System: files, Version: version(tb, target), File: main, Text: serverText(tb, target, deployed)}
}

// TestPlaceServer: in files of every shape ours come in force, in one file, of
// which the rest stays; a second time there is nothing to do.
func TestPlaceServer(t *testing.T) {
	for name, s := range shapes() {
		for _, target := range []string{"mysql-9.7", "mysql-5.7", "mariadb-11.8", "mariadb-10.1"} {
			t.Run(name+" "+target, func(t *testing.T) {
				o := server(t, target, s.files, s.main)
				edit, err := o.Place()
				if err != nil {
					t.Fatal(err)
				}
				old, existed := s.files[s.edited]
				if edit.Path != s.edited || edit.Created == existed || string(edit.Old) != old || !edit.Changed() || edit.Mode != 0o644 {
					t.Fatalf("%s, created %t, mode %v, from %q, want %s", edit.Path, edit.Created, edit.Mode, edit.Old, s.edited)
				}
				if !strings.Contains(strings.ReplaceAll(string(edit.New), "\r\n", "\n"), ")\n"+o.Text+"# myca: end server\n") {
					t.Errorf("not what mycnf prints: %s", edit.New)
				}
				back, err := optionfile.Parse(edit.Path, edit.New).WithoutBlock("server")
				if err != nil || string(back.Bytes()) != old {
					t.Errorf("without the block %q, %v, want %q", back.Bytes(), err, old)
				}
				o.System = s.files.with(edit)
				inForce(t, o, deployed)
				again, err := o.Place()
				if err != nil || again.Changed() || again.Path != edit.Path {
					t.Errorf("a second time: %s from %q to %q, %v", again.Path, again.Old, again.New, err)
				}
				o.Text = serverText(t, target, "/srv/tls")
				moved, err := o.Place()
				if err != nil || moved.Path != edit.Path || moved.Created || !moved.Changed() {
					t.Fatalf("another folder: %s, %v", moved.Path, err)
				}
				o.System = s.files.with(edit).with(moved)
				inForce(t, o, "/srv/tls")
			})
		}
	}
}

// inForce checks what the server reads.
func inForce(t *testing.T, o ServerOptions, dir string) {
	t.Helper()
	p := optionfile.Program{Version: o.Version, Name: "mysqld", Home: o.Home}
	want := map[string]string{"ssl-ca": dir + "/ca-cert.pem", "ssl-cert": dir + "/server-cert.pem", "ssl-key": dir + "/server-key.pem"}
	for _, s := range optionfile.Settings(o.read(o.System, p), p) {
		if path := want[s.Key]; path != "" && s.Value != path {
			t.Errorf("%s is %q", s.Key, s.Value)
		}
		delete(want, s.Key)
	}
	if len(want) > 0 {
		t.Errorf("not set: %v", want)
	}
}

func TestPlaceStandard(t *testing.T) {
	ours := serverText(t, "mysql-9.7", deployed)
	for name, c := range map[string]struct {
		home  string
		files tree
		want  string // the file, or what the error says
	}{
		"none, Debian":       {"", tree{"/etc/mysql/": ""}, "/etc/mysql/my.cnf"},
		"none":               {"", tree{"/etc/": ""}, "/etc/my.cnf"},
		"no /etc":            {"", tree{"/usr/": ""}, "no folder of option files"},
		"a dangling link":    {"", tree{"/etc/mysql/my.cnf": "-> /etc/mysql/mysql.cnf"}, "/etc/mysql/mysql.cnf"},
		"a link to nowhere":  {"", tree{"/etc/mysql/my.cnf": "-> /opt/mysql.cnf"}, "/etc/my.cnf"},
		"both":               {"", tree{"/etc/my.cnf": "[mysqld]\n", "/etc/mysql/my.cnf": "[client]\n"}, "/etc/my.cnf"},
		"both, the last":     {"", tree{"/etc/my.cnf": "[mysqld]\n", "/etc/mysql/my.cnf": "[client]\n!includedir /etc/mysql/d\n", "/etc/mysql/d/": ""}, "/etc/mysql/d/zz-myca.cnf"},
		"home":               {"/home/dba", tree{"/etc/my.cnf": "[mysqld]\n", "/home/dba/.my.cnf": "[mysqld]\nssl-ca=/old.pem\n"}, "/home/dba/.my.cnf"},
		"home, client":       {"/home/dba", tree{"/etc/my.cnf": "[mysqld]\n", "/home/dba/.my.cnf": "[client]\nssl-ca=/old.pem\n"}, "/etc/my.cnf"},
		"ignored":            {"", tree{"!/etc/my.cnf": "[mysqld]\n", "/etc/mysql/": ""}, "/etc/mysql/my.cnf"},
		"unreadable":         {"", tree{"-/etc/my.cnf": "[mysqld]\n", "/etc/mysql/": ""}, `"/etc/my.cnf" cannot be read`},
		"broken":             {"", tree{"/etc/my.cnf": "ssl-ca=/x\n"}, `option file "/etc/my.cnf" line 1: an option stands before the first [group]`},
		"BOM":                {"", tree{"/etc/my.cnf": "\xef\xbb\xbf[mysqld]\n"}, "line 1: an option stands before"},
		"damaged":            {"", tree{"/etc/my.cnf": "[mysqld]\n# myca: begin server (sum 000000000000)\n"}, "a begin without an end"},
		"two blocks":         {"", twoBlocks(t), `both "/etc/my.cnf" and "/etc/a.cnf" have a block`},
		"an ignored drop-in": {"", tree{"/etc/my.cnf": "[client]\n!includedir /etc/d\n", "!/etc/d/zz-myca.cnf": ""}, "/etc/my.cnf"},
	} {
		edit, err := ServerOptions{System: c.files, Version: version(t, "mysql-9.7"), Home: c.home, Text: ours}.Place()
		switch {
		case err != nil && strings.Contains(err.Error(), c.want):
		case err != nil || edit.Path != c.want:
			t.Errorf("%s: %q, %v, want %s", name, edit.Path, err, c.want)
		}
	}
}

// twoBlocks is a file that was copied with the block in it.
func twoBlocks(t *testing.T) tree {
	edit, err := server(t, "mysql-9.7", tree{"/etc/a.cnf": "[mysqld]\n"}, "/etc/a.cnf").Place()
	if err != nil {
		t.Fatal(err)
	}
	return tree{"/etc/my.cnf": "!include /etc/a.cnf\n" + string(edit.New), "/etc/a.cnf": string(edit.New)}
}

func TestPlaceOverrides(t *testing.T) {
	files := tree{"/etc/my.cnf": "[mysqld]\nssl_ca=/old.pem\nloose-ssl-ca=" + deployed + "/ca-cert.pem\nskip-ssl\n!includedir /etc/d\n", "/etc/d/a.cnf": "[mariadb]\nssl-cert=/old.pem\nssl-key=/old.pem\nport=1\n", "-/etc/d/b.cnf": "[x]\n"}
	edit, err := server(t, "mariadb-11.8", files, "/etc/my.cnf").Place()
	const want = "ssl-ca@/etc/my.cnf:2 ssl-cert@/etc/d/a.cnf:2 ssl-key@/etc/d/a.cnf:3 ssl@/etc/my.cnf:4"
	if got := overridesText(edit.Overrides); got != want || err != nil {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if len(edit.Notices) != 1 || !strings.Contains(edit.Notices[0], `"/etc/d/b.cnf" cannot be read`) {
		t.Errorf("%q", edit.Notices)
	}
}

// TestPlaceInForce: what the administrator wrote by hand is left alone.
func TestPlaceInForce(t *testing.T) {
	files := tree{"/etc/my.cnf": "-> mine.cnf", "/etc/mine.cnf": "[mysqld]\nssl_ca='/etc/mysql/myca/ca-cert.pem'\n[server]\nssl-cert=/etc/mysql/myca/server-cert.pem # x\nloose-ssl-key=/etc/mysql/myca/server-key.pem\n"}
	edit, err := server(t, "mysql-8.0", files, "/etc/my.cnf").Place()
	if err != nil || edit.Changed() || edit.Path != "/etc/mine.cnf" || string(edit.New) != files["/etc/mine.cnf"] {
		t.Errorf("%+v, %v", edit, err)
	}
	files["/etc/mine.cnf"] += "skip-ssl\n"
	edit, err = server(t, "mysql-8.0", files, "/etc/my.cnf").Place()
	if err != nil || !edit.Changed() || overridesText(edit.Overrides) != "ssl@/etc/my.cnf:6" {
		t.Errorf("%s, %v", overridesText(edit.Overrides), err)
	}
}

// TestRefused: all that would win over ours is told at once, and how to mend it.
func TestRefused(t *testing.T) {
	const auto = `{"Version": 2, "mysql_dynamic_variables": {"ssl_ca": {"Value": "/p.pem"}, "ssl_cert": {"Value": "/etc/mysql/myca/server-cert.pem"}, "ssl_key": {"Value": "/k.pem"}}}`
	// a block of ours that something was written behind
	placed, err := server(t, "mysql-8.0", tree{"/etc/my.cnf": "[mysqld]\n"}, "/etc/my.cnf").Place()
	if err != nil {
		t.Fatal(err)
	}
	behind := string(placed.New) + "[server]\nssl_key=/late.pem\ndisable-ssl\n"
	for name, c := range map[string]struct {
		target, dir string
		files       tree
		says, hint  string
	}{
		"persisted": {"mysql-8.0", "", tree{"/etc/my.cnf": "[mysqld]\ndatadir=/data\n", "/data/mysqld-auto.cnf": auto},
			`"/data/mysqld-auto.cnf" sets ssl-ca to "/p.pem"; "/data/mysqld-auto.cnf" sets ssl-key to "/k.pem"`, "on the server: RESET PERSIST ssl_ca\non the server: RESET PERSIST ssl_key"},
		"persisted, told where": {"mysql-8.0", "/d2", tree{"/etc/my.cnf": "[mysqld]\ndatadir=/data\n", "/d2/mysqld-auto.cnf": auto}, `"/d2/mysqld-auto.cnf" sets ssl-ca`, "RESET PERSIST ssl_ca"},
		"persisted, by default": {"mysql-8.0", "", tree{"/etc/my.cnf": "[mysqld]\n", "/var/lib/mysql/mysqld-auto.cnf": auto}, `"/var/lib/mysql/mysqld-auto.cnf" sets ssl-ca`, "RESET PERSIST ssl_ca"},
		"behind the block": {"mysql-8.0", "", tree{"/etc/my.cnf": behind},
			`"/etc/my.cnf" line 16 sets ssl-key to "/late.pem"; "/etc/my.cnf" line 17 switches TLS off (disable-ssl)`, "take out ssl_key of /etc/my.cnf line 16\ntake out disable-ssl of /etc/my.cnf line 17"},
		"never read": {"mysql-8.0", "", tree{"/etc/my.cnf": "!include /etc/a.cnf\n!include /etc/b.cnf\n", "/etc/a.cnf": "nothing\n", "/etc/b.cnf": "\x00\n"}, "", ""},
	} {
		o := server(t, c.target, c.files, "/etc/my.cnf")
		o.DataDir = c.dir
		edit, err := o.Place()
		if c.says == "" {
			if err != nil || edit.Path != "/etc/my.cnf" {
				t.Errorf("%s: %s, %v", name, edit.Path, err)
			}
			continue
		}
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.says) || !strings.Contains(refusal.Hint(), c.hint) || refusal.Path != "/etc/my.cnf" {
			t.Errorf("%s: %v\nhint: %v\nwant %s\nhint: %s", name, err, refusal, c.says, c.hint)
		}
	}
	for name, files := range map[string]tree{
		"not read":     {"/etc/my.cnf": "[mysqld]\npersisted_globals_load=OFF\ndatadir=/data\n", "/data/mysqld-auto.cnf": auto},
		"the same":     {"/etc/my.cnf": "[mysqld]\ndatadir=/data\n", "/data/mysqld-auto.cnf": strings.NewReplacer("/p.pem", deployed+"/ca-cert.pem", "/k.pem", deployed+"/server-key.pem").Replace(auto)},
		"not MySQL":    {"/etc/my.cnf": "[mysqld]\ndatadir=/data\n", "/data/mysqld-auto.cnf": auto, "/mariadb/": ""},
		"another root": {"/etc/my.cnf": "[mysqld]\ndatadir=/other\n", "/data/mysqld-auto.cnf": auto},
	} {
		target := "mysql-8.0"
		if _, maria := files["/mariadb/"]; maria {
			target = "mariadb-10.11"
		}
		if _, err := server(t, target, files, "/etc/my.cnf").Place(); err != nil {
			t.Errorf("persisted, %s: %v", name, err)
		}
	}
}

// TestRestStays: a newline at the end of a file can change what the reader
// makes of its last line. MariaDB's cuts the last byte of an include off.
func TestRestStays(t *testing.T) {
	files := tree{"/etc/my.cnf": "[mysqld]\nport=1\n!include /etc/a.cnf", "/etc/a.cnf": "[mysqld]\nport=2\n"}
	_, err := server(t, "mariadb-11.8", files, "/etc/my.cnf").Place()
	if err == nil || !strings.Contains(err.Error(), `would change what else is read: "port" of "/etc/a.cnf" line 2`) {
		t.Errorf("%v", err)
	}
	if edit, err := server(t, "mysql-9.7", files, "/etc/my.cnf").Place(); err != nil || edit.Path != "/etc/a.cnf" {
		t.Errorf("%s, %v", edit.Path, err)
	}
}

func TestPlaceNothing(t *testing.T) {
	o := server(t, "mysql-9.7", tree{"/etc/my.cnf": ""}, "/etc/my.cnf")
	o.Text = "[client]\nssl-ca=/x\n"
	if _, err := o.Place(); err == nil || !strings.Contains(err.Error(), "takes any of the options") {
		t.Errorf("%v", err)
	}
	if _, err := server(t, "mysql-9.7", tree{"/etc/": ""}, "/etc/none.cnf").Place(); err == nil || !strings.Contains(err.Error(), `"/etc/none.cnf" does not exist`) {
		t.Errorf("%v", err)
	}
	var path *fs.PathError
	if _, err := (tree{"/a": "-> a"}).Resolve("/a"); !errors.As(err, &path) {
		t.Errorf("%v", err)
	}
}
