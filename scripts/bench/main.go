// Command bench measures the program as a user runs it, and writes the figures
// as Markdown. It asserts nothing: see scripts/bench/run.
//
// Each figure is the median of many runs of the whole process, from its start
// to its end. What is compared is run in turns, in changing order, so that
// everything meets the same moods of the machine, and nothing is deleted before
// the end: ext4 is several times slower over freshly freed inodes. Processor
// time, of the program and of the system for it, stands beside wall time, which
// waits for the disk.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// settings are what the flags say.
type settings struct {
	rounds int
	rows   int
	output string
}

func main() {
	var s settings
	flag.IntVar(&s.rounds, "rounds", 101, "runs of each command on each store")
	flag.IntVar(&s.rows, "rows", 1_000_000, "certificates in the full ledger")
	flag.StringVar(&s.output, "o", filepath.Join("scripts", "bench.md"), "file for the figures")
	flag.Parse()
	if err := run(s); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(s settings) (err error) {
	if s.rounds < 1 || s.rows < 1 || flag.NArg() > 0 {
		return errors.New("rounds and rows are numbers from 1, and there are no arguments")
	}
	dir, err := os.MkdirTemp("", "myca-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bin, err := build(dir)
	if err != nil {
		return err
	}
	full, err := fullLedger(bin, dir, s)
	if err != nil {
		return err
	}
	text := introduction(dir) + full
	fmt.Print(text)
	return os.WriteFile(s.output, []byte(text), 0o644)
}

// programs are those that are measured with, built for this run.
type programs struct{ myca, manyrows string }

func build(dir string) (programs, error) {
	p := programs{filepath.Join(dir, "myca"), filepath.Join(dir, "manyrows")}
	for to, from := range map[string]string{p.myca: "./cmd/myca", p.manyrows: "./scripts/bench/manyrows"} {
		if output, err := exec.Command("go", "build", "-o", to, from).CombinedOutput(); err != nil {
			return p, fmt.Errorf("building %s: %w\n%s", from, err, output)
		}
	}
	return p, nil
}

func introduction(dir string) string {
	return fmt.Sprintf(`# Measurements

Made by %s on %s. Every figure is the median of whole processes,
in milliseconds; "processor" is the time of the program and of the system for it. What is compared ran in turns.

%s
`, "`scripts/bench/run`", time.Now().Format(time.DateOnly), strings.Join(machine(dir), "\n"))
}
