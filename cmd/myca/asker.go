package main

import (
	"cmp"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/manifoldco/promptui"
	"golang.org/x/term"
)

// asker puts questions to the administrator. The one that talks to a terminal
// is prompter; tests answer from a list.
type asker interface {
	// Text asks for a line until check accepts it; Enter alone is fallback.
	Text(label, fallback string, check func(string) error) (string, error)
	// Secret asks for a line that is not shown.
	Secret(label string, check func(string) error) (string, error)
	// Choose asks for one of several and returns its index.
	Choose(label string, items []string) (int, error)
	// Confirm asks for a yes; no is false without an error.
	Confirm(label string) (bool, error)
}

// interactive reports whether questions may be asked: standard input and
// standard error are terminals, and neither --yes nor --json was given.
func (t *tool) interactive() bool {
	screen, ok := t.err.(*os.File)
	return ok && !t.yes && !t.json && term.IsTerminal(int(t.in.Fd())) && term.IsTerminal(int(screen.Fd()))
}

// prompter asks on the terminal. Questions go to standard error: standard
// output is for results. Ctrl-C ends in promptui.ErrInterrupt.
type prompter struct {
	in  io.ReadCloser
	out io.WriteCloser
}

func (t *tool) prompter() asker {
	return prompter{in: keyReader{t.in}, out: quietBell{t.err}}
}

func (p prompter) Text(label, fallback string, check func(string) error) (string, error) {
	if fallback != "" {
		label += " [" + fallback + "]"
	}
	// promptui would print its own default with the cursor over its first letter.
	orFallback := func(answer string) string { return cmp.Or(strings.TrimSpace(answer), fallback) }
	prompt := promptui.Prompt{
		Label: label, Stdin: p.in, Stdout: p.out,
		Validate: func(answer string) error { return shortly(check)(orFallback(answer)) },
	}
	answer, err := prompt.Run()
	return orFallback(answer), stopped(err)
}

func (p prompter) Secret(label string, check func(string) error) (string, error) {
	prompt := promptui.Prompt{
		Label: label, Validate: shortly(check), HideEntered: true, Mask: '*',
		Stdin: p.in, Stdout: p.out,
	}
	answer, err := prompt.Run()
	return answer, stopped(err)
}

func (p prompter) Choose(label string, items []string) (int, error) {
	choice := promptui.Select{
		Label: label, Items: items, Size: len(items), HideHelp: true,
		Stdin: p.in, Stdout: p.out,
	}
	i, _, err := choice.Run()
	return i, stopped(err)
}

func (p prompter) Confirm(label string) (bool, error) {
	prompt := promptui.Prompt{Label: label, IsConfirm: true, Validate: shortly(nil), Stdin: p.in, Stdout: p.out}
	_, err := prompt.Run()
	if errors.Is(err, promptui.ErrAbort) {
		return false, nil
	}
	return err == nil, stopped(err)
}

// stopped turns the end of input (Ctrl-D) into words.
func stopped(err error) error {
	if errors.Is(err, promptui.ErrEOF) {
		return usagef("with all flags given and --yes nothing is asked", "the input ended before all was answered: nothing was made")
	}
	return err
}

// shortly runs check on the trimmed answer and keeps its message to one line:
// promptui repeats whatever is wider than the terminal at every key.
func shortly(check func(string) error) func(string) error {
	return func(answer string) error {
		settle()
		if check == nil {
			return nil
		}
		err := check(strings.TrimSpace(answer))
		if err == nil {
			return nil
		}
		line, _, _ := strings.Cut(err.Error(), "\n")
		if runes := []rune(line); len(runes) > 70 {
			line = string(runes[:69]) + "…"
		}
		return errors.New(line)
	}
}

// settle keeps promptui from drawing a question twice. At Enter it draws the
// answered question while readline's goroutine still draws the open one through
// the listener; whichever comes last stays on the screen. Both ask for the
// check first: the one that is not the listener waits until the other is done.
func settle() {
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if strings.HasSuffix(frame.Function, "promptui.(*Prompt).Run") {
			time.Sleep(10 * time.Millisecond)
			return
		}
	}
}

// keyReader hands readline one byte per Read, so that a prompt cannot swallow
// the next one's input, and turns a typed-ahead LF into Enter. Closing it does
// not close the terminal.
type keyReader struct{ file *os.File }

func (r keyReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.file.Read(p[:1])
	if n == 1 && p[0] == '\n' {
		p[0] = '\r'
	}
	return n, err
}

func (keyReader) Close() error { return nil }

// quietBell drops the bell that readline rings at every backspace and arrow.
type quietBell struct{ w io.Writer }

func (q quietBell) Write(p []byte) (int, error) {
	_, err := io.WriteString(q.w, strings.ReplaceAll(string(p), "\a", ""))
	return len(p), err
}

func (quietBell) Close() error { return nil }
