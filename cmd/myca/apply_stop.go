package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"myca/store"
)

// explained is an error of a run with how far it came.
func (r *provisioning) explained(err error) error {
	const wait = "another myca apply is running on this store: wait for it, and run the same command again"
	switch {
	case errors.Is(err, store.ErrExists):
		err = &store.Error{Message: "the store was changed meanwhile: " + err.Error(), Err: store.ErrChanged,
			Fix: wait + "; if none is, move away what is in the place"}
	case errors.Is(err, store.ErrChanged):
		err = &store.Error{Message: err.Error(), Err: err, Fix: wait}
	}
	if r.plan == nil || r.dryRun {
		return err
	}
	done, all := r.done.Changes(), r.plan.Count().Changes()
	if errors.Is(err, context.Canceled) {
		return r.stopped(err, done, all)
	}
	if done > 0 {
		return &partlyDone{err, fmt.Sprintf("%d of %d done; the same command goes on", done, all)}
	}
	return err
}

// stopped is the error of an interrupted run with what is true then: what is
// issued stays, and the outputs are published together, at the very end.
func (r *provisioning) stopped(err error, done, all int) error {
	const again = "run the same command again: it goes on where it stopped"
	outputs := r.options.Output
	if outputs == "" {
		outputs = filepath.Join(r.t.dir, "fleet")
	}
	far := fmt.Sprintf("%d of %d are done and stay", done, all)
	switch {
	case done < all && done == 0:
		return err // nothing was changed
	case done < all:
		return &usageError{message: "interrupted: " + far + "; the outputs, in " + outputs + ", are written when all are", hint: again, cause: err}
	case done == 0:
		far = "the store is as the manifest says"
	}
	return &usageError{message: "interrupted: " + far + ", but the outputs in " + outputs + " may not all be written", hint: again, cause: err}
}

// partlyDone is an error after which something is done that stays.
type partlyDone struct {
	error
	far string
}

func (e *partlyDone) Error() string { return e.error.Error() + " (" + e.far + ")" }
func (e *partlyDone) Hint() string  { return hintOf(e.error) }
func (e *partlyDone) Unwrap() error { return e.error }
