//go:build !linux

package out

import "os"

// exchange cannot be done here.
func exchange(a, b string) error { return errNoExchange }

// renameNew cannot be done here.
func renameNew(a, b string) error { return errNoExchange }

// replace renames a to b, which may be there.
func replace(a, b string) error { return os.Rename(a, b) }
