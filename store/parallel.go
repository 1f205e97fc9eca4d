package store

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// eachOf calls do with each of all, on all cores when there are more than a
// few; after an error no further ones. The error is that of the first of all
// that failed.
func eachOf[T any](all []T, do func(T) error) error {
	workers := min(runtime.GOMAXPROCS(0), len(all))
	if len(all) <= smallBatch {
		workers = 1
	}
	var next atomic.Int64
	var failed atomic.Bool
	errs := make([]error, len(all))
	work := func() {
		for !failed.Load() {
			n := int(next.Add(1)) - 1
			if n >= len(all) {
				return
			}
			if errs[n] = do(all[n]); errs[n] != nil {
				failed.Store(true)
			}
		}
	}
	var wait sync.WaitGroup
	for range workers - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
