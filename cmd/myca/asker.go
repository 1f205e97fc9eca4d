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

	"myca/ca"
	"myca/dialect"
	"myca/dn"
)

// asker puts questions to the administrator on the terminal. Questions go to
// standard error: standard output is for results. Ctrl-C ends in
// promptui.ErrInterrupt, Ctrl-D in a usageError.
type asker struct {
	in  io.ReadCloser
	out io.WriteCloser
}

// interactive reports whether questions may be asked: standard input and
// standard error are terminals, and neither --yes nor --json was given.
func (t *tool) interactive() bool {
	screen, ok := t.err.(*os.File)
	return ok && !t.yes && !t.json && term.IsTerminal(int(t.in.Fd())) && term.IsTerminal(int(screen.Fd()))
}

func (t *tool) asker() asker {
	return asker{in: &keyReader{file: t.in}, out: &screenWriter{w: t.err}}
}

// text asks for a line until check accepts it; Enter alone is fallback.
func (a asker) text(label, fallback string, check func(string) error) (string, error) {
	if fallback != "" {
		label += " [" + fallback + "]"
	}
	// promptui would print its own default with the cursor over its first letter.
	orFallback := func(answer string) string { return cmp.Or(strings.TrimSpace(answer), fallback) }
	prompt := promptui.Prompt{
		Label: label, Stdin: a.in, Stdout: a.out,
		Validate: func(answer string) error { return inBrief(check, orFallback(answer)) },
	}
	answer, err := prompt.Run()
	return orFallback(answer), stopped(err)
}

// secret asks for a line that is not shown.
func (a asker) secret(label string, check func(string) error) (string, error) {
	prompt := promptui.Prompt{
		Label: label, HideEntered: true, Mask: '*', Stdin: a.in, Stdout: a.out,
		Validate: func(answer string) error { return inBrief(check, answer) },
	}
	answer, err := prompt.Run()
	return answer, stopped(err)
}

// choose asks for one of several and returns its index.
func (a asker) choose(label string, items []string) (int, error) {
	choice := promptui.Select{
		Label: label, Items: items, Size: len(items), HideHelp: true, Stdin: a.in, Stdout: a.out,
		Templates: &promptui.SelectTemplates{Selected: label + ": {{ . }}"},
	}
	i, _, err := choice.Run()
	return i, stopped(err)
}

// confirm asks for yes or no; Enter alone is no.
func (a asker) confirm(label string) (bool, error) {
	answer, err := a.text(label+" [y/N]", "", func(answer string) error {
		switch strings.ToLower(answer) {
		case "", "y", "yes", "n", "no":
			return nil
		}
		return errors.New("y or n")
	})
	return strings.HasPrefix(strings.ToLower(answer), "y"), err
}

// stopped turns the end of input (Ctrl-D) into words.
func stopped(err error) error {
	if errors.Is(err, promptui.ErrEOF) {
		return usagef("with all flags given and --yes nothing is asked", "the input ended before all was answered: nothing was made")
	}
	return err
}

// inBrief is what check says of an answer without repeating it: the answer
// stands on the screen.
func inBrief(check func(string) error, answer string) error {
	settle()
	err := check(answer)
	var name *dn.SyntaxError
	var word *dialect.Error
	var list ca.Problems
	switch {
	case errors.As(err, &name):
		return errors.New(name.Problem)
	case errors.As(err, &word):
		return errors.New(strings.Join(word.Problems, "; "))
	case errors.As(err, &list):
		return errors.New(list[0].Message)
	}
	return err
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
// the next one's input, turns a typed-ahead LF into Enter, and makes the Delete
// key do nothing: promptui keeps readline's own line empty, where Delete is the
// end of input. Closing it does not close the terminal.
type keyReader struct {
	file   *os.File
	escape string // what came of an escape sequence
}

func (r *keyReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.file.Read(p[:1])
	if n != 1 {
		return n, err
	}
	switch {
	case p[0] == '\n':
		p[0] = '\r'
	case p[0] == 0x1b:
		r.escape = "\x1b"
	case r.escape == "\x1b" && p[0] == '[':
		r.escape = "\x1b["
	case r.escape == "\x1b[" && p[0] == '3':
		p[0], r.escape = '4', "" // End instead of Delete, which readline ignores
	default:
		r.escape = ""
	}
	return n, err
}

func (*keyReader) Close() error { return nil }
