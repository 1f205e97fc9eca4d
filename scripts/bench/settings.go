package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// settings are what the flags say.
type settings struct {
	only    []string // names of parts
	rounds  int      // of single commands
	rows    int      // certificates of the full ledger
	fleet   runs
	rsa     runs
	memory  int // rounds
	small   int // clients of the smaller fleet whose memory is measured
	large   int // of the greater one
	output  string
	profile string
}

// runs is a fleet of that many clients, so many times.
type runs struct{ clients, rounds int }

// settle reads the flags.
func settle() (settings, error) {
	var s settings
	var only string
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	flag.StringVar(&only, "only", "", "run these parts alone, separated by commas: "+strings.Join(names, ","))
	flag.IntVar(&s.rounds, "rounds", 101, "runs of each single command")
	flag.IntVar(&s.fleet.clients, "fleet", 10_000, "ec-p256 clients of a fleet")
	flag.IntVar(&s.fleet.rounds, "fleet-rounds", 5, "runs of that fleet")
	flag.IntVar(&s.rsa.clients, "rsa", 300, "rsa-2048 clients of a fleet")
	flag.IntVar(&s.rsa.rounds, "rsa-rounds", 11, "runs of that fleet")
	flag.IntVar(&s.small, "small", 1000, "clients of the smaller fleet whose memory is measured")
	flag.IntVar(&s.large, "large", 50_000, "clients of the greater one")
	flag.IntVar(&s.memory, "memory-rounds", 3, "runs of these two")
	flag.IntVar(&s.rows, "rows", 1_000_000, "certificates in the full ledger")
	flag.StringVar(&s.output, "o", "", "file for the figures (default: scripts/bench.md; with -only they are just printed)")
	flag.StringVar(&s.profile, "profile", "", "write a processor profile of a fleet's way through the store to this file")
	flag.Parse()
	s.only = names
	if only != "" {
		s.only = strings.Split(only, ",")
	} else if s.output == "" {
		s.output = filepath.Join("scripts", "bench.md")
	}
	for _, name := range s.only {
		if !slices.Contains(names, name) {
			return s, fmt.Errorf("%q is no part; they are %s", name, strings.Join(names, ", "))
		}
	}
	return s, s.check()
}

func (s settings) check() error {
	if flag.NArg() > 0 {
		return errors.New("there are no arguments")
	}
	for _, n := range []int{s.rows, s.fleet.clients, s.rsa.clients, s.small, s.large} {
		if n < 1 {
			return fmt.Errorf("%d: there is at least one of everything", n)
		}
	}
	for _, n := range []int{s.rounds, s.fleet.rounds, s.rsa.rounds, s.memory} {
		if n < 1 || n%2 == 0 {
			return fmt.Errorf("%d rounds: the number is odd, so that one of them is the median", n)
		}
	}
	return nil
}
