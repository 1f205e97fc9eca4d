//go:build !linux

package out

// SyncAll flushes everything below root to the disk.
func SyncAll(root string) error { return syncTree(root) }
