package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// memory measures how the peak of the memory grows with the fleet.
func (b bench) memory() (string, []goal, error) {
	taken := map[string][]sample{}
	sizes := []int{b.small, b.large}
	row := func(clients int, again bool) string { return fmt.Sprint(clients, again) }
	for round := range b.settings.memory {
		for n := range sizes {
			f := fleet{runs{clients: sizes[(round+n)%2]}, "ec-p256", "ec-p256", 0}
			manifest := filepath.Join(b.dir, fmt.Sprintf("%d.yaml", f.clients))
			if err := os.WriteFile(manifest, []byte(f.manifest()), 0o600); err != nil {
				return "", nil, err
			}
			first, second, err := b.apply(f, manifest, filepath.Join(b.dir, fmt.Sprintf("%d-%d", round, f.clients)))
			if err != nil {
				return "", nil, err
			}
			taken[row(f.clients, false)] = append(taken[row(f.clients, false)], first)
			taken[row(f.clients, true)] = append(taken[row(f.clients, true)], second)
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, `
## Memory

The most that %s had in memory at one time (getrusage: maxrss), ec-p256 clients by one range into a new
store, and again; rounds: %d. What measures has %s MB itself, less than which it cannot see.

| clients | peak, MB: median | min | max | wall, s | processor, s |
|---|---|---|---|---|---|
`, "`myca apply fleet.yaml`", b.settings.memory, megabytes(ownPeak()))
	for _, again := range []bool{false, true} {
		for _, clients := range sizes {
			samples := taken[row(clients, again)]
			peaks := of(samples, peak)
			what := fmt.Sprint(clients)
			if again {
				what += ", again"
			}
			fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", what, megabytes(median(samples).peak), megabytes(peaks[0]),
				megabytes(peaks[len(peaks)-1]), seconds(median(samples).wall), seconds(median(samples).processor))
		}
	}
	few, many := median(taken[row(b.small, false)]).peak, median(taken[row(b.large, false)]).peak
	return text.String(), []goal{
		within(fmt.Sprintf("peak memory of %d clients", b.large), many, few, 1.3, fmt.Sprintf("that of %d", b.small)),
		{fmt.Sprintf("peak memory of %d clients", b.large), "≤ 100 MB", megabytes(many) + " MB", many <= 100e6},
	}, nil
}
