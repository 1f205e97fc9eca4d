// Command bench measures the program as a user runs it, and writes the figures
// as Markdown. It asserts nothing about speed: see scripts/bench/run. That what
// is compared does the same work is checked, and a difference is an error.
//
// Each figure is the median of many runs of the whole process, from its start
// to its end. What is compared is run in turns, in changing order, so that
// everything meets the same moods of the machine, and nothing is deleted before
// the end: ext4 is several times slower over freshly freed inodes, for minutes
// (recently_deleted in fs/ext4/ialloc.c of Linux). Processor
// time, of the program and of the system for it, stands beside wall time, which
// waits for the disk.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// changes is the section on what made the program faster, written by hand.
//
//go:embed changes.md
var changes string

func main() {
	s, err := settle()
	if err == nil {
		err = run(s)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// bench is one run of this program.
type bench struct {
	settings
	programs
	dir string // everything that is made lies here, and is deleted at the end
}

// part is one group of figures: its section, and what of it has a goal.
type part struct {
	name string
	run  func(bench) (string, []goal, error)
}

func parts() []part {
	return []part{
		{"one", bench.one},
		{"memory", bench.memory}, // early: see peakOf
		{"fleet", bench.ecFleet},
		{"rsa", bench.rsaFleet},
		{"full", bench.fullLedger},
	}
}

func run(s settings) (err error) {
	dir, err := os.MkdirTemp("", "myca-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bin, err := build(dir)
	if err != nil {
		return err
	}
	var sections strings.Builder
	var goals []goal
	for _, p := range parts() {
		if !slices.Contains(s.only, p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "bench: %s\n", p.name)
		folder := filepath.Join(dir, p.name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
		section, reached, err := p.run(bench{s, bin, folder})
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		sections.WriteString(section)
		goals = append(goals, reached...)
	}
	text := introduction(dir) + goalTable(goals) + sections.String() + "\n" + changes
	if s.profile != "" {
		top, err := profile(dir, s.profile)
		if err != nil {
			return err
		}
		text += top
	}
	fmt.Print(text)
	if s.output == "" {
		return nil
	}
	return os.WriteFile(s.output, []byte(text), 0o644)
}

// programs are those that are measured with, built for this run.
type programs struct{ myca, manyrows, floor string }

func build(dir string) (programs, error) {
	p := programs{filepath.Join(dir, "myca"), filepath.Join(dir, "manyrows"), filepath.Join(dir, "floor")}
	for to, from := range map[string]string{
		p.myca:     "./cmd/myca",
		p.manyrows: "./scripts/bench/manyrows",
		p.floor:    "./scripts/bench/floor",
	} {
		if output, err := exec.Command("go", "build", "-o", to, from).CombinedOutput(); err != nil {
			return p, fmt.Errorf("building %s: %w\n%s", from, err, output)
		}
	}
	return p, nil
}

func introduction(dir string) string {
	return fmt.Sprintf(`# Measurements

Made by %s on %s. Every figure is the median of whole processes, from start to end;
"processor" is the time of the program and of the system for it, on all cores. What is compared ran in turns, and
nothing was deleted in between.

%s
`, "`scripts/bench/run`", time.Now().Format(time.DateOnly), strings.Join(machine(dir), "\n"))
}

// profile writes a processor profile of a fleet's way through the store to a
// file, and is a section on what stands at its top.
func profile(dir, path string) (string, error) {
	test := filepath.Join(dir, "store.test")
	output, err := exec.Command("go", "test", "./store", "-run", "^$", "-bench", "^BenchmarkFleet$/^500$",
		"-o", test, "-cpuprofile", path, "-outputdir", ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("profiling: %w\n%s", err, output)
	}
	top, err := exec.Command("go", "tool", "pprof", "-top", "-cum", "-nodecount=40", test, path).Output()
	if err != nil {
		return "", fmt.Errorf("reading the profile %q: %w", path, err)
	}
	return fmt.Sprintf("\n## Profile\n\n```\n%s\n%s```\n", output, top), nil
}
