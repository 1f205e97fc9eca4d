package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"myca/out"
)

// fleet is one manifest of clients that are alike, by one range.
type fleet struct {
	runs
	key   string // of the clients
	ca    string // key of the authority
	limit float64
}

// result is what the runs of a fleet took, and what one of them left.
type result struct {
	myca, again, floor []sample
	left               tree
}

func (b bench) ecFleet() (string, []goal, error) {
	f := fleet{b.fleet, "ec-p256", "ec-p256", 1.5}
	r, err := b.race(f)
	if err != nil {
		return "", nil, err
	}
	second := median(r.again).processor
	return f.table(r), []goal{f.goal(r), {
		fmt.Sprintf("the second apply of %d unchanged, processor", f.clients), "< 2 s", seconds(second) + " s", second < 2*time.Second,
	}}, nil
}

func (b bench) rsaFleet() (string, []goal, error) {
	f := fleet{b.rsa, "rsa-2048", "rsa-3072", 1.1}
	r, err := b.race(f)
	if err != nil {
		return "", nil, err
	}
	return f.table(r) + `
How long an RSA key takes is chance. The spread above is mostly that of the keys; the ratio of the means has its standard
error beside it.
`, []goal{f.goal(r)}, nil
}

// race applies the fleet into new stores, and again, in turns with the floor.
// The first run of each does not count: it tells how large the files are.
func (b bench) race(f fleet) (r result, err error) {
	manifest := filepath.Join(b.dir, "fleet.yaml")
	if err := os.WriteFile(manifest, []byte(f.manifest()), 0o600); err != nil {
		return r, err
	}
	model, base := filepath.Join(b.dir, "model"), filepath.Join(b.dir, "model-floor")
	if _, _, err := b.apply(f, manifest, model); err != nil {
		return r, err
	}
	if r.left, err = measure(model); err != nil {
		return r, err
	}
	if _, err := b.base(f, model, r.left, base); err != nil {
		return r, err
	}
	if err := alike(model, base); err != nil {
		return r, err
	}
	for round := range f.rounds {
		turns := []func() error{
			func() error {
				first, second, err := b.apply(f, manifest, filepath.Join(b.dir, fmt.Sprint(round)))
				r.myca, r.again = append(r.myca, first), append(r.again, second)
				return err
			},
			func() error {
				took, err := b.base(f, model, r.left, filepath.Join(b.dir, fmt.Sprint(round, "-floor")))
				r.floor = append(r.floor, took)
				return err
			},
		}
		if err := errors.Join(turns[round%2](), turns[1-round%2]()); err != nil {
			return r, err
		}
	}
	return r, nil
}

// manifest is one range of clients.
func (f fleet) manifest() string {
	return fmt.Sprintf(`defaults: {target: mysql-8.4, key: %s, days: 365, require: [issuer, subject], password: none}
clients:
  - {account: "app-{%0*d..%d}@10.%%", grants: ["SELECT, INSERT ON app.*"]}
`, f.key, len(strconv.Itoa(f.clients)), 1, f.clients)
}

// apply founds a store, which is not measured, and applies the manifest twice.
// Before each, what others have written is flushed, so that nobody pays for it.
func (b bench) apply(f fleet, manifest, store string) (first, second sample, err error) {
	if _, err := timed(b.on(store, "ca", "create", "--subject", "/O=acme/CN=acme CA", "--key", f.ca)); err != nil {
		return first, second, err
	}
	for _, took := range []*sample{&first, &second} {
		if err := out.SyncAll(b.dir); err != nil {
			return first, second, err
		}
		if *took, err = timed(b.on(store, "apply", manifest)); err != nil {
			return first, second, err
		}
	}
	return first, second, nil
}

// base runs the floor with the authority and the sizes of a store of myca's.
func (b bench) base(f fleet, model string, t tree, folder string) (sample, error) {
	args := []string{
		"-ca", filepath.Join(model, "ca", "1"), "-clients", strconv.Itoa(f.clients), "-key", f.key,
		"-mycnf", strconv.FormatInt(t.mycnf/int64(f.clients), 10), "-sql", strconv.FormatInt(t.sql/int64(f.clients), 10),
	}
	for path, size := range t.others {
		args = append(args, "-file", fmt.Sprintf("%s=%d", path, size))
	}
	if err := out.SyncAll(b.dir); err != nil {
		return sample{}, err
	}
	return timed(exec.Command(b.floor, append(args, folder)...))
}

func (f fleet) goal(r result) goal {
	return within(fmt.Sprintf("a fleet of %d %s clients, wall", f.clients, f.key),
		median(r.myca).wall, median(r.floor).wall, f.limit, "floor")
}

func (f fleet) table(r result) string {
	var text strings.Builder
	fmt.Fprintf(&text, `
## A fleet of %d %s clients

One range in a manifest, into a new store with an %s CA. It leaves %d files of %s MB, a folder for each client.
The floor (%s) makes the same keys and certificates with the standard library on the same cores and
writes the same files of the same sizes, the ledger's too, with one flush of the file system at the end. %d rounds, in seconds.

| | wall: median | min | max | processor: median | min | max |
|---|---|---|---|---|---|---|
`, f.clients, f.key, f.ca, r.left.files, megabytes(r.left.bytes), "`scripts/bench/floor`", f.rounds)
	for _, row := range []struct {
		what    string
		samples []sample
	}{{"`myca apply fleet.yaml`", r.myca}, {"floor", r.floor}, {"`myca apply fleet.yaml` again: nothing changes", r.again}} {
		walls, processors := of(row.samples, wall), of(row.samples, processor)
		last := len(row.samples) - 1
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s | %s |\n", row.what,
			seconds(walls[len(walls)/2]), seconds(walls[0]), seconds(walls[last]),
			seconds(processors[len(walls)/2]), seconds(processors[0]), seconds(processors[last]))
	}
	wallRatio, wallSpread := meanRatio(r.myca, r.floor, wall)
	processorRatio, processorSpread := meanRatio(r.myca, r.floor, processor)
	fmt.Fprintf(&text, "| **myca : floor**, of the medians | **%s** | | | %s | | |\n| of the means | %.2f ± %.2f | | | %.2f ± %.2f | | |\n",
		ratio(median(r.myca).wall, median(r.floor).wall), ratio(median(r.myca).processor, median(r.floor).processor),
		wallRatio, wallSpread, processorRatio, processorSpread)
	return text.String()
}
