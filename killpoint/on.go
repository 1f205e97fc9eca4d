//go:build killpoint && unix

// Package killpoint is where tests kill a process: after each step of a
// protocol that has to survive it. In the program it does nothing.
package killpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// passes counts how often the step to be killed after has been passed.
var passes atomic.Int64

// After kills the process with SIGKILL after the step that the environment
// variable MYCA_KILL_AFTER names, as STEP or STEP:N for the Nth time. It is in
// test programs only, built with the tag killpoint.
func After(step string) {
	name, count, _ := strings.Cut(os.Getenv("MYCA_KILL_AFTER"), ":")
	if name != step {
		return
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	if passes.Add(1) == n {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // until the signal arrives
	}
}
