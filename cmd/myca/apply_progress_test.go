package main

import (
	"strings"
	"testing"
	"time"
)

// Without a terminal a long run says every few seconds how far it is, and one
// that takes less says nothing.
func TestProgressLines(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var talk strings.Builder
	run := &tool{terminal: terminal{err: &talk, now: func() time.Time { return now }}}
	p := run.progress(10_000)
	for range 20 {
		now = now.Add(time.Second)
		p.add(500)
		p.clear()
	}
	const want = `myca: 2500 of 10000, 500/s, 15 s left
myca: 5000 of 10000, 500/s, 10 s left
myca: 7500 of 10000, 500/s, 5 s left
`
	if talk.String() != want {
		t.Errorf("%s", talk.String())
	}
	for _, quiet := range []*tool{{terminal: run.terminal, quiet: true}, {terminal: run.terminal, json: true}} {
		talk.Reset()
		p := quiet.progress(3)
		now = now.Add(time.Minute)
		p.add(1)
		if talk.Len() > 0 {
			t.Errorf("quiet %v, json %v: %s", quiet.quiet, quiet.json, talk.String())
		}
	}
}

func TestInWords(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0 s", 0.2: "1 s", 99: "99 s", 100: "2 min", 3600: "60 min", 7200: "2 h", 9000: "3 h"} {
		if got := inWords(seconds); got != want {
			t.Errorf("%v: %q, not %q", seconds, got, want)
		}
	}
	for rate, want := range map[float64]string{0.34: "0.3/s", 9.96: "10.0/s", 1900.4: "1900/s"} {
		if got := perSecond(rate); got != want {
			t.Errorf("%v: %q, not %q", rate, got, want)
		}
	}
}
