//go:build unix

package out

import "os"

func syncOpen(f *os.File) error { return f.Sync() }
