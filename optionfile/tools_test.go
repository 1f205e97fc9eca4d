package optionfile

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"myca/dialect"
	"myca/scripts/servers"
)

// tool is a real program that prints the options it reads.
type tool struct {
	product servers.Product
	name    string // the program's file
	program Program
	groups  []string // that my_print_defaults is asked for; nil for the other programs
}

// tools lists the programs of a product, each in the version that it is.
func tools(t *testing.T, p servers.Product) []tool {
	t.Helper()
	out, err := p.Command(p.ClientName(), "--no-defaults", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	version, err := dialect.Detect(string(out))
	if err != nil {
		t.Fatal(err)
	}
	server, client := "mariadbd", "mariadb"
	if p.MySQL() {
		server, client = "mysqld", "mysql"
	}
	groups := []string{"mysqld", "client", "mysqldump"}
	return []tool{
		{p, server, Program{Version: version, Name: server}, nil},
		{p, client, Program{Version: version, Name: client}, nil},
		{p, "my_print_defaults", Program{Version: version, Name: "my_print_defaults"}, groups},
	}
}

// TestTools lets the real programs read generated files.
func TestTools(t *testing.T) {
	const files = 110 // for each of the three products, each read by its three programs
	servers.Each(t, func(t *testing.T, p servers.Product) {
		var read, fatal, options, problems atomic.Int64
		list := tools(t, p)
		for n := range files {
			seed := uint64(1000*len(p.Target) + n)
			file := generate(t, seed)
			for _, tool := range list {
				if n%5 == 0 {
					tool.program.Suffix = "2"
				}
				got := tool.read(file)
				tool.compare(t, file, fmt.Sprintf("%s of %s, seed %d", tool.name, p.Target, seed), got)
				read.Add(1)
				options.Add(int64(len(got.Options)))
				problems.Add(int64(len(got.Problems)))
				if got.Fatal() {
					fatal.Add(1)
				}
			}
		}
		t.Logf("%s: %d files, read %d times: %d options, %d problems; %d times the program does not start",
			p.Target, files, read.Load(), options.Load(), problems.Load(), fatal.Load())
	})
}

// read is what this package reads.
func (tool tool) read(file string) Result {
	r := newReader(NewReader(OS()), tool.program)
	if tool.groups != nil {
		r.groups = tool.groups
		for _, group := range tool.groups {
			if tool.program.Suffix != "" {
				r.groups = append(r.groups, group+tool.program.Suffix)
			}
		}
	}
	r.named(file)
	return r.result
}

// compare lets the program read the file, and compares.
func (tool tool) compare(t *testing.T, file, title string, got Result) {
	t.Helper()
	args := []string{"--defaults-file=" + file}
	if tool.program.Suffix != "" {
		args = append(args, "--defaults-group-suffix="+tool.program.Suffix)
	}
	switch {
	case tool.groups == nil:
		args = append(args, "--print-defaults")
	case tool.product.MySQL():
		args = append(args, "--show") // passwords too
		fallthrough
	default:
		args = append(args, tool.groups...)
	}
	cmd := tool.product.Command(tool.name, args...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if (err != nil) != got.Fatal() {
		t.Errorf("%s: the program says %v: %s; read: %+v", title, err, stderr.String(), got.Problems)
		return
	}
	for kind, says := range map[ProblemKind]string{Ignored: "World-writable", Depth: "maximum include"} {
		n := 0
		for _, problem := range got.Problems {
			if problem.Kind == kind {
				n++
			}
		}
		if want := strings.Count(stderr.String(), says); n != want {
			t.Errorf("%s: %d times %s, want %d", title, n, kind, want)
		}
	}
	if err != nil {
		return
	}
	text, want := tool.print(got), stdout.String()
	if tool.groups == nil {
		_, want, _ = strings.Cut(want, "following arguments:\n")
	}
	if text != want {
		from := 0
		for from < min(len(text), len(want)) && text[from] == want[from] {
			from++
		}
		t.Errorf("%s: from byte %d on\n got %.200q\nwant %.200q\nit said %s\nread %+v", title, from, text[from:], want[from:], stderr.String(), got.Problems)
	}
}

// print is what the program prints for what was read.
func (tool tool) print(r Result) string {
	var b strings.Builder
	end := " "
	if tool.groups != nil {
		end = "\n"
	}
	for _, option := range r.Options {
		arg := option.Arg()
		if tool.product.MySQL() && tool.groups == nil && strings.HasPrefix(arg, "--password") {
			arg = "--password=*****"
		}
		b.WriteString(arg + end)
	}
	if tool.groups == nil {
		b.WriteString("\n")
	}
	return b.String()
}
