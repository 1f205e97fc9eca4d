// Command tally reads what `go test -json` prints, shows the output of the
// tests and packages that failed and the reason of those that were skipped,
// and ends with one line for scripts/test: "tally: P passed, F failed, S
// skipped". It exits 1 when something failed or when no test ran at all.
//
// A test and each of its subtests count as one. A package that fails without
// a failed test (it does not build, it panics, it runs out of time) counts as
// one failure.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	os.Exit(run(os.Stdin, os.Stdout))
}

func run(in io.Reader, out io.Writer) int {
	t := tally{out: out, output: map[string][]string{}, failedIn: map[string]bool{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			t.line(line)
		}
		if err != nil {
			break
		}
	}
	fmt.Fprintf(out, "tally: %d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.passed == 0 {
		return 1
	}
	return 0
}

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action, Package, ImportPath, Test, Output string
}

type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	output                  map[string][]string // of a test, package or build, until it ends
	failedIn                map[string]bool     // packages with a failed test
}

func (t *tally) line(line string) {
	var e event
	if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
		fmt.Fprint(t.out, line) // the go command itself speaks
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		t.output[key] = append(t.output[key], e.Output)
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "pass", "fail", "skip":
		output := strings.Join(t.output[key], "")
		delete(t.output, key)
		t.end(e, output)
	}
}

// end counts a test or package that ended.
func (t *tally) end(e event, output string) {
	switch {
	case e.Test != "" && e.Action == "pass":
		t.passed++
		t.figures(e, output)
	case e.Test != "" && e.Action == "skip":
		t.skipped++
		fmt.Fprintf(t.out, "skipped: %s %s:%s\n", e.Package, e.Test, reason(output))
	case e.Test != "":
		t.failed++
		t.failedIn[e.Package] = true
		fmt.Fprintf(t.out, "failed: %s %s\n%s", e.Package, e.Test, output)
	case e.Action == "fail" && !t.failedIn[e.Package]:
		t.failed++
		fmt.Fprintf(t.out, "failed: %s\n%s", e.Package, output)
		t.unfinished(e.Package)
	}
}

// figures shows what a test that passed has measured: its log lines that begin
// with "figure: ".
func (t *tally) figures(e event, output string) {
	for line := range strings.Lines(output) {
		if _, words, found := strings.Cut(line, ": figure: "); found {
			fmt.Fprintf(t.out, "figure: %s %s: %s", e.Package, e.Test, words)
		}
	}
}

// unfinished shows the tests of a package that began and never ended, which
// is where a panic or a timeout is found.
func (t *tally) unfinished(pkg string) {
	for key, lines := range t.output {
		if strings.HasPrefix(key, pkg+" ") {
			fmt.Fprintf(t.out, "unfinished: %s\n%s", key, strings.Join(lines, ""))
		}
	}
}

// reason returns the words of t.Skip from a skipped test's output, which go
// test prints as "    file_test.go:12: words".
func reason(output string) string {
	for _, line := range strings.Split(output, "\n") {
		if _, words, found := strings.Cut(line, "_test.go:"); found {
			_, words, _ = strings.Cut(words, ":")
			return words
		}
	}
	return " (no reason given)"
}
