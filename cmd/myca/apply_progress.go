package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on standard error how far a long run is: a bar on a terminal,
// else a line every lineEvery. It prints nothing with --quiet or --json.
type progress struct {
	bar   *progressbar.ProgressBar // nil without a terminal
	w     io.Writer                // nil: nothing is shown
	now   func() time.Time
	begun time.Time
	last  time.Time // of the last line
	total int
	done  int
}

const lineEvery = 5 * time.Second

// progress begins to count to total.
func (t *tool) progress(total int) *progress {
	p := &progress{now: t.now, total: total}
	if t.quiet || t.json || total == 0 {
		return p
	}
	p.w, p.begun = t.err, t.now()
	p.last = p.begun
	if file, ok := t.err.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(file),
			progressbar.OptionUseANSICodes(true),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionShowCount(),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetPredictTime(false), // as [6s:3s], which nobody can read
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionFullWidth(),
		)
		_ = p.bar.RenderBlank() // a first batch of RSA keys takes a while
	}
	return p
}

// add counts n more.
func (p *progress) add(n int) {
	if p.w == nil {
		return
	}
	p.done += n
	now := p.now()
	rate := float64(p.done) / now.Sub(p.begun).Seconds()
	far := perSecond(rate) + ", " + inWords(float64(p.total-p.done)/rate) + " left"
	if p.bar != nil {
		if p.done < p.total {
			p.bar.Describe(far)
		}
		_ = p.bar.Add(n) // a terminal that is gone is no reason to stop
		return
	}
	if now.Sub(p.last) < lineEvery || p.done == p.total {
		return
	}
	p.last = now
	fmt.Fprintf(p.w, "myca: %d of %d, %s\n", p.done, p.total, far)
}

// clear takes the bar off the screen, for what is printed next.
func (p *progress) clear() {
	if p != nil && p.bar != nil {
		_ = p.bar.Clear()
	}
}

func perSecond(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.1f/s", rate)
	}
	return fmt.Sprintf("%.0f/s", rate)
}

// inWords is a length of time as a person says it: 5 s, 3 min, 2 h.
func inWords(seconds float64) string {
	switch {
	case seconds < 100:
		return fmt.Sprintf("%.0f s", math.Ceil(seconds))
	case seconds < 100*60:
		return fmt.Sprintf("%.0f min", math.Ceil(seconds/60))
	}
	return fmt.Sprintf("%.0f h", math.Ceil(seconds/3600))
}
