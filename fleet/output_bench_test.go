//go:build unix

package fleet

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkOutputs is the cost of the outputs of 2,000 clients; cpu-ns is the
// processor time of all cores.
func BenchmarkOutputs(b *testing.B) {
	p := provision(b, manyClients(b, 2000)...)
	run := func(name string, before func(), changed bool) {
		b.Run(name, func(b *testing.B) {
			started := processorTime(b)
			for range b.N {
				before()
				p.outputsOf(b, changed)
			}
			b.ReportMetric(float64(processorTime(b)-started)/float64(b.N), "cpu-ns/op")
		})
	}
	run("first", func() { p.version += "x" }, true)
	run("unchanged", func() {}, false)
	p.archive = true
	run("archives", func() { p.version += "x" }, true)
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
