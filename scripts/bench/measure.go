package main

import (
	"bytes"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// sample is what one process took.
type sample struct {
	wall, processor time.Duration
	peak            int64 // of its memory, in bytes; 0 where the system does not tell
}

// timed runs a program to its end. That it fails is an error: a failure is not
// what is to be measured.
func timed(c *exec.Cmd) (sample, error) {
	var talk bytes.Buffer
	c.Stderr = &talk
	start := time.Now()
	err := c.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, talk.Bytes())
	}
	return sample{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), peakOf(c.ProcessState)}, nil
}

// of is one figure of each sample, in ascending order.
func of[T int64 | time.Duration](samples []sample, figure func(sample) T) []T {
	var all []T
	for _, s := range samples {
		all = append(all, figure(s))
	}
	slices.Sort(all)
	return all
}

func wall(s sample) time.Duration      { return s.wall }
func processor(s sample) time.Duration { return s.processor }
func peak(s sample) int64              { return s.peak }

// median is the median of each figure by itself.
func median(samples []sample) sample {
	middle := len(samples) / 2
	return sample{of(samples, wall)[middle], of(samples, processor)[middle], of(samples, peak)[middle]}
}

// meanRatio is the ratio of the means of a and b, and its standard error, 0 for
// a single sample. It is what to look at where the work itself is chance, as
// that of finding primes.
func meanRatio(a, b []sample, figure func(sample) time.Duration) (ratio, spread float64) {
	meanA, errA := mean(of(a, figure))
	meanB, errB := mean(of(b, figure))
	ratio = meanA / meanB
	return ratio, ratio * math.Hypot(errA/meanA, errB/meanB)
}

// mean is the mean of figures, in seconds, and its standard error.
func mean(all []time.Duration) (mean, spread float64) {
	n := float64(len(all))
	for _, d := range all {
		mean += d.Seconds() / n
	}
	if len(all) < 2 {
		return mean, 0
	}
	for _, d := range all {
		spread += (d.Seconds() - mean) * (d.Seconds() - mean)
	}
	return mean, math.Sqrt(spread / (n - 1) / n)
}

// ms is a duration as a figure of a table.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// seconds is a longer one.
func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

// megabytes is a number of bytes as a figure of a table.
func megabytes(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/1e6) }

// ratio is how many times more a is than b.
func ratio[T int64 | time.Duration](a, b T) string { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }

// goal is what a figure is to be.
type goal struct {
	what, limit, measured string
	met                   bool
}

// within is a goal that a is at most limit times b.
func within[T int64 | time.Duration](what string, a, b T, limit float64, than string) goal {
	return goal{what, fmt.Sprintf("≤ %g × %s", limit, than), ratio(a, b) + " ×", float64(a) <= limit*float64(b)}
}

// goalTable is the summary.
func goalTable(goals []goal) string {
	var b strings.Builder
	b.WriteString("\n## Goals\n\n| what | goal | measured | met |\n|---|---|---|---|\n")
	for _, g := range goals {
		met := "yes"
		if !g.met {
			met = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", g.what, g.limit, g.measured, met)
	}
	return b.String()
}
