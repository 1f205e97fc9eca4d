package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"myca/out"
)

// meta is what the journal keeps of an installation beside its files: enough to
// put a running server back without knowing anything of the command line.
type meta struct {
	Kind    string // "server" or "client"
	Name    string
	DataDir string  // of the server, to tell it from others of its host
	Before  *former // nil: nothing is changed at a running server
}

// Installed is what an installation did.
type Installed struct {
	Activated Activated
	Backup    string // the folder with what was replaced; "" when nothing was
	Notices   []string
}

// UndoneError is why an installation failed. Everything was put back, unless
// Left says what was not.
type UndoneError struct {
	Cause error
	Left  error
}

// Error is the reason, and what became of it.
func (e *UndoneError) Error() string {
	var s *serverLeft
	switch {
	case e.Left == nil:
	case errors.As(e.Left, &s) && !errors.Is(e.Left, ErrEdited):
		return fmt.Sprintf("%v\nthe files are as they were, but %v", e.Cause, s)
	default:
		return fmt.Sprintf("%v\nnot everything could be put back: %v", e.Cause, e.Left)
	}
	return fmt.Sprintf("%v; everything is as it was", e.Cause)
}

// Hint is what to do about the reason, or about what is not put back.
func (e *UndoneError) Hint() string {
	err := e.Cause
	if e.Left != nil {
		err = e.Left
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	if e.Left != nil {
		return "run the command again: it puts the rest back first"
	}
	return ""
}

// Unwrap gives both. Where something is left, the reason is not among them: an
// interrupted command then has not left everything as it was.
func (e *UndoneError) Unwrap() error {
	if e.Left != nil {
		return e.Left
	}
	return e.Cause
}

// serverLeft is why a running server does not have back what it had, once the
// files are what they were.
type serverLeft struct{ err error }

// Error says whether the server answered.
func (e *serverLeft) Error() string {
	if refused(e.err) {
		return fmt.Sprintf("the server did not go back to them: %v", e.err)
	}
	return fmt.Sprintf("the server did not answer when it was to go back to them: %v", e.err)
}

// Unwrap gives the cause.
func (e *serverLeft) Unwrap() error { return e.err }

// Hint is what to do about it.
func (e *serverLeft) Hint() string {
	if refused(e.err) {
		return "look at the server's error log, and run the command again: it tells the server once more"
	}
	return "start the server if it has ended: it reads the files at its start; then run the command again"
}

// change makes the changes of a plan, then activates them, all or nothing: in
// the store dir there is a journal until it is done. A ctx that ends before
// then undoes it. back puts back what activate has changed, once the files are
// what they were.
func change(ctx context.Context, dir string, p Plan, m meta, now time.Time, activate, back func(context.Context) error) (backup string, err error) {
	text, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	j, err := Begin(dir, p, text, now)
	if err != nil {
		return "", err
	}
	steps := []func() error{j.Apply, ctx.Err, func() error { return activate(ctx) }, ctx.Err}
	for _, step := range steps {
		if err = step(); err != nil {
			break
		}
	}
	if err == nil {
		if backup, err = j.Done(); err == nil {
			return backup, nil
		}
		if backup != "" { // done, but maybe not after a loss of power
			return backup, err
		}
	}
	return "", &UndoneError{Cause: err, Left: j.Undo(func() error { return back(ctx) })}
}

// UndoUnfinished puts back what installations that were killed left in the store
// dir, at the running server too where it is the one that they changed. running
// is nil where nothing answers: the server then reads the old files at its
// start. notices tell what was put back; another process that installs is
// ErrBusy.
func UndoUnfinished(ctx context.Context, dir string, running Running) (notices []string, err error) {
	journals, err := Unfinished(dir)
	if err != nil {
		return nil, err
	}
	for _, j := range journals {
		notice, err := undoOne(ctx, j, running)
		if notice != "" {
			notices = append(notices, notice)
		}
		if err != nil {
			return notices, err
		}
	}
	return notices, nil
}

// undoOne undoes the installation of j. What others edited meanwhile is only
// told.
func undoOne(ctx context.Context, j *Journal, running Running) (notice string, err error) {
	var m meta
	if err := json.Unmarshal(j.Meta(), &m); err != nil {
		return "", fmt.Errorf("journal %q: %w", j.Folder(), err)
	}
	told := fmt.Sprintf("an installation of the %s %s that was interrupted at %s was undone first", m.Kind, m.Name, j.Began().UTC().Format(time.RFC3339))
	err = j.Undo(func() error {
		if m.Before == nil {
			return nil
		}
		if running == nil {
			told += "; the server does not run, and reads the old files when it starts"
			return nil
		}
		facts, err := running.Facts(ctx)
		if err != nil {
			return err
		}
		if facts.DataDir != m.DataDir {
			told += fmt.Sprintf("; it was for the server with the data folder %q, which is to be restarted or told to reload its TLS files", m.DataDir)
			return nil
		}
		return m.Before.putBack(ctx, running, true)
	})
	there, lookErr := out.Exists(j.Folder())
	if errors.Is(err, ErrEdited) && !there && lookErr == nil {
		return told + ", except that " + strings.ReplaceAll(err.Error(), "\n", "; "), nil
	}
	if err != nil {
		return "", err
	}
	return told, nil
}

// Pending tells of installations that were killed and are still to be undone,
// without touching them. server reports whether one of them changed a running
// server.
func Pending(dir string) (notices []string, server bool, err error) {
	journals, err := Unfinished(dir)
	if err != nil {
		return nil, false, err
	}
	for _, j := range journals {
		var m meta
		if err := json.Unmarshal(j.Meta(), &m); err != nil {
			return nil, false, fmt.Errorf("journal %q: %w", j.Folder(), err)
		}
		server = server || m.Before != nil
		notices = append(notices, fmt.Sprintf("an installation of the %s %s was interrupted: it is undone before anything else; until then these may be new or old: %s",
			m.Kind, m.Name, strings.Join(j.Paths(), ", ")))
	}
	return notices, server, nil
}
