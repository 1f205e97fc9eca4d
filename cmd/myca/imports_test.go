package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The packages of this module import each other in one direction, from what a
// user sees down to what only computes. A package that is not listed fails
// TestImports: decide where it stands, add it here, and say in its package
// comment what it is for.
func allowedImports() map[string][]string {
	return map[string][]string{
		"dn":         {},
		"dialect":    {},
		"out":        {},
		"killpoint":  {},
		"templates":  {"dn", "dialect"},
		"ledger":     {"dn"},
		"ca":         {"dn"},
		"issue":      {"dn", "ca"},
		"store":      {"dn", "dialect", "templates", "ledger", "ca", "issue", "out", "killpoint"},
		"finding":    {},
		"optionfile": {"dialect"},
		"verify":     {"dn", "dialect", "ca", "out", "finding", "optionfile"},
		"live":       {"dn", "dialect", "ca"},
		"check":      {"dn", "dialect", "ca", "finding", "verify", "live"},
		"deploy":     {"dn", "dialect", "templates", "ca", "out", "killpoint", "finding", "optionfile", "verify", "live"},
		"fleet":      {"dn", "dialect", "templates", "ledger", "ca", "issue", "store", "out", "killpoint"},
		"cmd/myca":   {"fleet", "dn", "dialect", "templates", "ledger", "ca", "issue", "out", "store", "finding", "optionfile", "verify", "live", "check", "deploy"},
	}
}

// reservation says that only some packages may import something.
type reservation struct {
	what string   // an import path; everything below it is meant too
	only []string // the packages that may import it
	why  string
}

func reservations() []reservation {
	return []reservation{
		{"github.com/urfave/cli", []string{"cmd/myca"}, "flags and help are the command line's business"},
		{"github.com/manifoldco/promptui", []string{"cmd/myca"}, "only the command line asks questions"},
		{"github.com/chzyer/readline", []string{"cmd/myca"}, "only the command line asks questions"},
		{"golang.org/x/term", []string{"cmd/myca"}, "only the command line knows about terminals"},
		{"go.step.sm/crypto/keyutil", []string{"ca"}, "keys are made in one place"},
		{"go.step.sm/crypto/pemutil", []string{"ca"}, "keys are read and written in one place"},
		{"database/sql", []string{"ledger", "live"}, "databases are asked in two places: the record of certificates, and a running server"},
		{"github.com/go-sql-driver/mysql", []string{"live"}, "servers are talked to in one place"},
		{"modernc.org/sqlite", []string{"ledger"}, "the record of certificates is read and written in one place"},
	}
}

// A pure package turns its arguments into results and does nothing else: what
// it returns can be tested by a table and repeated for a golden file.
func purePackages() []string { return []string{"dn", "dialect", "templates", "finding"} }

// impureImports are what a pure package never needs. Types of package time
// are values, so templates may import it; nobody pure may ask for the clock.
func impureImports() []string {
	return []string{"os", "io/ioutil", "net", "net/http", "syscall", "crypto/rand", "math/rand", "math/rand/v2", "log", "log/slog"}
}

func TestImports(t *testing.T) {
	allowed, reserved := allowedImports(), reservations()
	for _, f := range sourceFiles(t) {
		may, known := allowed[f.pkg]
		if !known {
			t.Errorf("package %s is not in allowedImports of cmd/myca/imports_test.go: add it, with the packages of this module that it may import", f.pkg)
			continue
		}
		for _, path := range f.imports {
			if ours, ok := strings.CutPrefix(path, "myca/"); ok && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s, but of this module package %s may import %s: imports go one way (see allowedImports in cmd/myca/imports_test.go); move what is shared to the package below, or pass it in as an argument",
					f.name, path, f.pkg, listed(may))
			}
			for _, r := range reserved {
				if (path == r.what || strings.HasPrefix(path, r.what+"/")) && !slices.Contains(r.only, f.pkg) {
					t.Errorf("%s imports %s, which %s may import: %s", f.name, path, listed(r.only), r.why)
				}
			}
			if slices.Contains(purePackages(), f.pkg) && impure(path) {
				t.Errorf("%s imports %s, but package %s is pure: no files, no network, no clock, no randomness; whoever calls it passes such values in", f.name, path, f.pkg)
			}
		}
		if slices.Contains(purePackages(), f.pkg) && f.clock != "" {
			t.Errorf("%s: %s asks for the clock, but package %s is pure: whoever calls it passes the time in", f.name, f.clock, f.pkg)
		}
	}
}

// TestEveryRuleIsAboutAPackage fails when a rule above names a package that is
// gone, so that no rule stands there without effect.
func TestEveryRuleIsAboutAPackage(t *testing.T) {
	found := map[string]bool{}
	for _, f := range sourceFiles(t) {
		found[f.pkg] = true
	}
	for pkg := range allowedImports() {
		if !found[pkg] {
			t.Errorf("allowedImports of cmd/myca/imports_test.go lists package %s, which does not exist", pkg)
		}
	}
}

func impure(path string) bool {
	return slices.Contains(impureImports(), path) || strings.HasPrefix(path, "os/")
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return "only " + strings.Join(names, ", ")
}

// sourceFile is a file of the program, not of its tests.
type sourceFile struct {
	pkg     string // "cmd/myca"
	name    string // "cmd/myca/main.go"
	imports []string
	clock   string // "time.Now" where the file uses it, or the like
}

// sourceFiles returns the files of every package outside of scripts, for
// every system and build tag.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	root := filepath.Join("..", "..")
	list := exec.Command("go", "list", "-e", "-find", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles", "./...")
	list.Dir = root
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var files []sourceFile
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var p struct {
			ImportPath, Dir                   string
			GoFiles, CgoFiles, IgnoredGoFiles []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkg := strings.TrimPrefix(p.ImportPath, "myca/")
		if strings.HasPrefix(pkg, "scripts/") {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
			if !strings.HasSuffix(name, "_test.go") {
				files = append(files, readSource(t, pkg, filepath.Join(p.Dir, name)))
			}
		}
	}
	return files
}

func readSource(t *testing.T, pkg, path string) sourceFile {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	f := sourceFile{pkg: pkg, name: pkg + "/" + filepath.Base(path)}
	for _, spec := range tree.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatalf("%s: import %s: %v", path, spec.Path.Value, err)
		}
		f.imports = append(f.imports, importPath)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
			f.clock = "time." + selector.Sel.Name
		}
		return true
	})
	return f
}
