package main

import (
	"strings"
	"testing"
)

func TestFit(t *testing.T) {
	const bold, plain = "\x1b[1m", "\x1b[0m"
	for _, test := range []struct{ line, want string }{
		{"short\n", "short\n"},
		{strings.Repeat("x", 39), strings.Repeat("x", 39)},
		{bold + strings.Repeat("x", 39) + plain + "\n", bold + strings.Repeat("x", 39) + plain + "\n"},
		{"Subject of the CA: /C=US/ST=WI/L=Madison/O=sampdb█\n", "Subject of th…ST=WI/L=Madison/O=sampdb█\n"},
		{bold + "Subject of the CA: " + plain + "/C=US/ST=WI/L=Madison/O=sampdb█\n", bold + "Subject of th…" + plain + "ST=WI/L=Madison/O=sampdb█\n"},
		{strings.Repeat("ü", 100), strings.Repeat("ü", 13) + "…" + strings.Repeat("ü", 25)},
		{"\x1b[", "\x1b["},
	} {
		got := fit(test.line, 40)
		if got != test.want {
			t.Errorf("fit(%q) = %q, want %q", test.line, got, test.want)
		}
		width := 0
		if eachRune(got, func(string) { width++ }); width > 39 {
			t.Errorf("fit(%q) is %d wide", test.line, width)
		}
	}
}
