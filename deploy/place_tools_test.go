package deploy

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"myca/optionfile"
	"myca/scripts/servers"
	"myca/templates"
)

// defaults is what a program prints that it reads from an option file: its
// options without dashes, in their order.
func defaults(t *testing.T, p servers.Product, name, file string) []string {
	t.Helper()
	result := servers.Execute(p.Command(name, "--defaults-file="+file, "--print-defaults"), "")
	_, line, found := strings.Cut(result.Stdout, "following arguments:\n")
	if !result.OK() || !found {
		t.Fatalf("%s: %s%s", name, result.Stdout, result.Stderr)
	}
	return strings.Split(strings.TrimPrefix(strings.TrimSpace(line), "--"), " --")
}

// last are the values that come last, by the names as they are written.
func last(args []string) map[string]string {
	values := map[string]string{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		values[strings.ReplaceAll(name, "_", "-")] = value
	}
	return values
}

// TestPlaceServerTools lets the real servers read what Place makes of the
// option files of every shape, on a disk and with links.
func TestPlaceServerTools(t *testing.T) {
	servers.Each(t, func(t *testing.T, p servers.Product) {
		program := "mariadbd"
		if p.MySQL() {
			program = "mysqld"
		}
		for name, s := range shapes() {
			t.Run(name, func(t *testing.T) { placeForServer(t, p, program, s) })
		}
	})
}

func placeForServer(t *testing.T, p servers.Product, program string, s shape) {
	root := t.TempDir()
	s.files.write(t, root)
	main := root + s.main
	before, was := contents(t, root), defaults(t, p, program, main)
	o := ServerOptions{System: optionfile.OS(), Version: version(t, p.Target), File: main, Text: serverText(t, p.Target, deployed)}
	edit, err := o.Place()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(edit.Path, edit.New, edit.Mode); err != nil {
		t.Fatal(err)
	}
	now := defaults(t, p, program, main)
	values := last(now)
	for key, file := range map[string]string{"ssl-ca": "ca-cert.pem", "ssl-cert": "server-cert.pem", "ssl-key": "server-key.pem"} {
		if want := deployed + "/" + file; values[key] != want {
			t.Errorf("%s reads %s=%q, want %q", program, key, values[key], want)
		}
	}
	others := slices.DeleteFunc(slices.Clone(now), func(arg string) bool { return strings.Contains(arg, "="+deployed+"/") })
	if !slices.Equal(slices.DeleteFunc(was, func(arg string) bool { return arg == "" }), others) {
		t.Errorf("%s read %q, and now %q", program, was, others)
	}
	if again, err := o.Place(); err != nil || again.Changed() {
		t.Errorf("a second time: %t, %v", again.Changed(), err)
	}
	restore(t, edit, "server")
	if after := contents(t, root); !maps.Equal(before, after) {
		t.Errorf("without the block %q, want %q", after, before)
	}
}

// restore takes the block out of a file; one that was made is removed.
func restore(t *testing.T, edit Edit, block string) {
	t.Helper()
	data, err := os.ReadFile(edit.Path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := optionfile.Parse(edit.Path, data).WithoutBlock(block)
	if edit.Created {
		err = errors.Join(err, os.Remove(edit.Path))
	} else if err == nil {
		err = os.WriteFile(edit.Path, file.Bytes(), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPlaceClientTools lets every client program read the ~/.my.cnf that Place
// makes.
func TestPlaceClientTools(t *testing.T) {
	servers.Each(t, func(t *testing.T, p servers.Product) {
		read := 0
		for _, before := range []string{"", "[client]\nuser=root\n[mysqldump]\nquick", "[client]\r\nport=1\r\n", "[mysql]\nprompt='\\u> '\nssl-ca=/old.pem\n# the end"} {
			home := t.TempDir()
			file := filepath.Join(home, ".my.cnf")
			if before != "" {
				if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v := version(t, p.Target)
			text, err := templates.ClientOptions{Target: v, Name: "laura", User: "laura", Password: "a b#c", CA: home + "/ca.pem", Cert: home + "/c.pem", Key: home + "/k.pem"}.OptionFile()
			if err != nil {
				t.Fatal(err)
			}
			o := ClientOptions{System: optionfile.OS(), Version: v, Home: home, Text: text}
			edit, err := o.Place()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(edit.Path, edit.New, edit.Mode); err != nil {
				t.Fatal(err)
			}
			for _, program := range o.programs() {
				name := program.Name
				if !p.MySQL() {
					name = strings.TrimSuffix("mariadb-"+strings.TrimPrefix(name, "mysql"), "-")
				}
				if _, err := os.Stat(filepath.Join(p.Tree, "/usr/bin", name)); err != nil {
					continue // not in the package with the client
				}
				values := last(defaults(t, p, name, file))
				if values["user"] != "laura" || values["ssl-ca"] != home+"/ca.pem" || values["ssl-key"] != home+"/k.pem" || values["password"] == "" {
					t.Errorf("%s reads %q", name, values)
				}
				read++
			}
			if again, err := o.Place(); err != nil || again.Changed() {
				t.Errorf("a second time: %t, %v", again.Changed(), err)
			}
			restore(t, edit, "client")
			if data, err := os.ReadFile(file); string(data) != before || (err == nil) != (before != "") {
				t.Errorf("without the block %q, %v, want %q", data, err, before)
			}
		}
		if read == 0 {
			t.Error("no client program")
		}
		t.Logf("%d times read", read)
	})
}

// TestPlaceOnServer: a server starts with what Place makes and has our paths;
// what SET PERSIST keeps wins over them, as Place says.
func TestPlaceOnServer(t *testing.T) {
	for _, p := range servers.All() {
		if p.MySQL() { // MariaDB has no SET PERSIST
			p.Need(t)
			placeOnServer(t, p)
		}
	}
}

func placeOnServer(t *testing.T, p servers.Product) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // the server's user reads it
		t.Fatal(err)
	}
	tree{"/my.cnf": "[mysqld]\nssl-ca=/old.pem\n!includedir /conf.d\n", "/conf.d/": ""}.write(t, dir)
	o := ServerOptions{System: optionfile.OS(), Version: version(t, p.Target), File: dir + "/my.cnf", Text: serverText(t, p.Target, deployed)}
	s, err := servers.New(t, p)
	if err != nil {
		t.Fatal(err)
	}
	const paths = "SELECT @@ssl_ca, @@ssl_cert, @@ssl_key"
	if err := s.Run(servers.Options{DefaultsFile: o.File}); err != nil {
		t.Fatal(err)
	}
	o.DataDir = s.SQL(t, "SELECT @@datadir")
	s.SQL(t, "SET PERSIST ssl_cert='/persisted.pem'")
	_, err = o.Place()
	var refusal *Refusal
	if !errors.As(err, &refusal) || len(refusal.Conflicts) != 1 || refusal.Conflicts[0].Value != "/persisted.pem" {
		t.Fatalf("%v", err)
	}
	_, reset, _ := strings.Cut(refusal.Hint(), ": ")
	s.SQL(t, reset)
	edit, err := o.Place()
	if err != nil || edit.Path != dir+"/conf.d/zz-myca.cnf" || overridesText(edit.Overrides) != "ssl-ca@"+dir+"/my.cnf:2" {
		t.Fatalf("%s, %s, %v", edit.Path, overridesText(edit.Overrides), err)
	}
	if err := os.WriteFile(edit.Path, edit.New, edit.Mode); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if err := s.Run(servers.Options{DefaultsFile: o.File}); err != nil {
		t.Fatal(err)
	}
	if got, want := s.SQL(t, paths), deployed+"/ca-cert.pem\t"+deployed+"/server-cert.pem\t"+deployed+"/server-key.pem"; got != want {
		t.Errorf("the server has %q, want %q", got, want)
	}
}
