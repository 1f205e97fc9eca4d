package out

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// SyncAll flushes everything below root to the disk: with syncfs(2), one call
// for the whole file system, which for a batch of files is many times cheaper
// than flushing each. Linux before 5.8 reports no write error there.
func SyncAll(root string) error {
	f, err := os.Open(root)
	if err != nil {
		return explain(root, err)
	}
	err = unix.Syncfs(int(f.Fd()))
	if errors.Is(err, unix.ENOSYS) {
		err = syncTree(root)
	}
	return explain(root, errors.Join(err, f.Close()))
}
