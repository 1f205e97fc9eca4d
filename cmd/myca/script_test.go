package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// runAsMyca, set in the environment, makes the test program be myca.
const runAsMyca = "MYCA_TEST_RUN_AS_MYCA"

func TestMain(m *testing.M) {
	if os.Getenv(runAsMyca) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){
		"myca": main,
	})
}

// TestScripts runs testdata/script: each file is a manual page that asserts
// what it says.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("TERM", "xterm")
			env.Setenv("UID", strconv.Itoa(os.Geteuid()))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mode":     cmdMode,
			"exitcode": cmdExitCode,
			"json":     cmdJSON,
			"snapshot": cmdSnapshot,
			"empty":    cmdEmpty,
		},
	})
}

// cmdMode asserts permissions: mode 0600 FILE...
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode PERM FILE...")
	}
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, not %s", name, got, args[0])
		}
	}
}

// cmdEmpty asserts that folders hold nothing: empty DIR...
func cmdEmpty(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		entries, err := os.ReadDir(ts.MkAbs(name))
		ts.Check(err)
		if (len(entries) == 0) == neg {
			ts.Fatalf("%s holds %d entries", name, len(entries))
		}
	}
}

// cmdExitCode runs a program and asserts its exit code: exitcode 2 myca list
func cmdExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE PROGRAM [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("%q ended with %q, not exit code %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// cmdJSON asserts a value in the JSON of stdout, stderr or a file:
// json stdout require.subject '/CN=x'. Array elements are numbers in the path;
// the length of an array is the element "len".
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json SOURCE PATH VALUE")
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	decoder.UseNumber()
	ts.Check(decoder.Decode(&value))
	if decoder.More() {
		ts.Fatalf("%s holds more than one JSON value", args[0])
	}
	got := jsonAt(value, strings.Split(args[1], "."))
	if (got == args[2]) == neg {
		ts.Fatalf("%s of %s is %q", args[1], args[0], got)
	}
}

func jsonAt(value any, path []string) string {
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			inner, ok := v[step]
			if !ok {
				return "absent"
			}
			value = inner
		case []any:
			if step == "len" {
				return fmt.Sprint(len(v))
			}
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(v) {
				return "absent"
			}
			value = v[i]
		default:
			return "absent"
		}
	}
	if value == nil {
		return "null"
	}
	return fmt.Sprint(value)
}

// cmdSnapshot writes every path below DIR with mode, size and time of change
// to FILE, so that cmp can assert that nothing changed: snapshot DIR FILE
func cmdSnapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: snapshot DIR FILE")
	}
	var b strings.Builder
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		fmt.Fprintln(&b, rel, info.Mode(), info.Size(), info.ModTime().Format(time.RFC3339Nano))
		return err
	}))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
}
