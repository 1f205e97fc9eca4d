package optionfile

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// generator writes option files as people do, and worse.
type generator struct {
	*rand.Rand
	dir   string
	files int // made so far
	names int // of files and folders
	depth int
}

// generate makes a folder with an option file and what it includes, and
// returns the file's path.
func generate(t *testing.T, seed uint64) string {
	t.Helper()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 4)), dir: t.TempDir()}
	path := filepath.Join(g.dir, "my.cnf")
	g.write(t, path)
	return path
}

// nameless is a line of an option with blanks in the place of its name. Of
// those the programs print what lies in their memory.
var nameless = regexp.MustCompile(`(?m)^[\t\v\f\r \xa0]+=`)

func (g *generator) write(t *testing.T, path string) {
	t.Helper()
	g.files++
	g.depth++
	defer func() { g.depth-- }()
	var b strings.Builder
	if g.IntN(60) == 0 {
		b.WriteString("\xef\xbb\xbf")
	}
	end := "\n"
	if g.IntN(5) == 0 {
		end = "\r\n"
	}
	if g.IntN(40) > 0 {
		b.WriteString("[" + g.group() + "]" + end)
	}
	lines := 3 + g.IntN(25)
	for i := range lines {
		b.WriteString(g.line(t))
		if i < lines-1 || g.IntN(3) > 0 {
			b.WriteString(end)
		}
	}
	content := nameless.ReplaceAllString(b.String(), "k=")
	mode := os.FileMode(0o644)
	if g.depth > 1 && g.IntN(12) == 0 {
		mode = 0o666
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) blanks() string {
	return g.pick("", "", "", " ", "  ", "\t", " \t ", "\v", "\xa0")
}

func (g *generator) group() string {
	name := g.pick("mysqld", "mysqld", "mysqld", "server", "mariadb", "mariadbd", "client", "client", "mysql", "mariadb-client",
		"client-server", "client-mariadb", "galera", "mysqld-9.7", "mysqld-10.11", "mysqld-11.8", "mariadb-11.8", "mariadb-10.11",
		"mariadbd-11.8", "mysqld-8.0", "mysqldump", "mysqld_safe", "MYSQLD", "Client", "mysqld2", "client2", "mysqldump2", "mysql_cluster", "", "mysqld#1")
	if g.IntN(10) == 0 {
		name += g.blanks()
	}
	if g.IntN(25) == 0 {
		name = g.blanks() + name
	}
	return name
}

func (g *generator) line(t *testing.T) string {
	switch n := g.IntN(100); {
	case n < 10:
		return g.blanks() + "[" + g.group() + "]" + g.pick("", "", " ", " # comment", "x", "]")
	case n < 15:
		return g.blanks() + g.pick("#", ";") + g.text(20)
	case n < 18:
		return g.blanks()
	case n < 28:
		return g.include(t)
	case n == 28:
		return g.pick("[mysqld", "!", "!includes x", "!include", "!includedir", "?", "?foo", "! include  ", "!include #x", "\xef\xbb\xbf", "\x00", "[a\x00]", "!INCLUDE x")
	case n < 40:
		return g.blanks() + g.name() + g.blanks() + g.pick("", "", " # comment", "#", " ; no comment")
	case n == 40:
		return g.name() + "=" + strings.Repeat(g.pick("x", "\\s", "ab"), g.IntN(6000)) + g.pick("", `"`, "#z", " y")
	case n == 41:
		return g.name() + "=" + strings.Repeat("y", 4070+g.IntN(40)) + g.pick("", "\x00", " ", "#")
	}
	return g.blanks() + g.name() + g.blanks() + "=" + g.blanks() + g.value() + g.blanks() + g.pick("", "", "", "# comment", " # it's", "#\"")
}

func (g *generator) name() string {
	return g.pick("ssl-ca", "ssl_cert", "ssl-key", "loose-ssl-mode", "loose_ssl_verify", "skip-ssl", "port", "socket", "user", "datadir",
		"max_connections", "innodb-x", "a b", "k", "key'", `k"`, "--x", "sql mode", "password", "é", "k.k", "log-bin")
}

func (g *generator) value() string {
	switch g.IntN(8) {
	case 0:
		return ""
	case 1:
		return `"` + g.text(12) + `"`
	case 2:
		return "'" + g.text(12) + "'"
	case 3:
		return g.pick(`"`, "'", `""`, "''", `"a`, `a"`, `'a"`, `"a"b"`, "'it''s'", `\`, `a\`, `"a\"`, `\"#x`, "=", "a=b")
	case 4:
		return g.pick("/etc/mysql/ca.pem", "/var/lib/a b.pem", `C:\ssl\new.pem`, "/etc/a#b.pem", "3306", "ON", "TLSv1.2,TLSv1.3")
	}
	return g.text(15)
}

// text is made of what has a meaning somewhere.
func (g *generator) text(most int) string {
	var b strings.Builder
	for range g.IntN(most) {
		if g.IntN(400) == 0 {
			b.WriteString("\x00")
		}
		b.WriteString(g.pick("a", "b", "7", "/", ".", " ", "\t", "#", ";", "'", `"`, `\`, `\n`, `\t`, `\s`, `\b`, `\r`, `\"`, `\'`, `\\`, `\x`, "=", "[", "]", "!", "é", "\xa0", "à", ","))
	}
	return b.String()
}

// include is a directive, mostly to something that exists.
func (g *generator) include(t *testing.T) string {
	directive := g.blanks() + g.pick("!", "!", "!", "! ", "?") + "include"
	tail := g.pick("", "", "", " ", "\t ", " # comment")
	if g.files > 7 || g.depth > 3 {
		return directive + " " + filepath.Join(g.dir, g.pick("missing", "my.cnf.d/none")) + tail
	}
	g.names++
	path := filepath.Join(g.dir, fmt.Sprintf("inc%d", g.names))
	if g.IntN(2) == 0 {
		g.write(t, path)
		return directive + g.pick(" ", "  ", "\t") + path + tail
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	for range g.IntN(4) {
		name := g.pick("a", "B", "9", "10", "é", "x.y", "", ".h") + g.pick(".cnf", ".cnf", ".cnf", ".CNF", ".cnf~", ".ini")
		if _, err := os.Stat(filepath.Join(path, name)); err != nil && g.files < 8 {
			g.write(t, filepath.Join(path, name))
		}
	}
	if g.IntN(8) == 0 {
		path += "missing"
	}
	return directive + "dir " + path + g.pick("", "/") + tail
}
