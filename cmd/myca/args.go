package main

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"
)

// commandLine is a command line put in order: what normalise makes of the
// words as typed.
type commandLine struct {
	args []string // program, globals, command path, flags, "--", arguments
	path []string // the command path alone
}

// normalise reorders the words after the program's name so that urfave/cli,
// which stops reading flags at the first argument, understands them wherever
// they stand: globals, command path, the command's flags, "--", arguments.
//
// Errors are usageErrors: an unknown command, an unknown flag, a flag without
// its value or with an empty one (a script's variable that is not set). "help COMMAND" is rewritten to "COMMAND --help".
func normalise(app *cli.App, args []string) (commandLine, error) {
	n := normaliser{app: app, commands: app.Commands}
	words := args[1:]
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case word == "--":
			n.arguments = append(n.arguments, words[i+1:]...)
			i = len(words)
		case len(word) > 1 && word[0] == '-':
			used, err := n.flag(words[i:])
			if err != nil {
				return commandLine{}, err
			}
			i += used - 1
		default:
			if err := n.word(word); err != nil {
				return commandLine{}, err
			}
		}
	}
	// A flag that stood before its command was taken for one of any command.
	for _, word := range n.words {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if n.leaf == nil || (len(n.commands) == 0 && findFlag(n.leaf.Flags, name) == nil) {
			return commandLine{}, n.unknownFlag(word, name)
		}
	}
	return n.line(args[0]), nil
}

type normaliser struct {
	app       *cli.App
	commands  []*cli.Command // what may follow the path so far; empty on a leaf
	leaf      *cli.Command   // the last command of the path
	path      []string
	globals   []string
	flags     []string
	arguments []string
	words     []string // the flags of the command as typed, without values
	seen      []string // the flags that were given a value
	help      bool
}

// word takes a word that is no flag: the next command of the path, or an
// argument once the path is complete.
func (n *normaliser) word(word string) error {
	if len(n.commands) == 0 {
		n.arguments = append(n.arguments, word)
		return nil
	}
	if word == "help" && !n.help {
		n.help = true
		return nil
	}
	for _, c := range n.commands {
		if c.HasName(word) {
			n.path = append(n.path, c.Name)
			n.leaf, n.commands = c, c.Subcommands
			return nil
		}
	}
	names := commandNames(n.commands)
	hint := "commands: " + strings.Join(names, ", ")
	near := nearest(word, names)
	if len(n.path) == 0 && (word == "fleet" || word == "provision") {
		near = "apply"
	}
	if near != "" {
		hint = strings.Join(append(append([]string{"myca"}, n.path...), near), " ")
	}
	return usagef(hint, "unknown command %q", strings.Join(append(slices.Clone(n.path), word), " "))
}

// flag takes the flag at the head of words and, where it needs one, its
// value; it returns how many words that were.
func (n *normaliser) flag(words []string) (int, error) {
	word := words[0]
	name, value, hasValue := strings.Cut(strings.TrimLeft(word, "-"), "=")
	if name == "help" || name == "h" {
		n.help = true
		return 1, nil
	}
	if name == "version" || name == "v" {
		n.globals = append(n.globals, "--version")
		return 1, nil
	}
	f, global := findFlag(n.app.Flags, name), true
	if f == nil {
		f, global = n.commandFlag(name), false
	}
	if f == nil {
		return 0, n.unknownFlag(word, name)
	}
	take := words[:1]
	if _, isBool := f.(*cli.BoolFlag); !isBool && !hasValue {
		if len(words) < 2 {
			return 0, usagef(flagUsage(f), "flag %q needs a value", word)
		}
		take, value = words[:2], words[1]
	}
	if err := n.checkValue(f, name, value); err != nil {
		return 0, err
	}
	if global {
		n.globals = append(n.globals, take...)
	} else {
		n.flags, n.words = append(n.flags, take...), append(n.words, word)
	}
	return len(take), nil
}

// checkValue refuses what can only be a mistake: an empty value (a script's
// variable that is not set), a second one where one is taken, and bytes that are
// no text, which the ledger could not keep (paths are read as they are).
func (n *normaliser) checkValue(f cli.Flag, name, value string) error {
	if _, isBool := f.(*cli.BoolFlag); isBool {
		return nil
	}
	if value == "" {
		return usagef(flagUsage(f), "flag %q is given an empty value", "--"+name)
	}
	if isPath := name == "dir" || name == "password-file"; !isPath && !utf8.ValidString(value) {
		return usagef(flagUsage(f), "flag %q: %q is not UTF-8 text", "--"+name, value)
	}
	if _, isSlice := f.(*cli.StringSliceFlag); !isSlice && slices.Contains(n.seen, f.Names()[0]) {
		return usagef(flagUsage(f), "flag %q is given twice", "--"+name)
	}
	n.seen = append(n.seen, f.Names()[0])
	return nil
}

// commandFlag finds a flag of the command so far; before the path is complete,
// of any command that it may still lead to.
func (n *normaliser) commandFlag(name string) cli.Flag {
	if n.leaf != nil {
		if f := findFlag(n.leaf.Flags, name); f != nil {
			return f
		}
	}
	return flagBelow(n.commands, name)
}

func (n *normaliser) unknownFlag(word, name string) error {
	var names []string
	for _, f := range n.app.Flags {
		names = append(names, f.Names()...)
	}
	if n.leaf != nil {
		for _, f := range n.leaf.Flags {
			names = append(names, f.Names()...)
		}
	}
	command := strings.Join(append([]string{"myca"}, n.path...), " ")
	hint := command + " --help"
	if near := nearest(name, names); near != "" {
		hint = "did you mean --" + near + "? see: " + hint
	}
	return usagef(hint, "unknown flag %q of %q", word, command)
}

func (n *normaliser) line(program string) commandLine {
	args := append([]string{program}, n.globals...)
	args = append(args, n.path...)
	if n.help {
		return commandLine{append(args, "--help"), n.path}
	}
	args = append(args, n.flags...)
	if len(n.path)+len(n.arguments) > 0 {
		args = append(args, "--")
	}
	return commandLine{append(args, n.arguments...), n.path}
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func flagBelow(commands []*cli.Command, name string) cli.Flag {
	for _, c := range commands {
		if f := findFlag(c.Flags, name); f != nil {
			return f
		}
		if f := flagBelow(c.Subcommands, name); f != nil {
			return f
		}
	}
	return nil
}

func flagUsage(f cli.Flag) string {
	if d, ok := f.(cli.DocGenerationFlag); ok {
		return "--" + f.Names()[0] + ": " + strings.ReplaceAll(d.GetUsage(), "`", "")
	}
	return "--" + f.Names()[0]
}

func commandNames(commands []*cli.Command) []string {
	names := make([]string, 0, len(commands))
	for _, c := range commands {
		names = append(names, c.Name)
	}
	return names
}

// nearest returns the one of names that word was most likely meant to be, or
// "" when none is within two edits (one for words of up to three letters).
func nearest(word string, names []string) string {
	best, limit := "", 2
	if len(word) <= 3 {
		limit = 1
	}
	for _, name := range names {
		if len(name) < 2 {
			continue
		}
		if d := smetrics.WagnerFischer(word, name, 1, 1, 1); d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}

// wantsJSON reports whether --json stands among the words, before anything
// else of them is understood: usage errors are JSON too.
func wantsJSON(args []string) bool {
	for _, word := range args {
		if word == "--" {
			return false
		}
		name, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if name != "json" || word[0] != '-' {
			continue
		}
		if on, err := strconv.ParseBool(value); !given || (err == nil && on) {
			return true
		}
	}
	return false
}
