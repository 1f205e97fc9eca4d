package main

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

func TestNarrow(t *testing.T) {
	const long = `plain
   --days N  valid for N days (default: 825)
no blanks at all in this line, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
   --target P  the server to … write for, its product and version
   --key TYPE  rsa-2048|rsa-3072|rsa-4096|ec-p256
`
	const want = `plain
   --days N  valid for N days (default:
             825)
no blanks at all in this line,
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
   --target P  the server to … write for,
               its product and version
   --key TYPE  rsa-2048|rsa-3072|rsa-4096|
               ec-p256
`
	var got strings.Builder
	w := narrow{w: &got, width: 42}
	for _, part := range strings.SplitAfter(long, " ") {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got.String() != want {
		t.Errorf("%s", got.String())
	}
}

// No line of help is wider than helpWidth, and no example is folded: it is to be
// pasted.
func TestHelpIsNarrow(t *testing.T) {
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	check := func(words []string) {
		var out, talk strings.Builder
		run(append(append([]string{"myca"}, words...), "--help"), terminal{in: nothing, out: &out, err: &talk})
		if out.Len() == 0 {
			t.Errorf("%q: no help: %s", words, talk.String())
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(line) - 1; n > helpWidth {
				t.Errorf("%q: %d columns: %s", words, n, line)
			}
		}
	}
	var walk func(words []string, commands []*cli.Command)
	walk = func(words []string, commands []*cli.Command) {
		for _, c := range commands {
			own := append(words[:len(words):len(words)], c.Name)
			check(own)
			for line := range strings.Lines(c.Description) {
				if command := strings.TrimSpace(line); strings.HasPrefix(command, "myca ") && len(line)+4 > helpWidth {
					t.Errorf("%q: an example of %d columns: %s", own, len(line)+3, command)
				}
			}
			walk(own, c.Subcommands)
		}
	}
	check(nil)
	walk(nil, newApp(&tool{}).Commands)
}
