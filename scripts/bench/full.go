package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// warmUp is how many rounds are run before those that count.
const warmUp = 3

// oneMore are the commands that are to cost the same whatever is in the ledger.
// In arguments ROUND is another word in each round.
func oneMore() []string {
	return []string{
		"issue client new-ROUND --no-password --key ec-p256",
		"apply one-ROUND.yaml",
	}
}

// fullCommands are what is run on a store with few and with many certificates.
func fullCommands() []string {
	return append(oneMore(),
		"renew laura",
		"list --expiring 30d",
		"show laura",
	)
}

// fullLedger measures commands on three stores with a server, a client and
// what the rounds before issued: two of them alike, whose ratio tells how much
// is chance, and one whose ledger has many more certificates.
func (b bench) fullLedger() (string, []goal, error) {
	stores := []string{filepath.Join(b.dir, "few"), filepath.Join(b.dir, "few-again"), filepath.Join(b.dir, "many")}
	if err := b.found(stores); err != nil {
		return "", nil, err
	}
	taken := map[string][]sample{} // by command and store
	for round := range warmUp + b.rounds {
		for _, command := range fullCommands() {
			args := strings.Fields(strings.ReplaceAll(command, "ROUND", strconv.Itoa(round)))
			for n := range stores {
				store := stores[(round+n)%len(stores)]
				took, err := timed(b.on(store, args...))
				if err != nil {
					return "", nil, err
				}
				if round >= warmUp {
					taken[command+store] = append(taken[command+store], took)
				}
			}
		}
	}
	var goals []goal
	for _, command := range oneMore() {
		few, many := median(taken[command+stores[0]]), median(taken[command+stores[2]])
		goals = append(goals, within(fmt.Sprintf("one more beside %d certificates: `%s`, wall", b.rows, constant(command)),
			many.wall, few.wall, 1.1, "one more beside few"))
	}
	return b.fullTable(stores, taken), goals, nil
}

// on is the program on a store, in the folder of this part.
func (b bench) on(store string, args ...string) *exec.Cmd {
	c := exec.Command(b.myca, append([]string{"--quiet", "--dir", store}, args...)...)
	c.Dir = b.dir
	return c
}

// constant is a command without what changes from round to round.
func constant(command string) string { return strings.ReplaceAll(command, "-ROUND", "") }

// found makes the stores, fills the ledger of the last, and writes the manifests.
func (b bench) found(stores []string) error {
	for _, store := range stores {
		for _, command := range []string{
			"ca create --subject /O=acme/CN=acme-CA --key ec-p256",
			"issue server db1 --key ec-p256",
			"issue client laura --no-password --key ec-p256",
		} {
			if _, err := timed(b.on(store, strings.Fields(command)...)); err != nil {
				return err
			}
		}
	}
	for round := range warmUp + b.rounds {
		manifest := fmt.Sprintf("clients:\n  - {account: fleet-%d, key: ec-p256, password: none}\n", round)
		if err := os.WriteFile(filepath.Join(b.dir, fmt.Sprintf("one-%d.yaml", round)), []byte(manifest), 0o600); err != nil {
			return err
		}
	}
	_, err := timed(exec.Command(b.manyrows, filepath.Join(stores[len(stores)-1], "ledger.db"), "laura", strconv.Itoa(b.rows)))
	return err
}

func (b bench) fullTable(stores []string, taken map[string][]sample) string {
	var text strings.Builder
	fmt.Fprintf(&text, `
## A ledger with %d certificates

Three stores alike, each an ec-p256 CA with one server and one client; to the ledger of the third were added %d
active certificates that end in 60 to 760 days (%s, rows without folders). The manifest has one new client.
Medians of %d rounds, in milliseconds. The ratio of the other two tells what is chance.

| command | few: wall | processor | many: wall | processor | **many : few, wall** | processor | few : few, wall | processor |
|---|---|---|---|---|---|---|---|---|
`, b.rows, b.rows, "`scripts/bench/manyrows`", b.rounds)
	for _, command := range fullCommands() {
		few, again, many := median(taken[command+stores[0]]), median(taken[command+stores[1]]), median(taken[command+stores[2]])
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s | %s | **%s** | %s | %s | %s |\n", constant(command),
			ms(few.wall), ms(few.processor), ms(many.wall), ms(many.processor),
			ratio(many.wall, few.wall), ratio(many.processor, few.processor),
			ratio(again.wall, few.wall), ratio(again.processor, few.processor))
	}
	return text.String()
}
