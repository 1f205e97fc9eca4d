//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakOf is the most memory that a process had at one time, in bytes. On Linux
// it is never less than what this program had when it started the process: the
// child shares its memory until it becomes the other program.
func peakOf(state *os.ProcessState) int64 {
	usage, known := state.SysUsage().(*syscall.Rusage)
	if !known {
		return 0
	}
	return bytesOf(usage)
}

// ownPeak is that of this program.
func ownPeak() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return bytesOf(&usage)
}

// bytesOf reads the field that holds bytes on Darwin, kilobytes elsewhere.
func bytesOf(usage *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) * 1024
}
