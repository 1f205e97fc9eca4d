package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func testApp() *cli.App {
	return newApp(&tool{terminal: terminal{out: io.Discard, err: io.Discard}})
}

func TestNormalise(t *testing.T) {
	for _, test := range []struct{ typed, want string }{
		{"list", "list --"},
		{"list --json", "--json list --"},
		{"issue server db1 --key ec-p256 10.0.0.1", "issue server --key ec-p256 -- db1 10.0.0.1"},
		{"issue server --dir D db1 --force", "--dir D issue server --force -- db1"},
		{"--dir=D issue server db1", "--dir=D issue server -- db1"},
		{"issue --force server db1", "issue server --force -- db1"},
		{"--key ec-p256 issue client laura", "issue client --key ec-p256 -- laura"},
		{"issue client laura --password-file -", "issue client --password-file - -- laura"},
		{"issue client laura --grant ALL_ON_x.* -y --quiet", "-y --quiet issue client --grant ALL_ON_x.* -- laura"},
		{"show -- --json", "show -- --json"},
		{"show -- -x -- y", "show -- -x -- y"},
		{"help issue server", "issue server --help"},
		{"issue help server", "issue server --help"},
		{"issue server --help db1", "issue server --help"},
		{"help", "--help"},
		{"show help", "show -- help"},
		{"issue server db1 --force=false", "issue server --force=false -- db1"},
		{"", ""},
	} {
		line, err := normalise(testApp(), append([]string{"myca"}, strings.Fields(test.typed)...))
		if got := strings.Join(line.args[min(1, len(line.args)):], " "); err != nil || got != test.want {
			t.Errorf("normalise %q: %q, %v; want %q", test.typed, got, err, test.want)
		}
	}
}

func TestNormaliseRefuses(t *testing.T) {
	for _, test := range []struct {
		typed      []string
		want, hint string
	}{
		{[]string{"isue", "server"}, `unknown command "isue"`, "myca issue"},
		{[]string{"issue", "sever", "db1"}, `unknown command "issue sever"`, "myca issue server"},
		{[]string{"fleet"}, `unknown command "fleet"`, "myca apply"},
		{[]string{"issue", "fleet"}, `unknown command "issue fleet"`, "commands: server, client"},
		{[]string{"frobnicate"}, `unknown command "frobnicate"`, "bootstrap"},
		{[]string{"list", "--jsn"}, `unknown flag "--jsn" of "myca list"`, "--json"},
		{[]string{"issue", "server", "db1", "--rescind"}, `unknown flag "--rescind"`, "myca issue server --help"},
		{[]string{"issue", "server", "db1", "--key"}, `"--key" needs a value`, "--key"},
		{[]string{"issue", "server", "db1", "--subject", ""}, `"--subject" is given an empty value`, "--subject"},
		{[]string{"--dir=", "list"}, `"--dir" is given an empty value`, "--dir"},
	} {
		_, err := normalise(testApp(), append([]string{"myca"}, test.typed...))
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) || !strings.Contains(usage.hint, test.hint) {
			t.Errorf("normalise %q: %v (%+v), want %q with a hint of %q", test.typed, err, usage, test.want, test.hint)
		}
		if exitCode(err) != exitUsage {
			t.Errorf("normalise %q: exit code %d", test.typed, exitCode(err))
		}
	}
}

// No flag of a command may hide a global one: they may stand anywhere.
func TestFlagNamesDoNotClash(t *testing.T) {
	app := testApp()
	var walk func(path string, commands []*cli.Command)
	walk = func(path string, commands []*cli.Command) {
		for _, c := range commands {
			seen := []string{"help", "h"}
			for _, f := range append(slices.Clone(app.Flags), c.Flags...) {
				for _, name := range f.Names() {
					if slices.Contains(seen, name) {
						t.Errorf("%s %s: the flag --%s exists twice", path, c.Name, name)
					}
					seen = append(seen, name)
				}
			}
			walk(path+" "+c.Name, c.Subcommands)
		}
	}
	walk("myca", app.Commands)
}

// Every command shows how it is used by an example that begins with myca.
func TestEveryCommandHasAnExample(t *testing.T) {
	var walk func(path string, commands []*cli.Command)
	walk = func(path string, commands []*cli.Command) {
		for _, c := range commands {
			if len(c.Subcommands) == 0 && !strings.Contains(c.Description, "  myca ") {
				t.Errorf("%s %s has no example in its help", path, c.Name)
			}
			if c.Usage == "" {
				t.Errorf("%s %s has no usage", path, c.Name)
			}
			walk(path+" "+c.Name, c.Subcommands)
		}
	}
	walk("myca", testApp().Commands)
}

func FuzzNormalise(f *testing.F) {
	f.Add("issue server db1 --key ec-p256")
	f.Add("-- help --json")
	f.Fuzz(func(t *testing.T, typed string) {
		words := strings.Fields(typed)
		line, err := normalise(testApp(), append([]string{"myca"}, words...))
		if err != nil {
			return
		}
		again, err := normalise(testApp(), line.args)
		if err != nil || !slices.Equal(again.args, line.args) {
			t.Errorf("normalise %q gives %q, and that gives %q, %v", words, line.args, again.args, err)
		}
	})
}
