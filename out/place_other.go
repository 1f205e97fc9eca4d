//go:build !linux

package out

// exchange cannot be done here.
func exchange(a, b string) error { return errNoExchange }

// renameNew cannot be done here.
func renameNew(a, b string) error { return errNoExchange }
