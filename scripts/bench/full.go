package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// warmUp is how many rounds are run before those that count.
const warmUp = 3

// fullCommands are what is run on a store with few and with many certificates.
// In their arguments ROUND is another word in each round.
func fullCommands() []string {
	return []string{
		"issue client new-ROUND --no-password --key ec-p256",
		"renew laura",
		"list --expiring 30d",
		"show laura",
	}
}

// fullLedger measures commands on three stores with a server, a client and
// what the rounds before issued: two of them alike, whose ratio tells how much
// is chance, and one whose ledger has many more certificates.
func fullLedger(bin programs, dir string, s settings) (string, error) {
	stores := []string{filepath.Join(dir, "few"), filepath.Join(dir, "few-again"), filepath.Join(dir, "many")}
	if err := found(bin, stores, s.rows); err != nil {
		return "", err
	}
	taken := map[string][]sample{} // by command and store
	for round := range warmUp + s.rounds {
		for _, command := range fullCommands() {
			args := strings.Fields(strings.ReplaceAll(command, "ROUND", strconv.Itoa(round)))
			for n := range stores {
				dir := stores[(round+n)%len(stores)]
				took, err := timed(bin.myca, append([]string{"--quiet", "--dir", dir}, args...)...)
				if err != nil {
					return "", err
				}
				if round >= warmUp {
					taken[command+dir] = append(taken[command+dir], took)
				}
			}
		}
	}
	return fullTable(stores, taken, s), nil
}

// found makes the stores, and fills the ledger of the last.
func found(bin programs, stores []string, rows int) error {
	for _, dir := range stores {
		for _, command := range []string{
			"ca create --subject /O=acme/CN=acme-CA --key ec-p256",
			"issue server db1 --key ec-p256",
			"issue client laura --no-password --key ec-p256",
		} {
			if _, err := timed(bin.myca, append([]string{"--dir", dir}, strings.Fields(command)...)...); err != nil {
				return err
			}
		}
	}
	_, err := timed(bin.manyrows, filepath.Join(stores[len(stores)-1], "ledger.db"), "laura", strconv.Itoa(rows))
	return err
}

func fullTable(stores []string, taken map[string][]sample, s settings) string {
	var b strings.Builder
	fmt.Fprintf(&b, `
## A ledger with %d certificates

Three stores alike, each an ec-p256 CA with one server and one client; to the ledger of the third were added %d
active certificates that end in 60 to 760 days (%s, rows without folders). Medians of %d rounds.
The ratio of the other two tells what is chance.

| command | few: wall | processor | many: wall | processor | **many : few, wall** | processor | few : few, wall | processor |
|---|---|---|---|---|---|---|---|---|
`, s.rows, s.rows, "`scripts/bench/manyrows`", s.rounds)
	for _, command := range fullCommands() {
		few, again, many := median(taken[command+stores[0]]), median(taken[command+stores[1]]), median(taken[command+stores[2]])
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | **%s** | %s | %s | %s |\n", strings.ReplaceAll(command, "-ROUND", ""),
			ms(few.wall), ms(few.processor), ms(many.wall), ms(many.processor),
			ratio(many.wall, few.wall), ratio(many.processor, few.processor),
			ratio(again.wall, few.wall), ratio(again.processor, few.processor))
	}
	return b.String()
}
