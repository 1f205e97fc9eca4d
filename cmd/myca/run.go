package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/urfave/cli/v2"

	"myca/dialect"
	"myca/store"
)

// terminal is where a run reads and writes, and its clock.
type terminal struct {
	in       *os.File
	out, err io.Writer
	now      func() time.Time
}

// tool is one run of the program: its terminal and what the global flags say.
type tool struct {
	terminal
	dir     string // absolute
	named   bool   // --dir or MYCA_DIR was given
	target  string // --target or MYCA_TARGET; "" when neither was given
	json    bool
	yes     bool
	quiet   bool
	verbose bool

	interrupts interrupts
}

// run executes one command line and returns the exit code. It is the only
// place that prints an error.
func run(args []string, term terminal) int {
	out := &checkedWriter{w: term.out}
	term.out = out
	t := &tool{terminal: term}
	asJSON := wantsJSON(args[1:])
	t.interrupts.watch(term, asJSON)
	app := newApp(t)
	line, err := normalise(app, args)
	if err == nil {
		err = app.RunContext(context.Background(), line.args)
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("writing the result: %w", out.err)
	}
	if err != nil && !errors.Is(err, errFound) {
		printError(term.err, err, asJSON)
	}
	return exitCode(err)
}

// checkedWriter remembers the first error of writing, so that a result that
// did not get out (a full disk) is never a success.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

func newApp(t *tool) *cli.App {
	app := &cli.App{
		Name:      "myca",
		Usage:     "the certificate authority for MySQL and MariaDB installations",
		UsageText: "myca [global flags] COMMAND [flags] [arguments]",
		Description: `Makes a CA, issues server and client key pairs with exactly the subjects asked
for, and writes the option files and account statements that match them.

The main job, from nothing to an encrypted installation:

  myca bootstrap                       asks on a terminal
  myca bootstrap --yes --host db1.example.com --user 'laura@%' \
       --grant 'ALL ON finance.*' --random-password

Flags may stand before or after the arguments, global flags anywhere.`,
		Version:                   version(),
		Writer:                    &narrow{w: t.out, width: helpWidth},
		ErrWriter:                 t.err,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              onUsageError,
		Flags:                     globalFlags(),
		Before:                    t.readGlobals,
		Action:                    needsCommand,
		Commands: []*cli.Command{
			bootstrapCommand(t),
			caCommand(t),
			issueCommand(t),
			mycnfCommand(t),
			grantCommand(t),
			listCommand(t),
			showCommand(t),
			renewCommand(t),
			revokeCommand(t),
			verifyCommand(t),
			checkCommand(t),
			installCommand(t),
			applyCommand(t),
		},
	}
	prepare(app.Commands)
	return app
}

// prepare gives every command what urfave/cli does not inherit.
func prepare(commands []*cli.Command) {
	for _, c := range commands {
		c.OnUsageError = onUsageError
		for _, f := range c.Flags {
			if b, ok := f.(*cli.BoolFlag); ok {
				b.DisableDefaultText = true
			}
		}
		if len(c.Subcommands) == 0 {
			c.Description += "\n\nGlobal flags (--dir, --target, --json, …): myca --help"
		}
		c.HideHelpCommand = true
		if len(c.Subcommands) > 0 {
			c.Action = needsCommand
		}
		prepare(c.Subcommands)
	}
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	name := "myca"
	if c.Command != nil && c.Command.HelpName != "" {
		name = c.Command.HelpName
	}
	return usagef(name+" --help", "%v", err)
}

// needsCommand is the action of a command line that stops before a command.
func needsCommand(c *cli.Context) error {
	if c.Command == nil || c.Command.Name == "myca" {
		return usagef("myca --help", "no command given")
	}
	return usagef(c.Command.HelpName+" --help", "%q needs a subcommand", c.Command.HelpName)
}

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "dir", Value: "pki", EnvVars: []string{"MYCA_DIR"}, Usage: "the store, a folder `DIR`"},
		&cli.StringFlag{Name: "target", EnvVars: []string{"MYCA_TARGET"}, Usage: "the server to write for, `PRODUCT-VERSION`: mysql-8.4, mariadb-11.8, … (default: the store's own, else mysql-8.4)"},
		&cli.BoolFlag{Name: "json", Usage: "print JSON (an object; list: an array), errors too, and never ask"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "never ask"},
		&cli.BoolFlag{Name: "quiet", Usage: "no notices"},
		&cli.BoolFlag{Name: "verbose", Usage: "name every file written; apply: every pair and notice"},
	}
}

func (t *tool) readGlobals(c *cli.Context) error {
	dir := c.String("dir")
	schema := c.Args().First() == "apply" && slices.Contains(c.Args().Slice(), "--schema") // which needs no store
	if dir == "" && !schema {
		return usagef("export MYCA_DIR=pki, unset MYCA_DIR, or --dir pki", "MYCA_DIR is set but empty")
	}
	if strings.ContainsFunc(dir, unicode.IsControl) {
		return usagef("--dir pki", "--dir %q has a control character", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("finding the store %q: %w", dir, err)
	}
	t.dir, t.named = abs, c.IsSet("dir")
	t.target = c.String("target")
	t.json, t.yes = c.Bool("json"), c.Bool("yes")
	t.quiet, t.verbose = c.Bool("quiet"), c.Bool("verbose")
	if t.target != "" {
		if _, err := dialect.Parse(t.target); err != nil {
			return badInput(err)
		}
	}
	return nil
}

// defaultTarget is written for when neither a flag nor a store says otherwise.
const defaultTarget = "mysql-8.4"

// targetOf is the server to write for: --target, else the first of recorded
// that is not empty, else the default.
func (t *tool) targetOf(recorded ...string) (dialect.Version, error) {
	for _, text := range append([]string{t.target}, append(recorded, defaultTarget)...) {
		if text != "" {
			return dialect.Parse(text)
		}
	}
	panic("unreachable: the default target is not empty")
}

// commit makes items durable.
func (t *tool) commit(ctx context.Context, s *store.Store, items ...*store.Item) error {
	return t.durable(ctx, func(ctx context.Context) error { return s.Commit(ctx, items...) })
}

// targetRemark tells about a target nobody named.
func (t *tool) targetRemark() string {
	if t.target == "" {
		return " (the default; --target names another server)"
	}
	return ""
}

// open opens the store that exists, for reading and for a Commit.
func (t *tool) open() (*store.Store, error) {
	return store.Open(t.dir)
}

// openRead opens it for a command that only looks, which may be another user's.
func (t *tool) openRead() (*store.Store, error) { return store.OpenRead(t.dir) }

// notice prints talk that is not an error, unless --quiet or --json, where
// notices stand in the object instead.
func (t *tool) notice(lines ...string) {
	if t.quiet || t.json {
		return
	}
	for _, line := range lines {
		fmt.Fprintf(t.err, "myca: notice: %s\n", line)
	}
}

// version is the module's version, or the commit for a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
