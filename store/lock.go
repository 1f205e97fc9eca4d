package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"

	"myca/out"
)

// lockTries bounds how often a lock file or a folder that vanishes is made again.
const lockTries = 100

// lockPoll is how often a waiting writer looks whether the lock is free. The
// kernel could wait itself, but not give up when ctx ends.
const lockPoll = 2 * time.Millisecond

// takeLock takes the exclusive lock on the file path, which it makes when it is
// missing, and waits as long as ctx lasts. A lock on a file that was removed or
// replaced while waiting is worth nothing: then it begins again. The error
// wraps fs.ErrNotExist when the folder of path is missing.
func takeLock(ctx context.Context, path string) (unlock func(), err error) {
	for range lockTries {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("lock %q: %w", path, err)
		}
		if err := out.Create(path, nil, secretMode, false); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
		_, err := lock.TryLockContext(ctx, lockPoll)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lock %q: %w", path, err)
		}
		held, err := lock.Stat()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %q: %w", path, err), lock.Close())
		}
		if now, err := os.Stat(path); err == nil && os.SameFile(held, now) {
			return func() { lock.Close() }, nil
		}
		if err := lock.Close(); err != nil {
			return nil, fmt.Errorf("lock %q: %w", path, err)
		}
	}
	return nil, fmt.Errorf("lock %q: the file vanishes as often as it is made", path)
}
