package main

import (
	"runtime"
	"runtime/debug"
)

// roomForGarbage is the memory in bytes that a run of apply may take before it
// collects garbage often: so much that collecting costs little, and so little
// that a fleet of 50,000 takes hardly more than one of 1,000.
const roomForGarbage = 50 << 20

// spacious lets garbage be collected seldom until its result is called. A
// manifest that is large itself gets as much again.
func spacious() (restore func()) {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	limit := debug.SetMemoryLimit(roomForGarbage + 2*int64(now.HeapAlloc))
	percent := debug.SetGCPercent(400)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
