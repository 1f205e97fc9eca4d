package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"myca/optionfile"
)

// tree is a System in memory: absolute paths to content. A path that ends in a
// slash is an empty folder, a content that begins with "-> " is a symbolic link,
// "!" before a path is a file that everybody can write, "-" one that cannot be
// read.
type tree map[string]string

func (t tree) entry(name string) (content string, mode fs.FileMode, found bool) {
	for prefix, mode := range map[string]fs.FileMode{"": 0o644, "!": 0o666, "-": 0} {
		if content, found := t[prefix+name]; found {
			return content, mode, true
		}
	}
	return "", 0, false
}

// Resolve follows links in every element of the path.
func (t tree) Resolve(name string) (string, error) {
	name = path.Clean(name)
	for range 40 {
		followed := false
		for n := 1; n <= len(name) && !followed; n++ {
			if n < len(name) && name[n] != '/' {
				continue
			}
			content, _, _ := t.entry(name[:n])
			target, link := strings.CutPrefix(content, "-> ")
			if !link {
				continue
			}
			if !path.IsAbs(target) {
				target = path.Join(path.Dir(name[:n]), target)
			}
			name, followed = path.Join(target, name[n:]), true
		}
		if !followed {
			if _, found := t.fs()[strings.TrimPrefix(path.Dir(name), "/")]; !found && !t.folder(path.Dir(name)) {
				return "", &fs.PathError{Op: "resolve", Path: name, Err: fs.ErrNotExist}
			}
			return name, nil
		}
	}
	return "", &fs.PathError{Op: "resolve", Path: name, Err: errors.New("too many links")}
}

func (t tree) folder(name string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(t)), func(p string) bool {
		return strings.HasPrefix(strings.TrimLeft(p, "!-"), strings.TrimSuffix(name, "/")+"/")
	})
}

// fs is the tree without links.
func (t tree) fs() fstest.MapFS {
	m := fstest.MapFS{}
	for name, content := range t {
		trimmed := strings.TrimLeft(name, "!-")
		_, mode, _ := t.entry(trimmed)
		file := &fstest.MapFile{Data: []byte(content), Mode: mode}
		if dir, is := strings.CutSuffix(trimmed, "/"); is {
			trimmed, file.Mode = dir, 0o755|fs.ModeDir
		}
		m[strings.TrimPrefix(trimmed, "/")] = file
	}
	return m
}

func (t tree) at(name string) (string, error) {
	resolved, err := t.Resolve(name)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(resolved, "/"), nil
}

func (t tree) ReadFile(name string) ([]byte, error) {
	at, err := t.at(name)
	if err != nil {
		return nil, err
	}
	if t["-/"+at] != "" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return t.fs().ReadFile(at)
}

func (t tree) Stat(name string) (fs.FileInfo, error) {
	at, err := t.at(name)
	if err != nil {
		return nil, err
	}
	return t.fs().Stat(at)
}

func (t tree) ReadDir(name string) ([]string, error) {
	at, err := t.at(name)
	if err != nil {
		return nil, err
	}
	entries, err := t.fs().ReadDir(at)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

// with is the tree after an edit.
func (t tree) with(e Edit) tree {
	t = maps.Clone(t)
	t[e.Path] = string(e.New)
	return t
}

// write makes the tree below root, with that folder before each absolute path
// of a link or an include.
func (t tree) write(tb testing.TB, root string) {
	tb.Helper()
	for name, content := range t {
		file := filepath.Join(root, strings.TrimLeft(name, "!-"))
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		target, link := strings.CutPrefix(content, "-> ")
		_, mode, _ := t.entry(strings.TrimLeft(name, "!-"))
		switch {
		case err != nil:
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(file, 0o755)
		case link && path.IsAbs(target):
			err = os.Symlink(root+target, file)
		case link:
			err = os.Symlink(target, file)
		default:
			content = strings.NewReplacer("include /", "include "+root+"/", "includedir /", "includedir "+root+"/").Replace(content)
			err = errors.Join(os.WriteFile(file, []byte(content), mode), os.Chmod(file, mode))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// contents is every regular file below a folder.
func contents(tb testing.TB, root string) map[string]string {
	tb.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		all[name] = string(data)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// shape is the option files of an installation.
type shape struct {
	main  string // the file that is named to the server
	files tree
	// edited is the file that Place changes or makes.
	edited string
}

const settingsOfPackage = "# comment\n[mysqld]\npid-file = /run/mysqld/mysqld.pid\n#ssl-ca = /etc/mysql/cacert.pem\n#ssl-cert = /etc/mysql/server-cert.pem\nbind-address = 127.0.0.1\n"

// shapes are those of distributions, and of people.
func shapes() map[string]shape {
	dos := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	return map[string]shape{
		"Debian, MariaDB": {"/etc/mysql/my.cnf", tree{
			"/etc/mysql/my.cnf": "-> /etc/alternatives/my.cnf", "/etc/alternatives/my.cnf": "-> /etc/mysql/mariadb.cnf",
			"/etc/mysql/mariadb.cnf":                  "# The MariaDB configuration file\n\n[client-server]\n# socket = /run/mysqld/mysqld.sock\n\n!includedir /etc/mysql/conf.d/\n!includedir /etc/mysql/mariadb.conf.d/\n",
			"/etc/mysql/conf.d/mysql.cnf":             "[mysql]\n",
			"/etc/mysql/mariadb.conf.d/50-client.cnf": "[client]\n\n[client-mariadb]\n",
			"/etc/mysql/mariadb.conf.d/50-server.cnf": settingsOfPackage + "\n[embedded]\n\n[mariadbd]\n\n[mariadb-10.11]\n",
		}, "/etc/mysql/mariadb.conf.d/zz-myca.cnf"},
		"Debian, MySQL": {"/etc/mysql/my.cnf", tree{
			"/etc/mysql/my.cnf": "-> ../alternatives/my.cnf", "/etc/alternatives/my.cnf": "-> ../mysql/mysql.cnf",
			"/etc/mysql/mysql.cnf":                      "!includedir /etc/mysql/conf.d/\n!includedir /etc/mysql/mysql.conf.d/\n",
			"/etc/mysql/conf.d/mysql.cnf":               "[mysql]\n",
			"/etc/mysql/mysql.conf.d/mysqld.cnf":        settingsOfPackage + "ssl-ca=/var/lib/mysql/ca.pem\n",
			"/etc/mysql/mysql.conf.d/mysqld.cnf.backup": "[mysqld]\nssl-ca=/x\n",
		}, "/etc/mysql/mysql.conf.d/zz-myca.cnf"},
		"RHEL": {"/etc/my.cnf", tree{
			"/etc/my.cnf":                      "#\n# This group is read both by the client and the server\n#\n[client-server]\n\n#\n# include *cnf from the config directory\n#\n!includedir /etc/my.cnf.d\n\n",
			"/etc/my.cnf.d/mariadb-server.cnf": "[server]\n\n[mysqld]\ndatadir=/var/lib/mysql\nsocket=/var/lib/mysql/mysql.sock\n[galera]\n[mariadb]\nssl_cert=/etc/pki/tls/old.pem\n",
			"/etc/my.cnf.d/client.cnf":         "[client]\n",
		}, "/etc/my.cnf.d/zz-myca.cnf"},
		"Homebrew": {"/usr/local/etc/my.cnf", tree{
			"/usr/local/etc/my.cnf": "# Default Homebrew MySQL server config\n[mysqld]\n# Only allow connections from localhost\nbind-address = 127.0.0.1\nmysqlx-bind-address = 127.0.0.1\n",
		}, "/usr/local/etc/my.cnf"},
		"CRLF": {"/etc/my.cnf", tree{
			"/etc/my.cnf": dos("[client]\nport=3306\n\n[mysqld]\nport=3306\nssl-key=\"C:\\\\old.pem\"\n\n[mysqldump]\nquick\n"),
		}, "/etc/my.cnf"},
		"a comment without newline": {"/etc/my.cnf", tree{
			"/etc/my.cnf": "[mysqld]\nuser=mysql\n[mysqldump]\n# the end",
		}, "/etc/my.cnf"},
		"an option without newline": {"/etc/my.cnf", tree{"/etc/my.cnf": "[mysqld]\nskip-name-resolve"}, "/etc/my.cnf"},
		"no group":                  {"/etc/my.cnf", tree{"/etc/my.cnf": "# empty\n"}, "/etc/my.cnf"},
		"empty":                     {"/etc/my.cnf", tree{"/etc/my.cnf": ""}, "/etc/my.cnf"},
		"included":                  {"/etc/my.cnf", tree{"/etc/my.cnf": "!include /etc/a.cnf\n", "/etc/a.cnf": "[client]\n!include /etc/b.cnf\n[mysqldump]\nquick\n", "/etc/b.cnf": "[Server]\nport=1\n"}, "/etc/b.cnf"},
		"included, then more":       {"/etc/my.cnf", tree{"/etc/my.cnf": "!include /etc/a.cnf\n[mysqld]\nssl-ca=/old.pem\n", "/etc/a.cnf": "[mysqld]\nport=1\n"}, "/etc/my.cnf"},
		"a folder, then more":       {"/etc/my.cnf", tree{"/etc/my.cnf": "!includedir /etc/my.cnf.d\n[mysqld]\nssl-ca=/old.pem\n", "/etc/my.cnf.d/": ""}, "/etc/my.cnf"},
		"a folder behind a link":    {"/etc/my.cnf", tree{"/etc/my.cnf": "!includedir /etc/my.cnf.d\n", "/etc/my.cnf.d": "-> mysql/d", "/etc/mysql/d/a.cnf": "[mysqld]\nssl=1\n"}, "/etc/mysql/d/zz-myca.cnf"},
		"a drop-in by hand":         {"/etc/my.cnf", tree{"/etc/my.cnf": "!includedir /etc/my.cnf.d\n", "/etc/my.cnf.d/zz-myca.cnf": "[mysqld]\nssl-ca=/old.pem"}, "/etc/my.cnf.d/zz-myca.cnf"},
		"switched off before":       {"/etc/my.cnf", tree{"/etc/my.cnf": "[mysqld]\nloose-skip-ssl\n"}, "/etc/my.cnf"},
		"folders in folders": {"/etc/my.cnf", tree{"/etc/my.cnf": "!includedir /etc/a\n", "/etc/a/1.cnf": "!includedir /etc/b\n", "/etc/a/2.cnf": "[mysqld]\nport=1\n",
			"/etc/b/3.cnf": "[mysqld]\nport=2\n"}, "/etc/b/zz-myca.cnf"},
	}
}

// overridesText writes down what is overridden: KEY@FILE:LINE.
func overridesText(settings []optionfile.Setting) string {
	var words []string
	for _, s := range settings {
		for _, o := range s.Overridden {
			words = append(words, fmt.Sprintf("%s@%s:%d", s.Key, o.File, o.Line))
		}
	}
	return strings.Join(words, " ")
}
