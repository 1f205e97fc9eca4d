package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// sample is what one process took.
type sample struct{ wall, processor time.Duration }

// timed runs a program to its end. That it fails is an error: a failure is not
// what is to be measured.
func timed(program string, args ...string) (sample, error) {
	c := exec.Command(program, args...)
	var talk bytes.Buffer
	c.Stderr = &talk
	start := time.Now()
	err := c.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, talk.Bytes())
	}
	return sample{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime()}, nil
}

// median is the median of each of the two.
func median(samples []sample) sample {
	middle := func(of func(sample) time.Duration) time.Duration {
		var all []time.Duration
		for _, s := range samples {
			all = append(all, of(s))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return sample{
		middle(func(s sample) time.Duration { return s.wall }),
		middle(func(s sample) time.Duration { return s.processor }),
	}
}

// ms is a duration as a figure of a table.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// ratio is how many times longer a took than b.
func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }
