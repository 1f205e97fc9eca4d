package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/manifoldco/promptui"
	"golang.org/x/term"
)

// interrupts is what SIGINT and SIGTERM do. Until something durable is about to
// happen there is nothing to undo: the process ends at once, wherever it is,
// also at a question, with exit code 130. From then on the first signal only
// asks the change to stop, which it does before it is recorded or not at all;
// the second one ends the process as a kill does, with some words.
type interrupts struct {
	mu      sync.Mutex
	stop    context.CancelFunc // nil until something durable is about to happen
	stopped bool               // a signal came since
}

// watch handles signals from now on. asJSON is how the last words are written.
func (i *interrupts) watch(term terminal, asJSON bool) {
	restore := screenState(term.in)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		last := promptui.ErrInterrupt
		if i.first() {
			<-signals
			last = errAgain
		}
		restore(term.err)
		clearLine(term.err)
		printError(term.err, last, asJSON)
		os.Exit(exitInterrupted)
	}()
}

// errAgain is a second signal: whatever was under way ends where it is.
var errAgain error = &usageError{message: "interrupted twice: stopped at once", hint: "run the same command again: it finds the store whole", cause: context.Canceled}

// first asks a change that is under way to stop; false without one. The lock is
// kept then, lest one begins while the process ends.
func (i *interrupts) first() bool {
	i.mu.Lock()
	if i.stop == nil {
		return false
	}
	defer i.mu.Unlock()
	i.stopped = true
	i.stop()
	return true
}

// clearLine takes a bar off a terminal.
func clearLine(screen io.Writer) {
	if file, ok := screen.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(screen, "\r\x1b[2K")
	}
}

// screenState remembers how the terminal is set, and returns what sets it so
// again when a question has changed it.
func screenState(in *os.File) func(screen io.Writer) {
	fd := int(in.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return func(io.Writer) {}
	}
	return func(screen io.Writer) {
		if now, err := term.GetState(fd); err != nil || *now == *state {
			return
		}
		_ = term.Restore(fd, state) // the process ends: there is nobody to tell
		fmt.Fprint(screen, "\x1b[?25h\n")
	}
}

// durable runs change, which makes something durable. Its context ends at a
// signal. What is printed after durable returns is not interrupted any more, but
// a second durable is.
func (t *tool) durable(ctx context.Context, change func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.interrupts.mu.Lock()
	t.interrupts.stop = cancel
	t.interrupts.mu.Unlock()
	if t.interrupted() {
		return context.Canceled
	}
	return change(ctx)
}

// interrupted reports whether a signal came after something durable began: the
// next thing of a command that does several is not to begin.
func (t *tool) interrupted() bool {
	t.interrupts.mu.Lock()
	defer t.interrupts.mu.Unlock()
	return t.interrupts.stopped
}
