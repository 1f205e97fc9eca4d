package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"myca/finding"
)

// Every command that mends a finding is one that exists, with its flags.
func TestMendingCommandsExist(t *testing.T) {
	app := newApp(&tool{})
	named := regexp.MustCompile(`\bmyca( [^,;:()]+)`)
	seen := 0
	for _, k := range finding.Kinds() {
		for _, found := range named.FindAllStringSubmatch(k.Mend, -1) {
			seen++
			if why := wrongCommand(app, strings.Fields(found[1])); why != "" {
				t.Errorf("%s: %q names %s", k.ID, k.Mend, why)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d commands were looked at", seen)
	}
}

// wrongCommand says what of a command line does not exist, "" when all does.
func wrongCommand(app *cli.App, words []string) string {
	commands, flags := app.Commands, app.Flags
	for _, word := range words {
		if name, isFlag := strings.CutPrefix(word, "--"); isFlag {
			if findFlag(flags, name) == nil {
				return "the flag --" + name
			}
			continue
		}
		if len(commands) == 0 {
			continue
		}
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(word) })
		if i < 0 {
			return "the command " + word
		}
		flags, commands = append(slices.Clone(flags), commands[i].Flags...), commands[i].Subcommands
	}
	if len(commands) > 0 {
		return "no whole command"
	}
	return ""
}

func TestWrongCommands(t *testing.T) {
	app := newApp(&tool{})
	for line, want := range map[string]string{
		"renew NAME":                     "",
		"ca create --subject DN":         "",
		"issue server HOST --force":      "",
		"isue server HOST":               "the command isue",
		"issue HOST":                     "the command HOST",
		"issue":                          "no whole command",
		"grant USER@HOST --rescnd":       "the flag --rescnd",
		"renew NAME --grant ALL":         "the flag --grant",
		"ca crl":                         "",
		"mycnf server NAME --crl --json": "",
	} {
		if got := wrongCommand(app, strings.Fields(line)); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// The help of each command has the rows of the table that it can find, and no
// others.
func TestHelpListsKinds(t *testing.T) {
	c := &clock{T: t, dir: t.TempDir()}
	for command, finds := range map[string]func(finding.By) bool{"verify": finding.By.Verify, "check": finding.By.Check} {
		help := c.done(command, "--help").out
		for _, k := range finding.Kinds() {
			row := regexp.MustCompile(`(?m)^ +` + k.ID + ` +` + string(k.Severity) + ` +` + strings.ReplaceAll(regexp.QuoteMeta(k.What), " ", `\s+`) + `$`) // the help is folded
			if row.MatchString(help) != finds(k.By) {
				t.Errorf("%s --help lists %s: %v", command, k.ID, !finds(k.By))
			}
		}
	}
}

// Each row of the table is found somewhere: by package verify, which check uses
// too, or by package check, as its column says.
func TestKindsAreFound(t *testing.T) {
	ids := constants(t, filepath.Join("..", "..", "finding", "kinds.go"))
	inVerify, inCheck := mentioned(t, ids, "verify"), mentioned(t, ids, "check")
	for _, k := range finding.Kinds() {
		switch {
		case inVerify[k.ID] && !k.By.Verify():
			t.Errorf("%s is found by package verify, and its column says %q", k.ID, k.By)
		case inCheck[k.ID] && !k.By.Check():
			t.Errorf("%s is found by package check, and its column says %q", k.ID, k.By)
		case k.By.Verify() && !inVerify[k.ID], !k.By.Verify() && !inCheck[k.ID]:
			t.Errorf("%s is found by nobody, and its column says %q", k.ID, k.By)
		}
	}
}

// constants reads the identifiers of the kinds by the names of their constants.
func constants(t *testing.T, path string) map[string]string {
	t.Helper()
	ids := map[string]string{}
	ast.Inspect(parse(t, path), func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == 1 && len(spec.Values) == 1 {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
				ids[spec.Names[0].Name] = strings.Trim(value.Value, `"`)
			}
		}
		return true
	})
	if len(ids) != len(finding.Kinds()) {
		t.Fatalf("%s has %d constants, and the table %d rows", path, len(ids), len(finding.Kinds()))
	}
	return ids
}

// mentioned is the identifiers that the files of a package, its tests apart,
// name as finding.NAME.
func mentioned(t *testing.T, ids map[string]string, pkg string) map[string]bool {
	t.Helper()
	folder := filepath.Join("..", "..", pkg)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".go" || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		ast.Inspect(parse(t, filepath.Join(folder, entry.Name())), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "finding" && ids[s.Sel.Name] != "" {
					found[ids[s.Sel.Name]] = true
				}
			}
			return true
		})
	}
	return found
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
